"""``cms backup`` and ``cms restore``: the whole newsroom in one file, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cms.cli.desk import open_newsroom, out, progress, require_schema, with_newsroom
from cms.domain.workflow import erasing
from cms.moving.backing_up import back_up, how_much
from cms.moving.restoring import bring_back, usable
from cms.newsroom import Newsroom
from cms.worker.counting import count_visits
from cms.worker.indexing import rebuild_index

PATH = click.Path(dir_okay=False, path_type=Path)
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=PATH)
@with_newsroom
def backup(newsroom: Newsroom, file: Path) -> None:
    """Write everything to FILE while the site runs: every table, the images, visits not yet counted.

    FILE appears only once it is whole. It holds the staff's password hashes: keep it where nobody else reads it.
    Not in it are the signing key (keep CMS_SECRET_KEY or var/secret-key yourself; with another one everybody signs
    in anew) and the day's salts, so that nobody can tell from it who read what.
    """
    require_schema(newsroom)
    count_visits(newsroom)
    with progress("Backing up", how_much(newsroom)) as tell:
        rows = back_up(newsroom, file, tell)
    out.print(f"{file} holds {rows} rows, {file.stat().st_size / 1e6:.1f} MB.", highlight=False, soft_wrap=True)


@click.command()
@click.argument("file", type=READABLE)
@click.option(
    "--erasures",
    type=READABLE,
    metavar="LIST",
    help="What was erased since the backup was taken, as `cms erasures` printed it; it is erased again.",
)
@click.pass_context
def restore(context: click.Context, file: Path, erasures: Path | None) -> None:
    """Bring FILE back into an empty place: a new data folder or database. Nothing is written if it isn't whole."""
    records = _records(erasures) if erasures else []
    with progress("Restoring", None) as tell, usable(file) as parcel:
        newsroom = open_newsroom(context)  # not before: a damaged file leaves nothing behind, not even a folder
        done = bring_back(newsroom, parcel, records, tell)
    rebuild_index(newsroom)
    out.print(f"Restored {done.rows} rows and {done.files} images; the history verifies; the index is built.")
    if done.visits:
        out.print(f"Counted {done.visits} visits that had waited.")
    out.print(f"Erased again: {done.erased} stories." if done.erased else "Nothing had to be erased again.")


@click.command()
@with_newsroom
def erasures(newsroom: Newsroom) -> None:
    """Print what was erased, one JSON object a line, without a word of it. Keep the list outside of backups."""
    require_schema(newsroom)
    with newsroom.sessions.read() as session:
        for record in erasing.records(session):
            click.echo(json.dumps(record, ensure_ascii=False))


def _records(path: Path) -> list[dict[str, Any]]:
    needed = {"id", "article", "revisions", "reason", "asked_at", "asked_by", "erased_at", "agreed_by"}
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not all(needed <= set(record) for record in records):
            raise ValueError
    except (ValueError, TypeError):
        raise click.BadParameter("takes what `cms erasures` printed", param_hint="--erasures") from None
    return records
