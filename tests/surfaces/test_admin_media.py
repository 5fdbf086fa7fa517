"""The picture library: taken in, described, looked up and taken out, each as far as one's rights go."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.audit import keys_changed
from cms.domain.media.model import Media
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture, told_by_its_camera
from tests.staff import Staff

LIBRARY = "/admin/media/"


def sent(content: bytes, name: str = "quay.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def shown(page: str) -> list[str]:
    return re.findall(r'data-item href="/admin/media/(\w+)/"', page)


def test_a_picture_is_taken_in_with_the_words_it_carries(staff: Callable[[str], Staff]) -> None:
    reporter = staff("reporter")
    answer = reporter.post(LIBRARY, file=sent(told_by_its_camera()))
    assert answer.status_code == 303
    page = reporter.get(answer.location)
    for words in ("Ferries at the old quay, Málaga", "Ana Ruiz", "© Harbour Post"):
        assert words in page


def test_of_several_files_the_good_ones_are_taken_and_the_others_named(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    answer = editor.post(LIBRARY, file=[sent(picture()), sent(b"not a picture", "<b>notes.txt")])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "&lt;b&gt;notes.txt" in page
    assert len(shown(page)) == 1
    assert editor.post(LIBRARY).status_code == 422


def test_an_upload_may_be_larger_than_a_form(staff: Callable[[str], Staff]) -> None:
    heavy = picture(1200, 900) + b"\0" * 3_000_000
    editor = staff("editor")
    assert editor.post(LIBRARY, file=sent(heavy)).status_code == 303
    assert editor.post("/admin/articles/new", headline="x", body_html="y" * 3_000_000).status_code == 413


def test_words_rights_and_focal_point_are_kept_and_the_page_that_shows_it_follows(
    staff: Callable[[str], Staff], newsroom: Newsroom, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    public_id, key = hang(newsroom, picture(), alt="Old words")
    story = desk.publish(lead_image=public_id)
    editor, at = staff("editor"), f"{LIBRARY}{public_id}/"
    form = {
        "alt": "A ferry",
        "caption": "At noon.",
        "credit": "Ana Ruiz",
        "rights": "Ours",
        "focus_x": "20",
        "focus_y": "75.5",
    }
    assert editor.post(at, usable_until="2026-03-26T16:00", **form).status_code == 303
    page = client.get("/2026/03/26/ferry-returns-to-the-old-quay/").get_data(as_text=True)
    assert 'alt="A ferry"' in page
    assert "At noon." in page
    with newsroom.sessions.read() as session:
        media = session.scalars(select(Media)).one()
        assert (media.focus_x, media.focus_y) == (0.2, 0.755)
        assert f"article:{story}" in {changed for _, changed in keys_changed(session, 0)[-8:]}
    clock.advance(timedelta(minutes=33, seconds=54))
    assert key in client.get("/2026/03/26/ferry-returns-to-the-old-quay/").get_data(as_text=True)
    clock.advance(timedelta(seconds=1))
    assert client.get(f"/media/{key}/w320.webp").status_code == 404
    later = client.get("/2026/03/26/ferry-returns-to-the-old-quay/").get_data(as_text=True)
    assert key not in later


@pytest.mark.parametrize(
    ("field", "value"),
    [("alt", " "), ("caption", "x" * 1001), ("focus_x", "101"), ("focus_y", "nan"), ("usable_until", "soon")],
)
def test_what_cannot_be_taken_is_named_and_nothing_typed_is_lost(
    staff: Callable[[str], Staff], newsroom: Newsroom, field: str, value: str
) -> None:
    public_id, _ = hang(newsroom, picture())
    form = {"alt": "A ferry", "credit": "Kept as typed", field: value}
    answer = staff("editor").post(f"{LIBRARY}{public_id}/", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-trouble"' in page
    assert "Kept as typed" in page


def test_a_reporter_changes_their_own_pictures_and_no_others(staff: Callable[[str], Staff], newsroom: Newsroom) -> None:
    other, _ = hang(newsroom, picture(), alt="Another's")
    reporter = staff("reporter")
    mine = reporter.post(LIBRARY, file=sent(picture())).location
    assert reporter.post(mine, alt="Mine").status_code == 303
    refused = reporter.post(f"{LIBRARY}{other}/", LIBRARY, alt="Mine too")
    assert refused.status_code == 403
    assert "It takes an editor or an admin." in refused.get_data(as_text=True)
    assert staff("contributor").client.get(LIBRARY).status_code == 403


def test_a_picture_tells_where_it_is_used_and_stays_while_it_is(
    staff: Callable[[str], Staff], newsroom: Newsroom, desk: Desk
) -> None:
    public_id, _ = hang(newsroom, picture(), alt="A ferry")
    story = desk.publish("Shows it", lead_image=public_id)
    desk.save(story, lead_image=None)
    editor, at = staff("editor"), f"{LIBRARY}{public_id}/"
    page = editor.get(at)
    assert "Shows it" in page
    assert "readers see it there" in page
    assert "Take out of the library" not in page
    assert editor.post(f"{at}remove", at).status_code == 409


def test_a_picture_that_nothing_shows_is_taken_out_with_its_files(
    staff: Callable[[str], Staff], newsroom: Newsroom, desk: Desk
) -> None:
    used, _ = hang(newsroom, picture(), alt="Used")
    unused, key = hang(newsroom, picture(), alt="Unused")
    desk.write(lead_image=used)
    editor = staff("editor")
    assert editor.client.get(f"{LIBRARY}file/{key}/w320.webp").status_code == 200
    assert shown(editor.get(f"{LIBRARY}?unused=1")) == [unused]
    assert editor.post(f"{LIBRARY}{unused}/remove", LIBRARY).status_code == 303
    assert shown(editor.get(LIBRARY)) == [used]
    assert not [*newsroom.files.keys(f"originals/{key}"), *newsroom.files.keys(f"renditions/{key}")]
    assert editor.client.get(f"{LIBRARY}file/{key}/w320.webp").status_code == 404


def test_pictures_are_found_by_their_words(staff: Callable[[str], Staff], newsroom: Newsroom) -> None:
    ferry, _ = hang(newsroom, picture(), alt="A ferry", credit="Ana Ruiz")
    hang(newsroom, picture(), alt="A tram")
    editor = staff("editor")
    assert shown(editor.get(f"{LIBRARY}?q=FERRY+ruiz")) == [ferry]
    assert shown(editor.get(f"{LIBRARY}?q=%25")) == []


def test_the_librarys_files_are_for_staff_alone(client: FlaskClient, newsroom: Newsroom) -> None:
    _, key = hang(newsroom, picture())
    assert client.get(f"{LIBRARY}file/{key}/w320.webp").status_code == 302
