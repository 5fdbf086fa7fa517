"""What ``cms run`` does before it serves: schema, first admin, sample newsroom, index."""

from __future__ import annotations

from sqlalchemy import select

from cms import reactions
from cms.cli.desk import out
from cms.db import keep_statistics
from cms.domain.articles.model import Article
from cms.domain.people.hiring import add_user
from cms.domain.people.passwords import hash_password, made_up_password
from cms.domain.people.queries import has_admin
from cms.domain.people.staff import SYSTEM
from cms.moving import schema
from cms.moving.sample.loading import load_sample
from cms.newsroom import Newsroom
from cms.worker.indexing import ensure_index


def prepare(newsroom: Newsroom) -> None:
    """Make the database, its first admin, its first stories and its index ready, if they aren't."""
    if not schema.is_current(newsroom.sessions.read_engine):
        out.print("Bringing the database up to date…")
        schema.upgrade(newsroom.sessions.write_engine)
    make_first_admin(newsroom)
    if newsroom.settings.sample and is_empty(newsroom):
        out.print("Loading the sample newsroom (CMS_SAMPLE=0 starts empty)…")
        load_sample(newsroom)
    if ensure_index(newsroom):
        out.print("Built the search index.")
    keep_statistics(newsroom.sessions.write_engine)


def make_first_admin(newsroom: Newsroom) -> None:
    """Take on the first admin, if there is none, and print the sign-in once if the password was made up."""
    settings, now = newsroom.settings, newsroom.clock.now()
    with newsroom.sessions.read() as session:
        if has_admin(session):
            return
    email = settings.admin_email or "admin@copydesk.example"
    password = settings.admin_password or made_up_password()
    hashed = hash_password(password)
    with newsroom.sessions.write() as session:
        if has_admin(session):
            return
        _user, event = add_user(session, SYSTEM, email=email, name="Admin", role="admin", password_hash=hashed, now=now)
        reactions.commit(session, [event], now, newsroom.signal)
    if not settings.admin_password:
        out.print(f"The first admin signs in as {email} with the password {password}", soft_wrap=True, highlight=False)
        out.print("This is shown once; `cms user add` makes others.")


def is_empty(newsroom: Newsroom) -> bool:
    with newsroom.sessions.read() as session:
        return session.scalar(select(Article.id).limit(1)) is None
