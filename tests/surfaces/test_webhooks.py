"""Webhooks: programs elsewhere are told what happens, signed, in order, and as often as it takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from cms.domain.workflow import editions, pulling
from cms.newsroom import Newsroom
from cms.worker.telling import call_hook
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.lending import serve
from tests.staff import Staff
from tests.surfaces.programs import Program, told

Message = dict[str, Any]
Hire = Callable[[str], Staff]


class Receiver(ThreadingHTTPServer):
    """A program elsewhere: it keeps what it is told, and answers what it is told to answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listening)
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks?from=us"

    @property
    def messages(self) -> list[Message]:
        return [json.loads(body) for _headers, body in self.told]


class _Listening(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server  # type: ignore[assignment]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = receiver.answers.pop(0) if receiver.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(b"Noted\n" + b"x" * 10_000)

    def log_message(self, *_said: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        receiver.shutdown()


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom], database: dict[str, str]) -> Newsroom:
    return make_newsroom(ALLOW_PRIVATE_NETWORKS="1", **database)


@pytest.fixture
def admin(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("admin"))


def begin(admin: Program, receiver: Receiver, **more: Any) -> Message:
    answer = admin("POST", "/webhooks", {"url": receiver.url, "name": "Mirror", **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made: Message = answer.get_json()
    return made


def tell(newsroom: Newsroom) -> None:
    while call_hook(newsroom):
        pass


def deliveries(admin: Program, hook: Message) -> list[Message]:
    return [each for page in admin.pages(f"/webhooks/{hook['id']}/deliveries") for each in page]


@BOTH_DATABASES
def test_a_story_is_told_of_from_its_publication_to_its_takedown(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock
) -> None:
    begin(admin, receiver)
    desk.section("Harbour", "harbour")
    article = desk.publish("The secret word is walrus", sections=["harbour"], body_html="<p>Walrus</p>")
    clock.advance(timedelta(minutes=1))
    desk.correct(article, "It was a seal")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice="Gone")
    tell(newsroom)
    assert [message["type"] for message in receiver.messages] == ["publication", "correction", "takedown"]
    first, second, _third = (message["data"] for message in receiver.messages)
    address = "http://news.example/2026/03/26/the-secret-word-is-walrus/"
    assert first["article"] == article
    assert first["url"] == address
    assert (first["publication"], first["revision"], first["minor"]) == (1, 1, False)
    assert {address, "http://news.example/", "http://news.example/section/harbour/"} <= set(first["changed"])
    assert (second["kind"], second["act"]) == ("correction", "filed")
    assert receiver.messages[0]["timestamp"] == "2026-03-26T19:26:05.250Z"
    said = b"".join(body for _headers, body in receiver.told)
    for word in (b"It was a seal", b"Walrus<", b"Gone"):
        assert word not in said


def test_a_message_is_signed_and_known_again(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock
) -> None:
    hook = begin(admin, receiver)
    receiver.answers = [500]
    desk.publish()
    tell(newsroom)
    clock.advance(timedelta(minutes=2))
    tell(newsroom)
    assert len(receiver.told) == 2
    assert receiver.told[0][0]["webhook-id"] == receiver.told[1][0]["webhook-id"]
    for headers, body in receiver.told:
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mark}"
        assert headers["content-type"] == "application/json"
    assert receiver.told[0][0]["webhook-timestamp"] == str(int(clock.now().timestamp()) - 120)


@BOTH_DATABASES
def test_of_one_story_nothing_is_told_before_what_came_first(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock
) -> None:
    begin(admin, receiver)
    receiver.answers = [503]
    late = desk.publish("Told late")
    desk.correct(late, "A correction")
    desk.publish("Another")
    tell(newsroom)
    heard = [(message["type"], message["data"]["article"] == late) for message in receiver.messages]
    assert heard == [("publication", True), ("publication", False)]
    clock.advance(timedelta(minutes=2))
    tell(newsroom)
    assert [message["type"] for message in receiver.messages[2:]] == ["publication", "correction"]


