"""Doubles itself; stops at 512 processes and after five seconds, should nobody stop it."""

import os
import time

for _ in range(9):
    os.fork()
time.sleep(5)
