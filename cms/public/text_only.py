"""The paper for a bad connection: words alone, nothing else to fetch."""

from __future__ import annotations

import re

from flask import Response
from flask_babel import gettext
from markupsafe import Markup

from cms.domain import addresses, keys
from cms.domain.articles.queries import newest_first, visible
from cms.domain.articles.reading import stories
from cms.public.page import page
from cms.web.current import newsroom, now
from cms.web.database import db

NEWEST = 30
_PICTURE = re.compile(r"<img [^>]*>")
_LINES = re.compile(r"<pre([^>]*)>(.*?)</pre>", re.DOTALL)


def headlines() -> Response:
    """The newest stories, by their headlines."""
    newest = newest_first(visible(now())).limit(NEWEST)
    told = stories(db.session(), newest, now(), newsroom().settings.article_path)
    return page(
        "text.html",
        path=addresses.text_only(addresses.front()),
        keyed={keys.FRONT},
        whole=addresses.front(),
        heading=gettext("Latest"),
        stories=told,
    )


def pictureless(body_html: str) -> Markup:
    """A stored body, which is safe as it is, without its pictures; what they show is said by their captions. Lines that
    must stay as they are may break all the same, for nothing here keeps a long one from widening the page."""
    return Markup(_LINES.sub(_broken, _PICTURE.sub("", body_html)))


def _broken(lines: re.Match[str]) -> str:
    """Spaces that tags hold belong to them; of those between words none is lost."""
    parts = re.split(r"(<[^>]*>)", lines[2].strip("\n"))
    parts[::2] = [part.replace("\n", "<br>").replace("  ", " &nbsp;") for part in parts[::2]]
    return f"<p{lines[1]}>{''.join(parts)}</p>"
