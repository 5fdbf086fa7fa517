"""Bodies as other systems write them, made into what ours can say, before the one sanitiser reads them.

A picture is shown from here or not at all; a frame or player becomes the embed it is, or a link. Nothing goes without a
word: what can't be kept is told of by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote, urlsplit

from cms.domain.articles.embeds import embed
from cms.domain.articles.markup import escaped, quoted, tokens
from cms.moving.arriving.pictures import Picture

MOST_FOREIGN = 5_000
Find = Callable[[str, Mapping[str, str]], Picture | None]
"""The picture at an address, given the attributes of its ``img``; None where there is none here."""

_FOREIGN = re.compile(r"<(?:img|iframe|video|audio|source|object|embed|script|form)\b", re.IGNORECASE)
_PLAYER = re.compile(
    r"<(iframe|video|audio|object|embed|script|form)\b([^<>]*)>(?:(.*?)</\1\s*>)?", re.IGNORECASE | re.DOTALL
)
_SOURCE = re.compile(r"""\b(?:src|data|href)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_APART = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote|td|tr)\b[^<>]*>", re.IGNORECASE)
_NOT_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_WIDE = {"alignwide": "wide", "alignfull": "full"}


@dataclass
class Found:
    """What came of a body: the markup, and what of it can't be had here."""

    html: str = ""
    missing: list[str] = field(default_factory=list)
    """Addresses of pictures that aren't here, each once."""
    remarks: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What a report says of it."""
        if not self.missing:
            return self.remarks
        first = ", ".join(address[:200] or "(no address)" for address in self.missing[:5])
        more = f" and {len(self.missing) - 5} more" if len(self.missing) > 5 else ""
        return [*self.remarks, f"is without {len(self.missing)} of its pictures: {first}{more}"]


def with_our_pictures(html: str, find: Find, *, old_origin: str = "") -> Found:
    """The body with its pictures shown from here. ``old_origin`` (``https://old.example/blog``): links to other stories
    there become links here."""
    found = Found()
    if not old_origin and not _FOREIGN.search(html):
        found.html = html
        return found
    if len(_FOREIGN.findall(html)) > MOST_FOREIGN:
        return Found("", remarks=[f"had more than {MOST_FOREIGN:,} pictures and players, so its text was left out"])
    html = _PLAYER.sub(lambda player: _played(player, find, found), html)
    out: list[str] = []
    figures: list[int] = []  # where in the output each open figure begins
    links: list[bool] = []  # whether each open link is written
    for kind, value, attributes in tokens(html):
        if kind == "text":
            out.append(escaped(value))
        elif kind == "start" and value == "img":
            out.append(_picture(attributes, find, found, in_figure=bool(figures)))
        elif kind == "start" and value == "a":
            href = _led(attributes.get("href", ""), old_origin)
            links.append(not _is_picture_file(href))
            out.append(f'<a href="{quoted(href)}">' if links[-1] else "")
        elif kind == "end" and value == "a":
            out.append("</a>" if links and links.pop() else "")
        elif kind == "start":
            if value == "figure":
                figures.append(len(out))
            out.append(_start(value, attributes))
        else:
            out.append(f"</{value}>")
            if value == "figure" and figures:
                _close_figure(out, figures.pop())
    found.html = "".join(out)
    return found


def embedded(url: str, caption: str = "") -> str:
    """What stands at this address, as an embed; of a provider that we don't know, as a link."""
    known = embed(url)
    if known is not None:
        return known.figure(caption=caption)
    said = f" {escaped(caption)}" if caption else ""
    return f'<p><a href="{quoted(url)}">{escaped(url)}</a>{said}</p>'


def plain(html: str) -> str:
    """An excerpt or caption as one line of text."""
    return " ".join(_NOT_TEXT.sub(" ", unescape(_TAGS.sub("", _APART.sub(" ", html)))).split())


def _img(picture: Picture, alt: str) -> str:
    return f'<img src="{quoted(picture.path)}" alt="{quoted(alt or picture.alt)}">'


def _picture(attributes: Mapping[str, str], find: Find, found: Found, *, in_figure: bool) -> str:
    src = attributes.get("src") or attributes.get("data-src") or ""
    if src.startswith("/media/"):
        return f'<img src="{quoted(src)}" alt="{quoted(attributes.get("alt", ""))}">'
    picture = find(src, attributes)
    if picture is None or picture.kind != "picture":
        if src not in found.missing:
            found.missing.append(src)
        return ""
    shown = _img(picture, attributes.get("alt", ""))
    return shown if in_figure else f"<figure>{shown}</figure>"


def _close_figure(out: list[str], start: int) -> None:
    """A figure whose picture is missing leaves its caption as a paragraph."""
    inside = "".join(out[start:])
    if re.search(r"<(?:img|a|blockquote|table|pre|iframe)\b", inside):
        return
    words = re.sub(r"</?(?:figure|figcaption|div)\b[^>]*>", "", inside).strip()
    del out[start:]
    if words:
        out.append(f"<p>{words}</p>")


def _played(player: re.Match[str], find: Find, found: Found) -> str:
    """A frame or player: the recording or embed that it is, else a link to what it played."""
    name, inner = player[1].lower(), player[3] or ""
    source = _SOURCE.search(player[2]) or (_SOURCE.search(inner) if name in ("video", "audio", "object") else None)
    if name == "script":
        return ""  # of an embed that has its words beside it, or nothing for a reader
    if name == "form" or source is None:
        found.remarks.append(f"had a {name}, which was left out")
        return ""
    url = source[1].replace("&amp;", "&")
    url = f"https:{url}" if url.startswith("//") else url
    recording = find(url, {}) if name in ("audio", "video") and embed(url) is None else None
    if recording is not None and recording.kind != "picture":
        words = recording.caption or unquote(url.rpartition("/")[2])
        return f'<figure class="{recording.kind}"><a href="{quoted(recording.path)}">{escaped(words)}</a></figure>'
    if embed(url) is None:
        found.remarks.append(f"has a link in the place of the {name} {url[:200]}")
    return embedded(url)


def _start(name: str, attributes: Mapping[str, str]) -> str:
    """The start tag as it was; of its classes, what of them means something here."""
    kept = {key: value for key, value in attributes.items() if key not in ("class", "style", "id")}
    classes = attributes.get("class", "").split()
    if name == "figure":
        gallery = "gallery" if "wp-block-gallery" in classes else ""
        shape = gallery or next((_WIDE[each] for each in classes if each in _WIDE), attributes.get("class", ""))
        kept["class"] = shape
    elif name == "aside" and "class" in attributes:
        kept["class"] = attributes["class"]
    written = "".join(f' {key}="{quoted(value)}"' for key, value in kept.items() if re.fullmatch(r"[a-z-]+", key))
    return f"<{name}{written}>"


def _led(href: str, old_origin: str) -> str:
    """A link to a story of the old site, as a path: here the old address leads to the story's own."""
    for scheme in ("https://", "http://"):
        start = scheme + old_origin.partition("://")[2] if old_origin else ""
        if start and (href == start or href.startswith(f"{start}/")):
            parts = urlsplit(href)
            path = parts.path or "/"
            return path + (f"?{parts.query}" if parts.query else "")
    return href


def _is_picture_file(href: str) -> bool:
    """A link that shows the same picture larger has nothing to lead to here."""
    try:
        return _IMAGE_FILE.search(unquote(urlsplit(href).path)) is not None
    except ValueError:
        return False
