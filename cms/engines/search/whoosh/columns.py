"""Columns that are read as arrays straight from the mapped file.

Whoosh's own columns are decoded value by value; facets and date filters over 100,000 stories need whole
arrays. Numbers are little-endian; a column's reader copies nothing.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import Column, ColumnReader, ColumnWriter

Integers = NDArray[np.integer[Any]]
_HEADER = Struct("<IIII")
MOST_AT_ONCE = 1 << 28


class NumberColumn(Column):
    """One 64-bit whole number a document."""

    def writer(self, dbfile: Any) -> ColumnWriter:
        return _NumberWriter(dbfile)

    def reader(self, dbfile: Any, basepos: int, length: int, doccount: int) -> ColumnReader:
        return Numbers(dbfile, basepos, length, doccount)

    def default_value(self, reverse: bool = False) -> int:
        return 0


class _NumberWriter(ColumnWriter):
    def __init__(self, dbfile: Any) -> None:
        super().__init__(dbfile)
        self._numbers: list[int] = []

    def add(self, docnum: int, value: int) -> None:
        self._numbers.extend([0] * (docnum - len(self._numbers)))
        self._numbers.append(value)

    def finish(self, docnum: int) -> None:
        self._numbers.extend([0] * (docnum - len(self._numbers)))
        self._dbfile.write(np.array(self._numbers, "<i8").tobytes())


class Numbers(ColumnReader):
    def __init__(self, dbfile: Any, basepos: int, length: int, doccount: int) -> None:
        super().__init__(dbfile, basepos, length, doccount)
        self.array: NDArray[np.int64] = np.frombuffer(dbfile.view(basepos, length), "<i8")
        if len(self.array) != doccount:
            raise ValueError("a number column has not one number for each document")

    def __getitem__(self, docnum: int) -> int:
        return int(self.array[docnum])


class StringsColumn(Column):
    """Any number of short strings a document, each different string kept once a segment."""

    def writer(self, dbfile: Any) -> ColumnWriter:
        return _StringsWriter(dbfile)

    def reader(self, dbfile: Any, basepos: int, length: int, doccount: int) -> ColumnReader:
        return Strings(dbfile, basepos, length, doccount)

    def default_value(self, reverse: bool = False) -> tuple[str, ...]:
        return ()


class _StringsWriter(ColumnWriter):
    def __init__(self, dbfile: Any) -> None:
        super().__init__(dbfile)
        self._ends: list[int] = []
        self._ordinals: list[int] = []
        self._strings: dict[str, int] = {}

    def add(self, docnum: int, value: tuple[str, ...]) -> None:
        self._skip_to(docnum)
        self._ordinals += [self._strings.setdefault(string, len(self._strings)) for string in value]
        self._ends.append(len(self._ordinals))

    def finish(self, docnum: int) -> None:
        self._skip_to(docnum)
        encoded = [string.encode() for string in self._strings]
        offsets = np.cumsum([0, *map(len, encoded)])
        self._dbfile.write(_HEADER.pack(docnum, len(self._ordinals), len(encoded), int(offsets[-1])))
        for numbers in ([0, *self._ends], self._ordinals, offsets):
            self._dbfile.write(np.asarray(numbers, "<u4").tobytes())
        self._dbfile.write(b"".join(encoded))

    def _skip_to(self, docnum: int) -> None:
        self._ends.extend([len(self._ordinals)] * (docnum - len(self._ends)))


class Strings(ColumnReader):
    """``ordinals[starts[d]:starts[d + 1]]`` are document d's strings, as places in ``strings``."""

    def __init__(self, dbfile: Any, basepos: int, length: int, doccount: int) -> None:
        super().__init__(dbfile, basepos, length, doccount)
        view = dbfile.view(basepos, length)
        documents, entries, strings, blob = _HEADER.unpack_from(view)
        if documents != doccount or length != _HEADER.size + 4 * (documents + entries + strings + 2) + blob:
            raise ValueError("a string column is not as long as it says")
        numbers = np.frombuffer(view, "<u4", documents + entries + strings + 2, _HEADER.size)
        ends = [documents + 1, documents + 1 + entries]
        self.starts, self.ordinals, self._offsets = np.split(numbers, ends)
        self._blob = view[length - blob :]

    @cached_property
    def strings(self) -> list[str]:
        blob, ends = bytes(self._blob), self._offsets.tolist()
        return [blob[start:end].decode() for start, end in pairwise(ends)]

    def __getitem__(self, docnum: int) -> tuple[str, ...]:
        return tuple(
            self._string(ordinal) for ordinal in self.ordinals[self.starts[docnum] : self.starts[docnum + 1]].tolist()
        )

    def counts(self, documents: Integers) -> dict[str, int]:
        """How many of these documents carry each string."""
        starts = self.starts[documents].astype(np.int64)
        carried = self.ordinals[ranges(starts, self.starts[documents + 1] - starts)]
        if len(carried) and int(carried.max()) >= len(self._offsets) - 1:
            raise ValueError("a document carries a string that is not there")
        counted = np.bincount(carried)
        present = np.flatnonzero(counted)
        strings = self.strings
        return {
            strings[ordinal]: count for ordinal, count in zip(present.tolist(), counted[present].tolist(), strict=True)
        }

    def _string(self, ordinal: int) -> str:
        return bytes(self._blob[self._offsets[ordinal] : self._offsets[ordinal + 1]]).decode()


def ranges(starts: Integers, lengths: Integers) -> NDArray[np.int64]:
    """The numbers of all ranges one after another: ``[5, 0], [2, 3]`` gives ``5 6 0 1 2``."""
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    if total > MOST_AT_ONCE:
        raise ValueError("more numbers than an index can have")  # a damaged file's, and they would fill all memory
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)
