"""Stories to search, and what is asked of them: the same for every engine and on every machine.

A corpus is JSON Lines (gzipped or not) with ``title``, ``body`` and lists ``places`` and ``topics``. Beyond its own
size it is repeated, each time with a third of every text's words exchanged for another story's, so that no two stories
are the same. Without one, text is made up.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cms.interfaces import Document, Phrase, Query, Word

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EXCHANGED = 3
KNOWN_ITEMS, DISTINCTIVE = 200, 8
Row = dict[str, Any]
Kinds = dict[str, list[Query]]


def corpus(path: Path | None) -> list[Row]:
    if path is None or not path.exists():
        return list(_made_up(5_000))
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def documents(rows: list[Row], size: int) -> Iterator[Document]:
    for number in range(size):
        row, lap, author = rows[number % len(rows)], number // len(rows), number % 300
        body = _varied(row["body"], rows, number, lap)
        yield Document(
            article=f"story-{number}",
            language="en",
            headline=row["title"].title() + (f" {lap}" if lap else ""),
            standfirst=body[:150],
            body=body,
            authors=(f"author-{author}",),
            author_names=(f"Author Number{author}",),
            sections=("news", *row["places"][:2]),
            tags=tuple(row["topics"]),
            tag_names=tuple(row["topics"]),
            published_at=NOW - timedelta(minutes=number * 150_000 // size, seconds=number % 60),
        )


def _varied(body: str, rows: list[Row], number: int, lap: int) -> str:
    if not lap:
        return body
    dice = random.Random(number)
    words, others = body.split(), dice.choice(rows)["body"].split()
    for place in range(dice.randrange(EXCHANGED), len(words) if others else 0, EXCHANGED):
        words[place] = dice.choice(others)
    return " ".join(words)


# --- What is asked -----------------------------------------------------------------------------------------


def asked(rows: list[Row]) -> Kinds:
    """300 queries of the kinds that readers ask, from the corpus's own words."""
    dice = random.Random(7)
    ranked = [word for word, _ in _counted(rows).most_common() if len(word) > 3]
    common, rare = ranked[:200], ranked[2_000:8_000]
    titles = [word for row in rows for word in row["title"].lower().split() if word.isalpha() and len(word) > 3]
    topics = sorted({topic for row in rows for topic in row["topics"]})

    def phrase() -> str:
        body = dice.choice(rows)["body"].split() or ["the"]
        start = dice.randrange(max(1, len(body) - 3))
        return " ".join(body[start : start + dice.choice((2, 3))])

    def days(days_ago: int) -> datetime:
        return NOW - timedelta(days=days_ago)

    return {
        "common word": [Query((Word(dice.choice(common)),)) for _ in range(40)],
        "rare word": [Query((Word(dice.choice(rare)),)) for _ in range(30)],
        "2–3 words": [Query(tuple(map(Word, dice.sample(common, dice.choice((2, 3)))))) for _ in range(60)],
        "phrase": [Query((Phrase(phrase()),)) for _ in range(40)],
        "prefix": [Query((Word(dice.choice(titles)[: dice.choice((3, 4))], prefix=True),)) for _ in range(50)],
        "word in tag": [Query((Word(dice.choice(common)),), tags=(dice.choice(topics),)) for _ in range(40)],
        "word in 30 days": [
            Query((Word(dice.choice(common)),), since=days(start + 30), before=days(start))
            for start in dice.choices(range(70), k=40)
        ],
    }


def worst(rows: list[Row]) -> list[Query]:
    """The commonest words, as often as the grammar lets them be asked for."""
    first, second, *others = [word for word, _ in _counted(rows).most_common(12)]
    return [
        Query((Phrase(" ".join([first] * 12)),)),
        Query(tuple(Phrase(f"{one} {first}") for one in (second, *others[:5]))),
        Query(tuple(Phrase(f"{one} {first}") for one in (second, *others[:5])), relaxed=True),
        Query(tuple(map(Word, (first, second, *others))), relaxed=True),
        Query((Phrase(" ".join((first, second, *others))),)),
    ]


@dataclass(frozen=True)
class KnownItem:
    """Somebody remembers eight of a story's rarest words, which stand together in no other (the wire sent some stories
    twice); ``mistyped`` is the same with one letter wrong."""

    article: str
    words: tuple[str, ...]
    mistyped: tuple[str, ...]


def known_items(rows: list[Row], size: int) -> list[KnownItem]:
    dice = random.Random(3)
    chosen = set(dice.sample(range(size), min(size, 3 * KNOWN_ITEMS)))
    texts, seen = {}, Counter[str]()
    for number, document in enumerate(documents(rows, size)):
        words = _plain(document.body)
        seen.update(words)
        if number in chosen and len(words) >= 3 * DISTINCTIVE:
            texts[document.article] = words
    rarest = {
        article: sorted(words, key=lambda word: (seen[word], word))[:DISTINCTIVE] for article, words in texts.items()
    }
    alone = sorted(article for article, number in _together(rarest, rows, size).items() if number == 1)
    items = []
    for article in dice.sample(alone, min(KNOWN_ITEMS, len(alone))):
        rare = dice.sample(rarest[article], DISTINCTIVE)
        items.append(KnownItem(article, tuple(rare), _mistyped(rare, dice)))
    return items


def _together(rarest: dict[str, list[str]], rows: list[Row], size: int) -> Counter[str]:
    """In how many stories all of these words stand."""
    by_first: dict[str, list[str]] = {}
    for article, words in rarest.items():
        by_first.setdefault(words[0], []).append(article)
    number = Counter[str]()
    for document in documents(rows, size):
        there = _plain(f"{document.headline} {document.body}")
        for word in there & by_first.keys():
            number.update(article for article in by_first[word] if there.issuperset(rarest[article]))
    return number


def _plain(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > 3}


def _mistyped(words: list[str], dice: random.Random) -> tuple[str, ...]:
    place = dice.randrange(len(words))
    return (*words[:place], mistype(words[place], dice), *words[place + 1 :])


def mistype(word: str, dice: random.Random) -> str:
    """One letter left out, put in, mistaken or swapped with its neighbour, not the first."""
    at, letter = dice.randrange(1, len(word) - 1), dice.choice("abcdefghijklmnopqrstuvwxyz")
    return dice.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _counted(rows: list[Row]) -> Counter[str]:
    return Counter(word for row in rows for word in {*row["body"].lower().split()} if word.isalpha())


def _made_up(count: int) -> Iterator[Row]:
    """Words whose frequencies fall as those of a language do."""
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    lexicon = ["".join(dice.choices(letters, k=dice.randrange(2, 11))) for _ in range(30_000)]
    weights = [1 / (rank + 3) for rank in range(len(lexicon))]
    for _ in range(count):
        yield {
            "title": " ".join(dice.choices(lexicon, weights, k=8)),
            "body": " ".join(dice.choices(lexicon, weights, k=dice.randrange(40, 300))),
            "places": [f"place-{dice.randrange(40)}"],
            "topics": [f"topic-{dice.randrange(100)}"],
        }
