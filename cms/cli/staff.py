"""``cms user`` and ``cms token``: who may sign in, and which programs."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from cms import reactions
from cms.cli.desk import err, require_schema, with_newsroom
from cms.domain.people.hiring import add_user
from cms.domain.people.model import ROLES
from cms.domain.people.passwords import hash_password, made_up_password
from cms.domain.people.staff import SYSTEM
from cms.domain.tokens.tokens import grant
from cms.newsroom import Newsroom


@click.group()
def user() -> None:
    """Staff who sign in to the admin."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", help="The name in history and notices; by default what stands before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made up.")
@with_newsroom
def add(newsroom: Newsroom, email: str, role: str, name: str | None, password_stdin: bool) -> None:
    """Take on EMAIL. Without --password-stdin the password is made up and printed, alone, on stdout."""
    require_schema(newsroom)
    if "@" not in email.strip("@"):
        raise click.BadParameter("takes an e-mail address", param_hint="EMAIL")
    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    if given is not None and len(given) < 12:
        raise click.BadParameter("takes at least 12 characters", param_hint="--password-stdin")
    password = given or made_up_password()
    hashed, now = hash_password(password), newsroom.clock.now()
    with newsroom.sessions.write() as session:
        _user, event = add_user(
            session,
            SYSTEM,
            email=email,
            name=name or email.split("@")[0],
            role=role,
            password_hash=hashed,
            now=now,
        )
        reactions.commit(session, [event], now, newsroom.signal)
    err.print(f"{email} may sign in as {role}.")
    if given is None:
        click.echo(password)


@click.group()
def token() -> None:
    """Programs that use the API."""


@token.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token may do.")
@click.option("--expires", type=click.IntRange(1, 3650), metavar="DAYS", help="Days until it stops working.")
@with_newsroom
def grant_token(newsroom: Newsroom, name: str, role: str, expires: int | None) -> None:
    """Make a token and print it once, alone, on stdout."""
    require_schema(newsroom)
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        secret, _token, events = grant(
            session,
            SYSTEM,
            name=name,
            role=role,
            expires_at=now + timedelta(days=expires) if expires else None,
            now=now,
        )
        reactions.commit(session, events, now, newsroom.signal)
    click.echo(secret)
