"""Search: index ∪ delta ∖ hidden, so that the answer is true however far the index has come.

Each change of what readers may find puts an errand in the outbox, due at its second. An errand that is due
and not yet done names an article on which the index may not be believed: it is taken out of the index's answer
*before* totals and facets are made, and read from the database instead. The errands are read first and the
index is asked second, and an errand is done only when the index has it; so nothing falls between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from cms.domain import outbox
from cms.domain.articles.model import Article
from cms.domain.articles.queries import newest_first, visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory
from cms.domain.search.documents import document
from cms.domain.search.grammar import MOST_CHARACTERS, MOST_TERMS, Asked
from cms.domain.search.highlight import Marker, Piece
from cms.domain.search.scanning import Read
from cms.domain.search.spelling import nearest, respelt
from cms.domain.search.titles import headlines_of, in_titles
from cms.interfaces import Document, Facets, Hit, IndexUnusable, Query, SearchIndex, Word

Sort = Literal["relevance", "newest"]
DELTA_AT_MOST = 50
FIRST_READ = 20

CHARACTERS_CUT = f"Only the first {MOST_CHARACTERS} characters were searched for."
TERMS_CUT = f"Only the first {MOST_TERMS} words were searched for."
RESPELT = "No story has what was typed. These have what may have been meant."
RELAXED = "No story has all of these words. These have some of them."
TITLES_ONLY = "The search index is being rebuilt. Until then only headlines and summaries are searched."
CATCHING_UP = "Many stories have just changed. Search will have all of them in a moment."


@dataclass(frozen=True)
class Result:
    """A story with what of its headline and text (or standfirst) matched, as pieces (text, marked)."""

    story: PublicStory
    headline: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True)
class Answer:
    """One page of results. ``notes`` are sentences for the reader about what this answer is not."""

    results: tuple[Result, ...]
    total: int
    facets: Facets
    notes: tuple[str, ...] = ()
    did_you_mean: str | None = None


@dataclass(frozen=True)
class _Ranked:
    ids: Sequence[str]
    total: int
    facets: Facets
    notes: tuple[str, ...] = ()


def find(
    session: Session,
    index: SearchIndex,
    asked: Asked,
    now: datetime,
    article_path: str,
    *,
    sort: Sort = "relevance",
    offset: int = 0,
    limit: int = 20,
) -> Answer:
    """The visible stories that match, as of the session's snapshot."""
    query, finder = asked.query, _Finder(session, index, now, article_path)
    ranked = finder.rank(query, sort, offset, limit)
    notes = [CHARACTERS_CUT] * asked.characters_cut + [TERMS_CUT] * asked.terms_cut
    better = finder.better_spelt(asked) if not ranked.total and query.every else None
    if better is not None:
        query, notes = better.query, [*notes, RESPELT]
        ranked = finder.rank(query, sort, offset, limit)
    elif not ranked.total and len(query.every) > 1:
        query = replace(query, relaxed=True)
        ranked = finder.rank(query, sort, offset, limit)
        notes += [RELAXED] * bool(ranked.total)
    shown, hidden = load(session, ranked.ids, now, article_path, body=True)
    return Answer(
        results=tuple(_results(shown, query)),
        total=ranked.total - hidden,
        facets=ranked.facets,
        notes=(*notes, *ranked.notes),
        did_you_mean=better.text if better else None,
    )


def ranked_ids(
    session: Session,
    index: SearchIndex,
    query: Query,
    now: datetime,
    article_path: str,
    limit: int,
    sort: Sort = "relevance",
) -> Sequence[str]:
    """The first matches' ids alone, for suggestions and for lists that go on from them."""
    return _Finder(session, index, now, article_path).rank(query, sort, 0, limit, facets=False).ids


def load(
    session: Session, ids: Sequence[str], now: datetime, article_path: str, *, body: bool
) -> tuple[list[PublicStory], int]:
    """These articles as readers may see them now, in this order, and how many of them they may not."""
    shown = stories(session, visible(now).where(Article.public_id.in_(ids)), now, article_path, body=body)
    by_id = {story.id: story for story in shown}
    return [by_id[one] for one in ids if one in by_id], len(ids) - len(by_id)


