"""A newsroom of made-up stories, as large as asked for, to measure on: the same on every machine.

CMS_DATA_DIR=/tmp/bench python bench/newsroom.py 2000
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from cms import reactions
from cms.app import build_newsroom
from cms.db import keep_statistics
from cms.domain.articles.fields import clean_fields
from cms.domain.people.hiring import add_person
from cms.domain.people.staff import SYSTEM
from cms.domain.taxonomy.filing import start_section
from cms.domain.workflow import editing, publishing
from cms.moving import schema
from cms.newsroom import Newsroom
from cms.worker.indexing import ensure_index

SECTIONS = ("World", "Business", "Science", "Sport", "Culture", "Opinion")
REPORTERS = tuple(f"Reporter Number {number}" for number in range(40))
APART = timedelta(minutes=10)
TOGETHER = 50
WORDS_A_STORY = 2_400
"""Words in a body: with them a page comes to about 25 KB, as PERFORMANCE's rivals and limits were measured with."""


def fill(newsroom: Newsroom, stories: int, *, words: int = WORDS_A_STORY, searched: bool = True) -> None:
    """Migrate, and publish this many stories of so many ``words``, one every ten minutes until now; with an index if it
    is ``searched``."""
    schema.upgrade(newsroom.sessions.write_engine)
    now = datetime.now(UTC)
    with newsroom.sessions.write() as session:
        filed = [start_section(session, SYSTEM, name=name, slug=None, parent=None, now=now) for name in SECTIONS]
        hired = [add_person(session, SYSTEM, name=name, slug=None, now=now) for name in REPORTERS]
        written = write(stories, [made.slug for made, _ in filed], [made.slug for made, _ in hired], words)
        reactions.commit(session, [event for _, event in [*filed, *hired]], now, newsroom.signal)
    for first in range(0, stories, TOGETHER):
        with newsroom.sessions.write() as session:
            events = []
            for number, story in enumerate(islice(written, TOGETHER), first):
                at = now - APART * (stories - number)
                article, created = editing.create(session, SYSTEM, clean_fields(story), at, language="en")
                _row, published = publishing.publish(
                    session, SYSTEM, article, now, zone=newsroom.settings.site_timezone, live_from=at
                )
                events += [created, *published]
            reactions.commit(session, events, now, newsroom.signal)
    if searched:
        ensure_index(newsroom)
    keep_statistics(newsroom.sessions.write_engine)


def write(
    stories: int, sections: list[str], people: list[str], length: int = WORDS_A_STORY
) -> Iterator[dict[str, object]]:
    """This many stories' fields, each as long, filed in these sections and signed by these people."""
    dice = random.Random(11)
    lexicon = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randrange(2, 10))) for _ in range(8_000)]
    weights = [1 / (rank + 3) for rank in range(len(lexicon))]
    words = dice.choices(lexicon, weights, k=200_000)
    return (_story(number, dice, words, sections, people, length) for number in range(stories))


def _story(
    number: int, dice: random.Random, words: list[str], sections: list[str], people: list[str], body: int
) -> dict[str, object]:
    def text(length: int) -> str:
        start = dice.randrange(len(words) - length)
        return " ".join(words[start : start + length])

    paragraphs = [text(80).capitalize() + "." for _ in range(body // 80)]
    return {
        "headline": f"{text(7).capitalize()} {number}",
        "standfirst": text(30).capitalize() + ".",
        "key_points": [text(12).capitalize() for _ in range(3)],
        "body_html": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
        "bylines": [{"person": slug} for slug in dice.sample(people, dice.choice((1, 1, 2)))],
        "sections": dice.sample(sections, dice.choice((1, 2))),
        "tags": [f"Topic {dice.randrange(200)}" for _ in range(3)],
    }


if __name__ == "__main__":
    fill(build_newsroom(), int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
