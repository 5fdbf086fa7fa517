"""Since when a page has stood as it is, told alike by every process of this machine.

A process dates a page when it makes it, and another makes the same page later: a reader who comes back with the first
one's date and nothing else would be sent every byte again by the second. So whoever makes a page looks here whether
it was made before. A small file that all of them map into their memory holds, for each address that was asked for of
late, what it answered last and from when on. Whatever is lost or mixed up in it costs a reader a page sent twice.
"""

from __future__ import annotations

import mmap
import os
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

_PLACES = 1 << 16
_WORD = 8
_ENTRY = 4 * _WORD  # address, page, date, and a seal over the three: an entry that two wrote at once has none
_LONGEST_AHEAD = 60
"""Seconds that a date may be ahead of the clock: a clock set back must not leave pages dated tomorrow."""


class PageDates:
    """One a process, on one file a machine; safe for threads."""

    def __init__(self, path: Path) -> None:
        size = _PLACES * _ENTRY
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if os.fstat(descriptor).st_size < size:
                    os.pwrite(descriptor, bytes(size), 0)  # a hole that a full disk can't fill would kill us later
                self._entries = mmap.mmap(descriptor, size)
            finally:
                os.close(descriptor)
        except (OSError, ValueError):  # a full disk, or a file that is none: then each tells its own dates
            self._entries = mmap.mmap(-1, size)

    def since(self, address: str, tag: str, made: datetime) -> datetime:
        """The whole second from which the page with this tag has stood at this address; ``made``, or later, if it is
        new: no two pages of one address are told with the same date."""
        there, page = _digest(address.encode("utf-8", "surrogatepass")), _digest(tag.encode())
        start = int.from_bytes(there) % _PLACES * _ENTRY
        place = slice(start, start + _ENTRY)
        known, date = self._entries[place], int(made.timestamp())
        stood = int.from_bytes(known[2 * _WORD : 3 * _WORD])
        if known[:_WORD] == there and _sealed(known) and stood <= date + _LONGEST_AHEAD:
            if known[_WORD : 2 * _WORD] == page:
                return datetime.fromtimestamp(stood, UTC)
            date = max(date, stood + 1)
        entry = there + page + date.to_bytes(_WORD)
        self._entries[place] = entry + _digest(entry)
        return datetime.fromtimestamp(date, UTC)


def _sealed(entry: bytes) -> bool:
    return _digest(entry[: 3 * _WORD]) == entry[3 * _WORD :]


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_WORD).digest()
