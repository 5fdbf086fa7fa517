"""Segment files and their hand-over from the process that writes them to the one that counts them.

A segment is ``NAME.open`` while a process writes to it and ``NAME.sealed`` for ever after. Its writer holds a lock
on the open file (``flock``: the kernel lets go of it when the process dies, however it dies) and seals it by
renaming it. Whoever can take the lock of an open segment therefore knows that its writer is dead, and seals it in
its place. A name is used once: the roll-up remembers names to count no segment twice.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OPEN, _SEALED = ".open", ".sealed"


class OpenSegment:
    """A segment that this process writes to."""

    def __init__(self, folder: Path, began: int) -> None:
        """Make and lock a new segment file; ``began`` (microseconds since 1970) puts the names in order.

        Raises OSError. Between making the file and locking it, another process may take it for a dead one's and
        seal it: so the name is looked at again once the lock is held.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        while True:
            self.name = f"{began:017d}-{os.getpid()}-{secrets.token_hex(4)}"
            path = folder / (self.name + _OPEN)
            self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX)
                if path.exists():
                    break
            except BaseException:
                os.close(self.descriptor)
                raise
            os.close(self.descriptor)
        self.lines = 0
        self._listed = False

    def write(self, line: bytes) -> bool:
        """Append by one write; False if the disk took only part of it, which ends the segment. Raises OSError."""
        self.lines += 1
        return os.write(self.descriptor, line) == len(line)

    def sync(self) -> None:
        """Bring the content to the disk, the first time the file's name too. Raises OSError."""
        os.fdatasync(self.descriptor)
        if not self._listed:
            sync_folder(self.folder)
            self._listed = True

    def seal(self) -> None:
        """Hand it over. The lock goes last, so that nobody takes the segment for a dead one's before."""
        try:
            os.rename(self.folder / (self.name + _OPEN), self.folder / (self.name + _SEALED))
        finally:
            os.close(self.descriptor)


def seal_the_dead(folder: Path) -> None:
    """Seal every open segment whose writer is gone."""
    for path in folder.glob("*" + _OPEN):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue  # its writer has sealed it just now
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):  # sealed between our open and our lock
                os.rename(path, path.with_suffix(_SEALED))
        except BlockingIOError:
            pass  # its writer lives
        finally:
            os.close(descriptor)


def sealed_names(folder: Path) -> list[str]:
    """Oldest first."""
    return sorted(path.stem for path in folder.glob("*" + _SEALED))


def all_there(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every segment's name and content, written to or not; a torn last line is one that nobody acknowledged."""
    for name in sorted({path.stem for kind in (_OPEN, _SEALED) for path in folder.glob("*" + kind)}):
        for kind in (_OPEN, _SEALED):  # in this order: it may be sealed in between, and never the other way round
            with suppress(FileNotFoundError):
                yield name, (folder / (name + kind)).read_bytes()
                break


def content(folder: Path, name: str) -> bytes:
    """Raises FileNotFoundError."""
    return (folder / (name + _SEALED)).read_bytes()


def remove(folder: Path, name: str) -> None:
    (folder / (name + _SEALED)).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names, and their absence, survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
