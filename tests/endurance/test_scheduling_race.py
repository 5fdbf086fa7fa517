"""Eight desks in processes of their own schedule, move and call off, are killed, and their clock is stepped back and
forth: what readers see at any instant is what follows from the acts that were acknowledged, and the index follows.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cms import worker
from cms.clock import SetClock
from cms.domain import outbox
from cms.domain.articles.model import Article, Revision
from cms.domain.articles.queries import NOW, visible
from cms.domain.audit import AuditLine
from cms.domain.outbox import OutboxRow
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.endurance.oracle import Person, Story
from tests.endurance.racing import START, TEXTS, Race, keep_the_index, timed, work_at_a_desk, written
from tests.sizes import SOAKING, size

pytestmark = [BOTH_DATABASES, pytest.mark.timeout(0 if SOAKING else 120)]

PROCESSES = 8
PUBLICATIONS = size(200, 10_000, "PUBLICATIONS")
STORIES = size(8, 200)
INSTANTS = size(200, 1_000)
EDITOR = Person("desk", "editor")


def test_what_readers_see_is_what_was_acknowledged_whoever_dies_and_whatever_the_clock_does(
    make_newsroom: Callable[..., Newsroom], database: dict[str, str], clock: SetClock, tmp_path: Path
) -> None:
    clock.set(START)
    newsroom = make_newsroom(**database)
    race = make_race(newsroom, tmp_path / "log")
    kills = run(race)
    acts = written(race.log)
    stories, missing = replay(newsroom, acts)
    assert kills > 5
    assert missing == [], "acknowledged, and gone"
    assert Counter(each["came"] for each in acts)["done"] >= PUBLICATIONS
    clock.set(race.clock.now() + timedelta(days=1))
    compare(newsroom, stories)
    while worker.drain_search(newsroom):
        pass
    compare_effects(newsroom, acts, stories)


def make_race(newsroom: Newsroom, log: Path) -> Race:
    desk, log_made = Desk(newsroom), log.mkdir()
    assert log_made is None
    articles = []
    for number in range(STORIES):
        articles.append(desk.write("Text 1", slug=f"story-{number}"))
        for text in range(2, TEXTS + 1):
            desk.save(articles[-1], headline=f"Text {text}")
    actor = desk.actor("editor")
    worker.ensure_index(newsroom)
    newsroom.sessions.dispose()  # a connection that is carried over a fork is two processes' at once
    return Race(newsroom.settings, articles, actor, log, PUBLICATIONS)


def run(race: Race) -> int:
    """Let them race, and kill one after another without a warning; how many were killed at work."""
    chance, numbers, kills = random.Random(1), iter(range(1, 1_000_000)), 0

    def begin(work: Callable[[Race, int], None]) -> tuple[Callable[[Race, int], None], BaseProcess]:
        return work, race.begin(work, next(numbers))

    running = [begin(work_at_a_desk) for _ in range(PROCESSES)] + [begin(keep_the_index) for _ in range(2)]
    pace = race.publications / 25
    while (left := race.left.value) > 0:
        if race.publications - left < pace * kills:
            time.sleep(0.005)
            assert any(process.is_alive() for _work, process in running)
            continue
        victim = chance.randrange(len(running))
        work, process = running[victim]
        process.kill()
        process.join()
        kills += process.exitcode == -9
        running[victim] = begin(work)
    for work, process in running:
        if work is keep_the_index:
            process.kill()
        process.join()
        assert process.exitcode in (0, -9)
    return kills


def replay(newsroom: Newsroom, acts: list[dict[str, Any]]) -> tuple[dict[str, Story], list[dict[str, Any]]]:
    """The stories as they must be, from the acts in the order in which they were done, and the acts that the log lacks.

    An act whose desk was killed before it could write it down as done was done if the audit log has it.
    """
    lines = audited(newsroom)
    stories, missing = {}, []
    for article, log in lines.items():
        mine = [each for each in acts if each["article"] == article]
        for act in mine:
            in_log = log[act["after"] : act["after"] + 1] == [act["by"]]
            if act["came"] == "done" and not in_log:
                missing.append(act)
            if act["came"] == "" and in_log:
                act["came"] = "done unsaid"
        story = stories[article] = written_story()
        for act in sorted(mine, key=lambda act: (act["after"], act["came"] != "refused")):
            if act["came"]:
                refused = do(story, act)
                assert bool(refused) == (act["came"] == "refused"), (act, refused)
                assert act["came"] != "refused" or act["code"] in {each.partition(":")[0] for each in refused}
    return stories, missing


def audited(newsroom: Newsroom) -> dict[str, list[str]]:
    """Of each story, who did what the log has, in its order."""
    with newsroom.sessions.read() as session:
        lines: dict[str, list[str]] = {row: [] for row in session.scalars(select(Article.public_id))}
        for subject, name in session.execute(select(AuditLine.subject, AuditLine.actor_name).order_by(AuditLine.id)):
            kind, _, article = subject.partition(":")
            if kind == "article":
                lines[article].append(name)
    return lines


def written_story() -> Story:
    story = Story(EDITOR)
    for number in range(1, TEXTS + 1):
        text = {"headline": f"Text {number}", "standfirst": "", "sections": "", "bylines": ""}
        story.append(text, number - 1 or None)
    return story


def do(story: Story, act: dict[str, Any]) -> set[str]:
    now, given = datetime.fromisoformat(act["now"]), timed(act["given"])
    if act["verb"] == "publish":
        return story.publish(EDITOR, now, minor=False, knowingly=False, **given)
    if act["verb"] == "reschedule":
        return story.reschedule(EDITOR, given["n"], given["to"], now, knowingly=False)
    if act["verb"] == "cancel":
        return story.cancel(EDITOR, given["n"], now)
    if act["verb"] == "expire":
        return story.expire(EDITOR, given["n"], given["until"], now)
    return story.withdraw(EDITOR, given["notice"], now)


def compare(newsroom: Newsroom, stories: dict[str, Story]) -> None:
    """Everything that is on show at many instants, among them those at which it changes."""
    changes = sorted({at for story in stories.values() for at in story.instants()})
    chance = random.Random(2)
    span = (changes[-1] - START) / timedelta(seconds=1) + 60
    instants = [START + timedelta(seconds=chance.random() * span) for _ in range(INSTANTS // 2)]
    instants += chance.sample(changes, min(len(changes), INSTANTS - len(instants)))
    shown = visible(NOW).with_only_columns(Article.public_id, Revision.number)
    with newsroom.sessions.read() as session:
        for at in instants:
            came = sorted(map(tuple, session.execute(shown, {"now": at})))
            said = sorted((article, live.revision) for article, story in stories.items() if (live := story.live(at)))
            assert came == said, at


def compare_effects(newsroom: Newsroom, acts: list[dict[str, Any]], stories: dict[str, Story]) -> None:
    """Every errand is there once and done, and the index has what is on show, once."""
    with newsroom.sessions.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == outbox.SEARCH)).all()
    asked = sum(each["errands"] for each in acts if each["came"] == "done")
    unsaid = sum(each["came"] == "done unsaid" for each in acts)
    assert asked <= len(rows) <= asked + 3 * unsaid
    now = newsroom.clock.now()
    assert {row.id for row in rows if row.done_at is None} == {row.id for row in rows if row.due_at > now}
    assert list(worker.index_drift(newsroom)) == []
    on_show = [article for article, story in stories.items() if story.live(now)]
    assert sorted(newsroom.search.holds()) == sorted(on_show)
