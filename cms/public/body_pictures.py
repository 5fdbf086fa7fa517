"""A story's text for the page: its pictures in every size and form, each with the room that it will take, and its
recordings with a player that fetches nothing before it is asked to."""

from __future__ import annotations

import re
from html import unescape

from markupsafe import Markup, escape

from cms.domain.articles.body_pictures import pictures_of
from cms.domain.articles.story import StoryImage
from cms.public.pictures import rendition_size, srcset
from cms.web.database import db

_PICTURE = re.compile(r'(<figure(?: class="([a-z-]+)")?>)?<img ([^>]*)src="(/media/([0-9a-f]{40})/[^"]*)"([^>]*)>')
_RECORDING = re.compile(
    r'(<figure(?: [^>]*)? class="(audio|video)"[^>]*>)(<a href="(/media/[0-9a-f]{40}/[a-z0-9.]+)">(.*?)</a>)'
)
_TAG = re.compile(r"<[^>]+>")
_OWN = re.compile(r' ?\b(?:width|height|loading)="[^"]*"')
_SIZES = {"wide": "(min-width: 64rem) 56rem, 100vw", "full": "100vw", "inset": "(min-width: 30rem) 24rem, 100vw"}
_IN_TEXT = "(min-width: 48rem) 38rem, 100vw"


def dressed(body_html: str) -> Markup:
    """A stored body, which is safe as it is, with what a browser needs to choose a picture and keep its place."""
    pictures = pictures_of(db.session(), body_html)
    if not pictures:
        return Markup(body_html)

    def dress(found: re.Match[str]) -> str:
        image = pictures.get(found[5])
        return found[0] if image is None else (found[1] or "") + _picture(image, found)

    return Markup(_RECORDING.sub(_player, _PICTURE.sub(dress, body_html)))


def _player(found: re.Match[str]) -> str:
    """The link stays: it is the recording's name, and where a browser that can't play it may fetch it."""
    figure, kind, link, address, name = found.groups()
    said = escape(unescape(_TAG.sub("", name)))
    return f'{figure}{link}<{kind} controls preload="none" src="{address}" aria-label="{said}"></{kind}>'


def _picture(image: StoryImage, found: re.Match[str]) -> str:
    width, height = rendition_size(image, 1600)
    sizes = escape(_SIZES.get(unescape(found[2] or ""), _IN_TEXT))
    sources = "".join(
        f'<source type="image/{form}" srcset="{srcset(image, form)}" sizes="{sizes}">' for form in ("avif", "webp")
    )
    said = _OWN.sub("", f"{found[3]}{found[6]}").strip()
    shown = f'<img src="{found[4]}" {said} width="{width}" height="{height}" loading="lazy" decoding="async">'
    return f"<picture>{sources}{shown}</picture>"
