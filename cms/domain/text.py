"""Plain fields: headline, standfirst, key points, names, captions. One line of text, kept as it was typed."""

from __future__ import annotations

import re

_BREAKS = re.compile("[\r\n\t]")
_NOT_TEXT = re.compile("[\x00-\x1f\ud800-\udfff]")


def plain(value: str, limit: int) -> str:
    """The field as stored: a line break or tab is a space, the ends are trimmed, every other code point is
    kept.

    Raises ValueError, with a sentence for the person who typed it, when it is longer than ``limit``
    characters or holds a control character or half a surrogate pair.
    """
    line = _BREAKS.sub(" ", value)
    if _NOT_TEXT.search(line):
        raise ValueError("This holds a control character that no text can hold; type it again without.")
    line = line.strip()
    if len(line) > limit:
        raise ValueError(f"This is {len(line):,} characters long; the limit is {limit:,}.")
    return line
