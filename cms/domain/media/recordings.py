"""Audio and video: what of it is taken, and the bytes that readers get.

A recording is a row of the library like a picture, without a width or height. Its bytes decide what it is. Readers get
it without the words and places that a telephone or a studio wrote into it (see playing.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal, NamedTuple

FILES = {"audio/mpeg": "audio.mp3", "audio/mp4": "audio.m4a", "audio/wav": "audio.wav", "video/mp4": "video.mp4"}
"""What is taken, by media type, and the name under which readers get it."""

Kind = Literal["audio", "video"]

_ADDRESS = re.compile(r"/media/[0-9a-f]{40}/(audio|video)\.(?:mp3|m4a|wav|mp4)")
_PLAYED = re.compile(
    r'<figure(?: [^>]*)? class="(?:audio|video)"[^>]*><a href="(/media/[0-9a-f]{40}/([a-z0-9.]+))">(.*?)</a>'
)
_TAG = re.compile(r"<[^>]+>")
_PICTURE_BRANDS = (b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix", b"hevc")
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_SAYING = (b"udta", b"meta", b"uuid")
"""Boxes of an MP4 that hold names, words and places."""
_SOUND = (b"fmt ", b"data", b"fact")
_DEEPEST = 6


class _Part(NamedTuple):
    """A box or chunk: its name, where that stands, and where what it holds begins and ends."""

    name: bytes
    named_at: int
    begin: int
    end: int


def kind_at(address: str) -> Kind | None:
    """Whether the address is of a recording of ours, and of which kind."""
    found = _ADDRESS.fullmatch(address)
    return None if found is None else "audio" if found[1] == "audio" else "video"


def recordings_in(body_html: str) -> list[tuple[str, str, str]]:
    """The recordings that a stored body plays: address, media type and title of each, in its order."""
    if "/media/" not in body_html:
        return []
    kinds = {name: media_type for media_type, name in FILES.items()}
    return [
        (address, kinds[name], unescape(_TAG.sub("", title)))
        for address, name, title in _PLAYED.findall(body_html)
        if name in kinds
    ]


def sniff(content: bytes) -> str | None:
    """The media type of a recording that browsers play, from its bytes alone; None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav" if any(part.name == b"data" for part in _chunks(content)) else None
    if content[4:8] == b"ftyp" and content[8:12] not in _PICTURE_BRANDS:
        boxes = _boxes(content, 0, len(content))
        handlers = {content[box.begin + 8 : box.begin + 12] for box in boxes if box.name == b"hdlr"}
        return "video/mp4" if b"vide" in handlers else "audio/mp4" if b"soun" in handlers else None
    start = _after_id3(content)
    frame = content[start : start + 4].ljust(4, b"\0")
    layer_three = frame[0] == 0xFF and frame[1] & 0xE6 == 0xE2 and frame[1] & 0x18 != 0x08
    return "audio/mpeg" if layer_three and frame[2] & 0xF0 != 0xF0 and frame[2] & 0x0C != 0x0C else None


def silent(content: bytes, media_type: str) -> bytes:
    """The recording without what was written into it beside sound and picture. In MP4 and WAV such parts are blanked
    where they are, since the others are found by their distance from the beginning."""
    if media_type == "audio/mpeg":
        end = len(content) - 128 if content[-128:-125] == b"TAG" else len(content)
        return content[_after_id3(content) : end]
    if media_type == "audio/wav":
        unheard, name = [part for part in _chunks(content) if part.name not in _SOUND], b"JUNK"
    else:
        unheard, name = [part for part in _boxes(content, 0, len(content)) if part.name in _SAYING], b"free"
    blanked = bytearray(content)
    for part in unheard:
        blanked[part.named_at : part.named_at + 4] = name
        blanked[part.begin : part.end] = bytes(part.end - part.begin)
    return bytes(blanked)


def _after_id3(content: bytes) -> int:
    """Where an MP3's sound begins: behind the words that stand before it, if any do."""
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = content[6] << 21 | content[7] << 14 | content[8] << 7 | content[9]
    return 10 + size + (10 if content[5] & 0x10 else 0)


def _chunks(content: bytes) -> Iterator[_Part]:
    """A WAV's chunks."""
    here = 12
    while here + 8 <= len(content):
        size = int.from_bytes(content[here + 4 : here + 8], "little")
        end = min(here + 8 + size, len(content))
        yield _Part(content[here : here + 4], here, here + 8, end)
        here = end + size % 2


def _boxes(content: bytes, here: int, end: int, depth: int = 0) -> Iterator[_Part]:
    """An MP4's boxes, those within others too."""
    while here + 8 <= end:
        size, begin = int.from_bytes(content[here : here + 4], "big"), here + 8
        if size == 1:
            size, begin = int.from_bytes(content[here + 8 : here + 16], "big"), here + 16
        box = _Part(content[here + 4 : here + 8], here + 4, begin, end if size == 0 else min(here + size, end))
        if box.end < begin:
            return
        yield box
        if box.name in _CONTAINERS and depth < _DEEPEST:
            yield from _boxes(content, begin, box.end, depth + 1)
        here = box.end
