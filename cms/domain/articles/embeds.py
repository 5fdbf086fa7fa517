"""Embeds: somebody else's post, film or map, kept as its provider and the address it is read at.

The body stores a figure with an ordinary link, which works in every feed, without JavaScript and after the
provider is gone. Nothing of the provider's markup is ever stored, so there is nothing of it to trust. An
address is taken apart into the few parts that name the thing, and its canonical form is built from those
parts alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from cms.domain.articles.links import check_url
from cms.domain.articles.markup import escaped, quoted

PROVIDERS = ("youtube", "vimeo", "bluesky", "mastodon", "x", "instagram", "tiktok", "map")


@dataclass(frozen=True)
class Embed:
    """One embedded thing: whose it is, its id there, and its canonical address."""

    provider: str
    ref: str
    url: str

    @property
    def css_class(self) -> str:
        return f"embed embed-{self.provider}"

    def figure(self, title: str = "", caption: str = "") -> str:
        """The figure to put into a body; ``title`` stands as the link's text, else the address does."""
        said = f"<figcaption>{escaped(caption)}</figcaption>" if caption else ""
        link = f'<a href="{quoted(self.url)}">{escaped(title or self.url)}</a>'
        return f'<figure class="{self.css_class}">{link}{said}</figure>'


@dataclass(frozen=True)
class _Parts:
    host: str
    path: str
    query: Mapping[str, str]
    fragment: str


_ADDRESS = re.compile(r"https://([A-Za-z0-9.\-]+)(/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?")


_DEGREES = r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?"


def embed(url: str) -> Embed | None:
    """The embed that ``url`` names, or None: https only, the exact host, no port, no user name."""
    checked = check_url(url)
    match = _ADDRESS.fullmatch(checked) if checked else None
    if match is None:
        return None
    query = {key: values[0] for key, values in parse_qs(match[3] or "", max_num_fields=50).items()}
    parts = _Parts(match[1].lower(), match[2] or "/", query, match[4] or "")
    return _READERS.get(parts.host.removeprefix("www."), _mastodon)(parts)


def _youtube(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/(?:shorts/|live/|embed/)([\w\-]{11})/?", parts.path, re.ASCII)
    if parts.host == "youtu.be":
        found = re.fullmatch(r"/([\w\-]{11})", parts.path, re.ASCII)
    elif parts.path == "/watch":
        found = re.fullmatch(r"([\w\-]{11})", parts.query.get("v", ""), re.ASCII)
    return Embed("youtube", found[1], f"https://www.youtube.com/watch?v={found[1]}") if found else None


def _vimeo(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/(?:video/)?([0-9]{1,12})(?:/([0-9a-f]{6,20}))?/?", parts.path)
    if found is None:
        return None
    ref = found[1] + (f"/{found[2]}" if found[2] else "")
    return Embed("vimeo", ref, f"https://vimeo.com/{ref}")


def _bluesky(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/profile/([a-zA-Z0-9.:\-]{3,253})/post/([a-z0-9]{1,20})/?", parts.path)
    if found is None:
        return None
    ref = f"{found[1]}/post/{found[2]}"
    return Embed("bluesky", ref, f"https://bsky.app/profile/{ref}")


def _mastodon(parts: _Parts) -> Embed | None:
    """Any host may run a Mastodon server, so here the shape of the path decides."""
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]*[a-z0-9]", parts.host):
        return None
    found = re.fullmatch(r"/@([A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9.\-]{3,253})?)/([0-9]{15,20})/?", parts.path)
    if found is None:
        return None
    ref = f"{parts.host}/@{found[1]}/{found[2]}"
    return Embed("mastodon", ref, f"https://{ref}")


def _x(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/([A-Za-z0-9_]{1,15})/status/([0-9]{1,20})/?", parts.path)
    if found is None:
        return None
    return Embed("x", found[2], f"https://x.com/{found[1]}/status/{found[2]}")


def _instagram(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/(?:[A-Za-z0-9_.]{1,30}/)?(p|reel|tv)/([A-Za-z0-9_\-]{5,40})/?", parts.path)
    if found is None:
        return None
    return Embed("instagram", found[2], f"https://www.instagram.com/{found[1]}/{found[2]}/")


def _tiktok(parts: _Parts) -> Embed | None:
    found = re.fullmatch(r"/@([A-Za-z0-9_.]{1,32})/video/([0-9]{5,25})/?", parts.path)
    if found is None:
        return None
    return Embed("tiktok", found[2], f"https://www.tiktok.com/@{found[1]}/video/{found[2]}")


def _map(parts: _Parts) -> Embed | None:
    """A view of OpenStreetMap (zoom, latitude, longitude), with a marker where the address has one."""
    view = re.fullmatch(rf"map=([0-9]{{1,2}})/({_DEGREES})/({_DEGREES})", parts.fragment)
    if parts.path != "/" or view is None:
        return None
    at = f"{int(view[1])}/{view[2]}/{view[3]}"
    marker = [parts.query.get(name, "") for name in ("mlat", "mlon")]
    pinned = all(re.fullmatch(_DEGREES, number) for number in marker)
    query = f"?mlat={marker[0]}&mlon={marker[1]}" if pinned else ""
    return Embed("map", at, f"https://www.openstreetmap.org/{query}#map={at}")


_READERS: Mapping[str, Callable[[_Parts], Embed | None]] = {
    "youtube.com": _youtube,
    "m.youtube.com": _youtube,
    "youtube-nocookie.com": _youtube,
    "youtu.be": _youtube,
    "vimeo.com": _vimeo,
    "player.vimeo.com": _vimeo,
    "bsky.app": _bluesky,
    "x.com": _x,
    "twitter.com": _x,
    "mobile.twitter.com": _x,
    "instagram.com": _instagram,
    "tiktok.com": _tiktok,
    "openstreetmap.org": _map,
}
