"""Pull everywhere: one act takes a story's text, its images and its entries in every feed away, and gives a receipt.

Readers lose sight of it by the one rule of visibility when this is committed; whoever else must be told is told by
the outbox, whose rows are kept as the receipt of what was told when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.db import new_public_id
from cms.domain import keys
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, RevisionMedia
from cms.domain.articles.queries import visible
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict
from cms.domain.events import Event, search_errands
from cms.domain.media.model import Media
from cms.domain.people.staff import Actor
from cms.domain.workflow import spans
from cms.domain.workflow.model import Pull
from cms.domain.workflow.permissions import require
from cms.domain.workflow.reasons import reason_given

LISTED = 50
"""The pulls of one story that are shown, which is more than there ever are."""


def pull(
    session: Session,
    actor: Actor,
    article: Article,
    reason: str,
    now: datetime,
    *,
    zone: ZoneInfo,
    notice: str | None = None,
) -> tuple[Pull, Event]:
    """Take down what is on show, call off what is to come, and end the rights to the images that it showed.

    Images that another visible story shows as well stay, and are named. With a notice the address answers 410 and
    tells it. Raises Conflict for a story that never was, and never was to be, on show.
    """
    require(session, actor, "pull", article)
    reason = reason_given(reason)
    rows = spans.standing(session, article)
    if not rows:
        raise Conflict("This story was never published, so there is nothing to pull", code="never", verbs=["spike"])
    touching = touched(session, article.public_id, {row.revision_id for row in rows})
    before, live = spans.told(rows), desk.on_show(rows, now)
    begun, future = spans.begun(rows, now), spans.coming(rows, now)
    spans.call_off(session, article, rows, future, now, zone)
    down = spans.take_down(live, now) if live else now
    for last in begun[-1:]:  # an expired story may have its notice, too
        last.withdrawn_at = last.withdrawn_at or now
        last.notice = notice or last.notice
    ended, kept = _end_rights(session, article, [row.revision_id for row in rows], now)
    article.touched_at = now
    made = Pull(
        public_id=new_public_id(),
        article_id=article.id,
        reason=reason,
        at=now,
        by_name=actor.name,
        taken={
            "withdrawn": live.n if live else None,
            "cancelled": [row.n for row in future],
            "images": [image.public_id for image in ended],
            "images_kept": [image.public_id for image in kept],
        },
    )
    session.add(made)
    session.flush()
    return made, Event(
        "pull",
        actor,
        f"article:{article.public_id}",
        before={"spans": before},
        after={"pull": made.public_id, "reason": reason, "notice": notice, **made.taken, "spans": spans.told(rows)},
        keys=touching | {keys.media(image.public_id) for image in ended},
        errands=search_errands(article.public_id, [down], purge=True),
        pull=made.public_id,
    )


def pulls(session: Session, article: Article) -> Sequence[Pull]:
    """The article's pulls, newest first."""
    wanted = select(Pull).where(Pull.article_id == article.id).order_by(Pull.id.desc())
    return session.scalars(wanted.limit(LISTED)).all()


def _end_rights(
    session: Session, article: Article, revision_ids: Collection[int], now: datetime
) -> tuple[Sequence[Media], Sequence[Media]]:
    """The images of these texts: those whose rights now end, and those that another visible story keeps on show."""
    shown = select(RevisionMedia.media_id).where(RevisionMedia.revision_id.in_(revision_ids))
    images = session.scalars(select(Media).where(Media.id.in_(shown)).order_by(Media.id)).all()
    elsewhere = set(
        session.scalars(
            visible(now)
            .join(RevisionMedia, RevisionMedia.revision_id == Publication.revision_id)
            .where(Publication.article_id != article.id, RevisionMedia.media_id.in_([image.id for image in images]))
            .with_only_columns(RevisionMedia.media_id)
        )
    )
    ended = [image for image in images if image.id not in elsewhere]
    for image in ended:
        image.usable_until = spans.earlier(image.usable_until, now)
    return ended, [image for image in images if image.id in elsewhere]
