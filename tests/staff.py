"""Staff at browsers of their own, for tests of the admin."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cms import reactions
from cms.domain.people import passwords, sessions
from cms.domain.people.hiring import add_user
from cms.domain.people.passwords import hash_password
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom

PASSWORD = "a password for tests"
DEAR = passwords._HASHER
"""What makes hashes outside tests. In them they are cheap, but where what they cost is asked."""
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Staff:
    """A member of staff at a browser of their own, whose forms carry what the page gave them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, path: str, page: str | None = None, **form: object) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page or path))
        assert token
        return self.client.post(path, data={"csrf_token": token[1], **form})

    def sign_in(self, email: str, password: str = PASSWORD, **more: object) -> TestResponse:
        return self.post("/admin/sign-in", email=email, password=password, **more)

    def be_signed_in(self, token: str) -> None:
        """Hold a session that was begun without this browser's doing: no password is hashed for it."""
        origin = self.client.application.extensions["newsroom"].settings.origin
        with self.client.session_transaction("/admin/", base_url=origin) as held:
            held["staff"] = token

    def write(self, **form: object) -> str:
        """A new story; its address in the admin."""
        answer = self.post("/admin/articles/new", **form)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.location).partition("?")[0]


@pytest.fixture
def staff(app: Flask, client: FlaskClient, newsroom: Newsroom) -> Callable[[str], Staff]:
    """Take on somebody of this role and sign them in at a browser of their own."""
    return lambda role: hire(app, newsroom, role)


def hire(app: Flask, newsroom: Newsroom, role: str) -> Staff:
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        user, event = add_user(
            session,
            SYSTEM,
            email=f"{role}@news.example",
            name=role.title(),
            role=role,
            password_hash=_hashed(),
            now=now,
        )
        session.flush()
        token, began = sessions.start(session, user, now)
        reactions.commit(session, [event, began], now, newsroom.signal)
    someone = Staff(app.test_client())
    someone.be_signed_in(token)
    return someone


@cache
def _hashed() -> str:
    return hash_password(PASSWORD)
