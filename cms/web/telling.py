"""Stories as lists tell them, remembered until something of them changes: each under a key of its own, so that a list
that one story has joined asks the database for that one alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cms.domain import keys
from cms.domain.articles.reading import Listed, Shown, of_publications, present
from cms.domain.articles.story import PublicStory
from cms.web.current import newsroom, now, recollection
from cms.web.database import db


def told(rows: Sequence[Listed]) -> list[PublicStory]:
    """The stories of these rows, which are on show now, without their text."""

    def learn(ids: Sequence[int]) -> dict[int, PublicStory]:
        unknown = of_publications(db.session(), ids, now())
        return {row.id: story for row, story in zip(unknown, _presented(unknown), strict=True)}

    return _recalled(rows, learn)


def told_beside(own: Shown, rows: Sequence[Listed]) -> tuple[PublicStory, list[PublicStory]]:
    """The story of a row as it is, and those that stand beside it as lists tell them: those that aren't remembered are
    read in the same few queries as its own."""
    story: list[PublicStory] = []

    def learn(ids: Sequence[int]) -> dict[int, PublicStory]:
        unknown = of_publications(db.session(), ids, now())
        first, *others = _presented([own, *unknown])
        story.append(first)
        return {row.id: other for row, other in zip(unknown, others, strict=True)}

    beside = _recalled(rows, learn) if rows else []
    return (story or _presented([own]))[0], beside


def _presented(rows: Sequence[Shown]) -> list[PublicStory]:
    return present(db.session(), rows, now(), newsroom().settings.article_path)


def _recalled(rows: Sequence[Listed], learn: Callable[[Sequence[int]], Mapping[int, PublicStory]]) -> list[PublicStory]:
    known = recollection().recall_each("story", {row.id: keys_of(row) for row in rows}, learn)
    return [known[row.id] for row in rows]


def keys_of(row: Listed) -> frozenset[str]:
    """What all that is told of a story depends on. Whatever is done to a name, a term or a picture that a story shows
    touches the story's own key, or the whole site's where there are too many of them."""
    return frozenset({keys.SITE, keys.article(row.public_id)})
