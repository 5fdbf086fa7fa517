"""The one check of an address that somebody typed, pasted or imported.

Libraries look at the scheme and browsers repair the rest, and the two don't always agree about which address
they saw: a zero-width character before the colon, a backslash for a slash, a tab inside the scheme. So an
address is either plainly one of a few shapes or it isn't used at all. The rules follow the WHATWG URL
standard's parser, read strictly: where it would silently repair, we refuse.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_URL = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_WEB = re.compile(r"//([^/?#]+)([/?#].*)?", re.DOTALL)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w\-.]+)(?::([0-9]{1,5}))?")
_MAIL = re.compile(r"[^\s/?#@]+@[^\s/?#@]+(\?[^#]*)?")
_PHONE = re.compile(r"[0-9+*#(][0-9().*#\-;=A-Za-z]*")
_PICTURE = re.compile(r"/media/[A-Za-z0-9_\-]+(?:[./][A-Za-z0-9_\-]+)*")

# Characters that show as nothing, yet aren't controls: fillers, joiners, variation selectors (Unicode's
# Default_Ignorable_Code_Point, the part outside the categories refused below).
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_QUOTED = {ord(character): f"%{ord(character):02X}" for character in ' "<>`'}


def check_url(value: str) -> str | None:
    """The address as it may be linked to, or None when it may not.

    Takes ``http``, ``https``, ``mailto`` and ``tel``, and paths from the site's root (``/2026/…``). Fragments
    and relative paths are refused: an article has no ids to point at, and its body is read at more than one
    address (page, feed, API). A second call gives the first call's answer back.
    """
    url = value.strip(" \t\n").translate(_QUOTED)
    if not url or len(url) > LONGEST_URL or "\\" in url or _has_unseen(url):
        return None
    if url.startswith("/"):
        return None if url.startswith("//") else url
    match = _SCHEME.match(url)
    if match is None:
        return None
    scheme, rest = match[1].lower(), url[match.end() :]
    if scheme in ("http", "https"):
        fine = _is_web(rest)
    elif scheme == "mailto":
        fine = _MAIL.fullmatch(rest) is not None
    else:
        fine = scheme == "tel" and _PHONE.fullmatch(rest) is not None
    return f"{scheme}:{rest}" if fine else None


def check_picture(value: str) -> str | None:
    """The address of one of our own pictures, or None. A page must never fetch anything from a stranger."""
    return value if len(value) <= LONGEST_URL and _PICTURE.fullmatch(value) else None


def _has_unseen(url: str) -> bool:
    if url.isascii():
        return not url.isprintable()
    return _UNSEEN.search(url) is not None or any(unicodedata.category(c) in _REFUSED_CATEGORIES for c in url)


def _is_web(rest: str) -> bool:
    """Whether ``//host[:port]/…`` names a plain host: no user name before it, nothing that normalises to
    another."""
    match = _WEB.fullmatch(rest)
    host = _HOST.fullmatch(match[1]) if match else None
    if host is None or unicodedata.normalize("NFKC", host[1]) != host[1]:
        return False
    labels = host[1].rstrip(".").split(".")
    return all(labels) and (host[2] is None or 0 < int(host[2]) <= 65535)
