"""Articles that are the same story in another language: those of one group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, ForeignKey, ScalarSelect, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base
from cms.domain import addresses
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.articles.queries import NOW, visible
from cms.domain.articles.story import StoryLink


class ArticleTranslation(Base):
    __tablename__ = "article_translations"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    group: Mapped[str] = mapped_column("group_id", String(16), index=True)
    """The public id of the article that the group began with."""


def translations(session: Session, public_id: str, now: datetime, article_path: str) -> list[StoryLink]:
    """The languages that readers can have this story in, itself included; none where there is only one."""
    rows = session.connection().execute(_IN_LANGUAGES, {"now": now, "public_id": public_id})
    told = [
        StoryLink(id, language, headline, addresses.article(article_path, day, slug))
        for id, language, headline, slug, day in rows
        if day is not None
    ]
    return told if len(told) > 1 else []


def group(session: Session, public_id: str) -> Sequence[Article]:
    """Every article of the group, public or not."""
    in_group = select(ArticleTranslation.article_id).where(ArticleTranslation.group == _group_of(public_id))
    return session.scalars(select(Article).where(Article.id.in_(in_group)).order_by(Article.id)).all()


def _group_of(public_id: str | BindParameter[str]) -> ScalarSelect[str]:
    return (
        select(ArticleTranslation.group)
        .join(Article, Article.id == ArticleTranslation.article_id)
        .where(Article.public_id == public_id)
        .scalar_subquery()
    )


_IN_LANGUAGES = (  # built once, since every story's page asks
    visible(NOW)
    .join(ArticleTranslation, ArticleTranslation.article_id == Article.id)
    .where(ArticleTranslation.group == _group_of(bindparam("public_id", type_=String)))
    .with_only_columns(Article.public_id, Revision.language, Revision.headline, Publication.slug, Article.address_date)
    .order_by(Revision.language, Article.id)
)
