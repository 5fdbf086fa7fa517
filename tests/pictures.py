"""Pictures made for the tests, honest and hostile, and the way they are hung in the newsroom."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, TiffImagePlugin

from cms import reactions
from cms.domain.media.uploading import receive, upload
from cms.domain.people.staff import SYSTEM
from cms.engines.images.mill import LimitedImages
from cms.newsroom import Newsroom


def picture(width: int = 800, height: int = 600, form: str = "JPEG", mode: str = "RGB", **saved: Any) -> bytes:
    """A picture of four coloured quarters: red, green / blue, white."""
    image = Image.new("RGB", (width, height), "white")
    for place, colour in (((0, 0), "red"), ((width // 2, 0), "lime"), ((0, height // 2), "blue")):
        image.paste(colour, (*place, place[0] + width // 2, place[1] + height // 2))
    file = io.BytesIO()
    image.convert(mode).save(file, form, **saved)
    return file.getvalue()


def looked_at(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def told_by_its_camera() -> bytes:
    """A photograph with a place, a camera, a thumbnail, a comment and an orientation in its metadata."""
    exif = Image.Exif()
    exif[0x010E] = "Ferries at the old quay, Málaga".encode()  # type: ignore[assignment]
    exif[0x010F] = "SecretCameraMaker"
    exif[0x013B] = "Ana Ruiz"
    exif[0x8298] = "© Harbour Post".encode()  # type: ignore[assignment]
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", tuple(TiffImagePlugin.IFDRational(part) for part in (36, 43, 12))
    place[29] = "2026:03:26"
    return picture(exif=exif, comment=b"SecretComment")


def with_xmp(properties: str, declared: str = "") -> bytes:
    packet = (
        f'{declared}<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">'
        f'{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return picture(xmp=packet.encode())


def with_iptc(**fields: str) -> bytes:
    """A JPEG with an IPTC record as photo desks write it, in a Photoshop block."""
    numbers = {"caption": 120, "byline": 80, "credit": 110, "rights": 116}
    record = b"\x1c\x01\x5a\x00\x03\x1b%G"
    for name, text in fields.items():
        raw = text.encode()
        record += struct.pack(">BBBH", 0x1C, 2, numbers[name], len(raw)) + raw
    record += b"\0" * (len(record) % 2)
    block = b"Photoshop 3.0\0" + b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(record)) + record
    plain = picture()
    return plain[:2] + struct.pack(">HH", 0xFFED, len(block) + 2) + block + plain[2:]


def bomb(width: int, height: int, *, colour: int = 2) -> bytes:
    """A small PNG that is this large, all of one colour, in 8 bits of the PNG colour type."""
    line = b"\0" + b"\0" * (width * {2: 3, 6: 4}[colour])
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def inflating(megabytes: int) -> bytes:
    """What zlib makes this much of."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


class RememberedImages(LimitedImages):
    """A real mill that in all tests of a run works on the same bytes in the same way once. It knows neither newsroom
    nor time, so it would do the same again, in a process of its own each time."""

    def _run(self, program: Path, content: bytes, *act: str) -> tuple[bytes, bytes]:
        asked = (program, hashlib.sha256(content).digest(), act)
        if asked not in _WORKED_ON:
            _WORKED_ON[asked] = super()._run(program, content, *act)
        return _WORKED_ON[asked]


_WORKED_ON: dict[tuple[Path, bytes, tuple[str, ...]], tuple[bytes, bytes]] = {}


def hang(newsroom: Newsroom, content: bytes, **texts: str) -> tuple[str, str]:
    """Upload it; its public id and its key."""
    arrived = receive(newsroom.files, newsroom.images, content, texts)
    with newsroom.sessions.write() as session:
        media, event = upload(session, SYSTEM, arrived, newsroom.clock.now())
        named = media.public_id, media.key
        reactions.commit(session, [event], newsroom.clock.now(), newsroom.signal)
    return named
