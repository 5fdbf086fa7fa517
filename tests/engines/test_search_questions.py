"""Search judged by hand: what people would ask of the sample newsroom, and the story that they are after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cms.clock import SetClock
from cms.domain.search.finding import find
from cms.domain.search.grammar import parse
from cms.moving.sample.reading import read_newsroom
from cms.newsroom import Newsroom
from cms.worker.indexing import drain_search, rebuild_index
from tests.desk import Desk

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql with its own search"], indirect=True)

PATH = "/{yyyy}/{mm}/{dd}/{slug}/"
RIGHT_IN_THREE = 0.9


def questions() -> Iterator[tuple[str, str]]:
    for line in Path(__file__).with_name("newsroom_questions.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            asked, _, wanted = line.partition(" = ")
            yield asked, wanted


def publish_the_sample(newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    sample, today = read_newsroom(), clock.now()
    for person in sample.people:
        desk.person(person.name, person.slug)
    for section in sample.sections:
        desk.section(section.name, section.slug, section.parent)
    for story in sorted(sample.articles, key=lambda one: -(one.hours_ago or 0)):
        if story.state == "live":
            clock.set(today - timedelta(hours=story.hours_ago or 0))
            text = story.revisions[-1].text if story.revisions else story.text
            desk.publish(
                text.headline,
                standfirst=text.standfirst,
                key_points=list(text.key_points),
                body_html=text.body_html,
                slug=story.slug,
                language=story.language,
                bylines=[{"person": byline.person, "role": byline.role} for byline in story.bylines],
                sections=list(story.sections),
                tags=list(story.tags),
            )
    clock.set(today)
    while drain_search(newsroom):
        pass


def test_of_fifty_questions_nine_in_ten_are_answered_in_the_first_three(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    rebuild_index(newsroom)
    publish_the_sample(newsroom, desk, clock)
    asked = list(questions())
    with newsroom.sessions.read() as session:
        answers = [find(session, newsroom.search, parse(one), clock.now(), PATH, limit=3) for one, _ in asked]
    missed = {
        one: [result.story.slug for result in answer.results]
        for (one, wanted), answer in zip(asked, answers, strict=True)
        if wanted not in {result.story.slug for result in answer.results}
    }
    assert len(asked) >= 50
    assert len(missed) <= (1 - RIGHT_IN_THREE) * len(asked), missed