def test_what_is_scheduled_is_told_of_when_it_begins_and_only_if_it_does(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock
) -> None:
    begin(admin, receiver)
    hour = timedelta(hours=1)
    kept, dropped = desk.write("Kept"), desk.write("Dropped")
    desk.put_live(kept, live_from=clock.now() + hour, live_until=clock.now() + 2 * hour)
    n = desk.put_live(dropped, live_from=clock.now() + hour)
    tell(newsroom)
    assert receiver.told == []
    desk.cancel(dropped, n)
    clock.advance(hour)
    tell(newsroom)
    assert [(each["type"], each["data"]["article"]) for each in receiver.messages] == [("publication", kept)]
    clock.advance(hour)
    tell(newsroom)
    assert [each["type"] for each in receiver.messages] == ["publication", "expiry"]


def test_what_is_moved_is_told_of_at_its_new_time_alone(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock
) -> None:
    begin(admin, receiver)
    hour, article = timedelta(hours=1), desk.write("Moved")
    n = desk.put_live(article, live_from=clock.now() + hour)
    editor, later = desk.actor("editor", "Edda"), clock.now() + 2 * hour
    desk.act(article, lambda s, a: editions.reschedule(s, editor, a, n, later, desk.now, zone=desk.zone))
    clock.advance(hour)
    tell(newsroom)
    assert receiver.told == []
    clock.advance(hour)
    tell(newsroom)
    assert [each["data"]["article"] for each in receiver.messages] == [article]


def test_what_is_given_up_is_seen_and_tried_again_by_a_button(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock, staff: Hire
) -> None:
    hook = begin(admin, receiver)
    receiver.answers = [500] * 8
    desk.publish()
    for _ in range(9):
        tell(newsroom)
        clock.advance(timedelta(days=1))
    assert len(receiver.told) == 8
    [delivery] = deliveries(admin, hook)
    assert (delivery["state"], delivery["attempts"]) == ("given_up", 8)
    assert delivery["answer"].startswith("500 Noted")
    assert len(delivery["answer"]) <= 500
    browser = staff("admin")
    room = f"/admin/webhooks/{hook['id']}/"
    assert "given up" in browser.get(room)
    assert browser.post(f"{room}deliveries/{delivery['id']}", room).status_code == 303
    tell(newsroom)
    assert deliveries(admin, hook)[0]["state"] == "delivered"
    told(admin("POST", f"/webhooks/{hook['id']}/deliveries/{delivery['id']}/retry"), 409)


def test_a_pull_everywhere_has_its_webhooks_in_its_receipt(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk, clock: SetClock, staff: Hire
) -> None:
    begin(admin, receiver)
    article = desk.publish()
    editor = desk.actor("editor", "Edda")
    desk.act(article, lambda s, a: pulling.pull(s, editor, a, "The judge's secret order", desk.now, zone=desk.zone))
    tell(newsroom)
    assert [each["type"] for each in receiver.messages] == ["publication", "pull"]
    assert b"secret order" not in receiver.told[1][1]
    page = staff("admin").get(f"/admin/articles/{article}/pulls/")
    assert "Mirror (127.0.0.1)" in page
    assert "200 Noted" in page


def test_no_redirect_is_followed_and_no_private_network_reached_unasked(
    make_newsroom: Callable[..., Newsroom], newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk
) -> None:
    hook = begin(admin, receiver)
    receiver.answers = [302]
    desk.publish()
    tell(newsroom)
    [delivery] = deliveries(admin, hook)
    assert (delivery["state"], delivery["answer"][:3]) == ("waiting", "302")
    guarded = make_newsroom()
    app = serve(guarded)
    for url in (
        "http://localhost:1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://0x7f.1/",
        "http://2130706433/",
    ):
        Program(app.test_client(), Desk(guarded).token("admin", url))("POST", "/webhooks", {"url": url, "name": url})
    receiver.told.clear()
    Desk(guarded).publish("Another")
    while call_hook(guarded):
        pass
    assert receiver.told == []
    hooks = admin("GET", "/webhooks").get_json()["data"]
    refused = [deliveries(admin, each)[0] for each in hooks[1:]]
    assert {each["state"] for each in refused} == {"given_up"}


