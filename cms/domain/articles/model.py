"""The three tables the whole product stands on.

An *article* is a permanent identity. A *revision* is an immutable snapshot of its text. A *publication* is a
fact about time: this article shows this revision from ``live_from`` until ``live_until``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.db import Base, UTCDateTime, new_public_id
from cms.domain.articles.body import word_count
from cms.domain.media.model import Media
from cms.domain.people.model import Person, User
from cms.domain.taxonomy.model import Section, Tag


def _words(inserted: DefaultExecutionContext) -> int:
    return word_count(inserted.get_current_parameters()["body_html"])


class Article(Base):
    """A story's identity and the editorial state of its working copy (its newest revision)."""

    __tablename__ = "articles"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'ready', 'spiked')", name="state"),
        Index(None, "first_live_from", "id"),
        Index(None, "touched_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    newest: Mapped[int] = mapped_column(default=0)
    """Number of the newest revision."""
    approved: Mapped[int | None]
    """Number of the revision that was approved last."""
    fixed: Mapped[int | None]
    """Number of the newest live fix; what does not descend from it would bring back what it took out."""
    embargo_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_live_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When its first publication begins or began; it never moves once that is past."""
    address_date: Mapped[date | None]
    """That instant's date in the site's zone: the date in the article's address."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When staff last did anything to it; the desk's lists are in this order."""


class Revision(Base):
    """One saved text, whole. Never edited; ``hash`` chains it to the one before."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    base: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(String(200))
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When content and salt were erased; the digest stays, so that the chain still verifies."""
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    headline: Mapped[str] = mapped_column(String(300))
    slug: Mapped[str] = mapped_column(String(80), index=True)
    language: Mapped[str] = mapped_column(String(35))
    standfirst: Mapped[str] = mapped_column(String(1000))
    key_points: Mapped[list[str]] = mapped_column(JSON)
    body_html: Mapped[str] = mapped_column(Text, deferred=True)
    words: Mapped[int | None] = mapped_column(default=_words)
    """How many the body has, counted when it is saved, for that takes a tenth of the time in which its page is made.
    None of what was saved before they were."""
    bylines: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """Each ``{"person": public id, "name": as printed, "role": role}``, in print order."""
    sections: Mapped[list[str]] = mapped_column(JSON)
    """Public ids, primary first."""
    tags: Mapped[list[str]] = mapped_column(JSON)
    """Public ids, in print order."""
    lead_image: Mapped[str | None] = mapped_column(String(16))
    """Public id of an image."""
    seo: Mapped[dict[str, Any]] = mapped_column(JSON)

    article: Mapped[Article] = relationship()


class RevisionSection(Base):
    """Derived from the snapshot, so that lists can join. Merging sections re-points these, not the snapshot."""

    __tablename__ = "revision_sections"
    __table_args__ = (Index(None, "section_id", "first_live_from"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id"))
    first_live_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The article's, of a text that was published: lists are walked in this order. The database keeps it itself, by
    triggers that only the migrations know; so it does for tags and bylines."""

    section: Mapped[Section] = relationship()


class RevisionTag(Base):
    __tablename__ = "revision_tags"
    __table_args__ = (Index(None, "tag_id", "first_live_from"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"))
    first_live_from: Mapped[datetime | None] = mapped_column(UTCDateTime)

    tag: Mapped[Tag] = relationship()


class RevisionByline(Base):
    __tablename__ = "revision_bylines"
    __table_args__ = (Index(None, "person_id", "first_live_from"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20))
    first_live_from: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship()


class RevisionMedia(Base):
    """Derived from the snapshot: every image it shows, as lead image, in its body or for sharing.

    By this the visibility of an image's file is asked in one indexed query.
    """

    __tablename__ = "revision_media"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), primary_key=True, index=True)

    media: Mapped[Media] = relationship()


class Publication(Base):
    """A revision on show for a span of time: ``live_from <= t < live_until``.

    Once begun, ``live_from`` and the revision never change and ``live_until`` only moves to now or later. A
    cancelled row stays for the record, outside the rule that rows of one article never overlap: the database
    itself holds that, by an exclusion constraint or a trigger that only the migrations know.
    """

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("article_id", "n"),
        CheckConstraint("live_until IS NULL OR live_until > live_from", name="span"),
        Index(None, "article_id", "live_from"),
        Index(None, "live_from"),
        Index(None, "live_until"),
        Index(None, "withdrawn_at"),
        Index(None, "slug"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    n: Mapped[int]
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    """The revision's slug, or that with ``-2`` and so on where another article had it on that date."""
    live_from: Mapped[datetime] = mapped_column(UTCDateTime)
    live_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Where the span ends: at its expiry, at the next publication's start or at a withdrawal, whichever is first."""
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The end that was asked for; what remains if a following publication is cancelled."""
    wall_time: Mapped[str | None] = mapped_column(String(40))
    """Of one that was scheduled: what a wall clock in ``zone`` was to show then, with its offset as known then."""
    zone: Mapped[str | None] = mapped_column(String(64))
    minor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    notice: Mapped[str | None] = mapped_column(String(1000))
    """What a reader who comes to the withdrawn story's address is told; without it they get a plain 404."""
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Since when the public history leaves this edition out, if it does. Why is in the audit log."""

    article: Mapped[Article] = relationship()
    revision: Mapped[Revision] = relationship()


class Correction(Base):
    """A public note on what was wrong. It belongs to the publication it corrected and stays with the later ones."""

    __tablename__ = "corrections"
    __table_args__ = (Index(None, "article_id", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(2000))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    publication: Mapped[Publication] = relationship()


class Autosave(Base):
    """What somebody has typed and not saved: one row a person and article, never a revision."""

    __tablename__ = "autosaves"
    __table_args__ = (UniqueConstraint("article_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    base: Mapped[int]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship()


class UnsavedStory(Base):
    """What somebody has typed into a story that was never saved: one row a person and form, nobody else's to read."""

    __tablename__ = "unsaved_stories"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(16))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
