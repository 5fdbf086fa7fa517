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

# documents, positions in all (0: none are kept)
_HEADER = Struct("<II")


class Postings:
    """Where one term stands in one segment: documents in order, and per document a weight and positions."""

    def __init__(self, documents: Integers, weights: Integers, counts: Integers, positions: Integers) -> None:
        self.documents = documents
        self.weights = weights
        self.counts = counts
        self.positions = positions

    @classmethod
    def read(cls, view: memoryview) -> Postings:
        size, total = _HEADER.unpack_from(view)
        documents = np.frombuffer(view, "<u4", size, _HEADER.size)
        at = _HEADER.size + 4 * size
        weights = np.frombuffer(view, "<u2", size, at)
        if not total:
            return cls(documents, weights, NOTHING.counts, NOTHING.positions)
        counts = np.frombuffer(view, "<u2", size, at + 2 * size)
        return cls(documents, weights, counts, np.frombuffer(view, "<u2", total, at + 4 * size))

    def to_bytes(self) -> bytes:
        short = [self.weights, self.counts, self.positions] if len(self.positions) else [self.weights]
        parts = [self.documents.astype("<u4"), *(numbers.astype("<u2") for numbers in short)]
        return _HEADER.pack(len(self.documents), len(self.positions)) + b"".join(part.tobytes() for part in parts)

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
    """Takes each list whole."""

    def __init__(self, dbfile: Any) -> None:
        self._dbfile = dbfile
        self._end: int = dbfile.tell()
        self._whole = NOTHING

    def start_postings(self, format_: Any, terminfo: Any) -> None:
        self._whole = NOTHING

    def add_whole(self, postings: Postings) -> None:
        self._whole = postings

    def finish_postings(self) -> W3TermInfo:
        documents, written = self._whole.documents, self._whole.to_bytes()
        term = W3TermInfo(df=len(documents), minid=int(documents[0]), maxid=int(documents[-1]))
        term.set_extent(self._end, len(written))
        self._dbfile.write(written)
        self._end += len(written)
        return term

    def written(self) -> bool:
        return False
