"""The program that opens one picture and ends: bytes on standard input, one line of JSON and bytes on output.

``decoder.py read`` tells the facts, ``decoder.py render WIDTH FORM [RATIO X Y]`` makes a rendition. It imports
nothing of ours: it is started alone, in isolation, once for every picture (see mill.py).
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
from typing import Any
from xml.etree import ElementTree

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)
from PIL.IptcImagePlugin import getiptcinfo

MEMORY = 128 * 1024 * 1024
"""Bytes that one picture may take beyond the bare interpreter with Pillow, which is about 20 MB more."""
CPU_SECONDS = 2
MOST_PIXELS = 40_000_000
WIDEST = 1600
MOST_RENDERED = 3_000_000
"""Pixels of a rendition: a column-long chart is made narrower, or it would take more memory than its file."""
TALLEST = 16_000
"""WebP and AVIF end there."""


class Refused(Exception):
    """A sentence for whoever sent the file."""


def main() -> None:
    _limit()
    content = sys.stdin.buffer.read()
    picture = b""
    try:
        if sys.argv[1] == "read":
            head: dict[str, Any] = {"facts": facts(content)}
        else:
            crop = [float(part) for part in sys.argv[4:7]] or None
            head, picture = {}, rendered(content, int(sys.argv[2]), sys.argv[3], crop)
    except Refused as refused:
        head = {"refused": str(refused)}
    except Exception:  # decoders raise whatever they like on damaged files, MemoryError included
        head = {
            "refused": "This picture is damaged or incomplete, or takes more memory to open than one picture "
            "may (128 MB). Send the original again, or save it smaller or as an ordinary JPEG."
        }
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + picture)


def _limit() -> None:
    if sys.platform == "linux":  # elsewhere, where only development is done, memory can't be limited so
        with open("/proc/self/statm", "rb") as sizes:
            taken = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    for limit, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(limit, (most, most))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


# --- Opening -----------------------------------------------------------------------------------------------


def opened(content: bytes) -> ImageFile.ImageFile:
    """The picture, its header read and its size checked, its pixels not yet decoded.

    The kind is found from the first bytes and that one decoder is called: Image.open would try others, and
    would hand a JPEG with several pictures to one more.
    """
    kind = _kind(content)
    _refuse_second_nature(content)
    try:
        image: ImageFile.ImageFile = kind(io.BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(f"This picture has more than {MOST_PIXELS:,} pixels; save it smaller.") from None
    if image.width * image.height > MOST_PIXELS:
        size = f"{image.width:,} × {image.height:,}"
        raise Refused(f"This picture has {size} pixels; at most {MOST_PIXELS:,} can be taken.")
    return image


def _kind(content: bytes) -> type[ImageFile.ImageFile]:
    if content.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if content.startswith((b"GIF87a", b"GIF89a")):
        return GifImagePlugin.GifImageFile
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if content[4:8] == b"ftyp" and (b"avif" in content[8:64] or b"avis" in content[8:64]):
        return AvifImagePlugin.AvifImageFile
    raise Refused(
        "This is not a picture that can be taken; send a JPEG, PNG, WebP, GIF or AVIF file, or for audio "
        "and video an MP3, M4A, WAV or MP4."
    )


def _refuse_second_nature(content: bytes) -> None:
    """Refuse a picture that other programs would open as something else.

    Readers only ever get renditions, which carry nothing over; but originals are exported, and one that is
    also a page, a script, a PDF or an archive is so by no accident.
    """
    archive = content.rfind(b"PK\x05\x06", -66_000) >= 0 and b"PK\x01\x02" in content
    if archive or b"%PDF-" in content[:1024] or _MARKUP.search(content):
        raise Refused("This picture is a script, document or archive as well; save the picture anew.")


_MARKUP = re.compile(rb"<(script|\?php|!doctype html)", re.IGNORECASE)  # too long to turn up by chance


_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}


def facts(content: bytes) -> dict[str, Any]:
    """What the picture is, once it has been decoded as its widest rendition will need.

    So whatever is accepted here can also be shown later.
    """
    image = opened(content)
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    told = {
        "media_type": _MEDIA_TYPES[image.format or ""],
        "width": width,
        "height": height,
        **words(image),
    }
    _shrunk(image, WIDEST)
    return told


# --- Rendering ---------------------------------------------------------------------------------------------


def rendered(content: bytes, width: int, form: str, crop: list[float] | None = None) -> bytes:
    """``crop`` is the part's width over its height, and the point across and down that it must keep."""
    image = opened(content)
    turn = _TURNS.get(_orientation(image))
    profile = image.info.get("icc_profile")
    small = _shrunk(image, _before_cropping(image, width, crop[0]) if crop else width)
    del image  # with it go the decoder's own buffers, before the encoder asks for its
    small = _in_srgb(small, profile)
    if turn is not None:
        small = small.transpose(turn)
    if crop:
        small = small.crop(_part(small.size, *crop))
    small.info = {}
    if form == "jpg" and small.mode == "RGBA":
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small)
        small = paper
    made = io.BytesIO()
    small.save(made, **_FORMS[form])
    return made.getvalue()


def _before_cropping(image: Image.Image, width: int, ratio: float) -> int:
    """How wide the whole must be for its part of this shape to be ``width`` wide."""
    across, down = image.size if _orientation(image) < 5 else image.size[::-1]
    return max(1, round(width * across / min(across, down * ratio)))


def _part(size: tuple[int, int], ratio: float, x: float, y: float) -> tuple[int, int, int, int]:
    across, down = size
    width = max(1, min(across, round(down * ratio)))
    height = max(1, min(down, round(width / ratio)))
    left = round(min(max(0.0, x * across - width / 2), across - width))
    top = round(min(max(0.0, y * down - height / 2), down - height))
    return left, top, left + width, top + height


