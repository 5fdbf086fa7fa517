"""``cms views``: visits waiting and counted."""

from __future__ import annotations

import json

import click
from sqlalchemy import func, select

from cms.cli.desk import out, require_schema, with_newsroom
from cms.domain.views.model import VisitTotal
from cms.newsroom import Newsroom
from cms.worker.counting import count_visits


@click.group()
def views() -> None:
    """The visit counter."""


@views.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_newsroom
def status(newsroom: Newsroom, as_json: bool) -> None:
    """Say how many visits are counted and how many segments wait to be."""
    require_schema(newsroom)
    with newsroom.sessions.read() as session:
        counted = session.scalar(select(func.sum(VisitTotal.visits))) or 0
    facts = {"counted": counted, "waiting_segments": len(newsroom.views.sealed())}
    click.echo(json.dumps(facts)) if as_json else out.print(
        f"{counted} visits counted; {facts['waiting_segments']} segments waiting"
    )


@views.command()
@with_newsroom
def replay(newsroom: Newsroom) -> None:
    """Count what waits now, as the worker does each second; what is counted already is never counted twice."""
    require_schema(newsroom)
    out.print(f"Counted {count_visits(newsroom)} visits.")
