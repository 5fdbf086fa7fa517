"""Counting what the application answers, in a file that every process of this machine keeps for itself.

Each process adds to its own mapped memory, which costs a request a microsecond and no lock between processes; whoever
asks for the sum reads all the files. What the page cache answers never comes here.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("pages", "feeds", "media", "admin", "api", "other")
STATUSES = ("2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the classes of seconds that answers took; one more class holds what took longer."""

_CELLS: tuple[tuple[str, str], ...] = tuple(
    (room, cell) for room in ROOMS for cell in (*STATUSES, *(str(bound) for bound in BOUNDS), "+Inf", "microseconds")
)
_PLACES = {cell: 8 * number for number, cell in enumerate(_CELLS)}
_NUMBER = struct.Struct("<Q")
_SIZE = 8 * len(_CELLS)


class Tallies:
    """This process's own; safe for threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / f"{os.getpid()}.tally", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, _SIZE)
            self._cells = mmap.mmap(descriptor, _SIZE)
        finally:
            os.close(descriptor)
        self._lock = threading.Lock()

    def answered(self, room: str, status: int, seconds: float) -> None:
        bound = next((str(bound) for bound in BOUNDS if seconds <= bound), "+Inf")
        with self._lock:
            self._add((room, f"{min(max(status // 100, 2), 5)}xx"), 1)
            self._add((room, bound), 1)
            self._add((room, "microseconds"), round(seconds * 1_000_000))

    def _add(self, cell: tuple[str, str], more: int) -> None:
        place = _PLACES[cell]
        _NUMBER.pack_into(self._cells, place, _NUMBER.unpack_from(self._cells, place)[0] + more)


def summed(folder: Path) -> Counter[tuple[str, str]]:
    """By room and cell, over every process that ever counted into this folder: ended ones too, or sums would fall."""
    sums: Counter[tuple[str, str]] = Counter()
    for numbers in _files(folder):
        sums.update(dict(zip(_CELLS, numbers, strict=True)))
    return sums


def _files(folder: Path) -> Iterator[tuple[int, ...]]:
    for path in folder.glob("*.tally"):
        content = path.read_bytes()
        if len(content) == _SIZE:  # else another version counted other things
            yield struct.unpack(f"<{len(_CELLS)}Q", content)
