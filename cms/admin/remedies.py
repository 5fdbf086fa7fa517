"""What is done when something is wrong with a story: hold it, pull it everywhere, have it erased by two people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, g, render_template, request
from sqlalchemy.orm import Session

from cms.admin.in_place import Answer, in_place
from cms.admin.publishing import notice
from cms.domain import outbox
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.workflow import erasing, holds, lineage, pulling, spans
from cms.domain.workflow.model import Erasure, Hold, Pull
from cms.domain.workflow.permissions import may, require
from cms.web.current import now
from cms.web.database import db

VERBS = ("hold", "pull", "erase")


def routes(room: Blueprint) -> None:
    here = "/articles/<public_id>/"
    room.add_url_rule(f"{here}hold", "hold", hold, methods=["POST"])
    room.add_url_rule(f"{here}hold/lift", "lift_hold", lift, methods=["POST"])
    room.add_url_rule(f"{here}pull", "pull", pull, methods=["POST"])
    room.add_url_rule(f"{here}pulls/", "pulls", receipts)
    room.add_url_rule(f"{here}erasure", "ask_erasure", ask_erasure, methods=["POST"])
    room.add_url_rule(f"{here}erasure/agree", "agree_erasure", agree_to_erasure, methods=["POST"])
    room.add_url_rule(f"{here}erasure/drop", "drop_erasure", drop_erasure, methods=["POST"])
    room.context_processor(lambda: {"wrong_with": _wrong_with})


def hold(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [holds.hold(session, g.actor, article, _reason(), now(), zone=g.zone)[1]]

    return in_place(public_id, act, "held")


def lift(public_id: str) -> Answer:
    return in_place(public_id, lambda session, article, _: [holds.lift(session, g.actor, article, now())], "let_go")


def pull(public_id: str) -> Answer:
    """Take it away everywhere; the receipt is the page that follows."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [pulling.pull(session, g.actor, article, _reason(), now(), zone=g.zone, notice=notice())[1]]

    return in_place(public_id, act, "pulled", after="admin.pulls")


def ask_erasure(public_id: str) -> Answer:
    """Of the whole story, or of the revisions that the form names."""

    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [erasing.ask(session, g.actor, article, _reason(), now(), revisions=_revisions())[1]]

    return in_place(public_id, act, "erasure_asked")


def agree_to_erasure(public_id: str) -> Answer:
    def act(session: Session, article: Article, _revision: int) -> Iterable[Event]:
        return [erasing.agree(session, g.actor, article, now(), zone=g.zone)[1]]

    return in_place(public_id, act, "erased")


def drop_erasure(public_id: str) -> Answer:
    return in_place(public_id, lambda session, article, _: [erasing.drop(session, g.actor, article)], "not_erased")


def receipts(public_id: str) -> str:
    """Each pull of the story, newest first, with what was told when."""
    session = db.session()
    article = desk.find(session, public_id)
    require(session, g.actor, "pull", article)
    return render_template(
        "admin/pulls.html",
        article=article,
        newest=desk.revision(session, article),
        pulls=[(made, outbox.of_pull(session, made.public_id)) for made in pulling.pulls(session, article)],
        told=request.args.get("told"),
    )


@dataclass(frozen=True)
class Wrong:
    """What stands against a story, and what this person may do about it."""

    can: dict[str, bool]
    held: Hold | None
    erasure: Erasure | None
    pulls: Sequence[Pull]
    lacks_fix: int | None
    """The live fix that the working copy does not carry."""
    down: Publication | None
    """What readers saw last, if they saw the story once and don't any more."""


def _wrong_with(article: Article) -> Wrong:
    session, at = db.session(), now()
    standing = spans.standing(session, article)
    begun = spans.begun(standing, at)
    return Wrong(
        can={verb: may(session, g.actor, verb, article) for verb in VERBS},
        held=holds.held(session, article),
        erasure=erasing.waiting(session, article),
        pulls=pulling.pulls(session, article),
        lacks_fix=None if lineage.has_fix(session, article, article.newest) else article.fixed,
        down=begun[-1] if begun and desk.on_show(standing, at) is None else None,
    )


def _reason() -> str:
    return request.form.get("reason", "")


def _revisions() -> list[int] | None:
    """The numbers that the form names, or None for all of them."""
    said = request.form.get("revisions", "").replace(",", " ").split()
    if any(not each.isascii() or not each.isdigit() or len(each) > 9 for each in said[:1000]) or len(said) > 1000:
        raise Invalid({"revisions": ["Takes numbers of revisions, such as 2, 3."]})
    return [int(each) for each in said] or None
