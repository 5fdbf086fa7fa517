"""One verb for several stories. Each is a change of its own: one that is refused doesn't hold up the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.errors import Conflict
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow import editing, publishing
from cms.domain.workflow.permissions import require

BULK = {
    "submit": "submitted",
    "approve": "approved",
    "return": "returned",
    "publish": "published",
    "withdraw": "withdrawn",
    "spike": "spiked",
    "unspike": "taken out of the bin",
}
"""The verbs that can be used so, with what is said of a story afterwards."""


def act(
    session: Session, actor: Actor, public_id: str, verb: str, revision: int, now: datetime, *, zone: ZoneInfo
) -> Iterable[Event]:
    """Carry out one verb on one story. ``revision`` is the newest that the list showed.

    Raises what the verb raises, and Conflict if the text to publish or approve isn't the one that was shown.
    """
    article = desk.find(session, public_id, lock=True)
    require(session, actor, "see", article)
    if verb in ("publish", "approve") and article.newest != revision:
        raise Conflict(f"Revision {article.newest} was saved after this list was shown; look at it first")
    if verb == "publish":
        return publishing.publish(session, actor, article, now, zone=zone, revision=revision)[1]
    if verb == "withdraw":
        return [publishing.withdraw(session, actor, article, now, zone=zone)]
    if verb == "spike":
        return [publishing.spike(session, actor, article, now, zone=zone)]
    return [editing.transition(session, actor, article, verb, now)]
