"""Fix live: mend what readers see now, in one act, whatever tomorrow's text in the working copy may be.

The fix is a revision made from the live one and is published at once. It is then carried into the working copy and
into every publication to come, where that can be done without guessing; where it can't, a person must say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow import lineage, publishing, spans
from cms.domain.workflow.editing import begun_anew, refuse_stale, saved
from cms.domain.workflow.merging import Merged, merge
from cms.domain.workflow.permissions import require
from cms.domain.workflow.snapshots import Text, append


@dataclass
class Fixed:
    """What came of a fix. ``conflicts`` are the fields in which the working copy could not take it by itself."""

    revision: int
    publication: Publication
    working_copy: int = 0
    conflicts: list[str] = field(default_factory=list)
    rebased: list[dict[str, int]] = field(default_factory=list)
    """Publications to come that now carry it: ``{"n": the old, "became": the new, "revision": its text}``."""
    kept: list[int] = field(default_factory=list)
    """Publications to come that knowingly do not."""
    events: list[Event] = field(default_factory=list)


def fix(
    session: Session,
    actor: Actor,
    article: Article,
    base: int,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    zone: ZoneInfo,
    note: str = "",
    minor: bool = False,
    keep: Collection[int] = (),
) -> Fixed:
    """Change these fields of the live revision ``base`` and publish that at once.

    ``keep`` numbers the publications to come that shall not carry the fix. Raises StaleBase when ``base`` is not
    what readers see, Conflict when the story isn't live, nothing changes, or a publication to come would undo the
    fix and can be neither rebased by itself nor is kept.
    """
    publishing.may_publish(session, actor, article, now, minor=minor, at_once=True)
    rows = spans.standing(session, article)
    live = desk.on_show(rows, now)
    if live is None:
        raise Conflict("Only a live story can be fixed live; save it instead", code="not_live", verbs=["edit"])
    later = spans.coming(rows, now)
    unknown = sorted(set(keep) - {row.n for row in later})
    if unknown:
        raise Invalid({"keep": [f"There is no publication {n} to come." for n in unknown]})
    shown, working = _text(session, article, live.revision), desk.revision(session, article)
    refuse_stale(base, shown)
    text, note = Text(fields, shown, carried=True), note or "Fixed live"
    mended = append(session, actor, article, text, now, base=base, note=note, unless_equal=shown)
    if mended is None:
        raise Conflict("This changes nothing of what readers see", code="unchanged", state=article.state)
    before, article.fixed = spans.told(rows), mended.number
    if article.approved == base:
        article.approved = mended.number
    start = spans.earliest_start(rows, now)
    publishing.refuse_unless_free(session, article, mended, start, knowingly=False)
    row = spans.put_in(
        session, actor, article, mended, now, zone=zone, start=start, live_until=live.expires_at, minor=minor
    )
    done = Fixed(mended.number, row, kept=sorted(keep))
    carried = _Carrying(session, actor, article, now, shown, mended)
    _rebase_later(carried, [each for each in later if each.n not in keep], done, zone)
    _rebase_working_copy(carried, working, done)
    event = publishing.event_of(session, "fix", actor, article, row, mended, before)
    after = {**event.after, "rebased": done.rebased, "kept": done.kept, "conflicts": done.conflicts}
    done.events = [replace(event, after=after), *carried.events]
    session.flush()
    return done


def rebase(
    session: Session, actor: Actor, article: Article, base: int, fields: Mapping[str, Any], now: datetime
) -> tuple[Revision, Event]:
    """Save the working copy as one that carries the live fix, because whoever saves it says so.

    Raises StaleBase, or Conflict when there is no fix that it lacks.
    """
    require(session, actor, "edit", article)
    newest = desk.revision(session, article)
    refuse_stale(base, newest)
    if lineage.has_fix(session, article, newest.number):
        raise Conflict("The working copy lacks no live fix", code="has_fix", state=article.state, verbs=["edit"])
    note, text = f"Revision {newest.number} with the fix of revision {article.fixed}", begun_anew(newest, fields)
    revision = append(session, actor, article, Text(text, newest), now, base=article.fixed, note=note)
    assert revision is not None
    return revision, saved("rebase", actor, article, newest, revision)


class _Carrying:
    """Carries one fix into other texts of the article, each text once."""

    def __init__(
        self, session: Session, actor: Actor, article: Article, now: datetime, base: Revision, fixed: Revision
    ) -> None:
        self.session, self.actor, self.article, self.now = session, actor, article, now
        self.base, self.fixed = base, fixed
        self.written: dict[int, Revision] = {base.id: fixed}
        self.events: list[Event] = []

    def merged(self, text: Revision) -> Merged:
        return merge(self.base, _text(self.session, self.article, text), self.fixed)

    def write(self, text: Revision, merged: Merged) -> Revision:
        note = f"Revision {text.number} with the fix of revision {self.fixed.number}"
        said = Text(merged.fields, text, merged.filed_as, carried=True)
        revision = append(self.session, self.actor, self.article, said, self.now, base=self.fixed.number, note=note)
        assert revision is not None
        self.written[text.id] = revision
        if self.article.approved == text.number:
            self.article.approved = revision.number
        self.events.append(saved("rebase", self.actor, self.article, text, revision))
        return revision


def _rebase_later(carried: _Carrying, rows: list[Publication], done: Fixed, zone: ZoneInfo) -> None:
    """Put each publication to come, at its own time, on a text that carries the fix; refuse where none can be made."""
    session, article = carried.session, carried.article
    merges = {row.revision_id: carried.merged(row.revision) for row in rows}
    undoing = [row for row in rows if merges[row.revision_id].conflicts]
    if undoing:
        raise Conflict(
            "What is scheduled would undo this fix and can't take it by itself: keep it knowingly, or cancel it",
            code="would_undo",
            state=article.state,
            publications=[
                {"n": row.n, "live_from": row.live_from.isoformat(), "conflicts": merges[row.revision_id].conflicts}
                for row in undoing
            ],
            verbs=["unschedule"],
        )
    for row in rows:
        text = carried.written.get(row.revision_id) or carried.write(row.revision, merges[row.revision_id])
        spans.call_off(session, article, spans.standing(session, article), [row], carried.now, zone)
        became = spans.put_in(
            session,
            carried.actor,
            article,
            text,
            carried.now,
            zone=zone,
            start=row.live_from,
            live_until=row.expires_at,
            minor=row.minor,
        )
        done.rebased.append({"n": row.n, "became": became.n, "revision": text.number})


def _rebase_working_copy(carried: _Carrying, working: Revision, done: Fixed) -> None:
    """Leave the working copy what it was, with the fix in it; without, where both changed the same place."""
    article, note = carried.article, "Carried on after a live fix"
    written = carried.written.get(working.id)
    if written is not None and written.number == article.newest:
        done.working_copy = article.newest
        return
    merged = carried.merged(working)
    done.conflicts = merged.conflicts
    if merged.conflicts:
        kept = Text({}, working, carried=True)
        again = append(carried.session, carried.actor, article, kept, carried.now, base=working.number, note=note)
        assert again is not None
        carried.events.append(saved("save", carried.actor, article, carried.fixed, again))
    else:
        carried.write(working, merged)
    done.working_copy = article.newest


def _text(session: Session, article: Article, revision: Revision) -> Revision:
    """The revision with its body loaded."""
    return desk.revision(session, article, revision.number)
