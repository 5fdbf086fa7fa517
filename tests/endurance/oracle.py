"""One story, as docs/workflow.md and docs/design.md tell it: what may be done to it by whom, and what readers see when.

Written from the documentation and without the code that it judges: rights and transitions are read from the two
tables of docs/workflow.md, and what is on show is not a chain of ends that are moved about but one sentence: the
publication that began last, unless its own end has come.

Each verb gives the set of refusals that stand against it, told apart in the order in which they may be told (404, 403,
409); if there are none, it is done.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

TICK = timedelta(microseconds=1)
PAGE = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text()
BELOW = {"news": {"news", "courts"}, "sport": {"sport"}}

Text = dict[str, str]
"""A text by field; the sections and the names on it are one word each, or none."""


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    limit: str = ""
    """The section that an editor is limited to."""


@dataclass
class Revision:
    number: int
    base: int | None
    text: Text
    erased: bool = False


@dataclass
class Publication:
    n: int
    revision: int
    start: datetime
    end: datetime | None
    minor: bool
    cancelled: bool = False
    cut: datetime | None = None
    withdrawn: datetime | None = None
    notice: str | None = None

    def over(self, at: datetime) -> bool:
        return any(end is not None and end <= at for end in (self.end, self.cut))


@dataclass
class Note:
    kind: str
    text: str
    at: datetime
    publication: Publication


@dataclass
class Shown:
    """What readers see at an instant."""

    revision: int
    headline: str
    published_at: datetime
    modified_at: datetime
    live_until: datetime | None
    notes: list[tuple[str, str]]


@dataclass
class Story:
    author: Person
    state: str = "draft"
    revisions: list[Revision] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    approved: int | None = None
    fixed: int | None = None
    embargo: datetime | None = None
    holder: Person | None = None
    asked: tuple[Person, set[int]] | None = None

    # --- Who ---

    def refusal(self, who: Person, *rights: str) -> set[str]:
        """What is told first of all that the two tables have against these rights."""
        if not self._holds(who, "see"):
            return {"not_found"}
        missing = {f"forbidden:{right}" for right in rights if not self._holds(who, right)}
        if missing:
            return missing
        wrong = any(right in STATES and self.state not in STATES[right] for right in rights)
        return {"wrong_state"} if wrong else set()

    def _holds(self, who: Person, right: str) -> bool:
        cell = RIGHTS[right][who.role]
        mine = self.author == who or who.name in self.newest.text["bylines"]
        if cell == "own":
            return mine
        within = right == "see" or mine or not who.limit or self.newest.text["sections"] in BELOW[who.limit]
        return cell == "any" and within

    def _publish_rights(self, who: Person, now: datetime, *, minor: bool, at_once: bool = True) -> str:
        small = minor and at_once and not self._holds(who, "publish") and self.live(now)
        return "publish_minor" if small else "publish"

    # --- What and when ---

    @property
    def newest(self) -> Revision:
        return self.revisions[-1]

    @property
    def standing(self) -> list[Publication]:
        rows = [each for each in self.publications if not each.cancelled]
        return sorted(rows, key=lambda each: each.start)

    def begun(self, at: datetime) -> list[Publication]:
        return [each for each in self.standing if each.start <= at]

    def coming(self, at: datetime) -> list[Publication]:
        return [each for each in self.standing if each.start > at]

    def live(self, at: datetime) -> Publication | None:
        last = self.begun(at)[-1:]
        return last[0] if last and not last[0].over(at) else None

    def visibility(self, at: datetime) -> str:
        live, begun = self.live(at), self.begun(at)
        if live:
            return "live" if live.revision == self.newest.number else "changed"
        if self.coming(at):
            return "scheduled"
        if not begun:
            return "never"
        return "withdrawn" if begun[-1].withdrawn else "expired"

    def taken_down(self, at: datetime) -> bool:
        """Whether the last withdrawal had a notice, and nothing has come in its place."""
        last = max((each.withdrawn for each in self.standing if each.withdrawn), default=None)
        return not self.live(at) and any(
            each.notice for each in self.standing if each.withdrawn and each.withdrawn == last
        )

    def shown(self, at: datetime) -> Shown | None:
        live = self.live(at)
        if live is None:
            return None
        first = self.standing[0].start
        notes = [each for each in self.notes if each.publication.start <= live.start and each.at <= at]
        moves = [each.start for each in self.begun(at) if not each.minor or each.start == first]
        return Shown(
            live.revision,
            self.revisions[live.revision - 1].text["headline"],
            first,
            max([*moves, *(each.at for each in notes)]),
            self.end_of(live),
            [(each.kind, each.text) for each in notes],
        )

    def end_of(self, row: Publication) -> datetime | None:
        ends = [row.end, row.cut, *(each.start for each in self.standing if each.start > row.start)]
        return min((end for end in ends if end is not None), default=None)

    def instants(self) -> list[datetime]:
        """Every instant at which what readers see may change by itself."""
        found = {each.start for each in self.standing}
        found |= {end for each in self.standing for end in (each.end, each.cut) if end}
        return sorted(found)

    def _soonest(self, now: datetime) -> datetime:
        return max([now, *(each.start + TICK for each in self.begun(now))])

    def _against(self, revision: int, start: datetime, *, knowingly: bool) -> set[str]:
        """What stands against this text at this time: hold, embargo, erasure, a live fix that it lacks."""
        found = {"held"} if self.holder else set()
        if self.embargo and start < self.embargo:
            found.add("embargoed")
        if self.revisions[revision - 1].erased:
            found.add("erased")
        if not knowingly and self.fixed and self.fixed not in self._line(revision):
            found.add("not_rebased")
        return found

    def _line(self, revision: int | None) -> Iterable[int]:
        while revision is not None:
            yield revision
            revision = self.revisions[revision - 1].base

    def _add(self, revision: int, start: datetime, end: datetime | None, *, minor: bool) -> None:
        for row in self.standing:
            if row.cut and row.start < start < row.cut:
                row.cut = start  # what was withdrawn doesn't come back when what replaced it is called off
        self.publications.append(Publication(len(self.publications) + 1, revision, start, end, minor))

    def _row(self, n: int) -> Publication | None:
        return next((each for each in self.standing if each.n == n), None)

    # --- Writing ---

    def append(self, text: Text, base: int | None) -> int:
        self.revisions.append(Revision(len(self.revisions) + 1, base, text))
        return len(self.revisions)

    def save(self, who: Person, base: int, fields: Text) -> set[str]:
        if found := self.refusal(who, "edit"):
            return found
        newest = self.newest
        found = {"stale_base"} if base != newest.number else set()
        found |= self._misfiled(who, {**newest.text, **fields})
        if newest.erased and not fields.get("headline"):
            found.add("invalid:headline")
        if not found and (newest.erased or {**newest.text, **fields} != newest.text):
            self.append({**newest.text, **fields}, base)
        return found

    def restore(self, who: Person, number: int, base: int) -> set[str]:
        if found := self.refusal(who, "edit"):
            return found
        if number > len(self.revisions):
            return {"not_found"}
        old = self.revisions[number - 1]
        found = {"stale_base"} if base != self.newest.number else set()
        found |= {"erased"} if old.erased else self._misfiled(who, old.text)
        if not found and old.text != self.newest.text:
            self.append(dict(old.text), number)
        return found

    def rebase(self, who: Person, base: int, fields: Text) -> set[str]:
        if found := self.refusal(who, "edit"):
            return found
        found = {"stale_base"} if base != self.newest.number else set()
        if self.fixed is None or self.fixed in self._line(self.newest.number):
            found.add("has_fix")
        if self.newest.erased and not fields.get("headline"):
            found.add("invalid:headline")
        if not found:
            self.append({**self.newest.text, **fields}, self.fixed)
        return found

    def _misfiled(self, who: Person, text: Text) -> set[str]:
        """An editor limited to sections moves stories into no others."""
        moves = text["sections"] != self.newest.text["sections"]
        return {"forbidden:edit"} if moves and who.limit and text["sections"] not in BELOW[who.limit] else set()

    def transition(self, who: Person, verb: str) -> set[str]:
        found = self.refusal(who, verb)
        if not found:
            self.state = TRANSITIONS[verb]
            self.approved = self.newest.number if verb == "approve" else self.approved
        return found

    def spike(self, who: Person, now: datetime) -> set[str]:
        if found := self.refusal(who, "spike"):
            return found
        found = ({"held"} if self.holder else set()) | ({"live"} if self.live(now) else set())
        if not found:
            self.state = "spiked"
            self._call_off(self.coming(now))
        return found

    def _call_off(self, rows: Iterable[Publication]) -> None:
        for row in rows:
            row.cancelled = True

    # --- Publishing ---

    def publish(
        self,
        who: Person,
        now: datetime,
        *,
        revision: int | None,
        live_from: datetime | None,
        live_until: datetime | None,
        minor: bool,
        knowingly: bool,
    ) -> set[str]:
        if found := self.refusal(who, self._publish_rights(who, now, minor=minor, at_once=live_from is None)):
            return found
        if revision is None:
            had = {each.revision for each in self.begun(now)}
            waits = self.state == "ready" and self.approved is not None and self.approved not in had
            revision = self.approved if waits else self.newest.number
        assert revision is not None
        if revision > len(self.revisions):
            return {"invalid:revision"}
        dated_back = live_from is not None and live_from < now
        start = live_from if live_from and dated_back else max(live_from or now, self._soonest(now))
        found = self._against(revision, start, knowingly=knowingly)
        if dated_back and self.begun(now):
            found.add("invalid:live_from")
        if live_until is not None and live_until <= max(start, now):
            found.add("invalid:live_until")
        if any(each.start == start for each in self.standing):
            found.add("taken")
        if not found:
            self._add(revision, start, live_until, minor=minor)
            self.state, self.approved = "ready", revision
        return found

    def cancel(self, who: Person, n: int, now: datetime) -> set[str]:
        if found := self.refusal(who, "unschedule"):
            return found
        row = self._row(n)
        if row is None:
            return {"not_found"}
        if row.start <= now:
            return {"begun"}
        row.cancelled = True
        return set()

    def reschedule(self, who: Person, n: int, to: datetime, now: datetime, *, knowingly: bool) -> set[str]:
        if found := self.refusal(who, "publish"):
            return found
        row = self._row(n)
        if row is None:
            return {"not_found"}
        found = self._against(row.revision, to, knowingly=knowingly)
        if row.start <= now:
            found.add("begun")
        if to <= now or (row.end and row.end <= to):
            found.add("invalid:live_from")
        if any(each.start == to and each is not row for each in self.standing):
            found.add("taken")
        if not found:
            row.cancelled = True
            self._add(row.revision, to, row.end, minor=row.minor)
        return found

    def expire(self, who: Person, n: int, until: datetime | None, now: datetime) -> set[str]:
        if found := self.refusal(who, "publish"):
            return found
        row = self._row(n)
        if row is None:
            return {"not_found"}
        end = self.end_of(row)
        found = {"over"} if row.withdrawn or (end and end <= now) else set()
        if until is not None and until <= max(row.start, now):
            found.add("invalid:live_until")
        if not found:
            row.end = until
        return found

    def withdraw(self, who: Person, notice: str | None, now: datetime) -> set[str]:
        if found := self.refusal(who, "withdraw"):
            return found
        live = self.live(now)
        if live is None:
            return {"not_live"}
        self._take_down(live, now)
        live.notice = notice
        return set()

    def _take_down(self, live: Publication, now: datetime) -> None:
        self._call_off(self.coming(now))
        live.cut, live.withdrawn = max(now, live.start + TICK), now

    def rollback(self, who: Person, n: int, now: datetime, *, minor: bool, knowingly: bool) -> set[str]:
        if found := self.refusal(who, "publish"):
            return found
        row, live = self._row(n), self.live(now)
        if row is None:
            return {"not_found"}
        start = self._soonest(now)
        found = self._against(row.revision, start, knowingly=knowingly) | self._crowded(start)
        found |= self._ending(live, start)
        if live is None:
            found.add("not_live")
        elif live.revision == row.revision:
            found.add("on_show")
        if row.start > now:
            found.add("not_begun")
        if live and not found:
            self._add(row.revision, start, live.end, minor=minor)
        return found

    def _crowded(self, start: datetime) -> set[str]:
        return {"taken"} if any(each.start == start for each in self.standing) else set()

    def _ending(self, live: Publication | None, start: datetime) -> set[str]:
        """What takes the place of another on show runs until that one's end, if there is any time left."""
        return {"over"} if live and live.end is not None and live.end <= start else set()

    def republish(self, who: Person, until: datetime | None, now: datetime, *, knowingly: bool) -> set[str]:
        if found := self.refusal(who, "publish"):
            return found
        last = self.begun(now)[-1:]
        if not last:
            return {"never"}
        start = self._soonest(now)
        found = self._against(last[0].revision, start, knowingly=knowingly) | self._crowded(start)
        if self.live(now):
            found.add("live")
        if until is not None and until <= start:
            found.add("invalid:live_until")
        if not found:
            self._add(last[0].revision, start, until, minor=True)
        return found

    # --- Fix live ---

    def fix(
        self, who: Person, base: int, fields: Text, now: datetime, *, minor: bool, keep: Collection[int]
    ) -> set[str]:
        if found := self.refusal(who, self._publish_rights(who, now, minor=minor)):
            return found
        live, later, start = self.live(now), self.coming(now), self._soonest(now)
        if live is None:
            return {"not_live"}
        shown = self.revisions[live.revision - 1]
        mended = {**shown.text, **fields}
        found = {"invalid:keep"} if set(keep) - {each.n for each in later} else set()
        found |= {"stale_base"} if base != shown.number else set()
        found |= {"unchanged"} if mended == shown.text else set()
        found |= self._against(shown.number, start, knowingly=True) | self._crowded(start) | self._ending(live, start)
        moving = [each for each in later if each.n not in keep]
        if any(merged(shown.text, self.revisions[each.revision - 1].text, mended) is None for each in moving):
            found.add("would_undo")
        if not found:
            self._carry_out(live, moving, mended, start, minor=minor)
        return found

    def _carry_out(
        self, live: Publication, moving: list[Publication], mended: Text, start: datetime, *, minor: bool
    ) -> None:
        shown, working = self.revisions[live.revision - 1], self.newest
        fix = self.fixed = self.append(mended, shown.number)
        became = {shown.number: fix}
        self.approved = became.get(self.approved or 0, self.approved)
        self._add(fix, start, live.end, minor=minor)

        def carry(revision: Revision, text: Text, base: int) -> None:
            became[revision.number] = self.append(text, base)
            if self.approved == revision.number:
                self.approved = self.newest.number

        for row in moving:
            if row.revision not in became:
                text = self.revisions[row.revision - 1]
                carry(text, merged(shown.text, text.text, mended) or {}, fix)
            row.cancelled = True
            self._add(became[row.revision], row.start, row.end, minor=row.minor)
        joined = merged(shown.text, working.text, mended)
        if joined is None:
            self.append(dict(working.text), working.number)
        elif became.get(working.number) != self.newest.number:
            carry(working, joined, fix)

    # --- What stands against publication ---

    def set_embargo(self, who: Person, until: datetime | None, now: datetime) -> set[str]:
        if until == self.embargo:
            return self.refusal(who, "see")  # it changes nothing
        eased = self.embargo is not None and self.embargo > now and (until is None or until < self.embargo)
        if found := self.refusal(who, "lift_embargo" if eased else "embargo"):
            return found
        if until is not None and until > now and self.live(now):
            return {"live"}
        self.embargo = until
        self._call_off([each for each in self.coming(now) if until and each.start < until])
        return set()

    def hold(self, who: Person, reason: str, now: datetime) -> set[str]:
        if found := self.refusal(who, "hold"):
            return found
        found = ({"held"} if self.holder else set()) | (set() if reason else {"invalid:reason"})
        if not found:
            self.holder = who
            self._call_off(self.coming(now))
        return found

    def lift_hold(self, who: Person) -> set[str]:
        if found := self.refusal(who, "hold"):
            return found
        if self.holder is None:
            return {"not_held"}
        if self.holder != who:
            return {"forbidden:lift_hold"}
        self.holder = None
        return set()

    def pull(self, who: Person, reason: str, notice: str | None, now: datetime) -> set[str]:
        if found := self.refusal(who, "pull"):
            return found
        found = (set() if self.standing else {"never"}) | (set() if reason else {"invalid:reason"})
        if found:
            return found
        live, last = self.live(now), self.begun(now)[-1:]
        self._call_off(self.coming(now))
        if live:
            self._take_down(live, now)
        for row in last:
            row.withdrawn = row.withdrawn or now
            row.notice = notice or row.notice
        return set()

    # --- Corrections and erasure ---

    def correct(self, who: Person, kind: str, text: str, now: datetime) -> set[str]:
        if found := self.refusal(who, "correct"):
            return found
        found, live = invalid_note(kind, text), self.live(now)
        if live is None:
            found.add("not_live")
        if live and not found:
            self.notes.append(Note(kind, text, now, live))
        return found

    def amend(self, who: Person, number: int, kind: str, text: str) -> set[str]:
        found = self.refusal(who, "correct") or invalid_note(kind, text)
        if not found:
            self.notes[number].kind, self.notes[number].text = kind, text
        return found

    def remove(self, who: Person, number: int) -> set[str]:
        found = self.refusal(who, "correct")
        if not found:
            del self.notes[number]
        return found

    def ask_erasure(self, who: Person, reason: str, numbers: set[int] | None, now: datetime) -> set[str]:
        if found := self.refusal(who, "erase"):
            return found
        there = {each.number for each in self.revisions if not each.erased}
        wanted = there if numbers is None else numbers
        found = ({"held"} if self.holder else set()) | ({"asked"} if self.asked else set())
        found |= set() if reason else {"invalid:reason"}
        found |= {"invalid:revisions"} if not wanted or wanted - there else self._in_use(wanted, now)
        if not found:
            self.asked = who, set(wanted)
        return found

    def agree_to_erase(self, who: Person, now: datetime) -> set[str]:
        if found := self.refusal(who, "erase"):
            return found
        if self.asked is None:
            return {"not_asked", "held"} if self.holder else {"not_asked"}
        asker, numbers = self.asked
        found = ({"held"} if self.holder else set()) | ({"forbidden:erase"} if asker == who else set())
        found |= self._in_use(numbers, now)
        if not found:
            self._erase(numbers, now)
        return found

    def drop_erasure(self, who: Person) -> set[str]:
        if found := self.refusal(who, "erase"):
            return found
        if self.asked is None:
            return {"not_asked"}
        self.asked = None
        return set()

    def _in_use(self, numbers: set[int], now: datetime) -> set[str]:
        """Of some revisions only: not the newest, nor one that is or will be on show."""
        if numbers >= {each.number for each in self.revisions if not each.erased}:
            return set()
        used = {each.revision for each in self.standing if not ((end := self.end_of(each)) and end <= now)}
        return {"in_use"} if numbers & (used | {self.newest.number}) else set()

    def _erase(self, numbers: set[int], now: datetime) -> None:
        live = self.live(now)
        self._call_off([each for each in self.coming(now) if each.revision in numbers])
        if live and live.revision in numbers:
            live.cut, live.withdrawn = max(now, live.start + TICK), now
        for number in numbers:
            row = self.revisions[number - 1]
            row.erased, row.text = True, dict.fromkeys(row.text, "")
        self.asked = None
        if all(each.erased for each in self.revisions):
            self.state, self.approved, self.notes = "spiked", None, []


