"""Which of a picture's stored sizes a page asks for."""

from __future__ import annotations

from cms.domain import addresses
from cms.domain.articles.story import StoryImage
from cms.domain.media.renditions import WIDTHS


def rendition(image: StoryImage, width: int, form: str = "webp") -> str:
    """The address of the picture at ``width``, or at the largest width that does not enlarge it."""
    return addresses.media(image.key, f"w{_fitting(image, width)[-1]}.{form}")


def rendition_size(image: StoryImage, width: int) -> tuple[int, int]:
    """Width and height, in pixels, of what ``rendition`` names."""
    shown = min(_fitting(image, width)[-1], image.width)
    return shown, max(1, round(shown * image.height / image.width))


def srcset(image: StoryImage) -> str:
    """Every width that does not enlarge the picture, for ``<img srcset>``."""
    widths = _fitting(image, WIDTHS[-1])
    return ", ".join(f"{addresses.media(image.key, f'w{width}.webp')} {width}w" for width in widths)


def _fitting(image: StoryImage, width: int) -> list[int]:
    """The smallest width always, and every other that exceeds neither the picture nor ``width``."""
    return [WIDTHS[0], *(known for known in WIDTHS[1:] if known <= min(width, image.width))]
