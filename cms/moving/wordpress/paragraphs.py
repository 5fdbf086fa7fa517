"""Classic WordPress texts: blank lines between paragraphs, as its editor kept them."""

from __future__ import annotations

import re

from cms.moving.arriving.bodies import embedded

_BLOCKS = (
    "address|article|aside|blockquote|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|"
    "hgroup|hr|iframe|li|main|math|nav|noscript|object|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|thead|tr|"
    "ul|video|audio"
)
_TAG = re.compile(rf"<(/?)({_BLOCKS})\b[^<>]*>", re.IGNORECASE)
_HOLDING = frozenset({"", "article", "blockquote", "center", "details", "div", "footer", "header", "main", "section"})
"""What paragraphs may stand in."""
_BREAK = re.compile(r"<br ?/?>$", re.IGNORECASE)
_ALONE = re.compile(r"https?://[^\s<>\"]+")


def with_paragraphs(text: str) -> str:
    """The text with its paragraphs as elements, and single line ends within them as such."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    out: list[str] = []
    open_blocks: list[str] = []
    here = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if open_blocks and open_blocks[-1] in ("pre", "script", "style") and name != open_blocks[-1]:
            continue
        out.append(_filled(text[here : tag.start()], open_blocks))
        out.append(tag[0])
        here = tag.end()
        if tag[1]:
            if name in open_blocks:
                del open_blocks[len(open_blocks) - 1 - open_blocks[::-1].index(name) :]
        elif name != "hr" and not tag[0].endswith("/>"):
            open_blocks.append(name)
    out.append(_filled(text[here:], open_blocks))
    return "".join(out)


def _filled(text: str, open_blocks: list[str]) -> str:
    if (open_blocks[-1] if open_blocks else "") not in _HOLDING:
        return text
    return "".join(_paragraph(part.strip()) for part in re.split(r"\n[ \t]*\n", text))


def _paragraph(text: str) -> str:
    if not text:
        return ""
    if _ALONE.fullmatch(text):
        return embedded(text.replace("&amp;", "&"))
    lines = [_BREAK.sub("", line.rstrip()) for line in text.split("\n")]
    return "<p>" + "<br>\n".join(lines) + "</p>\n"
