"""Whatever is sent to whatever takes a form in the admin, it is answered in words and never as a fault of ours.

The addresses are read from the route map and each form's fields from what its view asks for, so that a new form joins
by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cms.admin.surface import UPLOADS
from cms.domain.articles.model import Correction
from cms.domain.articles.notes import DeskNote
from cms.domain.people.model import Person, User
from cms.domain.redirects.model import Redirect
from cms.domain.taxonomy.model import Section, Tag
from cms.domain.tokens.model import Token
from cms.domain.webhooks.model import Webhook
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff
from tests.watching import Watched

LEAVING = ("admin.sign_out", "admin.check_sign_in", "admin.elsewhere")
NASTY = ("", "\0\u202e<script>", "99999999999999999999", "2026-03-08T02:30")
TIMES = ("9999-12-31T23:59", "0001-01-01T00:00", "2026-13-45T99:99", "2026-03-08T02:30")
BYTES = b"%ED%A0%80%FF%FE%00"  # half a pair, what is no UTF-8 at all, and nothing
LARGE = b"&headline=" + b"x" * 10_000_000
GOOD = {
    "base": "1", "revision": "1", "headline": "Ferry", "body_html": "<p>It sails.</p>", "language": "en",
    "email": "new@news.example", "role": "editor", "kind": "correction", "when": "now", "former": "/old/", "days": "3",
    "live_from": "2027-01-01T10:00", "until": "2027-01-01T10:00", "to": "2027-01-01T10:00", "verb": "submit",
    "url": "https://partner.example/hook",
}  # fmt: skip
"""What lets a form get far enough to trip over its next field; every other field says “Ferry”."""


@pytest.fixture
def watched(app: Flask) -> Watched:
    app.testing = False  # a fault must come out as an answer
    app.config["PROPAGATE_EXCEPTIONS"] = False
    watch = Watched()
    app.request_class = watch.request_class()
    return watch


class Walk:
    """An admin at every form, with a story, a picture and one of everything else to put into its address."""

    def __init__(self, app: Flask, desk: Desk, admin: Staff) -> None:
        self.app, self.desk, self.admin = app, desk, admin
        desk.section("News", "news")
        desk.person("Ana Ruiz")
        desk.token("reporter")
        desk.actor("reporter", "Rob")
        shown, _ = hang(desk.newsroom, picture(), alt="A ferry")
        self.media = shown
        self.fresh: dict[str, str] = {}
        desk.publish("Tagged", tags=["Ferries"], sections=["news"])
        self.token = self._token()

    def _token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.admin.get("/admin/account/"))
        assert found
        return found[1]

    def rules(self) -> list[Rule]:
        found = [
            rule
            for rule in self.app.url_map.iter_rules()
            if rule.endpoint.startswith("admin.") and "POST" in (rule.methods or ()) and rule.endpoint not in LEAVING
        ]
        assert len(found) > 60
        return sorted(found, key=str)

    def address(self, rule: Rule) -> str:
        """Of something that is there, as long as nothing has been done to it."""
        if str(rule) not in self.fresh:
            self.fresh[str(rule)] = self._built(rule)
        return self.fresh[str(rule)]

    def _built(self, rule: Rule) -> str:
        parts = {name: self.part(rule, name) for name in rule.arguments}
        with self.app.test_request_context():
            built = rule.build(parts)
        assert built
        return built[1]

    def part(self, rule: Rule, name: str) -> Any:
        known: dict[str, Callable[[], Any]] = {
            "verb": lambda: "submit",
            "slug": lambda: "about",
            "link": lambda: "nonsense",
            "note": lambda: self._one(DeskNote) or "nonsense",
            "public_id": lambda: self._public_id(str(rule)),
            **{each: lambda: 1 for each in ("n", "number", "row")},
            "way": lambda: "up",
        }
        assert name in known, f"say here what stands for <{name}>, or the walk misses a form"
        return known[name]()

    def _public_id(self, rule: str) -> str:
        room = rule.split("/")[2]
        if room in ("articles", "calendar"):
            article = self.desk.publish("Ferry", body_html="<p>It sails.</p>")
            self.desk.correct(article, "At ten.")
            return article
        kinds = {
            "sections": Section,
            "tags": Tag,
            "people": Person,
            "corrections": Correction,
            "redirects": Redirect,
            "webhooks": Webhook,
        }
        if room == "users":
            return self._one(Token if "tokens" in rule else User)
        return self.media if room == "media" else self._one(kinds[room])

    def _one(self, kind: type[Any]) -> str:
        """The newest of a kind, if there is one."""
        with self.desk.newsroom.sessions.read() as session:
            return session.scalar(select(kind.public_id).order_by(kind.id.desc()).limit(1)) or "nonsense"

    def send(self, address: str, form: dict[str, str], raw: bytes = b"") -> TestResponse:
        body = urlencode({"csrf_token": self.token, **form}).encode() + raw
        answer = self.admin.client.post(address, data=body, content_type="application/x-www-form-urlencoded")
        if answer.status_code < 400:
            self.fresh, self.token = {}, self._token()
        return answer


@pytest.fixture
def walk(app: Flask, desk: Desk, staff: Callable[[str], Staff], watched: Watched) -> Walk:
    return Walk(app, desk, staff("admin"))


def sound(answer: TestResponse, why: object) -> None:
    """Carried out, or refused in words that say what is wrong."""
    assert answer.status_code in (200, 303, 302, 403, 404, 409, 413, 422, 400), why
    assert "/sign-in" not in (answer.location or ""), why
    if answer.status_code < 400:
        return
    if answer.is_json:
        assert answer.get_json()["message"], why
        return
    page = answer.get_data(as_text=True)
    assert "open for too long" not in page, why  # the walk's own token is good: it never got to the form
    assert re.search(r'class="(trouble|refused|notice grave)|role="alert"', page), why
    if answer.status_code == 422:
        assert re.search(r'aria-invalid="true"|class="(trouble|refused|notice grave)', page), why


def fields_of(walk: Walk, watched: Watched, rule: Rule) -> dict[str, str]:
    """What a form asks for, with what gets it far."""
    watched.asked.clear()
    sound(walk.send(walk.address(rule), GOOD), rule)
    sound(walk.send(walk.address(rule), {}), rule)
    return {name: GOOD.get(name, "Ferry") for name in sorted(watched.asked - {"csrf_token"})}


def test_no_form_of_the_admin_can_be_made_to_fail(walk: Walk, watched: Watched) -> None:
    tried: set[str] = set()
    for rule in sorted(walk.rules(), key=lambda rule: rule.endpoint != "admin.save"):
        good = fields_of(walk, watched, rule)
        for nasty in NASTY:
            sound(walk.send(walk.address(rule), dict.fromkeys(good, nasty)), (rule, nasty[:20]))
        body = b"".join(b"&" + quote(name).encode() + b"=" + BYTES for name in good)
        sound(walk.send(walk.address(rule), {}, body), (rule, BYTES))
        own = [
            name for name in good if name not in tried
        ]  # a story's own fields stand in most forms, and are read alike
        tried |= set(good) if rule.endpoint == "admin.save" else set()
        for name in own:
            for nasty in TIMES if re.search("from|until|to$|due|moved|at$", name) else ("\0" + "x" * 5_000,):
                sound(walk.send(walk.address(rule), {**good, name: nasty}), (rule, name, nasty[:20]))


def test_no_address_of_a_form_can_be_made_to_fail(walk: Walk) -> None:
    for rule in walk.rules():
        for part in ("%00%ED%A0%80", "x" * 3_000, "9" * 30):
            address = re.sub(r"<(?!any)[^>]+>", part, str(rule)).replace("<any(up, down):way>", "up")
            if address != str(rule):
                sound(walk.send(address, {"headline": "Ferry", "base": "1"}), (rule, part))


def test_ten_megabytes_are_refused_by_every_form_and_a_missing_token_as_well(walk: Walk) -> None:
    for rule in walk.rules():
        address = walk.address(rule)
        large = walk.send(address, {}, LARGE)
        assert large.status_code == 413 or rule.endpoint in UPLOADS, rule
        sound(large, rule)
        for token in (None, "nonsense"):
            answer = walk.admin.client.post(
                address, data={"headline": "Ferry"} | ({"csrf_token": token} if token else {})
            )
            assert answer.status_code == 400, (rule, token)
            assert "open for too long" in answer.get_data(as_text=True), rule


def test_what_was_typed_is_on_the_page_that_refuses_it(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    at = editor.write(headline="Ferry", body_html="<p>It sails.</p>")
    typed = {"headline": "", "standfirst": "Typed standfirst", "key_points": "Typed point", "body_html": "<p>Typed</p>"}
    for address in ("/admin/articles/new", at):
        answer = editor.post(address, **typed, base=1, slug="typed-slug", seo_title="Typed title")
        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        for words in ("Typed standfirst", "Typed point", "Typed&lt;", "typed-slug", "Typed title"):
            assert words in page, (address, words)
        assert 'id="headline-trouble"' in page
