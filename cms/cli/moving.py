"""``cms export`` and ``cms import``: newsrooms and stories, out and in, while the site runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from cms.cli.desk import out, progress, require_schema, with_newsroom
from cms.clock import stopwatch
from cms.interfaces import IndexUnusable
from cms.moving import exporting, lines, merging
from cms.moving import ninjs as items
from cms.moving.arriving.arrivals import Arrivals
from cms.moving.arriving.one import one_import
from cms.moving.arriving.pictures import Pictures
from cms.moving.kinds import KINDS
from cms.moving.parcel import opened
from cms.moving.tally import Tally
from cms.moving.wordpress.importing import Import
from cms.moving.wordpress.reading import NotAnExport
from cms.moving.wordpress.survey import survey
from cms.newsroom import Newsroom
from cms.worker.indexing import rebuild_index

MANY = 1000
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
    """What an import of one file takes."""
    return _options(click.argument("path", type=READABLE)(command))


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for decorate in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--resume", is_flag=True, help="Go on with one that was broken off; what is in stays as it is."),
        click.option("--dry-run", is_flag=True, help="Say what would come of it; change nothing."),
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


MEDIA_DIR = click.option(
    "--media-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the pictures are, such as a copy of wp-content/uploads.",
)


@import_.command()
@importing
@MEDIA_DIR
@with_newsroom
def wxr(newsroom: Newsroom, path: Path, dry_run: bool, resume: bool, as_json: bool, media_dir: Path | None) -> None:
    """Bring in a WordPress site from its export (Tools, Export, "All content").

    Published posts are public at once, from their own dates; their old addresses lead to the new ones. Pictures come
    from a copy of wp-content/uploads (--media-dir); whatever can't be had here is listed. A second run changes
    nothing, and takes in what has changed in the export.
    """
    with _bringing(newsroom, dry_run, as_json) as tally:
        try:
            found = survey(path)
        except NotAnExport as unreadable:
            raise click.ClickException(f"{path.name}: {unreadable}. Nothing was brought in.") from None
        with _shown(as_json, "Importing", found.items) as tell:
            arrivals = Arrivals(newsroom, found.site, tally, dry_run=dry_run, resume=resume, tell=tell)
            Import(newsroom, found, arrivals, media_dir).bring(path)


@import_.command()
@importing
@MEDIA_DIR
@with_newsroom
def articles(
    newsroom: Newsroom, path: Path, dry_run: bool, resume: bool, as_json: bool, media_dir: Path | None
) -> None:
    """Bring in stories from JSON Lines: one object a line, with the fields of POST /api/v1/articles.

    Besides those: published_at (with it the story is live, from then), modified_at, views, id, state, former (old
    paths that shall lead to it), and in bylines people by their names. People, sections and tags that are not here
    yet are started.
    """
    with (
        _bringing(newsroom, dry_run, as_json) as tally,
        path.open("rb") as file,
        _shown(as_json, "Importing", lines.how_many(path)) as tell,
    ):
        arrivals = Arrivals(newsroom, lines.SOURCE, tally, dry_run=dry_run, resume=resume, tell=tell)
        pictures = Pictures(newsroom, lines.SOURCE, media_dir, tally, dry_run=dry_run)
        arrivals.bring(lines.stories(file, arrivals, pictures))


@import_.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_options
@MEDIA_DIR
@with_newsroom
def ninjs(newsroom: Newsroom, path: Path, dry_run: bool, resume: bool, as_json: bool, media_dir: Path | None) -> None:
    """Bring in news items in the IPTC's ninjs (1.x to 3.x): a file of one, of a list or of lines, or a folder of them.

    Usable items are live from when they were first created; those under embargo from its end. Pictures come from the
    folder that the items are in, or from --media-dir.
    """
    folder = media_dir or (path if path.is_dir() else path.parent)
    with _bringing(newsroom, dry_run, as_json) as tally, _shown(as_json, "Importing", None) as tell:
        arrivals = Arrivals(newsroom, items.SOURCE, tally, dry_run=dry_run, resume=resume, tell=tell)
        pictures = Pictures(newsroom, items.SOURCE, folder, tally, dry_run=dry_run)
        arrivals.bring(items.stories(items.files(path), arrivals, pictures))


@contextmanager
def _bringing(newsroom: Newsroom, dry_run: bool, as_json: bool) -> Iterator[Tally]:
    """One import at a time; at its end, what came of it is indexed and told."""
    require_schema(newsroom)
    tally, began = Tally(), stopwatch()
    with one_import(newsroom):
        yield tally
    seconds = stopwatch() - began
    _index(newsroom, tally, dry_run, as_json)
    _report(tally, as_json, seconds)


def _index(newsroom: Newsroom, tally: Tally, dry_run: bool, as_json: bool) -> None:
    """After many stories, build the search index anew: ten times as fast as taking them up one after the other. Where
    that can't be, the worker takes them up."""
    created = tally.of("articles").created
    if dry_run or created < MANY:
        return
    try:
        with _shown(as_json, "Building the search index", created) as tell:
            rebuild_index(newsroom, tell)
    except (OSError, IndexUnusable) as failed:
        tally.unsupported.append(f"The search index could not be built at once ({failed}); the worker takes it up")


def _rows(parcel: Any) -> int:
    return sum(parcel.rows(kind.entry) for kind in KINDS)


def _shown(as_json: bool, what: str, total: int | None) -> Any:
    """A bar or lines; nothing where JSON alone is to stand on stdout."""
    return nullcontext(lambda _more: None) if as_json else progress(what, total)


def _report(tally: Tally, as_json: bool, seconds: float = 0) -> None:
    told = tally.told()
    if as_json:
        click.echo(_printable(json.dumps(told, ensure_ascii=False)))
    else:
        for kind, count in tally.counts.items():
            outcomes = ", ".join(f"{number} {what}" for what, number in count.told().items())
            out.print(f"{kind:22} {outcomes}", highlight=False, soft_wrap=True)
        for line in tally.unsupported:
            out.print(_printable(f"Note: {line}"), highlight=False, soft_wrap=True, markup=False)
        for error in tally.errors:
            out.print(
                _printable(f"Left out: {json.dumps(error, ensure_ascii=False)}"),
                highlight=False,
                soft_wrap=True,
                markup=False,
            )
        read = told.get("articles", {}).get("read")
        if seconds and read:
            rate = f"{read} stories in {seconds:.1f} s: {read / seconds:,.0f} a second."
            out.print(rate, highlight=False, soft_wrap=True)
    if tally.errors:
        raise SystemExit(1)


def _printable(text: str) -> str:
    """Half a character, as a file may hold it, can't be printed."""
    return text.encode("utf-8", "replace").decode()
