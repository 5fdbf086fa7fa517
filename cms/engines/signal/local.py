"""The change number in a small file that every process of this machine maps into its memory.

Two eight-byte words: the newest change's number, and whether a change is pending. A reader looks at two words of
memory, so it can do so on every request. Writers take turns by a lock on the file, which the kernel frees when
a process dies; the pending word stays behind to say that somebody must look at the database.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Callable
from pathlib import Path

_WORD = struct.Struct("<Q")
_NEWEST, _PENDING = slice(0, 8), slice(8, 16)


class LocalSignal:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < 16:
                os.ftruncate(descriptor, 16)
            self._words = mmap.mmap(descriptor, 16)
        finally:
            os.close(descriptor)

    def pending(self) -> _Pending:
        descriptor = os.open(self._path, os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._words[_PENDING] = _WORD.pack(1)
        return _Pending(self._words, descriptor)

    def read(self) -> int | None:
        words = self._words[:]
        return None if words[8] else int.from_bytes(words[:8], "little")

    def repair(self, newest: Callable[[], int]) -> None:
        if not self._words[8]:
            return
        descriptor = os.open(self._path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)  # whoever holds it is alive and about to publish
            return
        _Pending(self._words, descriptor).publish(newest())

    def ping(self) -> None:
        if not os.access(self._path, os.R_OK | os.W_OK):
            raise PermissionError(f"{self._path} can't be written to")


class _Pending:
    def __init__(self, words: mmap.mmap, descriptor: int) -> None:
        self._words, self._descriptor = words, descriptor

    def publish(self, seq: int) -> None:
        self._words[_NEWEST] = _WORD.pack(seq)
        self._words[_PENDING] = _WORD.pack(0)
        os.close(self._descriptor)
