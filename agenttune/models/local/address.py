"""Where the hosts of this machine are: what each is for, its files, and whether it lives. Nothing is started or asked.

A host keeps four files in the folder `models` of the state folder, all of one name: `.json` its address, with the
token that a request must bring; `.alive`, locked by it as long as it lives, which the kernel ends whatever ends the
host; `.lock`, held by whoever finds or starts it; and `.log`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from agenttune import __version__
from agenttune.settings import state_dir

WEIGHTS = (".json", ".safetensors", ".bin", ".gguf", ".model", ".txt", ".jinja")
"""Ends of the files that make a model what it is."""
OTHER_EXIT = 3
"""Exit code of a host that found another one."""
SLUG_CHARS = 40
MOST_BYTES = 100_000
"""An address beyond is none of ours."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a host is for: it serves no other model."""

    place: str
    """An absolute path, or org/name on the Hub."""
    device: str = "auto"
    dtype: str = "auto"

    def files(self) -> HostFiles:
        """Of its host, also before there is one; a folder whose weights were written anew has another."""
        told = [self.place, self.device, self.dtype, _written(Path(self.place)), __version__, socket.gethostname()]
        digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
        slug = re.sub(r"[^a-z0-9]+", "-", Path(self.place).name.lower()).strip("-")[:SLUG_CHARS]
        return HostFiles(hosts_dir() / f"{slug or 'model'}-{digest}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a host answers."""

    place: str
    device: str
    dtype: str
    port: int
    """On 127.0.0.1."""
    token: str = field(repr=False)
    pid: int
    machine: str
    """Name of the machine: the state folder may be shared."""

    @property
    def wanted(self) -> Wanted:
        """What the host is for."""
        return Wanted(self.place, self.device, self.dtype)


@dataclass(frozen=True, slots=True)
class HostFiles:
    """The files of one host."""

    base: Path
    """Their path, without the ends."""

    @property
    def address(self) -> Path:
        """Where the host answers."""
        return self.base.with_name(f"{self.base.name}.json")

    @property
    def log(self) -> Path:
        """What the host and its libraries have to say."""
        return self.base.with_name(f"{self.base.name}.log")

    def read(self) -> Address | None:
        """The address; None where there is none, or one that another person of this machine could have written."""
        try:
            with self.address.open("rb") as stream:
                if os.fstat(stream.fileno()).st_uid != os.geteuid():
                    return None
                content = json.loads(stream.read(MOST_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return _address_from(content)

    def is_foreign(self) -> bool:
        """Whether the address is another person's, who would get the requests."""
        try:
            return self.address.stat().st_uid != os.geteuid()
        except FileNotFoundError:
            return False

    def write(self, address: Address) -> None:
        """Puts the address there at once, for its owner's eyes only."""
        with tempfile.NamedTemporaryFile("w", dir=self.base.parent, suffix=".new", delete=False) as stream:
            json.dump(asdict(address), stream)
        os.replace(stream.name, self.address)  # noqa: PTH105  # the atomic one, by its name

    def remove(self) -> None:
        """Takes the address away."""
        self.address.unlink(missing_ok=True)

    def is_alive(self) -> bool:
        """Whether there is a host."""
        try:
            with self._alive.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def claim(self) -> int | None:
        """Has this process be the host until it has ended; None where there is another one.

        Returns:
            A descriptor that holds the lock, for `is_held`. It stays open: the lock is the kernel's to release, since
            the memory is not free before.
        """
        descriptor = os.open(self._alive, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def is_held(self, claim: int) -> bool:
        """Whether others can see that claim: its file may have been taken away, and another host have come."""
        try:
            return os.path.samestat(os.fstat(claim), self._alive.stat())
        except FileNotFoundError:
            return False

    @contextlib.contextmanager
    def finding(self) -> Iterator[bool]:
        """Finds or starts the host while it lasts; yields whether it could: only one may at a time."""
        with self.base.with_name(f"{self.base.name}.lock").open("ab") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @property
    def _alive(self) -> Path:
        return self.base.with_name(f"{self.base.name}.alive")


def hosts_dir() -> Path:
    """The folder of all hosts' files."""
    return state_dir() / "models"


def living_hosts() -> list[tuple[HostFiles, Address]]:
    """The hosts that live on this machine."""
    found = []
    for path in sorted(hosts_dir().glob("*.json")):
        files = HostFiles(path.with_suffix(""))
        address = files.read()
        if address is not None and address.machine == socket.gethostname() and files.is_alive():
            found.append((files, address))
    return found


def _written(place: Path) -> list[tuple[str, int, int]]:
    """(name, bytes, nanoseconds of the last change) of a model's files; none of one on the Hub."""
    if not place.is_absolute():
        return []
    try:
        files = list(place.iterdir()) if place.is_dir() else [place]
        told = [(file.name, file.stat()) for file in files if file.suffix in WEIGHTS]
    except OSError:
        return []
    return sorted((name, status.st_size, status.st_mtime_ns) for name, status in told)


def _address_from(content: Any) -> Address | None:
    names = {entry.name: int if entry.type == "int" else str for entry in fields(Address)}
    if not isinstance(content, dict) or content.keys() != names.keys():
        return None
    return Address(**content) if all(type(content[name]) is kind for name, kind in names.items()) else None