def test_a_receiver_that_is_gone_is_told_nothing_any_more(
    newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk
) -> None:
    hook = begin(admin, receiver)
    receiver.answers = [410]
    desk.publish()
    tell(newsroom)
    desk.publish("Another")
    tell(newsroom)
    assert len(receiver.told) == 1
    stopped = admin("GET", f"/webhooks/{hook['id']}").get_json()
    assert stopped["active"] is False
    assert "410" in stopped["stopped_because"]


def test_a_webhook_is_kept_through_the_api(newsroom: Newsroom, admin: Program, receiver: Receiver, desk: Desk) -> None:
    hook = begin(admin, receiver, events=["correction"])
    assert hook["secret"].startswith("whsec_")
    assert "secret" not in admin("GET", f"/webhooks/{hook['id']}").get_json()
    assert admin.all("/webhooks") == [hook["id"]]
    assert admin("POST", f"/webhooks/{hook['id']}/test").status_code == 202
    desk.publish()
    tell(newsroom)
    assert [each["type"] for each in receiver.messages] == ["test"]
    changed = admin("PATCH", f"/webhooks/{hook['id']}", {"events": ["pages"], "name": "Cache"}).get_json()
    assert (changed["events"], changed["name"]) == (["pages"], "Cache")
    desk.publish("Another")
    desk.section("World", "world")
    tell(newsroom)
    pages = [each["data"] for each in receiver.messages if each["type"] == "pages"]
    assert any("http://news.example/2026/03/26/another/" in each["changed"] for each in pages)
    assert any(each["everything"] for each in pages)
    assert admin("PATCH", f"/webhooks/{hook['id']}", {"active": False}).get_json()["active"] is False
    told(admin("POST", f"/webhooks/{hook['id']}/test"), 409)
    assert admin("DELETE", f"/webhooks/{hook['id']}").status_code == 204
    told(admin("GET", f"/webhooks/{hook['id']}"), 404)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x.example/",
        "https://",
        "file:///etc/passwd",
        "https://u:p@x.example/",
        "http://x:99999/",
        "//x",
        "http://a b/",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str, admin: Program) -> None:
    assert told(admin("POST", "/webhooks", {"url": url}), 422)["errors"].keys() == {"url"}


def test_only_admins_keep_webhooks(client: FlaskClient, desk: Desk, admin: Program, receiver: Receiver) -> None:
    hook = begin(admin, receiver)
    for role in ("contributor", "reporter", "editor"):
        program = Program(client, desk.token(role))
        for method, path in (
            ("GET", "/webhooks"),
            ("POST", f"/webhooks/{hook['id']}/test"),
            ("GET", f"/webhooks/{hook['id']}/deliveries"),
            ("DELETE", f"/webhooks/{hook['id']}"),
        ):
            assert told(program(method, path), 403)["right"] == "manage_webhooks"
    told(Program(client, None)("GET", "/webhooks"), 401)


def test_the_room_starts_tries_and_removes_a_webhook(
    newsroom: Newsroom, receiver: Receiver, staff: Hire, admin: Program
) -> None:
    browser, room = staff("admin"), "/admin/webhooks/"
    assert "Nobody elsewhere is told yet" in browser.get(room)
    assert "whsec_" in browser.post(room, url=receiver.url, name="Mirror").text
    [hook] = admin("GET", "/webhooks").get_json()["data"]
    here = f"{room}{hook['id']}/"
    assert "whsec_" not in browser.get(here)
    browser.post(f"{here}try", here)
    tell(newsroom)
    assert "200 Noted" in browser.get(here)
    refused = browser.post(room, url="nowhere")
    assert refused.status_code == 422
    assert "Takes a whole address" in refused.text
    browser.post(here, url=receiver.url, name="Mirror", events="pages")
    assert "Stopped" in browser.get(here)
    browser.post(f"{here}remove", here)
    assert "Nobody elsewhere is told yet" in browser.get(room)
