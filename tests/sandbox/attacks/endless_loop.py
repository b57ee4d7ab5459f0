"""Never ends, and asks not to be ended; eight seconds, should nobody end it."""

import signal
import time

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 8
while time.monotonic() < end:
    pass
