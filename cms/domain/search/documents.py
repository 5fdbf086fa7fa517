"""What the index is told of a story: only what readers may see of it, and all under which it can be found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cms.domain.articles.body import plain_text
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory
from cms.interfaces import Document, Removal

AT_ONCE = 200
"""Stories read from the database in one go while an index is built."""


def document(story: PublicStory) -> Document:
    return Document(
        article=story.id,
        language=story.language,
        headline=story.headline,
        standfirst=story.standfirst,
        body="\n".join([*story.key_points, plain_text(story.body_html)]),
        authors=tuple(person.slug for person in story.bylines),
        author_names=tuple(person.name for person in story.bylines),
        sections=_with_those_above(story),
        tags=tuple(tag.slug for tag in story.tags),
        tag_names=tuple(tag.name for tag in story.tags),
        published_at=story.published_at,
        revision=story.revision,
    )


def documents_of(
    session: Session, public_ids: Sequence[str], now: datetime, article_path: str
) -> list[Document | Removal]:
    """For each article its document, or its removal when readers may not see it now."""
    shown = visible(now).where(Article.public_id.in_(public_ids))
    by_id = {story.id: document(story) for story in stories(session, shown, now, article_path, body=True)}
    return [by_id.get(public_id) or Removal(public_id) for public_id in public_ids]


def all_documents(session: Session, now: datetime, article_path: str) -> Iterator[Document]:
    """Every visible article's document, by article id, in bounded memory."""
    last = 0
    while True:
        page = visible(now).where(Publication.article_id > last).order_by(Publication.article_id).limit(AT_ONCE)
        ids = session.scalars(page.with_only_columns(Publication.article_id, maintain_column_froms=True)).all()
        if not ids:
            return
        for story in stories(
            session, visible(now).where(Publication.article_id.in_(ids)), now, article_path, body=True
        ):
            yield document(story)
        session.expunge_all()
        last = ids[-1]


def _with_those_above(story: PublicStory) -> tuple[str, ...]:
    """The slugs of the story's sections and of every section above them, as their addresses name them."""
    slugs = [slug for section in story.sections for slug in section.path.strip("/").split("/")[1:]]
    return tuple(dict.fromkeys(slugs))
