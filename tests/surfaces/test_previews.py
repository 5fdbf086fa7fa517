"""Preview links: what whoever has one sees, and when it stops opening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms import reactions
from cms.clock import SetClock
from cms.domain.articles import desk as desk_of
from cms.domain.workflow import previews
from cms.domain.workflow.publishing import spike
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.surfaces.pages import pick, read, words

Share = Callable[..., str]


@pytest.fixture
def share(desk: Desk) -> Share:
    def make(article: str, **asked: object) -> str:
        with desk.newsroom.sessions.write() as session:
            row = desk_of.find(session, article)
            secret, _link, event = previews.share(session, desk._editor(session), row, desk.now, **asked)
            reactions.commit(session, [event], desk.now, desk.newsroom.signal)
        return f"/preview/{secret}"

    return make


def test_a_preview_shows_its_revision_and_says_what_it_is(client: FlaskClient, desk: Desk, share: Share) -> None:
    article = desk.write("First words", body_html="<p>Old text</p>", standfirst="In short")
    path = share(article)
    desk.save(article, headline="Second words")
    page = read(client, path)
    assert words(pick(page, "h1")[0]) == "First words"
    assert "Preview" in words(pick(page, ".preview-mark")[0])
    assert not pick(page, "[data-visit]")
    assert not pick(page, ".history-link")


def test_a_preview_is_kept_and_sent_on_by_nobody(client: FlaskClient, desk: Desk, share: Share) -> None:
    answer = client.get(share(desk.write()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    assert '<meta name="robots" content="noindex' in answer.text


def test_a_preview_ends_when_the_story_goes_out(client: FlaskClient, desk: Desk, clock: SetClock, share: Share) -> None:
    article = desk.write()
    path = share(article)
    desk.put_live(article)
    assert client.get(path).status_code == 404
    desk.save(article, headline="Still to come")
    fresh = share(article)
    assert client.get(fresh).status_code == 200
    clock.advance(timedelta(minutes=1))
    desk.put_live(article)
    assert client.get(fresh).status_code == 404


def test_a_preview_ends_at_the_second_a_scheduled_story_begins(
    client: FlaskClient, desk: Desk, clock: SetClock, share: Share
) -> None:
    article = desk.write()
    desk.put_live(article, live_from=desk.now + timedelta(hours=1))
    path = share(article)
    assert client.get(path).status_code == 200
    clock.advance(timedelta(hours=1))
    assert client.get(path).status_code == 404


def test_a_preview_runs_out_and_ends_with_a_spiked_story(
    client: FlaskClient, desk: Desk, clock: SetClock, share: Share
) -> None:
    spiked, kept = desk.write("One"), desk.write("Two")
    paths = share(spiked), share(kept)
    with desk.newsroom.sessions.write() as session:
        event = spike(session, desk._editor(session), desk_of.find(session, spiked), desk.now, zone=desk.zone)
        reactions.commit(session, [event], desk.now, desk.newsroom.signal)
    assert [client.get(path).status_code for path in paths] == [404, 200]
    clock.advance(timedelta(days=7))
    assert client.get(paths[1]).status_code == 404


def test_an_unknown_preview_is_the_usual_404(client: FlaskClient) -> None:
    unknown, nowhere = client.get("/preview/abc"), client.get("/nowhere")
    assert (unknown.status_code, unknown.data) == (404, nowhere.data)


def test_the_pictures_of_a_preview_open_with_its_secret_alone(client: FlaskClient, desk: Desk, share: Share) -> None:
    lead, _key = hang(desk.newsroom, picture())
    article = desk.write(lead_image=lead)
    path = share(article)
    source = pick(read(client, path), ".lead-image img")[0].get("src")
    assert source.startswith(f"{path}/media/")
    assert client.get(source).status_code == 200
    assert client.get(source.removeprefix(path)).status_code == 404
    assert client.get("/preview/abc" + source.removeprefix(path)).status_code == 404
