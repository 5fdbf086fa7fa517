"""``cms search``: the index."""

from __future__ import annotations

import json

import click

from cms.cli.desk import out, progress, require_schema, with_newsroom
from cms.domain import outbox
from cms.domain.articles.queries import how_many, visible
from cms.domain.search.drift import Drift
from cms.newsroom import Newsroom
from cms.worker.indexing import index_drift, rebuild_index


@click.group()
def search() -> None:
    """The search index, which can always be made anew."""


@search.command()
@with_newsroom
def rebuild(newsroom: Newsroom) -> None:
    """Build the index anew from what readers may see, while the old one goes on answering."""
    require_schema(newsroom)
    with newsroom.sessions.read() as session:
        total = how_many(session, visible(newsroom.clock.now()))
    with progress("Indexing", total) as tell:
        rebuild_index(newsroom, tell)
    out.print(f"The index holds {newsroom.search.health().documents} stories.")


@search.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_newsroom
def check(newsroom: Newsroom, as_json: bool) -> None:
    """Compare the index with the database, story by story; exit 1 if it is damaged or has drifted."""
    require_schema(newsroom)
    health, (expected, waiting) = newsroom.search.health(), _what_should_be(newsroom)
    found = index_drift(newsroom) if health.ok else Drift()
    wrong = {"missing": sorted(found.missing), "extra": sorted(found.extra), "stale": sorted(found.stale)}
    facts = {"ok": health.ok, "documents": health.documents, "visible": expected, "waiting": waiting}
    drifted = sum(found.counts().values())
    if as_json:
        click.echo(json.dumps({**facts, "drift": drifted, **wrong}))
    elif not health.ok:
        out.print(f"The index is not usable: {health.remark}. `cms search rebuild` makes it anew.")
    else:
        out.print(f"{health.documents} stories in the index, {expected} visible, {waiting} errands waiting.")
        for kind, articles in wrong.items():
            if articles:
                out.print(f"{len(articles)} {_WRONG[kind]}: {_first(articles)}")
        if drifted:
            out.print("The worker mends these within a minute; `cms search rebuild` makes the index anew.")
    if drifted or not health.ok:
        raise SystemExit(1)


_WRONG = {"missing": "missing", "extra": "that readers may not see", "stale": "in another revision than readers see"}
_NAMED = 20


def _first(articles: list[str]) -> str:
    more = len(articles) - _NAMED
    return " ".join(articles[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _what_should_be(newsroom: Newsroom) -> tuple[int, int]:
    """How many stories readers may see, and how many articles' errands the worker has still to carry out."""
    now = newsroom.clock.now()
    with newsroom.sessions.read() as session:
        return how_many(session, visible(now)), len(outbox.waiting_subjects(session, outbox.SEARCH, now))


@search.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_newsroom
def status(newsroom: Newsroom, as_json: bool) -> None:
    """Say how large the index is and how far it has come."""
    health = newsroom.search.health()
    facts = {
        "ok": health.ok,
        "documents": health.documents,
        "segments": health.segments,
        "cursor": health.cursor,
        "remark": health.remark,
    }
    if as_json:
        click.echo(json.dumps(facts))
    else:
        for name, value in facts.items():
            out.print(f"{name:10} {value}")
    if not health.ok:
        raise SystemExit(1)
