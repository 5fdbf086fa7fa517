"""Stories and queries in PostgreSQL's own terms: a ``tsvector`` of our stems, and a ``tsquery`` over it.

The database neither stems nor cuts words here: it is given lexemes that are ready. So it finds exactly what the
other engine finds, in every language. Five kinds of lexeme share the one vector, and so the one index:

    en:run         a stem, by the rules of its story's language, with its places
    en:of~the      two everyday words next to one another
    ^running       a headline's word as it is written, to be found by its beginning
    section=news   what the story is filed under (also ``tag=``, ``author=``)

The index knows which stories have a word, not where: for a phrase, each story that has all of its words is read. Of
everyday words that is nearly every story, so what follows what among those stands in the index, too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from cms.engines.search.keywords import telling_words
from cms.interfaces import Document, Phrase, Query, Word
from cms.language import commonplace, fold, stem, stemmer_of, stems, words

SHORTEST_START = 3
LONGEST_LEXEME = 2_046
"""Bytes that PostgreSQL takes. One letter can become eighteen others before it is looked up."""

LAST_PLACE = 16_382
"""A ``tsvector`` counts no further; words of a story beyond are not indexed."""

SAMPLE, EVERYDAY_SHARE = 1_000, 0.1
"""Of so many stories, a word that stands in more than this share of them is an everyday one."""


class Rules(NamedTuple):
    """By what rules the stories in the index were cut: their ``stemmers``, and the stems that are ``everyday`` ones
    besides those of each language."""

    stemmers: Sequence[str] = ()
    everyday: frozenset[str] = frozenset()


def everyday(documents: Sequence[Document]) -> frozenset[str]:
    """The stems that stand in so many of these stories that phrases of them have to stand in the index; of few
    stories none, which say nothing yet of those to come."""
    if len(documents) < SAMPLE:
        return frozenset()
    carried: Counter[str] = Counter()
    for document in documents:
        stemmer = stemmer_of(document.language)
        carried.update({f"{stemmer}:{word}" for _place, word, _weight in _places(document, stemmer)})
    return frozenset(word for word, stories in carried.items() if stories > EVERYDAY_SHARE * len(documents))


def vector(document: Document, everyday: frozenset[str] | None) -> str:
    """The story as a ``tsvector`` literal, with pairs of all words where it isn't known what is ``everyday``; headline
    words weigh A, all others D."""
    stemmer = stemmer_of(document.language)
    placed = list(_places(document, stemmer))
    places: dict[str, list[str]] = defaultdict(list)
    for place, word, weight in placed:
        places[word].append(f"{place}{weight}")
    common = set(places) if everyday is None else _common(places, stemmer, everyday)
    bare = {f"^{fold(word)}" for word, _, _ in words(document.headline)}
    bare |= {
        _pair(stemmer, first, second)
        for (at, first, _), (after, second, _) in pairwise(placed)
        if first in common and second in common and after == at + 1
    }
    bare |= {f"{kind}={slug}" for kind, slugs in _filed(document) for slug in slugs}
    stood = (f"{_quoted(f'{stemmer}:{word}')}:{','.join(at)}" for word, at in places.items())
    return " ".join([*stood, *map(_quoted, sorted(bare))])


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


def matching(query: Query, rules: Rules) -> str:
    """The ``tsquery`` of everything that matches, but for its dates; empty when nothing narrows the query."""
    asked = [f"({one})" for one in _each(query.every, rules)]
    return _filtered([f"({' | '.join(asked)})"] if query.relaxed and asked else asked, query, rules)


def lacking_one(query: Query, rules: Rules) -> str:
    """The same of a relaxed query for what lacks one of its words at most; empty when there are too few words for
    that to say more than "any"."""
    asked = [f"({one})" for one in _each(query.every, rules)]
    return _filtered([_all_but_one(asked)], query, rules) if query.relaxed and len(asked) > 2 else ""


def _all_but_one(asked: Sequence[str]) -> str:
    """One half whole, and of the other all but one: so each word is said log n times, not n."""
    if len(asked) == 2:
        return f"({asked[0]} | {asked[1]})"
    left, right = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    if len(left) == 1:
        return f"(({left[0]} & {_all_but_one(right)}) | ({' & '.join(right)}))"
    return f"(({' & '.join(left)} & {_all_but_one(right)}) | ({_all_but_one(left)} & {' & '.join(right)}))"


def _filtered(parts: list[str], query: Query, rules: Rules) -> str:
    parts = parts + [f"!({one})" for one in _each(query.without, rules)]
    filters = (("section", query.sections), ("tag", query.tags), ("author", query.authors))
    parts += [_quoted(f"{kind}={slug}") for kind, slugs in filters for slug in slugs]
    return " & ".join(parts)


def ranking(query: Query, rules: Rules) -> str:
    """The ``tsquery`` by whose words the matches are ranked; empty when no word was asked for."""
    return " | ".join(f"({one})" for one in _each(query.every, rules, paired=False))


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


def _each(asked: Iterable[Word | Phrase], rules: Rules, *, paired: bool = True) -> Iterator[str]:
    return filter(None, (_asked(one, rules, paired) for one in asked))


def _asked(asked: Word | Phrase, rules: Rules, paired: bool) -> str:
    """A word or phrase under the rules of every language that the index has."""
    cut = [word for word, _, _ in words(asked.text)]
    if not cut:
        return ""
    forms = {_next_to_one_another(cut, stemmer, rules, paired) for stemmer in rules.stemmers or ("",)}
    if isinstance(asked, Word) and asked.prefix and len(cut) == 1 and len(fold(cut[0])) >= SHORTEST_START:
        forms.add(_quoted(f"^{fold(cut[0])}") + ":*")
    return " | ".join(sorted(f"({form})" for form in forms))


def _next_to_one_another(cut: Sequence[str], stemmer: str, rules: Rules, paired: bool) -> str:
    """These words in this order; where two of them are a lexeme, only what has that is read, or nothing has to be."""
    asked = [stem(word, stemmer) for word in cut]
    whole = " <-> ".join(_quoted(f"{stemmer}:{word}") for word in asked)
    common = _common(asked, stemmer, rules.everyday) if paired else set()
    pairs = [_quoted(_pair(stemmer, *two)) for two in pairwise(asked) if common.issuperset(two)]
    if not pairs:
        return whole
    return " & ".join(pairs if len(asked) == 2 else [*dict.fromkeys(pairs), f"({whole})"])


def _common(stems: Iterable[str], stemmer: str, everyday: frozenset[str]) -> set[str]:
    return {one for one in stems if one in commonplace(stemmer) or f"{stemmer}:{one}" in everyday}


def _pair(stemmer: str, first: str, second: str) -> str:
    return f"{stemmer}:{first}~{second}"


def _quoted(lexeme: str) -> str:
    if len(lexeme) > LONGEST_LEXEME // 4:
        lexeme = lexeme.encode()[:LONGEST_LEXEME].decode(errors="ignore")
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
