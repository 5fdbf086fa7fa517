"""Who may come in, and what was done: users, tokens and the audit log, for admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.api import answers, naming, paging, schemas
from cms.api.acting import changing, nothing, private
from cms.api.holders import staff
from cms.api.once import keep_secret
from cms.api.snapshots import instant
from cms.api.taking import Part, before, since
from cms.domain import audit
from cms.domain.errors import Invalid
from cms.domain.people.model import ROLES, Person, User
from cms.domain.people.passwords import LONGEST, SHORTEST, hash_password, made_up_password
from cms.domain.people.queries import all_staff, find_user
from cms.domain.taxonomy.model import Section
from cms.domain.tokens import tokens
from cms.domain.tokens.model import Token
from cms.domain.workflow import staffing
from cms.domain.workflow.permissions import require_right
from cms.web.current import newsroom, now
from cms.web.database import db

users = Part("users", "Staff who sign in.")
keys = Part("tokens", "Tokens for programs. Each acts as a user of its own, with one role.")
log = Part("audit", "Who did what.")


# --- Users -------------------------------------------------------------------------------------------------


@users.get("/users")
@users.arguments(schemas.Paged, location="query", as_kwargs=True)
@users.response(200, answers.Users)
def list_users(limit: int = 20, after: str | None = None) -> Response:
    """Everybody who may sign in, then everybody who no longer may."""
    require_right(staff(), "manage_users")
    shown, following = _cut(all_staff(db.session()), limit, after)
    return private(paging.page(_users(db.session(), shown), following))


@users.get("/users/<public_id>")
@users.response(200, answers.User)
def one_user(public_id: str) -> Response:
    """One member of staff."""
    require_right(staff(), "manage_users")
    return private(_users(db.session(), [find_user(db.session(), public_id)])[0])


@users.post("/users")
@users.arguments(schemas.NewUser)
@users.response(201, answers.HiredUser)
def hire(fields: dict[str, Any]) -> Response:
    """Take somebody on. Without a password one is made up, and told this once."""
    actor = staff()
    require_right(actor, "manage_users")
    given = naming.checked({**fields, "password": fields.get("password") or None}, _USER)
    made_up = None if "password" in given else made_up_password()
    hashed = hash_password(made_up or given["password"])
    name = given.get("name") or given["email"].split("@")[0][:200]
    if made_up:
        keep_secret()
    with changing() as (session, events):
        user, event = staffing.take_on(
            session, actor, email=given["email"], name=name, role=given["role"], password_hash=hashed, now=now()
        )
        events.append(event)
        told = _users(session, [user])[0]
    return private({**told, "password": made_up} if made_up else told, 201)


@users.patch("/users/<public_id>")
@users.arguments(schemas.UserChange)
@users.response(200, answers.User)
def change_user(fields: dict[str, Any], public_id: str) -> Response:
    """Another name, role, byline or limits; ``active: false`` lets them go. The last admin can't be lost."""
    actor = staff()
    require_right(actor, "manage_users")
    with changing() as (session, events):
        user = find_user(session, public_id)
        now_told = _users(session, [user])[0]
        events += staffing.change(
            session,
            actor,
            user,
            name=fields.get("name", user.name),
            role=fields.get("role", user.role),
            person=fields.get("person", now_told["person"]),
            limits=_limits(fields, now_told),
        )
        if "active" in fields and fields["active"] != user.active:
            events.append((staffing.take_back if fields["active"] else staffing.let_go)(session, actor, user))
    with newsroom().sessions.read() as session:
        return private(_users(session, [find_user(session, public_id)])[0])


def _mail_address(value: str) -> str:
    if not (address := naming.email(value)):
        raise ValueError("Takes an e-mail address.")
    return address


def _password(value: str) -> str:
    if not SHORTEST <= len(value) <= LONGEST:
        raise ValueError(f"Takes {SHORTEST} to {LONGEST} characters.")
    return value


_ROLE = naming.one_of(*ROLES)
_USER = {"email": _mail_address, "name": naming.text(200), "role": _ROLE, "password": _password}


def _limits(fields: dict[str, Any], told: dict[str, Any]) -> Sequence[str]:
    limits: Sequence[str] = fields.get("sections", told["sections"])
    if len(limits) > 50:
        raise Invalid({"sections": ["Takes at most 50."]})
    return limits


