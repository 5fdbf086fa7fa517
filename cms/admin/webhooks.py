"""The webhooks room: programs elsewhere that are told what happens here, and how telling them went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain.webhooks import keeping
from cms.domain.webhooks.model import KINDS
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

PER_PAGE = 50
RIGHT = "manage_webhooks"


def routes(room: Blueprint) -> None:
    here = "/webhooks/<public_id>/"
    room.add_url_rule("/webhooks/", "webhooks", listing)
    room.add_url_rule("/webhooks/", "start_webhook", start, methods=["POST"])
    room.add_url_rule(here, "webhook", one)
    room.add_url_rule(here, "change_webhook", change, methods=["POST"])
    room.add_url_rule(f"{here}try", "try_webhook", try_out, methods=["POST"])
    room.add_url_rule(f"{here}remove", "remove_webhook", remove, methods=["POST"])
    room.add_url_rule(f"{here}deliveries/<number:row>", "deliver_again", deliver_again, methods=["POST"])


def listing() -> str:
    require_right(actor(), RIGHT)
    return _list({})


def start() -> str:
    require_right(actor(), RIGHT)
    with said_on(_list), changing() as (session, events):
        hook, event = keeping.start(session, actor(), _typed(), now())
        secret = hook.secret
        events.append(event)
    return render_template(
        "admin/shown_once.html",
        title="A new webhook",
        kind="secret",
        secret=secret,
        remark="Give it to whoever receives the messages: each is signed with it.",
    )


def one(public_id: str) -> str:
    require_right(actor(), RIGHT)
    return _form(public_id, {})


def change(public_id: str) -> BaseResponse:
    require_right(actor(), RIGHT)
    fields = {**_typed(), "active": request.form.get("active") == "1"}
    with said_on(lambda errors: _form(public_id, errors)), changing() as (session, events):
        events += keeping.change(session, actor(), keeping.find(session, public_id), fields)
    return done(url_for("admin.webhook", public_id=public_id), "Saved. It holds from now on.")


def try_out(public_id: str) -> BaseResponse:
    require_right(actor(), RIGHT)
    with changing() as (session, events):
        events.append(keeping.try_out(session, actor(), keeping.find(session, public_id), now())[1])
    return done(
        url_for("admin.webhook", public_id=public_id), "A test is on its way. Load this page again to see the answer."
    )


def remove(public_id: str) -> BaseResponse:
    require_right(actor(), RIGHT)
    with changing() as (session, events):
        events.append(keeping.remove(session, actor(), keeping.find(session, public_id)))
    return done(url_for("admin.webhooks"), "Removed: it is told nothing any more.")


def deliver_again(public_id: str, row: int) -> BaseResponse:
    require_right(actor(), RIGHT)
    with changing() as (session, events):
        events.append(keeping.deliver_again(session, actor(), keeping.find(session, public_id), row, now())[1])
    return done(url_for("admin.webhook", public_id=public_id), "It is being tried again.")


def _typed() -> dict[str, Any]:
    form = request.form
    return {"name": form.get("name", ""), "url": form.get("url", ""), "events": form.getlist("events")}


def _list(errors: Errors) -> str:
    return render_template(
        "admin/webhooks.html", hooks=keeping.every(db.session()), kinds=KINDS, typed=request.form, errors=errors
    )


def _form(public_id: str, errors: Errors) -> str:
    session, below = db.session(), request.args.get("below", type=int)
    hook = keeping.find(session, public_id)
    rows = keeping.deliveries(session, hook, PER_PAGE + 1, below if below and 0 < below < 2**31 else None)
    return render_template(
        "admin/webhook.html",
        hook=hook,
        kinds=KINDS,
        typed=_typed() if errors else {"name": hook.name, "url": hook.url, "events": hook.events},
        errors=errors,
        deliveries=[(row, keeping.state(row)) for row in rows[:PER_PAGE]],
        older=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
    )
