"""A preview: one revision of an unpublished story, for whoever was handed its secret address.

The page is the story's own template with a mark on it. It counts no visit, is kept by nobody, and its pictures are
served below its address, since readers may not see them yet.
"""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, g
from sqlalchemy import select

from cms.domain import addresses
from cms.domain.articles.model import Article, Revision, RevisionMedia
from cms.domain.articles.reading import printed
from cms.domain.articles.story import PublicStory
from cms.domain.media.model import Media
from cms.domain.media.renditions import media_type, rendition
from cms.domain.workflow.previews import PreviewLink, opened
from cms.interfaces import ImagesBusy, UnusableImage
from cms.public.page import page
from cms.public.sharing import social
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.ranges import recording


def preview(secret: str) -> Response:
    """The page, or the one 404 for a secret that is unknown, has run out or was revoked."""
    link = _link(secret)
    story = _story(link.article, link.revision, now())
    answer = page(
        "preview.html",
        noindex=True,
        story=story,
        visits=None,
        related=[],
        structured_data="",
        social=social(story),
        link=link,
    )
    g.pop("page_keys", None)
    text = answer.get_data(as_text=True)
    for media in _pictures(link):
        hidden, here = addresses.media(media.key, ""), addresses.preview_media(secret, media.key, "")
        text = text.replace(hidden, here)
    answer.set_data(text)
    return _private(answer)


def picture(secret: str, key: str, name: str) -> Response:
    """A picture of the previewed revision, under the same secret."""
    room = newsroom()
    media = next((one for one in _pictures(_link(secret)) if one.key == key), None)
    if media is None:
        abort(404)
    if not media.is_picture:
        return _private(recording(media, name, kept="no-store") or abort(404))
    try:
        content = rendition(room.files, room.images, media, name)
    except ImagesBusy:
        abort(503)
    except UnusableImage:
        content = None
    if content is None:
        abort(404)
    answer = Response(content, mimetype=media_type(name))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _private(answer)


def _link(secret: str) -> PreviewLink:
    return opened(db.session(), secret, now()) or abort(404)


def _pictures(link: PreviewLink) -> list[Media]:
    shown = select(Media).join(RevisionMedia).where(RevisionMedia.revision_id == link.revision_id)
    return list(db.session().scalars(shown))


def _story(article: Article, revision: Revision, at: datetime) -> PublicStory:
    """The revision as it would look if it went out now; its date stays what it is if it has one already."""
    settings = newsroom().settings
    first = article.first_live_from or at
    day = article.address_date or first.astimezone(settings.site_timezone).date()
    return printed(
        db.session(),
        article,
        revision,
        path=addresses.article(settings.article_path, day, revision.slug),
        published_at=first,
        modified_at=max(first, revision.created_at),
    )


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def proof(article: Article, revision: Revision) -> str:
    """A revision on the story's own page, for staff. Its pictures still have the addresses that readers use."""
    story = _story(article, revision, now())
    answer = page(
        "proof.html",
        noindex=True,
        story=story,
        visits=None,
        related=[],
        structured_data="",
        social=social(story),
    )
    g.pop("page_keys", None)
    return answer.get_data(as_text=True)
