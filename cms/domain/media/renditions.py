"""The forms in which readers get an image: a fixed set, each made when first asked for and then kept.

Fixed, because whoever could ask for any width could have a server make pictures all day and fill its disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from cms.domain.media.model import Media
from cms.domain.media.uploading import original
from cms.interfaces import FileStore, ImageMill, RenditionForm

WIDTHS = (320, 640, 960, 1280, 1600)
MEDIA_TYPES: dict[RenditionForm, str] = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
NAMES: dict[str, tuple[int, RenditionForm]] = {
    f"w{width}.{form}": (width, form) for width in WIDTHS for form in MEDIA_TYPES
}
"""Every rendition there is, by its name in addresses: its greatest width in pixels, and its form."""


def media_type(name: str) -> str:
    """What a rendition of this name is sent as."""
    return MEDIA_TYPES[NAMES[name][1]]


def rendition(store: FileStore, images: ImageMill, media: Media, name: str) -> bytes | None:
    """The rendition's bytes, or None for a name that is none or an original that is lost.

    An image narrower than the name says comes in its own width. Raises ImagesBusy, and UnusableImage for an
    original that can't be opened (any more).
    """
    if name not in NAMES:
        return None
    width, form = NAMES[name]
    # all widths beyond the image's own are one picture: made and kept once, under the least of them
    width = next((least for least in WIDTHS if least >= media.width), width) if width > media.width else width
    kept = f"renditions/{media.key}/w{width}.{form}"
    return store.get(kept) or _first_asked(kept, lambda: _make(store, images, media.key, kept, width, form))


def forget(store: FileStore, key: str) -> None:
    """Drop an image's renditions, to be made anew when next asked for."""
    for kept in list(store.keys(f"renditions/{key}/")):
        store.delete(kept)


def _make(store: FileStore, images: ImageMill, key: str, kept: str, width: int, form: RenditionForm) -> bytes | None:
    made = store.get(kept)  # somebody may have finished it since this reader looked
    if made is not None:
        return made
    content = store.get(original(key))
    if content is None:
        return None
    made = images.render(content, width, form)
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
