"""Users, tokens, one's own account and the audit log, through the admin's pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.staff import PASSWORD, Staff

USERS, ACCOUNT, AUDIT = "/admin/users/", "/admin/account/", "/admin/audit/"


def secret(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)<', page)
    assert found
    return found[1]


def address_of(admin: Staff, name: str) -> str:
    found = re.search(rf'href="(/admin/users/\w+/)">{name}<', admin.get(USERS))
    assert found
    return found[1]


@pytest.mark.parametrize("role", ["contributor", "reporter", "editor"])
def test_only_an_admin_enters_the_house_rooms(staff: Callable[[str], Staff], role: str) -> None:
    someone = staff(role)
    for path in (USERS, AUDIT, f"{AUDIT}export.csv"):
        assert someone.client.get(path).status_code == 403
    assert someone.post(USERS, "/admin/", email="x@news.example", name="X", role="admin").status_code == 403


def test_somebody_taken_on_signs_in_with_the_password_shown_once(staff: Callable[[str], Staff], app: Flask) -> None:
    admin = staff("admin")
    page = admin.post(USERS, email="New@news.example", name="Nell", role="reporter").get_data(as_text=True)
    newcomer = Staff(app.test_client())
    assert newcomer.sign_in("new@news.example", secret(page)).status_code == 303
    assert secret(page) not in admin.get(USERS)


def test_a_field_that_cannot_be_taken_is_named(staff: Callable[[str], Staff]) -> None:
    admin = staff("admin")
    for field, form in (
        ("email", {"email": "nobody", "name": "N", "role": "editor"}),
        ("name", {"email": "n@news.example", "name": " ", "role": "editor"}),
        ("role", {"email": "n@news.example", "name": "N", "role": "king"}),
    ):
        answer = admin.post(USERS, **form)
        assert answer.status_code == 422
        assert f'id="{field}-trouble"' in answer.get_data(as_text=True)
    assert admin.post(USERS, email="admin@news.example", name="N", role="editor").status_code == 409


def test_letting_somebody_go_ends_their_sessions_at_once(staff: Callable[[str], Staff], app: Flask) -> None:
    admin, editor = staff("admin"), staff("editor")
    at = address_of(admin, "Editor")
    assert admin.post(f"{at}let-go", at).status_code == 303
    assert editor.client.get("/admin/").status_code == 302
    assert Staff(app.test_client()).sign_in("editor@news.example").status_code == 403
    assert admin.post(f"{at}take-back", at).status_code == 303
    assert Staff(app.test_client()).sign_in("editor@news.example").status_code == 303


def test_another_role_and_other_sections_hold_from_the_next_request(staff: Callable[[str], Staff], desk: Desk) -> None:
    desk.section("Harbour")
    admin, editor = staff("admin"), staff("editor")
    at = address_of(admin, "Editor")
    assert admin.post(at, name="Editor", role="editor", limits="harbour").status_code == 303
    assert "Harbour" in admin.get(USERS)
    assert editor.client.get("/admin/").status_code == 302
    editor.sign_in("editor@news.example")
    story = desk.write("Elsewhere")
    assert editor.post(f"/admin/articles/{story}/publish", "/admin/", revision=1).status_code == 403


def test_nobody_changes_or_lets_go_of_themselves_and_the_last_admin_stays(staff: Callable[[str], Staff]) -> None:
    admin = staff("admin")
    at = address_of(admin, "Admin")
    for path, form in ((f"{at}let-go", {}), (at, {"name": "Admin", "role": "editor"})):
        answer = admin.post(path, at, **form)
        assert answer.status_code == 409
        assert "ask another admin" in answer.get_data(as_text=True)


def test_a_password_reset_by_an_admin_ends_the_old_one(staff: Callable[[str], Staff], app: Flask) -> None:
    admin, editor = staff("admin"), staff("editor")
    at = address_of(admin, "Editor")
    fresh = secret(admin.post(f"{at}password", at).get_data(as_text=True))
    assert editor.client.get("/admin/").status_code == 302
    assert Staff(app.test_client()).sign_in("editor@news.example").status_code == 403
    assert Staff(app.test_client()).sign_in("editor@news.example", fresh).status_code == 303


def test_a_token_is_shown_once_used_noted_and_revoked(
    staff: Callable[[str], Staff], client: FlaskClient, clock: SetClock
) -> None:
    admin = staff("admin")
    granted = admin.post(f"{USERS}tokens", USERS, token_name="Wire", token_role="editor", days="7")
    bearer = {"Authorization": f"Bearer {secret(granted.get_data(as_text=True))}"}
    assert '<td data-label="Last used">never' in admin.get(USERS)
    assert client.get("/api/v1/articles", headers=bearer).status_code == 200
    assert '<td data-label="Last used">never' not in admin.get(USERS)
    at = re.search(r"/admin/users/tokens/\w+/revoke", admin.get(USERS))
    assert at
    assert admin.post(at[0], USERS).status_code == 303
    assert client.get("/api/v1/articles", headers=bearer).status_code == 401


def test_a_token_opens_nothing_after_its_last_day(
    staff: Callable[[str], Staff], client: FlaskClient, clock: SetClock
) -> None:
    page = staff("admin").post(f"{USERS}tokens", USERS, token_name="Wire", token_role="editor", days="7")
    bearer = {"Authorization": f"Bearer {secret(page.get_data(as_text=True))}"}
    clock.advance(timedelta(days=7))
    assert client.get("/api/v1/articles", headers=bearer).status_code == 401


@pytest.mark.parametrize("days", ["0", "-1", "tomorrow", "9999999999"])
def test_a_token_takes_a_whole_number_of_days(staff: Callable[[str], Staff], days: str) -> None:
    answer = staff("admin").post(f"{USERS}tokens", USERS, token_name="Wire", token_role="editor", days=days)
    assert answer.status_code == 422
    assert 'id="days-trouble"' in answer.get_data(as_text=True)


def test_a_new_password_ends_every_session_but_this_one(staff: Callable[[str], Staff], app: Flask) -> None:
    editor, elsewhere = staff("editor"), Staff(app.test_client())
    elsewhere.sign_in("editor@news.example")
    fresh = "another password for tests"
    wrong = editor.post(f"{ACCOUNT}password", ACCOUNT, old="not my password", password=fresh, again=fresh)
    assert wrong.status_code == 403
    unlike = editor.post(f"{ACCOUNT}password", ACCOUNT, old=PASSWORD, password=fresh, again="something else")
    short = editor.post(f"{ACCOUNT}password", ACCOUNT, old=PASSWORD, password="short", again="short")
    assert unlike.status_code == short.status_code == 422
    assert elsewhere.client.get("/admin/").status_code == 200
    assert editor.post(f"{ACCOUNT}password", ACCOUNT, old=PASSWORD, password=fresh, again=fresh).status_code == 303
    assert editor.client.get("/admin/").status_code == 200
    assert elsewhere.client.get("/admin/").status_code == 302
    assert elsewhere.sign_in("editor@news.example", fresh).status_code == 303


def test_one_signs_out_everywhere_else_at_once(staff: Callable[[str], Staff], app: Flask) -> None:
    editor, elsewhere = staff("editor"), Staff(app.test_client())
    elsewhere.sign_in("editor@news.example")
    assert editor.get(ACCOUNT).count("<li>Since ") == 2
    assert editor.post(f"{ACCOUNT}sessions", ACCOUNT).status_code == 303
    assert elsewhere.client.get("/admin/").status_code == 302
    assert editor.get(ACCOUNT).count("<li>Since ") == 1


def test_the_log_says_who_did_what_to_what_before_and_after(staff: Callable[[str], Staff]) -> None:
    admin, editor = staff("admin"), staff("editor")
    story = editor.write(headline="Ferry returns")
    editor.post(f"{story}move/submit", story)
    page = admin.get(f"{AUDIT}?verb=submit")
    row = page.partition("<tbody>")[2]
    assert row.count("<tr>") == 1
    for part in ("Editor", "Submit", "Ferry returns", "<del>draft</del>", "<ins>in review</ins>", "today, 15:26 EDT"):
        assert part in row
    publish = editor.post(f"{story}publish", story, revision=1, when="now")
    assert publish.status_code == 303
    assert "publication 1 from" in admin.get(f"{AUDIT}?verb=publish")
    for query in ("who=system", "subject=tag", "from=2026-03-27", "to=2026-03-25"):
        assert "Ferry returns" not in admin.get(f"{AUDIT}?{query}")
    for query in ("subject=article", "from=2026-03-26&to=2026-03-26", "from=nonsense&below=x"):
        assert "Ferry returns" in admin.get(f"{AUDIT}?{query}")


def test_the_log_can_be_taken_away_whole_and_no_cell_is_a_formula(staff: Callable[[str], Staff]) -> None:
    admin = staff("admin")
    admin.post(USERS, email="eve@news.example", name="=HYPERLINK(1)", role="editor")
    admin.post(f"{USERS}", email="x@news.example", name="X", role="editor")
    told = [json.loads(line) for line in admin.get(f"{AUDIT}export.jsonl").splitlines()]
    assert [line["id"] for line in told] == list(range(len(told), 0, -1))
    assert {"id", "at", "actor", "verb", "subject", "before", "after"} == set(told[0])
    eve = Staff(admin.client.application.test_client())
    shown = admin.post(f"{address_of(admin, '=HYPERLINK.1.')}password", USERS).get_data(as_text=True)
    eve.sign_in("eve@news.example", secret(shown))
    rows = admin.get(f"{AUDIT}export.csv?verb=sign_in")
    assert ",'=HYPERLINK(1)," in rows
    assert ",=HYPERLINK" not in rows


def test_every_line_of_the_log_is_on_one_of_its_pages(staff: Callable[[str], Staff], desk: Desk) -> None:
    admin = staff("admin")
    for number in range(60):
        desk.write(f"Story {number:02}")
    first = admin.get(f"{AUDIT}?verb=create")
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    both = first + admin.get(onward[1].replace("&amp;", "&"))
    assert len(set(re.findall(r"Story \d\d", both))) == 60
