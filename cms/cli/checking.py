"""``cms doctor``: is everything that the newsroom stands on sound, and if not, what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click
from sqlalchemy import select, text
from sqlalchemy.orm import Session, undefer

from cms.cli.desk import out, with_newsroom
from cms.domain.articles.chain import first_bad_link
from cms.domain.articles.model import Article, Revision
from cms.interfaces import IndexUnusable
from cms.moving import schema
from cms.newsroom import Newsroom


@dataclass(frozen=True)
class Finding:
    """What one look found; a remedy only where something is wrong."""

    what: str
    ok: bool
    remark: str
    remedy: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@with_newsroom
def doctor(newsroom: Newsroom, as_json: bool) -> None:
    """Look at the database, the hash chains, the index, the visits and the disk; exit 1 with the remedy if ill."""
    findings = list(examine(newsroom))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            out.print(f"{'ok ' if finding.ok else 'ILL'}  {finding.what}: {finding.remark}", highlight=False)
            if finding.remedy:
                out.print(f"     → {finding.remedy}", highlight=False)
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


def examine(newsroom: Newsroom) -> Iterator[Finding]:
    """Every look in turn. Without a current schema the looks that need it are left out."""
    yield (found := _schema(newsroom))
    if found.ok:
        looks: tuple[Callable[[Newsroom, Session], Finding], ...] = (_database, _chains)
        with newsroom.sessions.read() as session:
            for look in looks:
                yield look(newsroom, session)
        yield _index(newsroom)
    yield _disk(newsroom)


def _schema(newsroom: Newsroom) -> Finding:
    at, needed = schema.current(newsroom.sessions.read_engine), schema.newest()
    return Finding(
        "schema", at == needed, f"at {at or 'nothing'}, needs {needed}", "" if at == needed else "cms db upgrade"
    )


def _database(newsroom: Newsroom, session: Session) -> Finding:
    dialect = newsroom.sessions.read_engine.dialect.name
    if dialect != "sqlite":
        return Finding("database", True, f"{dialect} answers")
    version = session.scalar(text("SELECT sqlite_version()"))
    verdict = session.scalar(text("PRAGMA quick_check"))
    remedy = "" if verdict == "ok" else "restore the last backup: cms restore FILE"
    return Finding("database", verdict == "ok", f"SQLite {version}, quick_check says {verdict}", remedy)


def _chains(newsroom: Newsroom, session: Session) -> Finding:
    """Verify every article's chain of revisions, in bounded memory."""
    count = 0
    for article_id, public_id in session.execute(select(Article.id, Article.public_id).order_by(Article.id)).all():
        revisions = session.scalars(
            select(Revision)
            .where(Revision.article_id == article_id)
            .order_by(Revision.number)
            .options(undefer(Revision.body_html))
        ).all()
        bad = first_bad_link(public_id, revisions)
        if bad is not None:
            remedy = "a stored revision was changed by hand; compare it with a backup"
            return Finding("history", False, f"article {public_id}: revision {bad} does not verify", remedy)
        count += len(revisions)
        session.expunge_all()
    return Finding("history", True, f"{count} revisions verify")


def _index(newsroom: Newsroom) -> Finding:
    try:
        newsroom.search.cursor()
        health = newsroom.search.health()
    except IndexUnusable as unusable:
        return Finding("search index", False, str(unusable), "cms search rebuild")
    remark = health.remark or f"{health.documents} stories in {health.segments} segments"
    return Finding("search index", health.ok, remark, "" if health.ok else "cms search rebuild")


def _disk(newsroom: Newsroom) -> Finding:
    usage = shutil.disk_usage(newsroom.settings.data_dir)
    free = usage.free / usage.total
    remedy = "" if free > 0.05 else f"free space on the disk of {newsroom.settings.data_dir}"
    return Finding("disk", free > 0.05, f"{free:.0%} of {usage.total / 2**30:.0f} GiB free", remedy)
