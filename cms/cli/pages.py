"""``cms pages``: the finished pages that web processes keep in memory."""

from __future__ import annotations

import click

from cms import reactions
from cms.cli.desk import out, require_schema, with_newsroom
from cms.domain import keys
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom


@click.group()
def pages() -> None:
    """Finished pages in the memory of the web processes. They are never out of date; a purge is for peace of mind."""


@pages.command()
@with_newsroom
def purge(newsroom: Newsroom) -> None:
    """Have every page made anew when it is next asked for, in every process, at once."""
    require_schema(newsroom)
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        event = Event("purge", SYSTEM, "pages:all", keys=frozenset({keys.SITE}))
        reactions.commit(session, [event], now, newsroom.signal)
    out.print("Every page will be made anew when it is next asked for.")
