"""The codec: Whoosh's segments and term index, with posting lists that are plain arrays.

Whoosh's W3 codec pickles and compresses postings in blocks of 128, which have to be decoded before the first
use of a word (51 ms at 100,000 stories). Here the documents, weights and positions of a term lie in the file
as little-endian arrays, so that reading one is a matter of pointing at it. Nothing of a posting list is ever
unpickled.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import PostingsWriter
from whoosh.codec.whoosh3 import W3Codec, W3TermInfo

from cms.engines.search.whoosh.columns import Integers

# documents, positions in all, bytes of one position (0 = none kept)
_HEADER = Struct("<III")
_MOST = 65_535


class Postings:
    """Where one term stands in one segment: documents in order, and per document a weight and positions."""

    def __init__(self, documents: Integers, weights: Integers, counts: Integers, positions: Integers) -> None:
        self.documents = documents
        self.weights = weights
        self.counts = counts
        self.positions = positions

    @classmethod
    def read(cls, view: memoryview) -> Postings:
        size, total, width = _HEADER.unpack_from(view)
        documents = np.frombuffer(view, "<u4", size, _HEADER.size)
        at = _HEADER.size + 4 * size
        weights = np.frombuffer(view, "<u2", size, at)
        if not width:
            return cls(documents, weights, NOTHING.counts, NOTHING.positions)
        counts = np.frombuffer(view, "<u2", size, at + 2 * size)
        return cls(documents, weights, counts, np.frombuffer(view, f"<u{width}", total, at + 4 * size))

    def to_bytes(self) -> bytes:
        width = 0 if not len(self.positions) else 2 if int(self.positions.max()) <= _MOST else 4
        parts = [
            _HEADER.pack(len(self.documents), len(self.positions), width),
            self.documents.astype("<u4").tobytes(),
            self.weights.astype("<u2").tobytes(),
        ]
        if width:
            parts += [self.counts.astype("<u2").tobytes(), self.positions.astype(f"<u{width}").tobytes()]
        return b"".join(parts)

    def starts(self) -> NDArray[np.int64]:
        """Where each document's positions begin in ``positions``. Not kept: it is bigger than all the rest."""
        return np.cumsum(self.counts, dtype=np.int64) - self.counts

    def __len__(self) -> int:
        return len(self.documents)


_NONE = np.empty(0, "<u4")
NOTHING = Postings(_NONE, _NONE, _NONE, _NONE)


class ArrayCodec(W3Codec):
    length_stats = False  # lengths are a column of ours

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> ArrayPostingsWriter:
        return ArrayPostingsWriter(dbfile)


class ArrayPostingsWriter(PostingsWriter):
    def __init__(self, dbfile: Any) -> None:
        self._dbfile = dbfile
        self._documents: list[int] = []
        self._weights: list[int] = []
        self._positions: list[bytes] = []
        self._whole: Postings | None = None

    def start_postings(self, format_: Any, terminfo: Any) -> None:
        self._documents, self._weights, self._positions = [], [], []
        self._whole = None

    def add_posting(self, id_: int, weight: float, vbytes: bytes, length: int | None = None) -> None:
        self._documents.append(id_)
        self._weights.append(min(int(weight), _MOST))
        self._positions.append(vbytes[: 4 * _MOST])

    def add_whole(self, postings: Postings) -> None:
        """Take a list that is already arrays, from a merge."""
        self._whole = postings

    def finish_postings(self) -> W3TermInfo:
        postings = self._whole or Postings(
            np.array(self._documents, "<u4"),
            np.array(self._weights, "<u2"),
            np.array([len(positions) // 4 for positions in self._positions], "<u2"),
            np.frombuffer(b"".join(self._positions), "<u4"),
        )
        first, last = int(postings.documents[0]), int(postings.documents[-1])
        term = W3TermInfo(df=len(postings), minid=first, maxid=last)
        start = self._dbfile.tell()
        self._dbfile.write(postings.to_bytes())
        term.set_extent(start, self._dbfile.tell() - start)
        return term

    def written(self) -> bool:
        return False
