"""Every body that the sanitiser lets through opens in the rich editor and comes out of it unharmed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lxml import html
from playwright.sync_api import Page

from cms.domain.articles.body import clean
from tests.browser.conftest import Site

BODIES = [
    line
    for line in (Path(__file__).parents[1] / "domain" / "honest_bodies.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_an_untouched_body_is_saved_byte_for_byte_and_a_rewritten_one_says_the_same(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in()
    page.goto(f"{site.origin}/admin/articles/new")
    page.locator(".ProseMirror").wait_for()
    came_out = page.evaluate(
        """bodies => bodies.map(body => {
            const { room } = document.querySelector("#body_html");
            room.load(body);
            const kept = room.editor.state.doc.content.content.filter(node => node.type.name === "kept");
            return [room.stored(), room.rewritten(), kept.length];
        })""",
        [*BODIES, "".join(BODIES)],
    )
    for body, (stored, rewritten, _kept) in zip([*BODIES, "".join(BODIES)], came_out, strict=True):
        assert stored == body
        assert body == "<p></p>" or meaning(clean(rewritten)) == meaning(body), body
    assert [body for body, (_s, _r, kept) in zip(BODIES, came_out, strict=False) if kept] == []


def meaning(body: str) -> list[object]:
    """Blocks and words, each with its marks whatever their order; a cell that spans one cell needn't say so."""
    said: list[object] = []

    def words(text: str | None, marks: frozenset[str]) -> None:
        if not text:
            return
        if said and isinstance(said[-1], list) and said[-1][0] == marks:
            said[-1][1] += text
        else:
            said.append([marks, text])

    def walk(element: html.HtmlElement, marks: frozenset[str]) -> None:
        attributes = sorted((k, v) for k, v in element.attrib.items() if not (k.endswith("span") and v == "1"))
        name = f"{element.tag} {attributes}"
        inline = element.tag in INLINE
        if not inline:
            said.append(f"<{name}")
        inner = marks | {name} if inline else (frozenset() if element.tag not in ("img", "br") else marks)
        words(element.text, inner)
        for child in element:
            walk(child, inner)
            words(child.tail, inner)
        if not inline:
            said.append(f">{element.tag}")

    walk(html.fragment_fromstring(re.sub(r"\n", " ", body), create_parent="div"), frozenset())
    return said


INLINE = {
    *("a", "abbr", "q", "time", "strong", "em", "b", "i", "s", "u", "sub", "sup", "small", "mark", "code", "cite"),
    *("del", "ins", "kbd", "bdi", "bdo", "span"),
}