_FORMS: dict[str, dict[str, Any]] = {
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True},
    "avif": {"format": "AVIF", "quality": 60, "speed": 8, "max_threads": 1},
}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How each EXIF orientation is turned upright."""


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112) or 1)
    except Exception:  # damaged metadata is no reason to refuse the picture
        return 1


def _shrunk(image: ImageFile.ImageFile, width: int) -> Image.Image:
    """The picture, still lying as it is stored, at the size whose upright width is at most ``width``."""
    across, down = image.size if _orientation(image) < 5 else image.size[::-1]
    scale = min(1.0, width / across, (MOST_RENDERED / (across * down)) ** 0.5, TALLEST / down)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(None, size)  # decodes at an eighth, a quarter or half, never below ``size``
    image.load()
    coarse = _coarse(image, max(1, min(image.width // size[0], image.height // size[1])))
    fine = coarse if coarse.size == size else coarse.resize(size, Image.Resampling.LANCZOS)
    return fine.convert("RGBA") if fine.mode == "RGBa" else fine


_STRIP = 64


def _coarse(image: Image.Image, factor: int) -> Image.Image:
    """The picture in a plain mode and ``factor`` times smaller, made strip by strip.

    Converted whole, a 40-megapixel palette or see-through picture would stand in memory twice or three times.
    """
    strip = _STRIP * factor
    mode = _plain(image.crop((0, 0, 1, 1))).mode
    if factor == 1 and mode == image.mode and "transparency" not in image.info:
        return image
    coarse = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    for number, top in enumerate(range(0, image.height, strip)):
        part = _plain(image.crop((0, top, image.width, min(top + strip, image.height))))
        coarse.paste(part.reduce(factor) if factor > 1 else part, (0, number * _STRIP))
    return coarse


def _plain(part: Image.Image) -> Image.Image:
    """In L, RGB, CMYK, or RGBa: see-through colours weighted by how much shows, as averaging needs them."""
    if part.mode.startswith("I"):
        return part.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if part.mode in ("LA", "PA", "RGBA") or "transparency" in part.info:
        return part.convert("RGBA").convert("RGBa")
    if part.mode == "1":
        return part.convert("L")
    return part if part.mode in ("L", "RGB", "CMYK") else part.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB or RGBA in sRGB, which is what a picture without a profile, or a useless one, is taken to be in."""
    shows = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if shows else image
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            colours = ImageCms.profileToProfile(colours, source, target, outputMode="RGB") or colours
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    colours = colours.convert("RGB")
    if shows and shows.getextrema() != (255, 255):
        colours.putalpha(shows)
    return colours


# --- The words inside it -----------------------------------------------------------------------------------


def words(image: ImageFile.ImageFile) -> dict[str, str]:
    """Alt text, caption, credit and rights, from IPTC, XMP or EXIF in that order; all of it optional."""
    iptc, xmp, exif = _iptc(image), _xmp(image), _exif(image)
    names = iptc.get("byline") or xmp.get("creator") or exif.get("artist") or ""
    agency = iptc.get("credit") or xmp.get("Credit") or ""
    return {
        "alt": _line(xmp.get("AltTextAccessibility"), 500),
        "caption": _line(iptc.get("caption") or xmp.get("description") or exif.get("description"), 1000),
        "credit": _line("/".join(dict.fromkeys(part for part in (names, agency) if part)), 200),
        "rights": _line(iptc.get("rights") or xmp.get("rights") or exif.get("rights"), 500),
    }


def _line(text: str | None, limit: int) -> str:
    """On one line, without what can't be stored, cut to ``limit``."""
    printable = "".join(" " if c < " " else c for c in text or "" if not "\ud800" <= c <= "\udfff")
    return " ".join(printable.split())[:limit].strip()


_IPTC = {"caption": (2, 120), "byline": (2, 80), "credit": (2, 110), "rights": (2, 116)}
"""IPTC-IIM 4.2, record 2."""


def _iptc(image: ImageFile.ImageFile) -> dict[str, str]:
    try:
        found = getiptcinfo(image) or {}
    except Exception:
        return {}
    told = {}
    for name, dataset in _IPTC.items():
        value = found.get(dataset)
        parts = value if isinstance(value, list) else [value]
        told[name] = ", ".join(_text(part) for part in parts if part)
    return told


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _exif(image: ImageFile.ImageFile) -> dict[str, str]:
    try:
        tags = image.getexif()
        found = {"description": tags.get(0x010E), "artist": tags.get(0x013B), "rights": tags.get(0x8298)}
    except Exception:
        return {}
    # Pillow gives EXIF's text as Latin-1; cameras and photo desks write UTF-8
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    return {name: _text(value.encode("latin-1", "replace")) for name, value in texts.items()}


def _xmp(image: ImageFile.ImageFile) -> dict[str, str]:
    """The text of the properties we know, by local name. A packet that declares entities is not read."""
    packet = image.info.get("xmp") or b""
    if isinstance(packet, str):
        packet = packet.encode()
    if not packet or len(packet) > 1_000_000 or b"<!" in packet:
        return {}
    try:
        tree = ElementTree.fromstring(packet.rstrip(b"\x00 \n"))  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        return {}
    told: dict[str, str] = {}
    for element in tree.iter():
        for address, value in element.attrib.items():
            if _local(address) in _XMP:
                told.setdefault(_local(address), value)
        if _local(element.tag) in _XMP:
            items = [item.text or "" for item in element.iter() if _local(item.tag) == "li"]
            several = _local(element.tag) == "creator"
            told[_local(element.tag)] = ", ".join(items) if several else (items or [element.text or ""])[0]
    return told


_XMP = ("AltTextAccessibility", "description", "creator", "Credit", "rights")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
