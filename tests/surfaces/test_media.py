"""``/media/{key}/{rendition}``: pictures of visible stories, and of no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cms import reactions
from cms.clock import SetClock
from cms.domain.media.model import Media
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, looked_at, picture, told_by_its_camera

NOWHERE = f"/media/{'0' * 40}/w640.webp"


def figure(key: str) -> str:
    return f'<figure><img src="/media/{key}/w960.webp" alt="A ferry"><figcaption>A ferry</figcaption></figure>'


def test_a_visible_storys_lead_image_is_shown_in_every_form(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    public_id, key = hang(newsroom, told_by_its_camera())
    desk.publish(lead_image=public_id)
    for form, kind in (("webp", "image/webp"), ("jpg", "image/jpeg"), ("avif", "image/avif")):
        answer = client.get(f"/media/{key}/w640.{form}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert looked_at(answer.data).size == (640, 480)
        assert b"Secret" not in answer.data
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers


def test_who_has_a_picture_already_is_told_that_it_has_not_changed(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    public_id, key = hang(newsroom, picture())
    desk.publish(lead_image=public_id)
    first = client.get(f"/media/{key}/w320.webp")
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    again = client.get(f"/media/{key}/w320.webp", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert (again.headers["ETag"], again.headers["Cache-Control"]) == (tag, "public, max-age=300")
    assert client.get(f"/media/{key}/w640.webp").headers["ETag"] != tag
    head = client.head(f"/media/{key}/w320.webp")
    assert (head.status_code, head.headers["ETag"], head.data) == (200, tag, b"")


def test_a_picture_in_the_body_is_shown_with_its_story(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    _public_id, key = hang(newsroom, picture())
    desk.publish(body_html=f"<p>Words.</p>{figure(key)}")
    assert client.get(f"/media/{key}/w960.webp").status_code == 200


def test_a_picture_for_sharing_is_shown_with_its_story(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    _public_id, key = hang(newsroom, picture())
    desk.publish(seo={"social_image": f"/media/{key}/w1280.jpg"})
    assert client.get(f"/media/{key}/w1280.jpg").status_code == 200


def test_a_picture_nobody_may_see_yet_cannot_be_told_from_one_that_is_not_there(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    unused_id, unused = hang(newsroom, picture())
    draft_id, drafted = hang(newsroom, picture())
    desk.write(lead_image=draft_id, body_html=f"<p>Words.</p>{figure(drafted)}")
    nowhere = client.get(NOWHERE)
    assert nowhere.status_code == 404
    for path in (f"/media/{unused}/w640.webp", f"/media/{drafted}/w640.webp", f"/media/{unused_id}/w640.webp"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.data == nowhere.data
        assert dict(answer.headers) == dict(nowhere.headers)


def test_a_scheduled_storys_picture_appears_and_expires_with_it_at_the_second(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    public_id, key = hang(newsroom, picture())
    at = clock.now() + timedelta(hours=3)
    article = desk.write(lead_image=public_id)
    desk.put_live(article, live_from=at, live_until=at + timedelta(hours=1))
    asked = []
    for moment in (at - timedelta(microseconds=1), at, at + timedelta(hours=1)):
        clock.set(moment)
        asked.append(client.get(f"/media/{key}/w320.webp").status_code)
    assert asked == [404, 200, 404]


def test_a_withdrawn_storys_picture_is_gone_though_its_rendition_is_kept(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    public_id, key = hang(newsroom, picture())
    article = desk.publish(lead_image=public_id)
    tag = client.get(f"/media/{key}/w320.webp").headers["ETag"]
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert client.get(f"/media/{key}/w320.webp").status_code == 404
    assert client.get(f"/media/{key}/w320.webp", headers={"If-None-Match": tag}).status_code == 404


def test_a_picture_that_a_newer_text_dropped_is_gone_unless_another_story_shows_it(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    public_id, key = hang(newsroom, picture())
    article = desk.publish(lead_image=public_id)
    other = desk.publish("Another story", body_html=f"<p>Words.</p>{figure(key)}")
    clock.advance(timedelta(minutes=1))
    revision = desk.save(article, lead_image=None)
    assert client.get(f"/media/{key}/w320.webp").status_code == 200
    desk.put_live(article, revision=revision)
    assert client.get(f"/media/{key}/w320.webp").status_code == 200
    desk.withdraw(other)
    assert client.get(f"/media/{key}/w320.webp").status_code == 404


def test_a_picture_whose_rights_have_run_out_is_gone_at_that_second(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    public_id, key = hang(newsroom, picture())
    desk.publish(lead_image=public_id)
    ends = clock.now() + timedelta(hours=1)
    with newsroom.sessions.write() as session:
        session.scalars(select(Media)).one().usable_until = ends
        reactions.commit(session, [], clock.now(), newsroom.signal)
    clock.set(ends - timedelta(microseconds=1))
    assert client.get(f"/media/{key}/w320.webp").status_code == 200
    clock.set(ends)
    assert client.get(f"/media/{key}/w320.webp").status_code == 404


@pytest.mark.parametrize("name", ["w641.webp", "w0.webp", "w640.png", "w640.svg", "original", "w640", "W640.webp"])
def test_only_the_fixed_renditions_exist(client: FlaskClient, newsroom: Newsroom, desk: Desk, name: str) -> None:
    public_id, key = hang(newsroom, picture())
    desk.publish(lead_image=public_id)
    assert client.get(f"/media/{key}/{name}").status_code == 404
    assert client.get(f"/media/{key}/{name}?w=641").data == client.get(NOWHERE).data


def test_the_original_is_never_given_out(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    public_id, key = hang(newsroom, told_by_its_camera())
    desk.publish(lead_image=public_id)
    for path in (f"/media/{key}", f"/media/{key}/", f"/media/originals/{key}", f"/media/{key}/../../originals/{key}"):
        assert client.get(path).status_code == 404
    assert client.get(f"/media/{key}/w1600.jpg").data != told_by_its_camera()


def test_a_picture_whose_file_was_lost_is_not_found(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    public_id, key = hang(newsroom, picture())
    desk.publish(lead_image=public_id)
    newsroom.files.delete(f"originals/{key}")
    assert client.get(f"/media/{key}/w320.webp").status_code == 404
