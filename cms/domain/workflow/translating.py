"""Saying that two articles are one story in two languages, and taking it back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.articles.translations import ArticleTranslation, group
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import require


def link_translation(session: Session, actor: Actor, article: Article, other: Article) -> list[Event]:
    """``article`` is ``other`` in another language. Raises Invalid for one story twice, or twice in a language."""
    require(session, actor, "edit", article)
    require(session, actor, "see", other)
    if article.id == other.id:
        raise Invalid({"translation_of": ["A story is no translation of itself."]})
    own = session.get(ArticleTranslation, article.id)
    theirs = session.get(ArticleTranslation, other.id)
    if own and theirs and own.group == theirs.group:
        return []
    if own:
        raise Conflict("This story is a translation already; take it out of its group first", code="linked")
    mine = desk.revision(session, article).language
    others = list(group(session, other.public_id)) or [other]
    if mine in {desk.revision(session, each).language for each in others}:
        raise Invalid({"translation_of": [f"There is that story in this language ({mine}) already."]})
    if theirs is None:
        theirs = ArticleTranslation(article_id=other.id, group=other.public_id)
        session.add(theirs)
    session.add(ArticleTranslation(article_id=article.id, group=theirs.group))
    session.flush()
    return [_event("link_translation", actor, article, [article, *others])]


def unlink_translation(session: Session, actor: Actor, article: Article) -> list[Event]:
    """``article`` is a story of its own again."""
    require(session, actor, "edit", article)
    own = session.get(ArticleTranslation, article.id)
    if own is None:
        return []
    touched = list(group(session, article.public_id))
    session.delete(own)
    session.flush()
    return [_event("unlink_translation", actor, article, touched)]


def _event(verb: str, actor: Actor, article: Article, touched: list[Article]) -> Event:
    told = {"stories": sorted(each.public_id for each in touched)}
    pages = frozenset(keys.article(each.public_id) for each in touched)
    return Event(verb, actor, f"article:{article.public_id}", after=told, keys=pages)
