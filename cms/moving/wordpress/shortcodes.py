"""``[caption]``, ``[gallery]`` and their like: what WordPress fills in when it shows a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import NamedTuple

_OPENING = re.compile(
    r"""\[(\[?)([A-Za-z][\w-]{0,60}+)(/?+|\s(?:[^\[\]"']++|"[^"]*+"|'[^']*+')*+)\](\]?)"""  # never back: linear
)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/\]]+))|"([^"]+)"|(\S+)""")
_QUOTES = str.maketrans({"“": '"', "”": '"', "″": '"', "‘": "'", "’": "'"})


class Shortcode(NamedTuple):
    """``content`` is None without an end; ``attributes`` without a name are numbered from 0."""

    name: str
    attributes: Mapping[str, str]
    content: str | None
    written: str


def replaced(text: str, fill: Callable[[Shortcode], str | None]) -> str:
    """The text with each shortcode as ``fill`` gives it; one for which it gives None is writing, and stays."""
    out: list[str] = []
    here, unclosed = 0, set[str]()
    while opening := _OPENING.search(text, here):
        out.append(text[here : opening.start()])
        if opening[1] and opening[4]:
            out.append(text[opening.start() + 1 : opening.end() - 1])  # [[so]] is how [so] is written
            here = opening.end()
            continue
        end, content = opening.end() - len(opening[4]), None
        name, given = opening[2], opening[3].rstrip()
        if not given.endswith("/") and name not in unclosed:
            close = text.find(f"[/{name}]", end)
            if close < 0:
                unclosed.add(name)  # never looked for again: a thousand must not mean a thousand searches
            else:
                content, end = text[end:close], close + len(name) + 3
        filled = fill(
            Shortcode(name.lower(), _attributes(given.removesuffix("/")), content, text[opening.start() : end])
        )
        if filled is None:
            out.append(opening[0])
            here = opening.end()
        else:
            out.append(opening[1] + filled)
            here = end
    out.append(text[here:])
    return "".join(out)


def _attributes(written: str) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    number = 0
    for found in _ATTRIBUTE.finditer(unescape(written).translate(_QUOTES)):
        if found[1]:
            attributes[found[1].lower()] = found[2] or found[3] or found[4] or ""
        else:
            attributes[str(number)] = found[5] or found[6] or ""
            number += 1
    return attributes
