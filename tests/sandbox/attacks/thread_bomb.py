"""Starts up to 3,000 threads that sleep, and waits five seconds."""

import threading
import time

threading.stack_size(65536)
for _ in range(3000):
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
time.sleep(5)
