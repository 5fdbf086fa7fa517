"""A WordPress text as HTML that says the same: its blocks, shortcodes and paragraphs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from cms.domain.articles.markup import quoted
from cms.moving.arriving.bodies import embedded, plain
from cms.moving.wordpress.paragraphs import with_paragraphs
from cms.moving.wordpress.shortcodes import Shortcode, replaced

DEEPEST = 3
"""Reusable blocks within reusable blocks."""

MOST_FIGURES = 2_000
_BLOCK = re.compile(r"(/)?wp:([a-z][a-z0-9-]*(?:/[a-z][a-z0-9-]*)?)(?:\s+(\{.*\}))?\s*(/)?", re.DOTALL)
_EMBED = re.compile(r"<figure\b[^<>]*\bwp-block-embed\b[^<>]*>(.*?)</figure>", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_CAPTION = re.compile(r"<figcaption[^<>]*>(.*?)</figcaption>", re.DOTALL)
_PULLED = re.compile(r"<figure\b[^<>]*\bwp-block-pullquote\b[^<>]*>(.*?)</figure>", re.DOTALL)
_COVER = re.compile(r"(<div\b[^<>]*\bwp-block-cover\b[^<>]*background-image:\s*url\(([^<>)]+)\)[^<>]*>)")
_GALLERY = re.compile(r"<(?:ul|li|figure)\b[^<>]*\b(?:wp-block-gallery|blocks-gallery-(?:grid|item))\b[^<>]*>")
_BUILDERS = re.compile(r"(?:vc|et_pb|fusion|av|cs|fl|tdb?|rev|su|mk|x|wpb|ux|nectar|dropcap|column|row|one|two)(?:_|$)")
_PLAYERS = ("src", "mp4", "m4v", "webm", "ogv", "mp3", "m4a", "ogg", "wav", "url", "href", "0")
_BY_ID = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "tweet": "https://twitter.com/i/status/{}",
    "instagram": "https://www.instagram.com/p/{}/",
}


@dataclass
class Body:
    """``pictures`` gives the ``img`` elements of a gallery, by the ids of its attachments or all of the post's own.
    ``reusable`` gives the text of a reusable block by its id."""

    pictures: Callable[[list[str]], str]
    reusable: Callable[[str], str]
    notes: list[str] = field(default_factory=list)

    def html(self, content: str) -> str:
        content = content.replace("\r\n", "\n").replace("\r", "\n")
        return _tidied(self._blocks(content, 0))

    # --- Blocks ---

    def _blocks(self, content: str, depth: int) -> str:
        """Block texts are HTML already; what stands outside of any block is classic writing."""
        if "<!-- wp:" not in content:
            return with_paragraphs(replaced(_without_comments(content), self._filled))
        out: list[str] = []
        here, within = 0, 0
        while (start := content.find("<!--", here)) >= 0 and (end := content.find("-->", start)) >= 0:
            block = _BLOCK.fullmatch(content[start + 4 : end].strip())
            out.append(self._between(content[here:start], within))
            here = end + 3
            if block is None:
                continue
            if block[4]:
                out.append(self._dynamic(block[2], block[3] or "", depth))
            else:
                within = max(0, within - 1) if block[1] else within + 1
                if block[2] == "gallery":
                    out.append("</figure>" if block[1] else '<figure class="gallery">')
        out.append(self._between(content[here:], within))
        return "".join(out)

    def _between(self, text: str, within: int) -> str:
        if not text.strip():
            return text
        filled = replaced(text, self._filled)
        return filled if within else with_paragraphs(filled)

    def _dynamic(self, name: str, attributes: str, depth: int) -> str:
        """A block without a text: one that is kept elsewhere, or that WordPress fills when it shows it."""
        try:
            given = json.loads(attributes or "{}")
        except ValueError:
            given = {}
        if name == "block" and depth < DEEPEST:
            text = self.reusable(str(given.get("ref", "")))
            if text:
                return self._blocks(text, depth + 1)
        url = given.get("url")
        if isinstance(url, str) and _ADDRESS.fullmatch(url):
            return embedded(url)
        if name not in ("more", "nextpage", "spacer", "separator"):
            self.notes.append(f"had a block “{name}”, which was left out")
        return "<hr>" if name == "separator" else ""

    # --- Shortcodes ---

    def _filled(self, code: Shortcode) -> str | None:
        name, given, inner = code.name, code.attributes, code.content
        if name in ("caption", "wp_caption") and inner is not None:
            return self._captioned(given.get("caption", ""), inner)
        if name == "gallery":
            return self.pictures([each.strip() for each in (given.get("ids") or "").split(",") if each.strip()])
        if name in ("audio", "video", "embed", "playlist", "soundcloud", *_BY_ID):
            return self._player(code)
        if name in ("pullquote", "pull_quote"):
            return f'<aside class="pull-quote"><p>{inner or ""}</p></aside>'
        builder = _BUILDERS.match(name) is not None
        if not builder and inner is None and not any(not key.isdigit() for key in given):
            return None  # a word in square brackets
        self.notes.append(f"had the shortcode {code.written[:80]}, which is unknown here; what stood in it was kept")
        return replaced(inner, self._filled) if inner is not None else ""

    def _captioned(self, caption: str, inner: str) -> str:
        """The picture, with what follows it as its caption."""
        picture = re.match(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", inner, re.DOTALL)
        if picture is None:
            return inner
        said = (picture[2].strip() or caption).replace("\n", " ")
        return f"<figure>{picture[1]}<figcaption>{said}</figcaption></figure>"

    def _player(self, code: Shortcode) -> str:
        given = code.attributes
        for url in (code.content or "", *(given.get(name, "") for name in _PLAYERS), given.get("id", "")):
            found = _ADDRESS.search(unescape(url))
            if found:
                player = code.name if code.name in ("audio", "video") else ""
                return f'<{player} src="{quoted(found[0])}"></{player}>' if player else embedded(found[0])
        known = given.get("id") or given.get("0", "").lstrip("=")
        if code.name in _BY_ID and re.fullmatch(r"[\w-]{5,40}", known):
            return embedded(_BY_ID[code.name].format(known))
        self.notes.append(f"had the shortcode {code.written[:80]}, which was left out")
        return ""


def _tidied(html: str) -> str:
    if html.count("<figure") > MOST_FIGURES:
        return html
    html = _EMBED.sub(_embed, html)
    html = _PULLED.sub(lambda found: f'<aside class="pull-quote">{found[1]}</aside>', html)
    html = _COVER.sub(_covered, html)
    return _GALLERY.sub("", html)


def _covered(found: re.Match[str]) -> str:
    """The picture behind a block's words, before them."""
    address = unescape(found[2]).strip(" '\"")
    return f'{found[1]}<img src="{quoted(address)}">'


def _embed(found: re.Match[str]) -> str:
    caption = _CAPTION.search(found[1])
    address = _ADDRESS.search(_CAPTION.sub("", found[1]))
    if address is None:
        return found[0]
    return embedded(unescape(address[0]), plain(caption[1]) if caption else "")


def _without_comments(text: str) -> str:
    """``<!--more-->`` and what else isn't meant for readers: a comment's ends would count as line ends."""
    return re.sub(r"<!--(?:more|nextpage|noteaser)\b[^<>]*-->", "\n\n", text)
