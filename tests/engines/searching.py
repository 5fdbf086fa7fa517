"""A small newsroom's stories, and a search over them that is too simple to be wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from math import log1p

from cms.interfaces import Document, Facets, Found, Phrase, Query, SearchIndex, Word
from cms.language import fold, stem, stemmer_of, words

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_ENGLISH = """bank rates rate running run runs minister budget budgets harbour storm storms election elect
café naïve report reports reporting city council councils school strike striking the of and in on at"""
_GERMAN = """Bank Banken Haus Häuser Wahl Wahlen Minister laufen läuft Straße Straßen Zug Züge Stadt
der die und in Müller Bericht Berichte Sturm run running"""
_OTHER = """bank haus running run orbital straße café"""
LEXICON = {"en": _ENGLISH.split(), "de": _GERMAN.split(), "xx": _OTHER.split()}


def story(article: str, headline: str = "", body: str = "", **given: object) -> Document:
    fields: dict[str, object] = {
        "article": article,
        "language": "en",
        "headline": headline,
        "standfirst": "",
        "body": body,
        "authors": (),
        "author_names": (),
        "sections": ("news",),
        "tags": (),
        "tag_names": (),
        "published_at": NOW - timedelta(days=1),
    }
    return Document(**(fields | given))  # type: ignore[arg-type]


def stories(count: int, seed: int = 1) -> Iterator[Document]:
    """The same stories for the same seed, no two of the same second."""
    dice = random.Random(seed)
    minutes = dice.sample(range(3 * 365 * 1_440), count)
    for number, minute in enumerate(minutes):
        language = dice.choices(list(LEXICON), [6, 3, 1])[0]
        author, tags = f"author-{dice.randrange(12)}", sorted(dice.sample(range(8), dice.randrange(4)))
        yield story(
            f"story-{number}",
            _text(dice, language, 6),
            _text(dice, language, 60),
            language=language,
            standfirst=_text(dice, language, 12),
            authors=(author,),
            author_names=(f"Ada {author}",),
            sections=("news", dice.choice(("sport", "politics"))),
            tags=tuple(f"tag-{tag}" for tag in tags),
            published_at=NOW - timedelta(minutes=minute, seconds=number % 60),
        )


def queries(count: int, seed: int = 2) -> Iterator[Query]:
    dice = random.Random(seed)
    lexicon = [*LEXICON["en"], *LEXICON["de"], "running", "nowhere", "ada"]
    for _ in range(count):
        every = tuple(_asked(dice, lexicon) for _ in range(dice.choice((0, 1, 1, 2, 2, 3))))
        yield Query(
            every=every,
            without=tuple(_asked(dice, lexicon) for _ in range(dice.choice((0, 0, 0, 1)))),
            sections=tuple(dice.sample(("news", "sport", "politics", "none"), dice.choice((0, 0, 1, 2)))),
            tags=(f"tag-{dice.randrange(9)}",) * dice.choice((0, 0, 0, 1)),
            authors=(f"author-{dice.randrange(13)}",) * dice.choice((0, 0, 0, 1)),
            since=dice.choice((None, None, NOW - timedelta(days=dice.randrange(1_000)))),
            before=dice.choice((None, None, NOW - timedelta(days=dice.randrange(400)))),
            relaxed=dice.random() < 0.2,
        )


def find(index: SearchIndex, query: Query | str, **given: object) -> Found:
    if isinstance(query, str):
        query = Query(tuple(Word(word) for word in query.split()))
    how: dict[str, object] = {"now": NOW, "sort": "relevance", "offset": 0, "limit": 10}
    return index.search(query, **(how | given))  # type: ignore[arg-type]


def found_ids(index: SearchIndex, query: Query | str, **given: object) -> set[str]:
    return {hit.article for hit in find(index, query, limit=1_000, **given).hits}


def matching(documents: Iterable[Document], query: Query) -> dict[str, Document]:
    """Every document looked at, one after another."""
    return {one.article: one for one in documents if _passes(one, query) and _carries(one, query)}


def facets(documents: Iterable[Document]) -> Facets:
    documents = list(documents)
    return Facets(
        sections=Counter(slug for one in documents for slug in one.sections),
        tags=Counter(slug for one in documents for slug in one.tags),
        authors=Counter(slug for one in documents for slug in one.authors),
        years=Counter(str(one.published_at.year) for one in documents),
    )


def weight(document: Document, asked: Word | Phrase) -> int:
    """How often a word or phrase stands in a story; twice as much in the headline."""
    stemmer = stemmer_of(document.language)
    wanted = [stem(word, stemmer) for word, _, _ in words(asked.text)]
    zones = [document.headline, document.headline, document.standfirst, document.body]
    count = sum(_times(wanted, zone, stemmer) for zone in [*zones, *document.author_names, *document.tag_names])
    if isinstance(asked, Word) and asked.prefix and len(fold(asked.text)) >= 3:
        count += any(fold(word).startswith(fold(asked.text)) for word, _, _ in words(document.headline))
    return count


def scored(model: list[Document], query: Query, now: datetime = NOW) -> list[tuple[float, str]]:
    """Every match by the Whoosh engine's formula, worked out story by story, the best first."""
    average = sum(map(_length, model)) / len(model)
    rarities = []
    for asked in query.every:
        carrying = sum(weight(one, asked) > 0 for one in model)
        rarities.append(log1p((len(model) - carrying + 0.5) / (carrying + 0.5)))
    scored = []
    for one in matching(model, query).values():
        norm = 1.2 * (0.25 + 0.75 * _length(one) / average)
        weights = [weight(one, asked) for asked in query.every]
        relevance = sum(r * 2.2 * w / (w + norm) for r, w in zip(rarities, weights, strict=True))
        age = (now - one.published_at).total_seconds() / 86_400
        scored.append(((relevance if query.every else 1) * (0.4 + 0.6 * 2 ** (-age / 30)), one.article))
    return sorted(scored, reverse=True)


def _length(one: Document) -> int:
    zones = [one.headline, one.headline, one.standfirst, one.body, *one.author_names, *one.tag_names]
    return sum(len(list(words(zone))) for zone in zones)


def _passes(document: Document, query: Query) -> bool:
    named = (
        (query.sections, document.sections),
        (query.tags, document.tags),
        (query.authors, document.authors),
    )
    return (
        all(set(asked) <= set(carried) for asked, carried in named)
        and (query.since is None or document.published_at >= query.since)
        and (query.before is None or document.published_at < query.before)
    )


def _carries(document: Document, query: Query) -> bool:
    enough = any if query.relaxed and query.every else all
    return enough(weight(document, asked) for asked in query.every) and not any(
        weight(document, asked) for asked in query.without
    )


def _times(wanted: list[str], text: str, stemmer: str) -> int:
    there = [stem(word, stemmer) for word, _, _ in words(text)]
    return sum(there[place : place + len(wanted)] == wanted for place in range(len(there)))


def _asked(dice: random.Random, lexicon: list[str]) -> Word | Phrase:
    kind, word = dice.random(), dice.choice(lexicon)
    if kind < 0.2:
        return Phrase(" ".join([word, *dice.choices(lexicon, k=dice.choice((1, 1, 2)))]))
    if kind < 0.35:
        return Word(word[:3], prefix=True)
    return Word(word)


def _text(dice: random.Random, language: str, length: int) -> str:
    return " ".join(dice.choices(LEXICON[language], k=dice.randrange(1, length)))


def model_of(documents: Iterable[Document]) -> dict[str, Document]:
    return {one.article: one for one in documents}
