"""Reading HTML as a run of tokens, in one pass and in time proportional to its length; and writing text.

The reader needn't agree with any browser to be safe, for nothing it passes on is stored as it was written:
the caller builds new markup from the names and values found here. It follows the HTML standard's tokenizer
closely enough that honest markup, and most careless markup, means what its author meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import Literal, NamedTuple

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^\s>]++)|(["'])|(?=>)))?+"""
)
_REST_OF_TAG = re.compile(r"[\s/]*+>")
_COMMENT_END = re.compile(r"-->|--!>")
_LONG_NUMBER = re.compile(r"&#0*+[0-9]{8,}+;?|&#[xX]0*+[0-9A-Fa-f]{7,}+;?")
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9A-Fa-f]+;?|([A-Za-z][A-Za-z0-9]*+(?:;|(?![=]))))")
_NO_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)

# Elements whose content is not writing for the reader. The first kind is raw text to its end tag, or to the
# end of the document; of the second a lone start tag is simply skipped, so that no story vanishes behind it.
_RAW = frozenset(
    {"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "noscript", "xmp", "plaintext"}
)
_NOT_WRITING = frozenset(
    {"svg", "math", "template", "select", "object", "video", "audio", "canvas", "applet", "frameset"}
    | {"button", "datalist"}
)


class Token(NamedTuple):
    """A piece of the document. ``value`` is the text, or the element's name in lower case."""

    kind: Literal["text", "start", "end"]
    value: str
    attributes: dict[str, str]


def escaped(text: str) -> str:
    """Text as a browser's ``innerHTML`` writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def quoted(value: str) -> str:
    """An attribute's value, to stand between double quotes."""
    return escaped(value).replace('"', "&quot;")


def tokens(html: str) -> Iterator[Token]:
    """The document's tokens: no comments, no declarations, no scripts; references already decoded."""
    here, unclosed = 0, set[str]()
    while here < len(html):
        opening = html.find("<", here)
        if opening != here:
            stop = len(html) if opening < 0 else opening
            yield Token("text", _characters(html[here:stop]), {})
            here = stop
            continue
        tag = _TAG.match(html, here)
        if tag is None:
            after = _after_declaration(html, here)
            if after is None:
                yield Token("text", "<", {})
            here = here + 1 if after is None else after
            continue
        name = tag[2].lower()
        attributes, here = _attributes(html, tag.end())
        if here < 0:
            return
        if tag[1]:
            yield Token("end", name, {})
        elif name in _RAW or name in _NOT_WRITING:
            here = _skip(html, name, here, unclosed)
        else:
            yield Token("start", name, attributes)


def _after_declaration(html: str, here: int) -> int | None:
    """Where a comment or declaration starting at ``here`` ends; None when this is a lone ``<``."""
    if html.startswith("<!--", here):
        if html.startswith((">", "->"), here + 4):
            return html.index(">", here + 4) + 1
        end = _COMMENT_END.search(html, here + 4)
        return end.end() if end else len(html)
    if html.startswith(("<!", "<?", "</"), here):
        return html.find(">", here) + 1 or len(html)
    return None


def _attributes(html: str, here: int) -> tuple[dict[str, str], int]:
    """The attributes from ``here`` on, first of each name, and where the tag ends (-1: it never does)."""
    attributes: dict[str, str] = {}
    while True:
        end = _REST_OF_TAG.match(html, here)
        if end:
            return attributes, end.end()
        match = _ATTRIBUTE.match(html, here)
        if match is None or match[5]:  # the document ended inside a tag, or inside a quoted value
            return attributes, -1
        value = match[2] or match[3] or match[4] or ""
        attributes.setdefault(match[1].lower(), _value(value))
        here = match.end()


def _skip(html: str, name: str, here: int, unclosed: set[str]) -> int:
    """Where reading goes on after the start tag of an element that isn't writing."""
    if name not in unclosed:
        end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE).search(html, here)
        if end:
            return end.end()
        unclosed.add(name)  # never looked for again: a thousand lone tags must not mean a thousand searches
    return len(html) if name in _RAW else here


def _characters(text: str) -> str:
    if "&" in text:
        text = unescape(_LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", text))
    return _normal(text)


def _value(text: str) -> str:
    if "&" in text:
        text = _REFERENCE.sub(_reference, _LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", text))
    return _normal(text)


def _reference(match: re.Match[str]) -> str:
    """A reference in an attribute, where ``?a=1&copy=2`` stays as it is and ``&copy;`` doesn't."""
    return html5.get(match[1], match[0]) if match[1] else unescape(match[0])


def _normal(text: str) -> str:
    """Line ends as LF, and without the characters that no HTML document may hold."""
    if text.isascii() and text.isprintable():
        return text
    return _NO_CHARACTER.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " "))
