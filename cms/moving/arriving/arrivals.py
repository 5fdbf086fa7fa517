"""Bringing stories in, some hundred at a time, while the site goes on serving.

A story that came in before is known by its origin. If what it was brought from has not changed since, nothing
happens; so a second run changes nothing, and one that was broken off, however, is finished by running it again.

Most of the time goes into cleaning bodies, which needs no database: every core shares in it, and the database's one
writer is never kept waiting for it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from typing import Literal, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cms import reactions
from cms.domain import origins
from cms.domain.errors import Invalid, Refusal
from cms.domain.events import Event
from cms.domain.origins import Origin
from cms.moving.arriving.changing import Left, change
from cms.moving.arriving.creating import Ready, create
from cms.moving.arriving.filing import Filing, Met
from cms.moving.arriving.story import Cleaned, Story, clean_all
from cms.moving.tally import Tally
from cms.newsroom import Newsroom
from cms.orphans import leave_with_parent

AT_ONCE = 400
"""Stories in one transaction: the others who write wait for it some tenths of a second."""

_AHEAD = 3
_MOST_TEXT = 8_000_000  # characters
_SHARES = 8
Tell = Callable[[int], None]
T = TypeVar("T")


class Arrivals:
    """One import. ``source`` is what its stories' keys belong to; with ``resume`` what is here already is left as it
    is, unlooked at; with ``dry_run`` nothing is written."""

    def __init__(
        self, newsroom: Newsroom, source: str, tally: Tally, *, dry_run: bool, resume: bool, tell: Tell
    ) -> None:
        self.newsroom, self.source, self.tally = newsroom, source, tally
        self.dry_run, self._resume, self.tell = dry_run, resume, tell
        self.met = Met(tally)
        self._count = tally.of("articles")
        self._keys: set[int] = set()  # their hashes: of a million stories, not a hundred megabytes of names

    def bring(self, stories: Iterable[Story]) -> None:
        """Bring them in, in their order."""
        waiting: deque[_Batch] = deque()
        with _Cleaners() as cleaners:
            for some in _batches(stories):
                waiting.append(_Batch(self._unlike(some), cleaners))
                if len(waiting) > _AHEAD:
                    self._take_in(waiting.popleft())
            while waiting:
                self._take_in(waiting.popleft())

    def refuse(self, called: str, why: str) -> None:
        """A story that can't be brought in, by name."""
        self._count.skipped += 1
        self.tally.errors.append({"kind": "articles", "row": called, "error": why})
        self.tell(1)

    def leave(self, called: str, why: str) -> None:
        """A story that is understood and left out."""
        self._count.skipped += 1
        self.tally.unsupported.append(f"{called} {why}")
        self.tell(1)

    # --- What is new or different --------------------------------------------------------------------------

    def _unlike(self, stories: Sequence[Story]) -> list[tuple[Story, str]]:
        """Those that aren't here, or not as they are there, with their digests; the others are counted."""
        with self.newsroom.sessions.read() as session:
            here = origins.known(session, self.source, origins.ARTICLE, [story.key for story in stories])
        unlike = []
        for story in stories:
            if hash(story.key) in self._keys:
                self.refuse(story.called, "another story in this file has the same id")
                continue
            self._keys.add(hash(story.key))
            origin = here.get(story.key)
            digest = "" if self._resume and origin else story.digest
            if origin is not None and (self._resume or origin.digest == digest):
                self._count.unchanged += 1
                self.tell(1)
            else:
                unlike.append((story, digest))
        return unlike

    # --- Writing -------------------------------------------------------------------------------------------

    def _take_in(self, batch: _Batch) -> None:
        ready = []
        for story, digest, cleaned in batch.cleaned():
            if cleaned.errors:
                self.refuse(story.called, _said(cleaned.errors))
            else:
                ready.append(Ready(replace(story, fields=cleaned.fields), digest))
        if not ready:
            return
        try:
            self._write(ready)
        except IntegrityError:  # somebody else wrote the same at the same time; find out who can't come in
            for each in ready:
                try:
                    self._write([each])
                except IntegrityError as refused:
                    self.refuse(each.story.called, str(refused.orig).splitlines()[0])

    def _write(self, ready: Sequence[Ready]) -> None:
        now = self.newsroom.clock.now()
        with self._door() as session:
            here = origins.known(session, self.source, origins.ARTICLE, [each.story.key for each in ready])
            filing = Filing(session, self.met, now, dry_run=self.dry_run)
            filing.file([each.story for each in ready])
            fresh = [each for each in ready if each.story.key not in here]
            changed = [each for each in ready if each.story.key in here]
            events, notes = list(filing.events), list[str]()
            if self.dry_run:
                outcomes = [_Outcome("changed", each.story.called) for each in changed]
            else:
                events += create(session, self.newsroom.settings, self.source, fresh, filing, now, notes)
                outcomes = [self._change(session, each, here[each.story.key], filing, events) for each in changed]
                reactions.commit(session, events, now, self.newsroom.signal)
        self._count.created += len(fresh)
        self.tally.unsupported += notes
        for outcome in outcomes:
            self._note(outcome)
        self.tell(len(ready))

    def _change(self, session: Session, each: Ready, origin: Origin, filing: Filing, events: list[Event]) -> _Outcome:
        now, called = self.newsroom.clock.now(), each.story.called
        try:
            with session.begin_nested():
                happened = change(session, self.newsroom.settings, origin, each, filing, now)
        except Left as left:
            return _Outcome("left", called, f"is left as it is here: {left}")
        except Invalid as invalid:
            return _Outcome("refused", called, _said(invalid.errors))
        except Refusal as refused:
            return _Outcome("refused", called, refused.message)
        events += happened
        return _Outcome("changed" if happened else "unchanged", called)

    def _note(self, outcome: _Outcome) -> None:
        self._count.changed += outcome.what == "changed"
        self._count.unchanged += outcome.what == "unchanged"
        self._count.skipped += outcome.what in ("left", "refused")
        if outcome.what == "left":
            self.tally.unsupported.append(f"{outcome.called} {outcome.why}")
        if outcome.what == "refused":
            self.tally.errors.append({"kind": "articles", "row": outcome.called, "error": outcome.why})

    def _door(self) -> AbstractContextManager[Session]:
        sessions = self.newsroom.sessions
        return sessions.read() if self.dry_run else sessions.write()


