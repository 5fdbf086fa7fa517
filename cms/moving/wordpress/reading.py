"""Reading a WordPress export (WXR 1.0 to 1.2) as a stream: one item at a time, whatever the file's size.

The file is a stranger's. A DOCTYPE is refused, and with it every entity that could grow or reach out; nothing is
fetched; what one element may hold has an end. Characters that XML forbids, and WordPress writes all the same, are
dropped.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

LONGEST_TEXT = 8_000_000
DEEPEST = 20
_BLOCK = 1 << 16
_FORBIDDEN = bytes({*range(32)} - {9, 10, 13})
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")
_ENCODING = re.compile(rb"""^<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class NotAnExport(ValueError):
    """The file can't be read as one; the message is a sentence, with a line where there is one."""


@dataclass
class Term:
    """A category, tag or other term; as an item carries it, its ``taxonomy`` is the category's domain."""

    taxonomy: str
    slug: str
    name: str = ""
    parent: str = ""
    description: str = ""
    id: str = ""


@dataclass
class Author:
    login: str
    name: str


@dataclass
class Item:
    """One post, page, attachment or other thing. ``texts`` are its simple elements, ``meta`` its custom fields."""

    texts: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    comments: int = 0
    line: int = 0
    too_long: bool = False

    def text(self, name: str) -> str:
        return self.texts.get(name, "").strip()

    def first(self, *names: str) -> str:
        """The first custom field of these that says something."""
        return next((value for name in names for value in self.meta.get(name, ()) if value.strip()), "").strip()

    @property
    def id(self) -> str:
        return (self.text("wp:post_id") or self.text("guid"))[:400]

    @property
    def kind(self) -> str:
        return self.text("wp:post_type")[:60] or "post"


@dataclass
class Channel:
    """What the export says of its site: simple elements by name."""

    texts: dict[str, str] = field(default_factory=dict)


Part = Channel | Author | Term | Item


def parts(path: Path) -> Iterator[Part]:
    """What the export holds, in its order; the channel comes last. Raises NotAnExport where the file breaks off being
    XML, or isn't an export."""
    reader = _Reader()
    with path.open("rb") as file:
        head = file.read(_BLOCK)
        decode = _decoder(head)
        while True:
            last = not head
            text = _NO_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", decode(head, last))
            yield from reader.feed(text, last=last)
            if last:
                break
            head = file.read(_BLOCK)
    yield reader.channel


def _decoder(head: bytes) -> _Decode:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    else:
        said = _ENCODING.match(head.removeprefix(codecs.BOM_UTF8))
        name = said[1].decode().lower() if said else "utf-8"
    if not re.fullmatch(r"utf-?8|utf-?16|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-8]", name):
        raise NotAnExport(f"The file is in {name}, which isn't read: save it in UTF-8")
    return _Decode("utf-8-sig" if name in ("utf-8", "utf8", "us-ascii") else name)


class _Decode:
    """Bytes as text, a block at a time; what is no text becomes the sign for that."""

    def __init__(self, encoding: str) -> None:
        self._single = "16" not in encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def __call__(self, block: bytes, last: bool) -> str:
        return self._decoder.decode(block.translate(None, _FORBIDDEN) if self._single else block, last)


class _Reader:
    """Elements as expat meets them. A part is done when its element ends."""

    _GROUPS = frozenset({"item", "wp:author", "wp:category", "wp:tag", "wp:term"})
    _WITHIN = frozenset({"wp:postmeta", "wp:comment", "wp:termmeta"})

    def __init__(self) -> None:
        self.channel = Channel()
        self._done: list[Part] = []
        self._stack: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._item = Item()
        self._values: dict[str, str] = {}
        self._term = Term("", "")
        self._within: dict[str, str] = {}
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, text: str, *, last: bool) -> list[Part]:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), last)
        except expat.ExpatError as broken:
            what = expat.ErrorString(broken.code) if broken.code else "broken"
            raise NotAnExport(f"Line {broken.lineno}, column {broken.offset + 1}: this is not XML ({what})") from None
        done, self._done = self._done, []
        return done

    def _doctype(self, *_: object) -> NoReturn:
        raise NotAnExport("The file has a DOCTYPE, which no WordPress export has; it isn't read")

    def _start(self, full_name: str, attributes: dict[str, str]) -> None:
        name = _short(full_name)
        if not self._stack and name != "rss":
            raise NotAnExport("This is not a WordPress export: it doesn't begin with <rss>")
        self._stack.append(name)
        if len(self._stack) > DEEPEST:
            raise NotAnExport(f"Line {self._parser.CurrentLineNumber}: elements nested more than {DEEPEST} deep")
        self._text, self._length = [], 0
        if len(self._stack) == 3 and name in self._GROUPS:
            self._item, self._values = Item(line=self._parser.CurrentLineNumber), {}
        elif name in self._WITHIN:
            self._within = {}
        elif name == "category":
            self._term = Term(attributes.get("domain", "category"), attributes.get("nicename", ""))

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length <= LONGEST_TEXT:
            self._text.append(text)
        else:
            self._item.too_long = True

    def _end(self, _full_name: str) -> None:
        name = self._stack.pop()
        text = "".join(self._text)
        self._text, self._length = [], 0
        above = self._stack[-1] if self._stack else ""
        if above == "channel":
            self._finish(name, text)
        elif above == "item":
            self._of_item(name, text)
        elif above in self._GROUPS:
            self._values[name] = text.strip()
        elif above in self._WITHIN:
            self._within[name] = text

    def _of_item(self, name: str, text: str) -> None:
        item = self._item
        if name == "wp:postmeta":
            item.meta.setdefault(self._within.get("wp:meta_key", "").strip(), []).append(
                self._within.get("wp:meta_value", "")
            )
        elif name == "wp:comment":
            item.comments += 1
        elif name == "category":
            self._term.name = text.strip()
            item.terms.append(self._term)
        else:
            item.texts[name] = text

    def _finish(self, name: str, text: str) -> None:
        given = self._values
        if name == "item":
            self._done.append(self._item)
        elif name == "wp:author":
            full = f"{given.get('wp:author_first_name', '')} {given.get('wp:author_last_name', '')}".strip()
            login = given.get("wp:author_login", "")
            self._done.append(Author(login, given.get("wp:author_display_name") or full or login))
        elif name in self._GROUPS:
            self._done.append(_term(name, given))
        else:
            self.channel.texts[name] = text.strip()


def _term(name: str, given: dict[str, str]) -> Term:
    if name == "wp:category":
        prefix, taxonomy, slug, called = "wp:category_", "category", "nicename", "wp:cat_name"
    elif name == "wp:tag":
        prefix, taxonomy, slug, called = "wp:tag_", "post_tag", "slug", "wp:tag_name"
    else:
        prefix, taxonomy, slug, called = "wp:term_", given.get("wp:term_taxonomy", ""), "slug", "wp:term_name"
    return Term(
        taxonomy,
        given.get(prefix + slug, ""),
        given.get(called, ""),
        given.get(f"{prefix}parent", ""),
        given.get(f"{prefix}description", ""),
        given.get("wp:term_id", ""),
    )


def _short(full_name: str) -> str:
    """``wp:post_id`` for a name in the namespace of whatever version, whatever prefix the file gives it."""
    space, _, name = full_name.rpartition(" ")
    if "wordpress.org/export" in space:
        return f"{'excerpt' if space.rstrip('/').endswith('excerpt') else 'wp'}:{name}"
    if "purl.org/rss/1.0/modules/content" in space:
        return f"content:{name}"
    if "purl.org/dc/elements" in space:
        return f"dc:{name}"
    return f"other:{name}" if space else name
