"""Former addresses: kept in the admin, followed on the site once everything else has missed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.staff import Staff

REDIRECTS = "/admin/redirects/"


def test_a_former_address_leads_on_with_and_without_its_last_slash(
    staff: Callable[[str], Staff], client: FlaskClient, clock: SetClock
) -> None:
    editor = staff("editor")
    for former, target in (("/old/story.html", "/most-read/"), ("/old/", "https://elsewhere.example/a?b=c")):
        assert editor.post(REDIRECTS, former=former, target=target).status_code == 303
    for path, target in (
        ("/old/story.html", "/most-read/"),
        ("/old/story.html/", "/most-read/"),
        ("/old", "https://elsewhere.example/a?b=c"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (301, target)
        assert "Set-Cookie" not in answer.headers
    assert client.post("/old").status_code in (404, 405)
    clock.advance(timedelta(seconds=6))
    client.get("/old")
    followed = re.findall(r'data-label="Followed">(\d+)', editor.get(REDIRECTS))
    assert sum(map(int, followed)) == 4


def test_an_address_without_a_target_is_gone_for_good(staff: Callable[[str], Staff], client: FlaskClient) -> None:
    staff("editor").post(REDIRECTS, former="/shop", target="", note="Closed")
    assert client.get("/shop").status_code == 410


def test_a_page_that_is_there_is_never_led_away(
    staff: Callable[[str], Staff], client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    story, address = desk.publish(), "/2026/03/26/ferry-returns-to-the-old-quay/"
    assert staff("editor").post(REDIRECTS, former=address, target="/most-read/").status_code == 303
    assert client.get(address).status_code == 200
    clock.advance(timedelta(minutes=1))
    desk.withdraw(story)
    assert client.get(address).headers["Location"] == "/most-read/"


def test_circles_chains_and_second_entries_are_refused_with_where_they_lead(
    staff: Callable[[str], Staff], client: FlaskClient
) -> None:
    editor = staff("editor")
    editor.post(REDIRECTS, former="/b", target="/c")
    for former, target, status, said in (
        ("/x", "/x/", 422, "in a circle"),
        ("/a", "/b", 409, "/c"),
        ("/c", "/d", 409, "/b leads to this address"),
        ("/b/", "/d", 409, "leads to /c already"),
    ):
        answer = editor.post(REDIRECTS, former=former, target=target)
        assert answer.status_code == status, (former, target)
        assert said in answer.get_data(as_text=True)
        assert f'value="{former}"' in answer.get_data(as_text=True)
    assert client.get("/a").status_code == 404


@pytest.mark.parametrize(
    ("former", "target", "field"),
    [
        ("no-slash", "/a", "former"),
        ("//evil.example", "/a", "former"),
        ("/", "/a", "former"),
        ("/a?b=c", "/a", "former"),
        ("/admin/users/", "/a", "former"),
        ("/api/v1/articles", "/a", "former"),
        ("/ok", "javascript:alert(1)", "target"),
        ("/ok", "//evil.example", "target"),
        ("/ok", "https://user@evil.example", "target"),
        ("/ok", "http://[", "target"),
        ("/ok", "/a\x00", "target"),
    ],
)
def test_an_address_that_cannot_be_taken_is_named(
    staff: Callable[[str], Staff], former: str, target: str, field: str
) -> None:
    answer = staff("editor").post(REDIRECTS, former=former, target=target)
    assert answer.status_code == 422
    assert f'id="{field}-trouble"' in answer.get_data(as_text=True)


def test_the_papers_own_origin_is_taken_as_a_path(staff: Callable[[str], Staff], client: FlaskClient) -> None:
    staff("editor").post(REDIRECTS, former="http://news.example/old", target="http://news.example/most-read/")
    assert client.get("/old").headers["Location"] == "/most-read/"


def test_a_redirect_that_is_forgotten_leads_nowhere(staff: Callable[[str], Staff], client: FlaskClient) -> None:
    editor = staff("editor")
    editor.post(REDIRECTS, former="/old", target="/most-read/")
    at = re.search(r"/admin/redirects/\w+/forget", editor.get(REDIRECTS))
    assert at
    assert editor.post(at[0], REDIRECTS).status_code == 303
    assert client.get("/old").status_code == 404


def test_who_may_not_lead_addresses_on_is_refused(staff: Callable[[str], Staff]) -> None:
    reporter = staff("reporter")
    assert reporter.client.get(REDIRECTS).status_code == 403
    assert reporter.post(REDIRECTS, "/admin/", former="/old", target="/a").status_code == 403


def test_the_settings_are_told_with_their_source_and_no_secret(
    staff: Callable[[str], Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMS_METRICS_TOKEN", "canary-in-a-coal-mine")
    monkeypatch.setenv("CMS_SITE_NAME", "The Harbour Post")
    page = staff("admin").get("/admin/settings/")
    assert "canary" not in page
    assert re.search(
        r"CMS_SITE_NAME</code></th>\s*<td[^>]*><code>The Harbour Post</code></td>\s*<td[^>]*>.*environment", page
    )
    assert staff("editor").client.get("/admin/settings/").status_code == 403


def test_the_settings_list_what_was_scheduled_in_another_zone(
    staff: Callable[[str], Staff], desk: Desk, clock: SetClock
) -> None:
    admin = staff("admin")
    desk.put_live(desk.write("Here"), live_from=clock.now() + timedelta(days=1))
    assert "Nothing is scheduled in another zone." in admin.get("/admin/settings/")
    desk.zone = ZoneInfo("Europe/Vienna")
    desk.put_live(desk.write("Abroad"), live_from=clock.now() + timedelta(days=1))
    page = admin.get("/admin/settings/").partition("Scheduled in another zone")[2].partition("</section>")[0]
    assert "Given as 27 Mar 2026, 20:26 in Europe/Vienna" in page
    assert "tomorrow, 15:26 EDT" in page
    assert "Here" not in page