@dataclass(frozen=True)
class _Outcome:
    """What became of a story that was here before."""

    what: Literal["changed", "unchanged", "left", "refused"]
    called: str
    why: str = ""


class _Cleaners:
    """Cleans here while there is little to do, and on every core once there is more."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Cleaners:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def clean(self, stories: Sequence[Story]) -> list[Future[list[Cleaned]]] | list[Cleaned]:
        fields = [story.fields for story in stories]
        if len(fields) < AT_ONCE and self._pool is None:
            return clean_all(fields)
        if self._pool is None:
            begin_empty = get_context("spawn")  # a copy of a process with threads can stop at a lock for good
            self._pool = ProcessPoolExecutor(os.cpu_count(), begin_empty, initializer=_leave_with_parent)
        share = -(-len(fields) // _SHARES) or 1
        return [self._pool.submit(clean_all, list(some)) for some in in_batches(fields, share)]


class _Batch:
    def __init__(self, unlike: Sequence[tuple[Story, str]], cleaners: _Cleaners) -> None:
        self._unlike = unlike
        self._cleaned = cleaners.clean([story for story, _ in unlike])

    def cleaned(self) -> Iterator[tuple[Story, str, Cleaned]]:
        results: list[Cleaned] = []
        for each in self._cleaned:
            results += each.result() if isinstance(each, Future) else [each]
        for (story, digest), cleaned in zip(self._unlike, results, strict=True):
            yield story, digest, cleaned


def _batches(stories: Iterable[Story]) -> Iterator[list[Story]]:
    """Some hundred at a time, and fewer where they are long: a few batches are in memory at once."""
    batch, length = list[Story](), 0
    for story in stories:
        batch.append(story)
        length += len(story.fields.get("body_html") or "")
        if len(batch) == AT_ONCE or length > _MOST_TEXT:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def in_batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """As many at a time, in their order."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _leave_with_parent() -> None:
    leave_with_parent(lambda: os._exit(1))


def _said(errors: object) -> str:
    assert isinstance(errors, dict)
    return "; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in errors.items())
