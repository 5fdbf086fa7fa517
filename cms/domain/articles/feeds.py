"""Which feeds a change of stories shows in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from cms.domain import addresses
from cms.domain.articles.model import Article
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory

FORMS = ("json", "rss", "atom")


def feeds_of(session: Session, articles: Collection[str], now: datetime, pattern: str) -> list[str]:
    """The paths of the feeds that carry any of these stories now, in each form. The paper's own are always among
    them, for of what has just left the site it is they that tell."""
    shown = visible(now).where(Article.public_id.in_(articles))
    pages = {addresses.front()}
    for story in stories(session, shown, now, pattern, body=False):
        pages |= _pages(story)
    return [addresses.feed(page, form) for page in sorted(pages) for form in FORMS]


def _pages(story: PublicStory) -> set[str]:
    pages = {each.path for each in (*story.sections, *story.tags)} | {each.path for each in story.bylines}
    if story.corrections:
        pages.add(addresses.corrections())
    for section in story.sections:  # a section's feed has what lies below it too
        steps = section.path.split("/")  # "", "section", its slugs from the top of the tree, ""
        pages |= {"/".join([*steps[:end], ""]) for end in range(3, len(steps) - 1)}
    return pages
