"""The desk's one search: stories in any state, notes, people and media, as far as whoever asks may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, undefer

from cms.admin.acting import actor
from cms.admin.kept_views import kept_here
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article, Revision
from cms.domain.articles.notes import DeskNote
from cms.domain.matching import terms
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.search.finding import ranked_ids
from cms.domain.search.highlight import Marker, Piece
from cms.domain.workflow.filters import Asked
from cms.domain.workflow.looking import MOST, found, kinds_for
from cms.domain.workflow.permissions import PERMISSIONS
from cms.interfaces import IndexUnusable, Phrase, Query, Word
from cms.language import words
from cms.web.current import newsroom, now
from cms.web.database import db

FEW = 5
PER_PAGE = 20
SAID = {"stories": "Stories", "notes": "Desk notes", "people": "People", "media": "Media"}
MARKED_AS = "en"  # what has no language of its own is marked by this one's stems


@dataclass(frozen=True)
class Group:
    """One kind of what was found: how many (``more``: or more than can be counted), and those shown here."""

    kind: str
    said: str
    total: int
    more: bool
    rows: Sequence[Any]


def routes(room: Blueprint) -> None:
    room.add_url_rule("/search/", "search", search)


def search() -> str:
    """Some of every kind, or of one (``in``) everything page by page."""
    typed = request.args.get("q", "")[:200].strip()
    asked, kinds, one = terms(typed), kinds_for(actor()), request.args.get("in", "")
    page = request.args.get("page", 1, type=int)
    if (one and one not in kinds) or not 1 <= page <= MOST // PER_PAGE:
        abort(404)
    look = _Look(db.session(), asked)
    first, count = ((page - 1) * PER_PAGE, PER_PAGE) if one else (0, FEW)
    return render_template(
        "admin/search.html",
        typed=typed,
        asked=asked,
        kinds={kind: SAID[kind] for kind in kinds},
        one=one,
        page=page,
        pages=range(1, MOST // PER_PAGE + 1),
        groups=[look.group(kind, first, count) for kind in kinds if kind == one or not one] if asked else [],
        per_page=PER_PAGE,
        most=MOST,
        opens_people="manage_people" in PERMISSIONS[actor().role],
        view=Asked(q=typed),
        **kept_here(),
    )


class _Look:
    """One search: what each kind holds of the terms, with the terms marked in it."""

    def __init__(self, session: Session, asked: Sequence[str]) -> None:
        self._session, self._asked, self._marker = session, asked, Marker(asked, MARKED_AS, within=True)
        self._rows: dict[str, Callable[[Sequence[int]], Sequence[Any]]] = {
            "stories": self._stories,
            "notes": self._notes,
            "people": self._people,
            "media": self._media,
        }

    def group(self, kind: str, first: int, count: int) -> Group:
        in_print = self._in_print() if kind == "stories" else ()
        ids = found(self._session, actor(), kind, self._asked, in_print, now())
        shown = ids[:MOST][first : first + count]
        return Group(kind, SAID[kind], min(len(ids), MOST), len(ids) > MOST, self._rows[kind](shown) if shown else [])

    def _in_print(self) -> Sequence[str] | None:
        """What the readers' index has of it: it knows the archive's texts, and every form of a word. None without."""
        room = newsroom()
        try:
            room.search.cursor()
        except IndexUnusable:
            return None
        if not all(any(words(term)) for term in self._asked):
            return ()
        query = Query(tuple(Phrase(term) if " " in term else Word(term, prefix=True) for term in self._asked))
        return ranked_ids(self._session, room.search, query, now(), room.settings.article_path, MOST, "newest")

    def _stories(self, ids: Sequence[int]) -> list[tuple[lists.Line, list[Piece], list[Piece]]]:
        lines = lists.lines(self._session, lists.stories().where(Article.id.in_(ids)), now(), len(ids))
        by_id = {line.cursor[1]: line for line in lines}
        newest = and_(Revision.article_id == Article.id, Revision.number == Article.newest)
        texts = {
            revision.article_id: revision
            for revision in self._session.scalars(
                select(Revision).join(Article, newest).where(Article.id.in_(ids)).options(undefer(Revision.body_html))
            )
        }
        return [self._story(by_id[each], texts[each]) for each in ids if each in by_id]

    def _story(self, line: lists.Line, text: Revision) -> tuple[lists.Line, list[Piece], list[Piece]]:
        marker = Marker(self._asked, text.language, within=True)
        return line, marker.mark(text.headline), marker.shown(text.standfirst, text.body_html)

    def _notes(self, ids: Sequence[int]) -> list[tuple[DeskNote, str, str, list[Piece]]]:
        newest = and_(Revision.article_id == Article.id, Revision.number == Article.newest)
        rows = self._session.execute(
            select(DeskNote, Article.public_id, Revision.headline)
            .join(Article, Article.id == DeskNote.article_id)
            .join(Revision, newest)
            .where(DeskNote.id.in_(ids))
            .order_by(DeskNote.id.desc())
        )
        return [(note, article, headline, self._marker.excerpt(note.text)) for note, article, headline in rows]

    def _people(self, ids: Sequence[int]) -> list[tuple[Person, list[Piece], list[Piece]]]:
        rows = self._session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id))
        return [(person, self._marker.mark(person.name), self._marker.mark(person.title)) for person in rows]

    def _media(self, ids: Sequence[int]) -> list[tuple[Media, list[Piece], list[Piece]]]:
        rows = self._session.scalars(select(Media).where(Media.id.in_(ids)).order_by(Media.id.desc()))
        return [(media, self._marker.mark(media.alt), self._marker.excerpt(_beside(media))) for media in rows]


def _beside(media: Media) -> str:
    return " · ".join(text for text in (media.caption, media.credit, media.rights) if text)
