"""Who may do what: one table, read by every surface and by the verbs themselves.

You see or you act: whoever may not see a story is told that there is none; whoever sees it but may not act is
told which right is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision, RevisionByline, RevisionSection
from cms.domain.errors import Forbidden, NotFound
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.queries import subtree
from cms.domain.workflow.states import State, refuse_unless_possible


@dataclass(frozen=True)
class Grant:
    """Where a right holds: on one's own articles only, or on any."""

    own_only: bool = False


OWN = Grant(own_only=True)
ANY = Grant()

_CONTRIBUTOR = {
    "see": OWN,
    "create": ANY,
    "edit": OWN,
    "submit": OWN,
    "preview": OWN,
    "note": OWN,
}
_REPORTER = {
    **_CONTRIBUTOR,
    "see": ANY,
    "publish_minor": OWN,
    "correct": OWN,
    "upload": ANY,
    "note": ANY,
    "see_visits": ANY,
}
_EDITOR = {
    "see": ANY,
    "create": ANY,
    "edit": ANY,
    "submit": ANY,
    "approve": ANY,
    "return": ANY,
    "spike": ANY,
    "unspike": ANY,
    "publish": ANY,
    "publish_minor": ANY,
    "unschedule": ANY,
    "withdraw": ANY,
    "correct": ANY,
    "embargo": ANY,
    "hold": ANY,
    "pull": ANY,
    "preview": ANY,
    "note": ANY,
    "assign": ANY,
    "upload": ANY,
    "manage_taxonomy": ANY,
    "manage_people": ANY,
    "manage_front": ANY,
    "manage_pages": ANY,
    "manage_media": ANY,
    "manage_redirects": ANY,
    "see_visits": ANY,
}
_ADMIN = {
    **_EDITOR,
    "lift_embargo": ANY,
    "erase": ANY,
    "manage_users": ANY,
    "manage_tokens": ANY,
    "manage_webhooks": ANY,
    "see_audit": ANY,
    "manage_settings": ANY,
}

PERMISSIONS: dict[str, dict[str, Grant]] = {
    "contributor": _CONTRIBUTOR,
    "reporter": _REPORTER,
    "editor": _EDITOR,
    "admin": _ADMIN,
}

RIGHTS = {
    "see": "see this story",
    "create": "start stories",
    "edit": "edit this story",
    "submit": "submit this story",
    "approve": "approve stories",
    "return": "return stories",
    "spike": "spike stories",
    "unspike": "take stories out of the bin",
    "publish": "publish",
    "publish_minor": "publish minor changes to this story",
    "unschedule": "cancel a scheduled publication",
    "withdraw": "withdraw stories",
    "correct": "file corrections to this story",
    "embargo": "set an embargo",
    "lift_embargo": "lift an embargo",
    "hold": "put a legal hold on this story",
    "pull": "pull this story everywhere",
    "erase": "erase this story",
    "preview": "share previews of this story",
    "note": "leave notes on this story",
    "assign": "put somebody in charge of this story",
    "upload": "upload images",
    "manage_taxonomy": "change sections and tags",
    "manage_people": "change people",
    "manage_front": "arrange the front page",
    "manage_pages": "write the paper's standing pages",
    "manage_users": "manage users",
    "manage_tokens": "manage tokens",
    "manage_webhooks": "manage webhooks",
    "manage_media": "change or delete other people's pictures",
    "manage_redirects": "lead one address to another",
    "see_visits": "see how often stories are read",
    "see_audit": "read the audit log",
    "manage_settings": "see and change the settings",
}


def require(session: Session, actor: Actor, verb: str, article: Article) -> None:
    """Raise NotFound when the actor may not see the article, Forbidden when they may not act on it, and
    Conflict when its state does not allow the verb."""
    if not may(session, actor, "see", article):
        raise NotFound("There is no such story")
    if not may(session, actor, verb, article):
        raise Forbidden(f"You don't have the right to {RIGHTS[verb]}", right=verb)
    refuse_unless_possible(State(article.state), verb)


def require_right(actor: Actor, verb: str) -> None:
    """The same for verbs that act on no article."""
    if verb not in PERMISSIONS[actor.role]:
        raise Forbidden(f"You don't have the right to {RIGHTS[verb]}", right=verb)


def may(session: Session, actor: Actor, verb: str, article: Article) -> bool:
    """One cell of the table, for this article. A verb the state forbids is the transition table's to refuse."""
    grant = PERMISSIONS[actor.role].get(verb)
    if grant is None:
        return False
    mine = owns(session, actor, article)
    if grant.own_only and not mine:
        return False
    if verb == "see" or mine or actor.sections is None:
        return True
    return _within(session, actor.sections, article)


def owns(session: Session, actor: Actor, article: Article) -> bool:
    """An article is one's own when one began it, or when one's name stands on its newest revision."""
    if actor.user_id is not None and article.created_by == actor.user_id:
        return True
    if actor.person_id is None:
        return False
    printed = (
        select(RevisionByline.person_id)
        .join(Revision, Revision.id == RevisionByline.revision_id)
        .where(Revision.article_id == article.id, Revision.number == article.newest)
    )
    return actor.person_id in set(session.scalars(printed))


def may_file_in(session: Session, actor: Actor, section_ids: Iterable[int]) -> bool:
    """Whether an editor limited to sections may put an article into these."""
    if actor.sections is None:
        return True
    return bool(set(section_ids) & subtree(session, actor.sections))


def require_front(session: Session, actor: Actor, section_id: int | None) -> None:
    """The right to arrange the front page (None) or a section's; an editor limited to sections arranges those."""
    require_right(actor, "manage_front")
    if actor.sections is None:
        return
    if section_id is None or section_id not in subtree(session, actor.sections):
        raise Forbidden("You can only arrange the fronts of your own sections", right="manage_front")


def _within(session: Session, limits: frozenset[int], article: Article) -> bool:
    filed = (
        select(RevisionSection.section_id)
        .join(Revision, Revision.id == RevisionSection.revision_id)
        .where(Revision.article_id == article.id, Revision.number == article.newest)
    )
    return bool(set(session.scalars(filed)) & subtree(session, limits))
