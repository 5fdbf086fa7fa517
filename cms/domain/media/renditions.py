"""The forms in which readers get an image: a fixed set, each made once and then kept.

Fixed, because whoever could ask for any width could have a server make pictures all day and fill its disk. Those
that pages ask for first are made ahead by the worker; any other when a reader asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from cms.domain.media.model import Media
from cms.domain.media.uploading import original
from cms.interfaces import Crop, FileStore, ImageMill, RenditionForm

WIDTHS = (320, 640, 800, 960, 1280, 1600)
RATIOS = {"16x9": 16 / 9, "4x3": 4 / 3, "1x1": 1.0}
"""The shapes an image is cropped to around its focal point, by their names in addresses; width over height."""

MEDIA_TYPES: dict[RenditionForm, str] = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


@dataclass(frozen=True)
class Rendition:
    width: int
    form: RenditionForm
    shape: str = ""
    """One of RATIOS, or the image's own."""


NAMES: dict[str, Rendition] = {
    f"{shape}-w{width}.{form}".lstrip("-"): Rendition(width, form, shape)
    for shape in ("", *RATIOS)
    for width in WIDTHS
    for form in MEDIA_TYPES
}
"""Every rendition there is, by its name in addresses."""

AHEAD = (
    *(f"16x9-w{width}.avif" for width in (640, 800, 1280, 960, 320)),
    *(f"4x3-w{width}.avif" for width in (320, 640)),
    *(f"w{width}.avif" for width in (800, 1280, 960, 640, 320)),
    "16x9-w1280.jpg",
    "w960.webp",
)
"""What today's browsers and the cards of other sites ask for, what is seen first coming first."""


def media_type(name: str) -> str:
    """What a rendition of this name is sent as."""
    return MEDIA_TYPES[NAMES[name].form]


def across(width: int, height: int, shape: str) -> int:
    """How wide the largest part of this shape is."""
    return min(width, int(height * RATIOS[shape])) if shape else width


def rendition(store: FileStore, images: ImageMill, media: Media, name: str) -> bytes | None:
    """The rendition's bytes, or None for a name that is none or an original that is lost.

    An image narrower than the name says comes in its own width. Raises ImagesBusy, and UnusableImage for an
    original that can't be opened (any more).
    """
    if name not in NAMES:
        return None
    wanted = NAMES[name]
    width, own = wanted.width, across(media.width, media.height, wanted.shape)
    # all widths beyond the image's own are one picture: made and kept once, under the least of them
    width = next((least for least in WIDTHS if least >= own), width) if width > own else width
    crop, kept = None, f"renditions/{media.key}/w{width}.{wanted.form}"
    if wanted.shape:
        crop = Crop(RATIOS[wanted.shape], media.focus_x, media.focus_y)
        point = f"{crop.x:.3f}-{crop.y:.3f}"  # a focal point that moves makes another picture
        kept = f"renditions/{media.key}/{wanted.shape}-{point}-w{width}.{wanted.form}"
    return store.get(kept) or _first_asked(
        kept, lambda: _make(store, images, media.key, kept, Rendition(width, wanted.form), crop)
    )


def forget(store: FileStore, key: str) -> None:
    """Drop an image's renditions, to be made anew when next asked for."""
    for kept in list(store.keys(f"renditions/{key}/")):
        store.delete(kept)


def _make(
    store: FileStore, images: ImageMill, key: str, kept: str, wanted: Rendition, crop: Crop | None
) -> bytes | None:
    made = store.get(kept)  # somebody may have finished it since this reader looked
    if made is not None:
        return made
    content = store.get(original(key))
    if content is None:
        return None
    made = images.render(content, wanted.width, wanted.form, crop)
    store.put(kept, made)
    return made


# --- One at a time -----------------------------------------------------------------------------------------

_under_way: dict[str, Future[bytes | None]] = {}
_entering = threading.Lock()


def _first_asked(kept: str, make: Callable[[], bytes | None]) -> bytes | None:
    """Let one thread of this process make it; others who ask for the same wait for what comes of it."""
    with _entering:
        others = _under_way.get(kept)
        if others is None:
            mine = _under_way[kept] = Future()
    if others is not None:
        return others.result()
    try:
        made = make()
        mine.set_result(made)
        return made
    except BaseException as failed:
        mine.set_exception(failed)
        raise
    finally:
        del _under_way[kept]
