"""The program that draws one card for sharing and ends: a line of JSON on input, a line of JSON and a PNG on output.

Like decoder.py it imports nothing of ours and is started alone, in isolation and within limits. The one font
is the one inside Pillow, so that a card is the same on every machine; words it has no letters for are left out.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from functools import cache

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
PAPER, INK, RULE = "#fdfcf8", "#17191d", "#a3281f"
MARGIN = 80
SIZES = (84, 76, 68, 60, 52, 44, 36)
"""Of the headline, in pixels: the first that it fits in."""

MEMORY = 128 * 1024 * 1024
CPU_SECONDS = 2

_PLAINER = str.maketrans("–—‑\u00a0\u202f", "---  ")


def main() -> None:
    _limit()
    said = json.loads(sys.stdin.buffer.read())
    made = io.BytesIO()
    card(said["headline"], said["section"], said["paper"]).save(made, "PNG", optimize=True)
    sys.stdout.buffer.write(b"{}\n" + made.getvalue())


def card(headline: str, section: str, paper: str) -> Image.Image:
    """The section above, the headline, the paper's name below a rule; that name in the headline's place without one."""
    image = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, SIZE[0], 14), fill=RULE)
    bottom = SIZE[1] - MARGIN - 40
    pen.line((MARGIN, bottom - 24, SIZE[0] - MARGIN, bottom - 24), fill=INK, width=2)
    words, name = _drawable(headline), _drawable(paper)
    if words and name:
        pen.text((MARGIN, bottom), _cut(name, _font(40)), INK, _font(40))
    top = MARGIN
    if kicker := _drawable(section):
        pen.text((MARGIN, top - 10), _cut(kicker, _font(32)), RULE, _font(32))
        top += 56
    if words or name:
        size, lines = _fitted(words or name, bottom - 48 - top)
        for number, line in enumerate(lines):
            pen.text((MARGIN, top + number * _leading(size)), line, INK, _font(size))
    return image


def _fitted(words: str, height: int) -> tuple[int, list[str]]:
    """The largest size in which the words fit, and their lines; cut short where none is small enough."""
    lines: list[str] = []
    for size in SIZES:
        lines = _wrapped(words, size)
        if len(lines) * _leading(size) <= height:
            return size, lines
    most = height // _leading(SIZES[-1])
    return SIZES[-1], [*lines[: most - 1], _cut(f"{lines[most - 1]}...", _font(SIZES[-1]))]


def _wrapped(words: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= SIZE[0] - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(_cut(word, _font(size)))
    return lines


def _cut(line: str, font: ImageFont.FreeTypeFont) -> str:
    """As much of it as a line holds."""
    while font.getlength(line) > SIZE[0] - 2 * MARGIN:
        line = line[:-4] + "..."
    return line


def _drawable(text: str) -> str:
    """The text, if the font has a letter for each of its own; else nothing, for half a name is a wrong name."""
    plainer = " ".join(text.translate(_PLAINER).split())
    missing = bytes(_font(32).getmask("\uffff"))
    known = all(bytes(_font(32).getmask(letter)) != missing for letter in set(plainer) - {" "})
    return plainer if known else ""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _leading(size: int) -> int:
    return round(size * 1.2)


def _limit() -> None:
    if sys.platform == "linux":  # elsewhere, where only development is done, memory can't be limited so
        with open("/proc/self/statm", "rb") as sizes:
            taken = int(sizes.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    for limit, most in ((resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
