"""The audit log: who did what to what, readable, narrowed, and to take away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy import select

from cms.admin.acting import actor
from cms.admin.subjects import Named, names
from cms.admin.typed import row_number
from cms.domain import audit
from cms.domain.people.model import User
from cms.domain.views.days import day_start
from cms.domain.workflow.permissions import require_right
from cms.domain.workflow.states import State
from cms.web.current import newsroom
from cms.web.database import db

PER_PAGE = 50
AT_ONCE = 500
COLUMNS = ("id", "at", "actor", "verb", "subject", "before", "after")
KINDS = ("article", "media", "section", "tag", "person", "user", "token", "redirect")


def routes(room: Blueprint) -> None:
    room.add_url_rule("/audit/", "audit", log)
    room.add_url_rule("/audit/export.<any(csv, jsonl):form>", "export_audit", export)


def log() -> str:
    require_right(actor(), "see_audit")
    session, asked = db.session(), _asked()
    below = request.args.get("below", type=row_number)
    rows = audit.lines(session, _wanted(asked), PER_PAGE + 1, below or None)
    shown = rows[:PER_PAGE]
    return render_template(
        "admin/audit.html",
        lines=shown,
        named=names(session, {line.subject for line in shown}),
        nameless=Named("", None),
        older=shown[-1].id if len(rows) > PER_PAGE else None,
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        kinds=KINDS,
        verbs=audit.verbs(session),
        instant=_instant,
        states=list(State),
        users=session.scalars(select(User).order_by(User.name, User.id)).all(),
    )


def export(form: str) -> Response:
    """Every line that the filters leave, newest first, as it was when the export began or later."""
    require_right(actor(), "see_audit")
    wanted = _wanted(_asked())
    room = newsroom()

    def rows() -> Iterator[audit.AuditLine]:
        below = None
        while True:
            with room.sessions.read() as session:
                batch = audit.lines(session, wanted, AT_ONCE, below)
            yield from batch
            if len(batch) < AT_ONCE:
                return
            below = batch[-1].id

    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    answer = Response(_csv(rows()) if form == "csv" else _json_lines(rows()), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    return answer


def _csv(rows: Iterator[audit.AuditLine]) -> Iterator[str]:
    yield ",".join(COLUMNS) + "\r\n"
    for line in rows:
        told = _told(line)
        cells = [value if isinstance(value, str) else _compact(value) for value in told.values()]
        text = io.StringIO()
        csv.writer(text).writerow([_harmless(cell) for cell in cells])
        yield text.getvalue()


def _json_lines(rows: Iterator[audit.AuditLine]) -> Iterator[str]:
    for line in rows:
        yield _compact(_told(line)) + "\n"


def _told(line: audit.AuditLine) -> dict[str, object]:
    at = line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return dict(
        zip(COLUMNS, (line.id, at, line.actor_name, line.verb, line.subject, line.before, line.after), strict=True)
    )


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula and carries it out."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:80] for name in ("who", "verb", "subject", "from", "to")}


def _wanted(asked: dict[str, str]) -> audit.Wanted:
    who: int | None = 0 if asked["who"] == "system" else None
    if asked["who"] and who is None:
        who = db.session().scalar(select(User.id).where(User.public_id == asked["who"])) or -1
    to = _day(asked["to"])
    return audit.Wanted(who, asked["verb"], asked["subject"], _day(asked["from"]), to and to + timedelta(days=1))


def _instant(text: str) -> datetime | None:
    """The instant that a line's value tells, if it tells one."""
    try:
        at = datetime.fromisoformat(text) if len(text) > len("2026-01-01") else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


def _day(text: str) -> datetime | None:
    """The first instant of a date as a form writes it; of anything else, nothing."""
    try:
        return day_start(datetime.strptime(text, "%Y-%m-%d").date(), g.zone)  # noqa: DTZ007  (a date has no zone)
    except (ValueError, OverflowError):
        return None
