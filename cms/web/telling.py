"""Stories as lists tell them, remembered until something of them changes: each under a key of its own, so that a list
that one story has joined asks the database for that one alone."""

from __future__ import annotations

from collections.abc import Sequence

from cms.domain import keys
from cms.domain.articles.reading import Shown, present
from cms.domain.articles.story import PublicStory
from cms.web.current import newsroom, now, recollection
from cms.web.database import db


def told(rows: Sequence[Shown]) -> list[PublicStory]:
    """The stories of these rows, which are on show now, without their text."""
    by_id = {row.id: row for row in rows}

    def learn(ids: Sequence[int]) -> dict[int, PublicStory]:
        unknown = [by_id[number] for number in ids]
        return dict(zip(ids, present(db.session(), unknown, now(), newsroom().settings.article_path), strict=True))

    known = recollection().recall_each("story", {row.id: keys_of(row) for row in rows}, learn)
    return [known[row.id] for row in rows]


def keys_of(row: Shown) -> frozenset[str]:
    """What all that is told of a story depends on. Whatever is done to a name, a term or a picture that a story shows
    touches the story's own key, or the whole site's where there are too many of them."""
    return frozenset({keys.SITE, keys.article(row.public_id)})
