"""People who are printed, and staff who sign in. A person needs no sign-in; a user needs no byline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cms.db import Base, UTCDateTime, new_public_id

KINDS = ("person", "desk", "agency")

ROLES = ("contributor", "reporter", "editor", "admin")


class Person(Base):
    """Somebody (or a desk, or an agency) whose name stands on articles."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200), default="")
    bio: Mapped[str] = mapped_column(String(4000), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    kind: Mapped[str] = mapped_column(String(10), default="person")
    picture: Mapped[str | None] = mapped_column(String(16))
    """Public id of an image; readers may see it while a story that they may see carries the name."""
    house: Mapped[bool] = mapped_column(default=False)
    """The one name, if any, that stands on stories that nobody signed."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class User(Base):
    """A member of staff who may sign in, or the service user behind a token (which may not)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    service: Mapped[bool] = mapped_column(default=False)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()
    limits: Mapped[list[UserSection]] = relationship(cascade="all, delete-orphan")


class UserSection(Base):
    """A section, with all below it, that an editor is limited to. No row: no limit."""

    __tablename__ = "user_sections"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("sections.id"), primary_key=True)
