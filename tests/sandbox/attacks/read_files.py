"""Prints what it can read of the paths it is given, straight and by links."""

import contextlib
import os
import sys

for number, path in enumerate(sys.argv[1:]):
    for link in (None, os.symlink, os.link):
        with contextlib.suppress(OSError):
            name = path
            if link is not None:
                name = f"link-{number}-{link.__name__}"
                link(path, name)
            print(os.listdir(name) if os.path.isdir(name) else open(name, "rb").read())
