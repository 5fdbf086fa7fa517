"""``cms export`` and ``cms import``: newsrooms and stories, out and in, while the site runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from cms.cli.desk import out, progress, require_schema, with_newsroom
from cms.moving import exporting, merging
from cms.moving.kinds import KINDS
from cms.moving.parcel import opened
from cms.moving.tally import Tally
from cms.newsroom import Newsroom

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@with_newsroom
def export(newsroom: Newsroom, path: Path) -> None:
    """Write the newsroom to one file at PATH, for `cms import copydesk`. Equal data give equal bytes.

    Ids, histories with their hashes, and visits are kept. No password, token, session or log is in it.
    """
    require_schema(newsroom)
    with progress("Exporting", None) as tell:
        rows = exporting.export(newsroom, path, tell)
    out.print(f"{path} holds {rows} rows, {path.stat().st_size / 1e6:.1f} MB.", highlight=False, soft_wrap=True)


@click.group("import")
def import_() -> None:
    """Bring in stories from a file."""


def importing(command: Callable[..., None]) -> Callable[..., None]:
    """What every import takes."""
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--resume", is_flag=True, help="Go on with one that was broken off; what is in stays as it is."),
        click.option("--dry-run", is_flag=True, help="Say what would come of it; change nothing."),
        click.argument("path", type=READABLE),
    ):
        command = decorate(command)
    return command


@import_.command()
@importing
@with_newsroom
def copydesk(newsroom: Newsroom, path: Path, dry_run: bool, resume: bool, as_json: bool) -> None:
    """Merge what `cms export` wrote at PATH into this newsroom. A second run changes nothing."""
    require_schema(newsroom)
    with opened(path, exporting.FORMAT) as parcel, _shown(as_json, "Importing", _rows(parcel)) as tell:
        tally = merging.merge(newsroom, parcel, dry_run=dry_run, tell=tell)
    _report(tally, as_json)


def _rows(parcel: Any) -> int:
    return sum(parcel.rows(f"{kind.name}.jsonl") for kind in KINDS)


def _shown(as_json: bool, what: str, total: int | None) -> Any:
    """A bar or lines; nothing where JSON alone is to stand on stdout."""
    return nullcontext(lambda _more: None) if as_json else progress(what, total)


def _report(tally: Tally, as_json: bool) -> None:
    told = tally.told()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        for kind, count in tally.counts.items():
            outcomes = ", ".join(f"{number} {what}" for what, number in count.told().items())
            out.print(f"{kind:22} {outcomes}", highlight=False, soft_wrap=True)
        for line in tally.unsupported:
            out.print(f"Note: {line}", highlight=False, soft_wrap=True, markup=False)
        for error in tally.errors:
            out.print(
                f"Left out: {json.dumps(error, ensure_ascii=False)}", highlight=False, soft_wrap=True, markup=False
            )
    if tally.errors:
        raise SystemExit(1)
