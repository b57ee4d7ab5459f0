"""Fills 10 GB of memory, in three processes by turns so that none is large."""

import os
import time

for _ in range(2):
    os.fork()
held = []
for _ in range(50):
    held.append(bytearray(b"x") * 50_000_000)
time.sleep(5)
