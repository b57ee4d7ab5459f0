"""Prints for eight seconds, should nobody end it."""

import os
import time

end = time.monotonic() + 8
while time.monotonic() < end:
    os.write(1, b"y" * 65536)
    os.write(2, b"n" * 65536)
