"""Which of a picture's stored sizes and shapes a page asks for."""

from __future__ import annotations

from cms.domain import addresses
from cms.domain.articles.story import StoryImage
from cms.domain.media.renditions import RATIOS, WIDTHS, across


def rendition(image: StoryImage, width: int, form: str = "webp", shape: str = "") -> str:
    """The address of the picture at ``width``, or at the largest width that does not enlarge it."""
    return _address(image, _fitting(image, width, shape)[-1], form, shape)


def rendition_size(image: StoryImage, width: int, shape: str = "") -> tuple[int, int]:
    """Width and height, in pixels, of what ``rendition`` names."""
    own = across(image.width, image.height, shape)
    shown = min(_fitting(image, width, shape)[-1], own)
    ratio = RATIOS[shape] if shape else image.width / image.height
    return shown, max(1, round(shown / ratio))


def srcset(image: StoryImage, form: str = "webp", shape: str = "") -> str:
    """Every width that does not enlarge the picture, for ``srcset``."""
    widths = _fitting(image, WIDTHS[-1], shape)
    return ", ".join(f"{_address(image, width, form, shape)} {width}w" for width in widths)


def _address(image: StoryImage, width: int, form: str, shape: str) -> str:
    return addresses.media(image.key, f"{shape}-w{width}.{form}" if shape else f"w{width}.{form}")


def _fitting(image: StoryImage, width: int, shape: str) -> list[int]:
    """The smallest width always, and every other that exceeds neither the picture nor ``width``."""
    own = across(image.width, image.height, shape)
    return [WIDTHS[0], *(known for known in WIDTHS[1:] if known <= min(width, own))]