class _Finder:
    """The index and what it does not hold yet, read once for all the queries of one answer."""

    def __init__(self, session: Session, index: SearchIndex, now: datetime, article_path: str) -> None:
        self._session, self._index, self._now = session, index, now
        self._waiting = outbox.waiting_subjects(session, outbox.SEARCH, now)
        self._delta = self._changed(article_path) if self._waiting else []

    def rank(self, query: Query, sort: Sort, offset: int, limit: int, *, facets: bool = True) -> _Ranked:
        try:
            return self._merged(query, sort, offset, limit, facets)
        except IndexUnusable:
            ids, total = in_titles(self._session, visible(self._now), query, offset, limit)
            return _Ranked(ids, total, Facets(), (TITLES_ONLY,))

    def better_spelt(self, asked: Asked) -> Asked | None:
        """With words that stand in no story replaced by such as stand in a visible headline, when a search for that
        finds something."""
        unknown = [one.text for one in asked.query.every if isinstance(one, Word) and not self._having(one.text)[0]]
        near = {word: nearest(self._session, word, self._having) for word in unknown}
        mended = {word: better for word, better in near.items() if better}
        better = respelt(asked, mended) if mended else asked
        if better.text == asked.text:
            return None
        return better if self.rank(better.query, "newest", 0, 0, facets=False).total else None

    def _having(self, word: str) -> tuple[int, Sequence[str]]:
        ranked = self.rank(Query((Word(word),)), "relevance", 0, FIRST_READ, facets=False)
        return ranked.total, headlines_of(self._session, visible(self._now), ranked.ids)

    def _merged(self, query: Query, sort: Sort, offset: int, limit: int, facets: bool) -> _Ranked:
        found = self._index.search(
            query, now=self._now, sort=sort, offset=0, limit=offset + limit, exclude=self._waiting, facets=facets
        )
        fresh = [(one.document, well) for one in self._delta if (well := one.relevance(query)) is not None]
        best = max((hit.score for hit in found.hits), default=1.0)
        hits = [*found.hits, *(Hit(one.article, best * well, one.published_at) for one, well in fresh)]
        if sort == "newest":
            hits.sort(key=lambda hit: hit.published_at, reverse=True)
        else:
            hits.sort(key=lambda hit: (hit.score, hit.published_at), reverse=True)
        return _Ranked(
            ids=[hit.article for hit in hits[offset : offset + limit]],
            total=found.total + len(fresh),
            facets=_with(found.facets, [one for one, _ in fresh]) if facets else found.facets,
            notes=(CATCHING_UP,) if len(self._waiting) > DELTA_AT_MOST else (),
        )

    def _changed(self, article_path: str) -> list[Read]:
        """The visible among the articles that the index is not to be believed on, the newest if they are many."""
        changed = newest_first(visible(self._now).where(Article.public_id.in_(self._waiting)))
        read = stories(self._session, changed.limit(DELTA_AT_MOST), self._now, article_path, body=True)
        return [Read(document(story)) for story in read]


def _with(facets: Facets, documents: Sequence[Document]) -> Facets:
    if not documents:
        return facets
    return Facets(
        sections=_add(facets.sections, (slug for one in documents for slug in set(one.sections))),
        tags=_add(facets.tags, (slug for one in documents for slug in set(one.tags))),
        authors=_add(facets.authors, (slug for one in documents for slug in set(one.authors))),
        years=_add(facets.years, (str(one.published_at.year) for one in documents)),
    )


def _add(counts: Mapping[str, int], more: Iterable[str]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(more))


def _results(shown: Sequence[PublicStory], query: Query) -> Iterator[Result]:
    start = next((one.text for one in query.every if isinstance(one, Word) and one.prefix), "")
    asked = [one.text for one in query.every]
    markers = {language: Marker(asked, language, start) for language in {story.language for story in shown}}
    for story in shown:
        marker = markers[story.language]
        yield Result(story, marker.mark(story.headline), marker.shown(story.standfirst, story.body_html))
