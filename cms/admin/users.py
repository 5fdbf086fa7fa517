"""Users and tokens: who may sign in, as what and where; and which programs."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.admin.acting import Errors, actor, done, said_on
from cms.domain.errors import Invalid
from cms.domain.people.model import ROLES
from cms.domain.people.passwords import hash_password, made_up_password
from cms.domain.people.queries import all_people, all_staff, find_user
from cms.domain.taxonomy.queries import all_sections
from cms.domain.tokens import tokens
from cms.domain.workflow import staffing as verbs
from cms.domain.workflow.permissions import require_right
from cms.web.changing import changing
from cms.web.current import now
from cms.web.database import db

LONGEST = 3650  # days


def routes(room: Blueprint) -> None:
    room.add_url_rule("/users/", "users", listing)
    room.add_url_rule("/users/", "take_on", take_on, methods=["POST"])
    room.add_url_rule("/users/<public_id>/", "user", one)
    room.add_url_rule("/users/<public_id>/", "change_user", change, methods=["POST"])
    room.add_url_rule("/users/<public_id>/let-go", "let_go", let_go, methods=["POST"])
    room.add_url_rule("/users/<public_id>/take-back", "take_back", take_back, methods=["POST"])
    room.add_url_rule("/users/<public_id>/password", "reset_password", reset_password, methods=["POST"])
    room.add_url_rule("/users/tokens", "grant_token", grant_token, methods=["POST"])
    room.add_url_rule("/users/tokens/<public_id>/revoke", "revoke_token", revoke_token, methods=["POST"])


def listing() -> str:
    require_right(actor(), "manage_users")
    return _list()


def take_on() -> str:
    require_right(actor(), "manage_users")
    password, form = made_up_password(), request.form
    hashed = hash_password(password)

    with said_on(lambda errors: _list(form, errors)), changing() as (session, events):
        given = {name: form.get(name, "") for name in ("email", "name", "role")}
        events.append(verbs.take_on(session, actor(), **given, password_hash=hashed, now=now())[1])
    return _shown_once(f"{form['name']} may sign in", "password", password, "Hand it over; they can change it.")


def one(public_id: str) -> str:
    require_right(actor(), "manage_users")
    return _form(public_id)


def change(public_id: str) -> BaseResponse:
    form = request.form

    with said_on(lambda errors: _form(public_id, errors)), changing() as (session, events):
        events += verbs.change(
            session,
            actor(),
            find_user(session, public_id),
            name=form.get("name", ""),
            role=form.get("role", ""),
            person=form.get("person"),
            limits=form.getlist("limits"),
        )
    return done(url_for("admin.user", public_id=public_id), "Saved.")


def let_go(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        events.append(verbs.let_go(session, actor(), find_user(session, public_id)))
    return done(url_for("admin.users"), "They may not sign in any more, and their sessions are over.")


def take_back(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        events.append(verbs.take_back(session, actor(), find_user(session, public_id)))
    return done(url_for("admin.user", public_id=public_id), "They may sign in again.")


def reset_password(public_id: str) -> str:
    require_right(actor(), "manage_users")
    password = made_up_password()
    hashed = hash_password(password)
    with changing() as (session, events):
        events.append(verbs.reset_password(session, actor(), find_user(session, public_id), hashed))
    return _shown_once("A new password", "password", password, "The old one, and every session, is over.")


def grant_token() -> str:
    form = request.form
    with said_on(lambda errors: _list(form, _of_tokens(errors))), changing() as (session, events):
        days = form.get("days", "").strip()
        if days and not (days.isascii() and days.isdigit() and 0 < int(days[:9]) <= LONGEST):
            raise Invalid({"days": [f"Takes 1 to {LONGEST} days, or nothing for a token without an end."]})
        ends = now() + timedelta(days=int(days)) if days else None
        name, role = form.get("token_name", ""), form.get("token_role", "")
        secret, granted = verbs.grant_token(session, actor(), name=name, role=role, expires_at=ends, now=now())
        events += granted
    return _shown_once(f"The token “{form['token_name']}”", "token", secret, "Send it as Authorization: Bearer TOKEN.")


def revoke_token(public_id: str) -> BaseResponse:
    with changing() as (session, events):
        events += verbs.revoke_token(session, actor(), tokens.find(session, public_id), now())
    return done(url_for("admin.users"), "Revoked: the token opens nothing any more.")


def _of_tokens(errors: Errors) -> Errors:
    """By the names of the token's own fields: two forms share the page."""
    return {f"token_{name}" if name in ("name", "role") else name: said for name, said in errors.items()}


def _list(typed: object = None, errors: object = None) -> str:
    session = db.session()
    return render_template(
        "admin/users.html",
        users=all_staff(session),
        tokens=tokens.every(session),
        section_names={section.id: section.name for section in all_sections(session)},
        roles=ROLES,
        typed=typed or {},
        errors=errors or {},
    )


def _form(public_id: str, errors: object = None) -> str:
    session = db.session()
    user = find_user(session, public_id)
    return render_template(
        "admin/user.html",
        user=user,
        limits={limit.section_id for limit in user.limits},
        typed=request.form,
        roles=ROLES,
        people=all_people(session),
        sections=all_sections(session),
        errors=errors or {},
        itself=user.id == actor().user_id,
    )


def _shown_once(title: str, kind: str, secret: str, remark: str) -> str:
    return render_template("admin/shown_once.html", title=title, kind=kind, secret=secret, remark=remark)