def merged(was: Text, here: Text, there: Text) -> Text | None:
    """``here`` with what ``there`` changed of ``was``; None where both changed the same field differently."""
    if any(here[name] != was[name] != there[name] != here[name] for name in was):
        return None
    return {name: here[name] if there[name] == was[name] else there[name] for name in was}


def invalid_note(kind: str, text: str) -> set[str]:
    kinds = ("correction", "clarification", "update", "editors_note", "retraction")
    return (set() if kind in kinds else {"invalid:kind"}) | (set() if text else {"invalid:text"})


def table(*heading: str) -> list[list[str]]:
    """The rows of the documentation's table that has these headings."""
    found = re.search(rf"^{re.escape('| ' + ' | '.join(heading) + ' |')}\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()]


ROLES = ("contributor", "reporter", "editor", "admin")
RIGHTS: Mapping[str, Mapping[str, str]] = {
    right: dict(zip(ROLES, cells, strict=True)) for right, *cells in table("the right", *ROLES)
}
_MOVES = table("the verb", "takes a story that is", "and makes it")
TRANSITIONS: Mapping[str, str] = {verb: to for verb, _froms, to in _MOVES}
STATES: Mapping[str, set[str]] = {
    verb: set(froms.split(", ")) for verb, froms, *_ in [*_MOVES, *table("the verb", "takes a story that is")]
}
