"""Stories and queries in PostgreSQL's own terms: a ``tsvector`` of our stems, and a ``tsquery`` over it.

The database neither stems nor cuts words here: it is given lexemes that are ready. So it finds exactly what the
other engine finds, in every language. Four kinds of lexeme share the one vector, and so the one index:

    en:run         a stem, by the rules of its story's language, with its places
    ^running       a headline's word as it is written, to be found by its beginning
    section=news   what the story is filed under (also ``tag=``, ``author=``)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from cms.engines.search.keywords import telling_words
from cms.interfaces import Document, Phrase, Query, Word
from cms.language import fold, stem, stemmer_of, stems, words

SHORTEST_START = 3
LAST_PLACE = 16_382
"""A ``tsvector`` counts no further; words of a story beyond are not indexed."""


def vector(document: Document) -> str:
    """The story as a ``tsvector`` literal; headline words weigh A, all others D."""
    stemmer = stemmer_of(document.language)
    places: dict[str, list[str]] = defaultdict(list)
    for place, word, weight in _places(document, stemmer):
        places[f"{stemmer}:{word}"].append(f"{place}{weight}")
    bare = {f"^{fold(word)}" for word, _, _ in words(document.headline)}
    bare |= {f"{kind}={slug}" for kind, slugs in _filed(document) for slug in slugs}
    return " ".join([*(f"{_quoted(word)}:{','.join(at)}" for word, at in places.items()), *map(_quoted, sorted(bare))])


def facets(document: Document) -> list[str]:
    """What the story counts towards: ``section=news``, ``year=2024``."""
    filed = [f"{kind}={slug}" for kind, slugs in _filed(document) for slug in dict.fromkeys(slugs)]
    return [*filed, f"year={document.published_at.year}"]


def keywords(document: Document) -> list[str]:
    stemmer = stemmer_of(document.language)
    weights: dict[str, int] = defaultdict(int)
    for _place, word, weight in _places(document, stemmer):
        weights[word] += 2 if weight else 1
    return [f"{stemmer}:{word}" for word in telling_words(weights, stemmer)]


def matching(query: Query, stemmers: Sequence[str]) -> str:
    """The ``tsquery`` of everything that matches, but for its dates; empty when nothing narrows the query."""
    asked = [f"({one})" for one in _each(query.every, stemmers)]
    return _filtered([f"({' | '.join(asked)})"] if query.relaxed and asked else asked, query, stemmers)


def lacking_one(query: Query, stemmers: Sequence[str]) -> str:
    """The same of a relaxed query for what lacks one of its words at most; empty when there are too few words for
    that to say more than "any"."""
    asked = [f"({one})" for one in _each(query.every, stemmers)]
    return _filtered([_all_but_one(asked)], query, stemmers) if query.relaxed and len(asked) > 2 else ""


def _all_but_one(asked: Sequence[str]) -> str:
    """One half whole, and of the other all but one: so each word is said log n times, not n."""
    if len(asked) == 2:
        return f"({asked[0]} | {asked[1]})"
    left, right = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    if len(left) == 1:
        return f"(({left[0]} & {_all_but_one(right)}) | ({' & '.join(right)}))"
    return f"(({' & '.join(left)} & {_all_but_one(right)}) | ({_all_but_one(left)} & {' & '.join(right)}))"


def _filtered(parts: list[str], query: Query, stemmers: Sequence[str]) -> str:
    parts = parts + [f"!({one})" for one in _each(query.without, stemmers)]
    filters = (("section", query.sections), ("tag", query.tags), ("author", query.authors))
    parts += [_quoted(f"{kind}={slug}") for kind, slugs in filters for slug in slugs]
    return " & ".join(parts)


def ranking(query: Query, stemmers: Sequence[str]) -> str:
    """The ``tsquery`` by whose words the matches are ranked; empty when no word was asked for."""
    return " | ".join(f"({one})" for one in _each(query.every, stemmers))


def _places(document: Document, stemmer: str) -> Iterator[tuple[int, str, str]]:
    """Place, stem and weight of each word; a gap between texts keeps a phrase from running across."""
    place = 0
    texts = [(document.standfirst, ""), *((name, "") for name in (*document.author_names, *document.tag_names))]
    for text, weight in ((document.headline, "A"), *texts, (document.body, "")):
        for word in stems(text, stemmer)[: LAST_PLACE - place]:
            place += 1
            yield place, word, weight
        place = min(place + 1, LAST_PLACE)


def _filed(document: Document) -> tuple[tuple[str, Iterable[str]], ...]:
    return ("section", document.sections), ("tag", document.tags), ("author", document.authors)


def _each(asked: Iterable[Word | Phrase], stemmers: Sequence[str]) -> Iterator[str]:
    return filter(None, (_asked(one, stemmers) for one in asked))


def _asked(asked: Word | Phrase, stemmers: Sequence[str]) -> str:
    """A word or phrase under the rules of every language that the index has."""
    cut = [word for word, _, _ in words(asked.text)]
    if not cut:
        return ""
    forms = {" <-> ".join(_quoted(f"{stemmer}:{stem(word, stemmer)}") for word in cut) for stemmer in stemmers or ("",)}
    if isinstance(asked, Word) and asked.prefix and len(cut) == 1 and len(fold(cut[0])) >= SHORTEST_START:
        forms.add(_quoted(f"^{fold(cut[0])}") + ":*")
    return " | ".join(sorted(f"({form})" for form in forms))


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
