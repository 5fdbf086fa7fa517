"""Building the body anew: every tag is written by us, and every element sits where it may.

The output is the form a browser's ``innerHTML`` gives (and so the form the editor saves): honest markup goes
through unchanged, and any HTML parser that reads it, whichever repairs it favours, builds the same tree and
has nothing to repair. That is what takes the ground from under mutation attacks, which live on two parsers'
disagreeing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cms.domain.articles.allowed import INLINE, TAGS, attribute
from cms.domain.articles.embeds import embed
from cms.domain.articles.markup import escaped, quoted, tokens
from cms.domain.media.recordings import kind_at

DEEPEST = 64
MOST_ELEMENTS = 20_000  # bleach takes about 25 µs for each, and as long for each reference
MOST_REFERENCES = 20_000
LONGEST = 1_000_000

_HEADINGS = frozenset({"h2", "h3", "h4"})
_WORDS_ONLY = _HEADINGS | {"p", "pre", "dt", "caption"}
# What must stand between a container and words written straight into it.
_BETWEEN = {"ul": "li", "ol": "li", "dl": "dd", "table": "tbody", "tr": "td"}
_BETWEEN |= {"thead": "tr", "tbody": "tr", "tfoot": "tr"}
_LISTS = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "figcaption": {"figure"}}
_TABLE_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_TABLE_PARTS = _TABLE_SECTIONS | _CELLS | {"tr", "caption"}
_NEED_A_PLACE = _TABLE_PARTS | _LISTS.keys()
_LINKED = ("embed ", "audio", "video")  # classes of figures whose first link says what they are
_RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4", "strike": "s", "tt": "code", "acronym": "abbr"}
# These aren't kept, but what they group is a paragraph apart.
_GROUPING = frozenset(
    {"div", "section", "article", "main", "header", "footer", "nav", "address", "center", "hgroup", "search"}
    | {"form", "fieldset", "details", "summary", "dir", "menu", "body", "html"}
)


class TooMuch(ValueError):
    """The document is bigger or deeper than anything an editor writes; the message says which."""


def reshape(html: str) -> str:
    """``html`` rebuilt under the allow-list, in time proportional to input and output. Raises TooMuch."""
    shaper = _Shaper()
    for kind, value, attributes in tokens(html):
        if kind == "text":
            shaper.text(value)
        elif kind == "start":
            shaper.start(_RENAMED.get(value, value), attributes)
        else:
            shaper.end(_RENAMED.get(value, value))
    return shaper.finish()


@dataclass
class _Block:
    name: str
    start: int  # its start tag's place in the output
    kept: dict[str, str]
    unproven: bool = False  # an embed or a recording whose address we haven't seen yet


@dataclass
class _Inline:
    name: str
    kept: dict[str, str]
    depth: int  # the number of blocks open around it; when one of them closes, so does this
    written: bool  # a span that says nothing, or a link to nowhere, is carried along unwritten


class _Shaper:
    """Blocks are written as they come. Inline elements are written at the first word inside them, and again
    in the next block when one is wrapped around several (``<a><h2>…</h2><p>…</p></a>``)."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._length = 0
        self._elements = 0
        self._blocks: list[_Block] = []
        self._inlines: list[_Inline] = []
        self._shown = 0  # how many of the inlines are open in the output
        self._groups = 0  # div and its like, open; they aren't kept, but they do separate
        self._apart = False  # the next words start a paragraph of their own

    def text(self, text: str) -> None:
        top = self._top
        if not text.strip(" \t\n") and top not in _WORDS_ONLY:
            self._write(text)
            return
        if top == "pre" and self._fresh and len(self._inlines) == self._shown:
            text = text.lstrip("\n")  # parsers drop the first; without it every reading would drop one more
        if text:
            self._ready_for_words()
            self._write(escaped(text))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _GROUPING:
            self._groups += 1
            self._set_apart()
        elif name in TAGS:
            checked = {key: attribute(name, key, value) for key, value in attributes.items()}
            kept = {key: value for key, value in checked.items() if value is not None}
            if name in INLINE:
                self._start_inline(name, kept)
            elif name == "br" or (name == "img" and "src" in kept):
                self._ready_for_words()
                self._write_start(name, kept)
            elif name != "img":
                self._start_block(name, kept)

    def end(self, name: str) -> None:
        if name in _GROUPING and self._groups:
            self._groups -= 1
            self._set_apart()
        elif name in INLINE:
            self._end_inline(name)
        elif name in TAGS and not self._end_block(name) and name in _NEED_A_PLACE and self._top == "p":
            self._close()  # its start tag found no list or table, and was made a paragraph

    def finish(self) -> str:
        while self._blocks:
            self._close()
        self._hide_inlines(0)
        body = "".join(self._out)
        if body.count("&") > MOST_REFERENCES:
            raise TooMuch(f"The body has more than {MOST_REFERENCES:,} of &, <, > and no-break spaces.")
        return body

    # Inline elements

    def _start_inline(self, name: str, kept: dict[str, str]) -> None:
        if name == "a":
            self._end_inline("a")
        written = bool(kept) if name == "span" else "href" in kept if name == "a" else True
        self._inlines.append(_Inline(name, kept, len(self._blocks), written))
        self._check_depth()

    def _end_inline(self, name: str) -> None:
        for place in range(len(self._inlines) - 1, -1, -1):
            if self._inlines[place].name == name:
                if name == "code" and self._top == "pre":
                    self._show_inlines()  # an empty code block is still one
                self._hide_inlines(place)
                del self._inlines[place]
                return

    def _show_inlines(self) -> None:
        for inline in self._inlines[self._shown :]:
            if inline.written:
                if inline.name == "a":
                    self._prove_embed(inline)
                self._write_start(inline.name, inline.kept)
        self._shown = len(self._inlines)

    def _hide_inlines(self, down_to: int) -> None:
        while self._shown > down_to:
            self._shown -= 1
            inline = self._inlines[self._shown]
            if inline.written:
                self._write(f"</{inline.name}>")

    # Blocks

    def _start_block(self, name: str, kept: dict[str, str]) -> None:
        if name in _TABLE_PARTS:
            placed = self._make_room_in_table(name)
        else:
            placed = name in _LISTS and self._make_room_in(name, _LISTS[name])
        if not placed:
            if name in _NEED_A_PLACE:
                name, kept = "p", {}
            if not self._make_room():
                return
        self._open(name, kept)
        if name == "hr":
            self._blocks.pop()

    def _make_room(self) -> bool:
        """Leave the heading or paragraph we are in; False when it is still empty (``<h2><p>``)."""
        top = self._top
        if top in _WORDS_ONLY:
            if top != "p" and self._fresh:
                return False
            self._leave_words()
        while self._top in _BETWEEN:
            self._open(_BETWEEN[self._top], {})
        return True

    def _make_room_in(self, name: str, parents: set[str]) -> bool:
        """Close what stands between us and the list this item belongs to, but never another structure."""
        for place in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[place].name
            if block in parents:
                self._close_down_to(place + 1)
                return True
            if block not in _WORDS_ONLY and block not in {"li", "dd", name}:
                return False
        return False

    def _make_room_in_table(self, name: str) -> bool:
        """Close down to the nearest table, section or row that may hold it, and open those that lack."""
        tables = [place for place, block in enumerate(self._blocks) if block.name == "table"]
        if not tables:
            return False
        wanted = [] if name in _TABLE_SECTIONS or name == "caption" else [_TABLE_SECTIONS]
        if name in _CELLS:
            wanted.append(frozenset({"tr"}))
        keep = tables[-1] + 1
        while wanted and keep < len(self._blocks) and self._blocks[keep].name in wanted[0]:
            keep += 1
            wanted.pop(0)
        self._close_down_to(keep)
        for parents in wanted:
            self._open("tr" if "tr" in parents else "tbody", {})
        return True

    def _end_block(self, name: str) -> bool:
        names = _HEADINGS if name in _HEADINGS else {name}
        if name in _TABLE_PARTS or name == "table":
            walls = {"table"}
        else:
            walls = {"table", "caption", *_CELLS, *_LISTS.get(name, ())}
        for place in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[place].name
            if block in names:
                self._close_down_to(place)
                return True
            if block in walls:
                return False
        return False

    def _open(self, name: str, kept: dict[str, str]) -> None:
        self._hide_inlines(0)
        self._blocks.append(_Block(name, len(self._out), kept, kept.get("class", "").startswith(_LINKED)))
        self._write_start(name, kept)
        self._check_depth()
        self._apart = False

    def _close(self) -> None:
        self._hide_inlines(0)
        block = self._blocks.pop()
        self._write(f"</{block.name}>")
        if block.unproven:
            self._rewrite_class(block, None)
        while self._inlines and self._inlines[-1].depth > len(self._blocks):
            self._inlines.pop()
        self._apart = self._groups > 0

    def _close_down_to(self, place: int) -> None:
        while len(self._blocks) > place:
            self._close()

    def _leave_words(self) -> None:
        """Close the paragraph or heading; an empty paragraph that a block follows was never one."""
        if self._top == "p" and self._fresh:
            self._length -= len(self._out.pop())
            self._blocks.pop()
            while self._inlines and self._inlines[-1].depth > len(self._blocks):
                self._inlines.pop()
        else:
            self._close()

    def _set_apart(self) -> None:
        if self._top == "p":
            self._leave_words()
        if self._top not in _WORDS_ONLY:
            self._hide_inlines(0)
            self._apart = self._groups > 0

    def _ready_for_words(self) -> None:
        while self._top in _BETWEEN:
            self._open(_BETWEEN[self._top], {})
        if self._apart and self._top not in _WORDS_ONLY:
            self._open("p", {})
        self._show_inlines()

    # Embeds and recordings

    def _prove_embed(self, link: _Inline) -> None:
        """The first link in the figure of an embed or a recording says what it is; class and address follow from it."""
        figure = next((block for block in reversed(self._blocks) if block.name == "figure"), None)
        if figure is None or not figure.unproven:
            return
        figure.unproven = False
        found = embed(link.kept["href"])
        if found:
            link.kept["href"] = found.url
        self._rewrite_class(figure, found.css_class if found else kind_at(link.kept["href"]))

    def _rewrite_class(self, figure: _Block, css_class: str | None) -> None:
        kept = {key: css_class if key == "class" else value for key, value in figure.kept.items()}
        self._out[figure.start] = _start_tag("figure", {key: value for key, value in kept.items() if value is not None})

    # Writing

    @property
    def _top(self) -> str:
        return self._blocks[-1].name if self._blocks else ""

    @property
    def _fresh(self) -> bool:
        """Nothing has been written in the innermost block yet."""
        return bool(self._blocks) and len(self._out) == self._blocks[-1].start + 1

    def _write_start(self, name: str, kept: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise TooMuch(f"The body has more than {MOST_ELEMENTS:,} paragraphs, links, cells and the like.")
        self._write(_start_tag(name, kept))

    def _write(self, markup: str) -> None:
        self._length += len(markup)
        if self._length > LONGEST:
            raise TooMuch("The body is longer than 1 MB.")
        self._out.append(markup)

    def _check_depth(self) -> None:
        if len(self._blocks) + len(self._inlines) > DEEPEST:
            raise TooMuch(f"The body has elements nested more than {DEEPEST} deep.")


def _start_tag(name: str, kept: dict[str, str]) -> str:
    if not kept:
        return f"<{name}>"
    written = "".join(f' {key}="{quoted(value)}"' for key, value in kept.items())
    return f"<{name}{written}>"
