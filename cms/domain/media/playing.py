"""A recording as readers get it: in pieces of one megabyte, so that a range of a long film costs no more than the
pieces it lies in. They are made when it is first asked for, and kept beside the renditions of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from cms.domain.media.model import Media
from cms.domain.media.recordings import silent
from cms.domain.media.uploading import original
from cms.interfaces import FileStore

PIECE = 1_000_000  # bytes


def length(store: FileStore, media: Media) -> int | None:
    """How many bytes readers get; None for an original that is lost."""
    told = store.get(_kept(media, "length"))
    if told is None:
        content = store.get(original(media.key))
        if content is None:
            return None
        content = silent(content, media.media_type)
        for number, at in enumerate(range(0, len(content), PIECE)):
            store.put(_kept(media, f"{number:05}"), content[at : at + PIECE])
        told = str(len(content)).encode()
        store.put(_kept(media, "length"), told)  # last: where it is, all the pieces are
    return int(told)


def read(store: FileStore, media: Media, start: int, end: int) -> Iterator[bytes]:
    """The bytes from ``start`` up to ``end``, a piece at a time."""
    for number in range(start // PIECE, (end - 1) // PIECE + 1):
        piece = store.get(_kept(media, f"{number:05}"))
        if piece is None:
            raise FileNotFoundError(f"a piece of {media.key} is missing")
        yield piece[max(0, start - number * PIECE) : end - number * PIECE]


def _kept(media: Media, name: str) -> str:
    return f"renditions/{media.key}/piece-{name}"
