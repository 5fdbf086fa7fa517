"""``cms doctor``: is everything that the newsroom stands on sound, and if not, what to do."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

import click
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from cms.cli.desk import first_line, out, with_newsroom
from cms.db import off_the_clock
from cms.domain.articles.chain import first_bad_link, head
from cms.domain.articles.model import Article, Revision
from cms.domain.audit import AuditLine
from cms.interfaces import IndexUnusable
from cms.moving import schema
from cms.newsroom import Newsroom
from cms.settings import without_password
from cms.web.health import MOST_OFF

MOST_BEHIND = timedelta(seconds=5)
MOST_WAITING = 100
"""Sealed segments of visits; a worker at work leaves none for long."""


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
    """Look at every engine, the hash chains, the visits, the disk and the clock; exit 1 with the remedy if ill."""
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
        looks: tuple[Callable[[Newsroom, Session], Finding], ...] = (_database, _chains, _clock)
        with newsroom.sessions.read() as session:
            for look in looks:
                yield look(newsroom, session)
        yield _index(newsroom)
    yield _files(newsroom)
    yield _signal(newsroom)
    yield _spool(newsroom)
    yield _visits(newsroom)
    yield _disk(newsroom)


def _schema(newsroom: Newsroom) -> Finding:
    needed = schema.newest()
    try:
        at = schema.current(newsroom.sessions.read_engine)
    except OperationalError as lost:
        return Finding("database", False, first_line(lost), "start the database, or mend CMS_DATABASE_URL")
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
    articles = select(Article.id, Article.public_id, Article.newest).order_by(Article.id)
    for article_id, public_id, newest in session.execute(articles).all():
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
        if len(revisions) != newest:
            remedy = "a stored revision was taken away by hand; it is in a backup"
            gone = len(revisions) + 1
            return Finding("history", False, f"article {public_id}: revision {gone} of {newest} is not there", remedy)
        count += len(revisions)
        session.expunge_all()
    return Finding("history", True, f"{count} revisions verify; at their head stands {head(session)}")


def _index(newsroom: Newsroom) -> Finding:
    try:
        newsroom.search.cursor()
        health = newsroom.search.health()
    except IndexUnusable as unusable:
        return Finding("search index", False, str(unusable), "cms search rebuild")
    remark = health.remark or f"{health.documents} stories in {health.segments} segments"
    return Finding("search index", health.ok, remark, "" if health.ok else "cms search rebuild")


def _clock(newsroom: Newsroom, session: Session) -> Finding:
    """The clock decides what is public: it may not stand before what was already done by it, and machines of one site
    may not differ over it."""
    now, newest = newsroom.clock.now(), session.scalar(select(func.max(AuditLine.at)))
    behind = newest - now if newest is not None and newest > now else timedelta()
    off = off_the_clock(session, newsroom.clock.now) if newsroom.settings.several_machines else timedelta()
    well = behind <= MOST_BEHIND and abs(off) <= MOST_OFF
    remark = f"{now:%Y-%m-%d %H:%M:%S} UTC, {behind.total_seconds():.0f} s behind what was done"
    if newsroom.settings.several_machines:
        remark += f", {off.total_seconds():+.3f} s off the database's"
    return Finding("clock", well, remark, "" if well else "set this machine's clock, and keep it by NTP")


def _signal(newsroom: Newsroom) -> Finding:
    where = without_password(newsroom.settings.signal_url)
    try:
        newsroom.signal.ping()
    except OSError as lost:
        remedy = "pages stay, and every request asks the database: start the Redis server, or mend CMS_SIGNAL_URL"
        if not newsroom.settings.several_machines:
            remedy = "let this user write there"
        return Finding("signal", False, f"{where} {lost}", remedy)
    return Finding("signal", True, f"{where} answers")


def _files(newsroom: Newsroom) -> Finding:
    """Everything that is ever done with a file, done with one of our own."""
    where, key = without_password(newsroom.settings.files_url), f"doctor/{secrets.token_hex(8)}"
    try:
        newsroom.files.put(key, b"first")
        newsroom.files.put(key, b"second")
        kept = newsroom.files.get(key)
        newsroom.files.delete(key)
    except OSError as failed:
        remedy = "mend CMS_FILES_URL and the AWS_ variables, or let this user write there"
        return Finding("files", False, f"{where}: {failed}", remedy)
    if kept != b"first":
        remedy = "take a store that knows If-None-Match; this one writes over what is there"
        return Finding("files", False, f"{where}: a file's bytes can change", remedy)
    return Finding("files", True, f"{where}: a file was kept, read and deleted")


def _spool(newsroom: Newsroom) -> Finding:
    where = without_password(newsroom.settings.views_url)
    try:
        newsroom.views.ping()
    except PermissionError as closed:
        return Finding("visits spool", False, f"{where} {closed}", "let this user write there")
    except OSError as lost:
        remedy = "visits are safe on each machine: start the Redis server, or mend CMS_VIEWS_URL"
        return Finding("visits spool", False, f"{where} {lost}", remedy)
    return Finding("visits spool", True, f"{where} takes visits")


def _visits(newsroom: Newsroom) -> Finding:
    """Visits are counted within seconds, unless no worker is at work."""
    waiting = len(newsroom.views.sealed())
    remedy = "" if waiting <= MOST_WAITING else "start a worker (`cms worker`), or count them now: cms views replay"
    return Finding("visits", not remedy, f"{waiting} segments wait to be counted", remedy)


def _disk(newsroom: Newsroom) -> Finding:
    usage = shutil.disk_usage(newsroom.settings.data_dir)
    free = usage.free / usage.total
    remedy = "" if free > 0.05 else f"free space on the disk of {newsroom.settings.data_dir}"
    return Finding("disk", free > 0.05, f"{free:.0%} of {usage.total / 2**30:.0f} GiB free", remedy)