def _users(session: Session, shown: Sequence[User]) -> list[dict[str, Any]]:
    limits = {limit.section_id for user in shown for limit in user.limits}
    sections = {row.id: row.slug for row in session.execute(_slugs(Section, limits))}
    people = {row.id: row.slug for row in session.execute(_slugs(Person, {u.person_id for u in shown if u.person_id}))}
    return [
        {
            "id": user.public_id,
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "active": user.active,
            "person": people.get(user.person_id or 0),
            "sections": sorted(sections[limit.section_id] for limit in user.limits),
            "created_at": instant(user.created_at),
        }
        for user in shown
    ]


def _slugs(model: type[Section] | type[Person], ids: Iterable[int]) -> Any:
    return select(model.id, model.slug).where(model.id.in_(ids))


# --- Tokens ------------------------------------------------------------------------------------------------


@keys.get("/tokens")
@keys.arguments(schemas.Paged, location="query", as_kwargs=True)
@keys.response(200, answers.Tokens)
def list_tokens(limit: int = 20, after: str | None = None) -> Response:
    """Every token, without its secret, which nobody keeps."""
    require_right(staff(), "manage_tokens")
    shown, following = _cut(tokens.every(db.session()), limit, after)
    return private(paging.page([_token(each) for each in shown], following))


@keys.get("/tokens/<public_id>")
@keys.response(200, answers.Token)
def one_token(public_id: str) -> Response:
    """One token, without its secret."""
    require_right(staff(), "manage_tokens")
    return private(_token(tokens.find(db.session(), public_id)))


@keys.post("/tokens")
@keys.arguments(schemas.NewToken)
@keys.response(201, answers.GrantedToken)
def grant(fields: dict[str, Any]) -> Response:
    """A new token; its secret is told this once."""
    actor = staff()
    require_right(actor, "manage_tokens")
    given = {"expires_at": None, **naming.checked(fields, _TOKEN)}
    keep_secret()
    with changing() as (session, events):
        secret, made = staffing.grant_token(session, actor, **given, now=now())
        events += made
        told = _token(tokens.find(session, made[-1].subject.removeprefix("token:")))
    return private({**told, "token": secret}, 201)


def _to_come(at: datetime) -> datetime:
    if at <= now():
        raise ValueError("Takes a time to come.")
    return at


_TOKEN = {"name": naming.name(200), "role": _ROLE, "expires_at": _to_come}


@keys.delete("/tokens/<public_id>")
@keys.response(204)
def revoke(public_id: str) -> Response:
    """The token opens nothing from now on."""
    actor = staff()
    require_right(actor, "manage_tokens")
    with changing() as (session, events):
        events += staffing.revoke_token(session, actor, tokens.find(session, public_id), now())
    return nothing()


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.public_id,
        "name": token.name,
        "role": token.user.role,
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "revoked_at": instant(token.revoked_at),
        "last_used_at": instant(token.last_used_at),
    }


# --- The audit log -----------------------------------------------------------------------------------------


@log.get("/audit")
@log.arguments(schemas.AuditLines, location="query", as_kwargs=True)
@log.response(200, answers.AuditLines)
def lines(limit: int = 20, after: str | None = None, **wanted: Any) -> Response:
    """Newest first. ``subject`` is a kind, such as ``article``, or a kind and an id; ``actor`` a user's id."""
    require_right(staff(), "see_audit")
    session, zone = db.session(), newsroom().settings.site_timezone
    actor = wanted.get("actor")
    if actor is not None:
        actor = session.scalar(select(User.id).where(User.public_id == actor)) or -1
    asked = audit.Wanted(
        actor_id=actor,
        verb=wanted.get("verb", ""),
        subject=wanted.get("subject", ""),
        since=since(wanted.get("since"), zone),
        before=before(wanted.get("until"), zone),
    )
    found = audit.lines(session, asked, limit + 1, paging.number_of(after))
    shown, following = paging.cut(found, limit, lambda row: str(row.id))
    actors = select(User.id, User.public_id).where(User.id.in_({row.actor_id for row in shown if row.actor_id}))
    named = {row.id: row.public_id for row in session.execute(actors)}
    return private(paging.page([_line(row, named.get(row.actor_id or 0)) for row in shown], following))


def _line(row: audit.AuditLine, actor: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": instant(row.at),
        "by": row.actor_name,
        "actor": actor,
        "verb": row.verb,
        "subject": row.subject,
        "before": row.before,
        "after": row.after,
    }


def _cut(rows: Sequence[Any], limit: int, after: str | None) -> tuple[Sequence[Any], str | None]:
    """A page of a list that is short enough to be read whole."""
    ids = [row.public_id for row in rows]
    if after is not None and after not in ids:
        raise paging.bad_place()
    start = ids.index(after) + 1 if after is not None else 0
    return paging.cut(rows[start : start + limit + 1], limit, lambda row: row.public_id)
