"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import done
from cms.domain.errors import Invalid
from cms.domain.people.sessions import LIFETIME, open_of
from cms.web import sign_in
from cms.web.current import now
from cms.web.database import db


def routes(room: Blueprint) -> None:
    room.add_url_rule("/account/", "account", account)
    room.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    room.add_url_rule("/account/sessions", "end_sessions", end_sessions, methods=["POST"])


def account() -> str:
    return _page({})


def change_password() -> BaseResponse | tuple[str, int]:
    form = request.form
    if form.get("password") != form.get("again"):
        return _page({"again": ["This is not what stands above."]}), 422
    try:
        sign_in.change_password(form.get("old", ""), form.get("password", ""))
    except Invalid as invalid:
        return _page(invalid.errors), 422
    except sign_in.Refused as refused:
        said = "This is not your password."
        if refused.until is not None:
            said = f"Too many tries. Come back after {refused.until:%H:%M} UTC."
        return _page({"old": [said]}), 429 if refused.until else 403
    return done(url_for("admin.account"), "Changed. Every other session of yours is over.")


def end_sessions() -> BaseResponse:
    sign_in.end_all()
    return done(url_for("admin.account"), "Every other session of yours is over.")


def _page(errors: dict[str, list[str]]) -> str:
    user = sign_in.staff()
    assert user is not None
    return render_template(
        "admin/account.html",
        user=user,
        sessions=[(row, sign_in.is_this_browsers(row)) for row in open_of(db.session(), user, now())],
        lifetime=LIFETIME,
        errors=errors,
    )
