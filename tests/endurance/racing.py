"""Desks at work in processes of their own, on a clock that all share, until they are done or killed.

Each writes down what it is about to do, and what came of it once it is committed: a line of JSON each, by one write.
What is written as done was acknowledged. A number that is read under the story's lock says in which order the acts on
a story were done, whatever their clocks said.
"""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cms import reactions
from cms.app import build_newsroom
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.audit import AuditLine
from cms.domain.errors import Refusal
from cms.domain.people.staff import Actor
from cms.domain.workflow import editions, publishing
from cms.newsroom import Newsroom
from cms.settings import Settings
from cms.worker.indexing import drain_search, ensure_index
from tests.desk import events_of

START = datetime(2026, 3, 27, 14, tzinfo=UTC)
TEXTS = 3
FORK = get_context("fork")  # everything is imported already; started anew, each would take a second to


class SharedClock:
    """One time for all processes, which anybody may step forwards or back.

    Without a lock, here and in ``Race.left``: who is killed while it holds one would stop all the others. Of two steps
    at the same moment one may be lost, and a publication more may be asked for; neither makes a difference.
    """

    def __init__(self) -> None:
        self._since = FORK.RawValue("q", 0)

    def now(self) -> datetime:
        return START + timedelta(microseconds=self._since.value)

    def step(self, by: timedelta) -> None:
        self._since.value = max(0, self._since.value + by // timedelta(microseconds=1))


@dataclass
class Race:
    """What the processes share. ``left``: publications that are still to be asked for."""

    settings: Settings
    articles: list[str]
    actor: Actor
    log: Path
    publications: int

    def __post_init__(self) -> None:
        self.clock = SharedClock()
        self.left = FORK.RawValue("q", self.publications)

    def begin(self, run: Callable[[Race, int], None], number: int) -> BaseProcess:
        process = FORK.Process(target=run, args=(self, number), daemon=True)
        process.start()
        return process

    def newsroom(self) -> Newsroom:
        """One of the process's own: nothing of a database may be carried over a fork."""
        return build_newsroom(self.settings, self.clock)


def work_at_a_desk(race: Race, number: int) -> None:
    """Until nothing is left to publish. ``number`` is the process's, and its name in the log."""
    newsroom, chance = race.newsroom(), random.Random(number)
    actor = Actor(race.actor.user_id, f"Desk {number}", race.actor.role)
    log = os.open(race.log / f"{number}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(**said: Any) -> None:
        os.write(log, json.dumps(said).encode() + b"\n")

    while race.left.value > 0:
        if chance.random() < 0.3:
            race.clock.step(timedelta(seconds=chance.choice([1, 20, 60, 300, -45, -400])))
        now, article = race.clock.now(), chance.choice(race.articles)
        with newsroom.sessions.write() as session:
            row = desk.find(session, article, lock=True)
            after = session.scalar(select(func.count(AuditLine.id)).where(AuditLine.subject == f"article:{article}"))
            verb, given = choose(session, row, now, chance)
            note(what="try", article=article, after=after, verb=verb, now=now.isoformat(), given=given)
            try:
                told = list(events_of(carry_out(session, actor, row, now, newsroom, verb, given)))
                reactions.commit(session, told, now, newsroom.signal)
            except Refusal as refused:
                note(what="refused", code=refused.code)
                continue
        note(what="done", lines=len(told), errands=sum(len(each.errands) for each in told))
        if verb in ("publish", "reschedule"):
            race.left.value -= 1


def choose(session: Session, row: Article, now: datetime, chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A verb, and what it is given: instants as text, since they are written down."""
    rows = [each.n for each in desk.publications(session, row) if each.cancelled_at is None]
    coming = [each.n for each in desk.publications(session, row) if each.cancelled_at is None and each.live_from > now]

    def soon() -> str:
        return (now + timedelta(seconds=chance.choice([-30, 30, 90, 90, 600, 3600]))).isoformat()

    verb = chance.choice(["publish", "publish", "publish", "reschedule", "reschedule", "cancel", "withdraw", "expire"])
    if verb == "publish":
        until = chance.choice([None, None, (now + timedelta(hours=1)).isoformat()])
        start = chance.choice([None, soon(), soon(), soon()])
        return verb, {"revision": chance.randint(1, TEXTS), "live_from": start, "live_until": until}
    if verb in ("reschedule", "cancel"):
        n = chance.choice(coming or rows or [1])
        return verb, {"n": n, **({"to": soon()} if verb == "reschedule" else {})}
    if verb == "expire":
        return verb, {"n": chance.choice(rows or [1]), "until": chance.choice([None, soon(), soon()])}
    return verb, {"notice": chance.choice([None, "It was wrong."])}


def carry_out(
    session: Session, actor: Actor, row: Article, now: datetime, newsroom: Newsroom, verb: str, given: dict[str, Any]
) -> Any:
    zone, given = newsroom.settings.site_timezone, timed(given)
    if verb == "publish":
        return publishing.publish(session, actor, row, now, zone=zone, **given)
    if verb == "reschedule":
        return editions.reschedule(session, actor, row, given["n"], given["to"], now, zone=zone)
    if verb == "cancel":
        return publishing.cancel(session, actor, row, given["n"], now, zone=zone)
    if verb == "expire":
        return editions.expire(session, actor, row, given["n"], given["until"], now, zone=zone)
    return publishing.withdraw(session, actor, row, now, zone=zone, **given)


def timed(given: dict[str, Any]) -> dict[str, Any]:
    """With the instants as instants again."""
    instants = ("live_from", "live_until", "to", "until")
    return {name: datetime.fromisoformat(it) if name in instants and it else it for name, it in given.items()}


def keep_the_index(race: Race, _number: int) -> None:
    """A worker's part of it, until it is killed."""
    newsroom = race.newsroom()
    ensure_index(newsroom)
    pause = threading.Event()
    while True:
        if not drain_search(newsroom):
            pause.wait(0.02)


def written(log: Path) -> list[dict[str, Any]]:
    """What every process wrote down: each try with what came of it (``done``, ``refused`` or nothing)."""
    acts: list[dict[str, Any]] = []
    for path in sorted(log.iterdir()):
        for line in path.read_text().splitlines():
            with suppress(json.JSONDecodeError):  # torn by a kill
                said = json.loads(line)
                if said["what"] == "try":
                    acts.append({**said, "by": f"Desk {path.stem}", "came": ""})
                else:
                    acts[-1] |= {**said, "came": said["what"]}
    return acts
