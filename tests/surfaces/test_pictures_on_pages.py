"""Pictures within stories, and the paper without any."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from cms import reactions
from cms.clock import SetClock
from cms.domain.media.model import Media
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.surfaces.pages import described, pick, read, words

STORY = "/2026/03/26/ferry/"


def text_with(key: str) -> str:
    figure = f'<figure class="wide"><img src="/media/{key}/w960.webp" alt="A ferry"><figcaption>At sea</figcaption>'
    return f"<p>Before.</p>{figure}</figure><p>After.</p>"


def test_a_picture_in_the_text_comes_in_every_size_and_keeps_its_place(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    _id, key = hang(newsroom, picture(1000, 500))
    desk.publish(slug="ferry", body_html=text_with(key))
    page = read(client, STORY)
    [shown] = pick(page, ".body figure img")
    assert (shown.get("width"), shown.get("height"), shown.get("loading")) == ("960", "480", "lazy")
    assert (shown.get("alt"), words(pick(page, ".body figcaption")[0])) == ("A ferry", "At sea")
    sources = pick(page, ".body source")
    assert [each.get("type") for each in sources] == ["image/avif", "image/webp"]
    for address in sources[0].get("srcset").split(", "):
        assert client.get(address.split(" ")[0]).mimetype == "image/avif"


def test_a_picture_whose_rights_have_ended_leaves_no_hole_in_the_text(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    _id, key = hang(newsroom, picture(1000, 500))
    desk.publish(slug="ferry", body_html=text_with(key))
    with newsroom.sessions.write() as session:
        session.scalars(select(Media)).one().usable_until = clock.now() + timedelta(hours=1)
        reactions.commit(session, [], clock.now(), newsroom.signal)
    page = read(client, STORY)
    assert len(pick(page, ".body img")) == 1
    assert described(page)["wordCount"] == 4
    clock.advance(timedelta(hours=1))
    page = read(client, STORY)
    assert words(pick(page, ".body")[0]) == "Before.After."
    assert described(page)["wordCount"] == 2
    told = client.get("/feed.json").json["items"][0]["content_html"]
    assert "At sea" not in told
    assert key not in told


def test_the_text_only_edition_has_the_words_and_nothing_to_fetch(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    image, key = hang(newsroom, picture(1000, 500))
    desk.person("Amara Osei", "amara-osei")
    byline = [{"person": "amara-osei", "role": "writer"}]
    desk.publish("The ferry", slug="ferry", lead_image=image, bylines=byline, body_html=text_with(key))
    [link] = [each for each in pick(read(client, STORY), "footer a") if words(each) == "Text only"]
    page = read(client, link.get("href"))
    assert words(pick(page, "h1")[0]) == "The ferry"
    assert {"Before.", "After.", "Written by Amara Osei"} <= {words(each) for each in pick(page, "p")}
    assert pick(page, "img, script, link[rel=stylesheet], source") == []
    assert len(client.get(link.get("href")).data) < 10_000
    front = read(client, "/text/")
    assert [each.get("href") for each in pick(front, "main a")] == [f"{STORY}text/"]


def test_the_text_only_edition_keeps_lines_and_spaces_and_lets_a_long_line_break(
    client: FlaskClient, desk: Desk
) -> None:
    desk.publish(slug="ferry", body_html="<pre><code>one short   starboard\n&lt;two&gt;  <b>port</b></code></pre>")
    page = read(client, f"{STORY}text/")
    assert pick(page, "pre") == []
    [lines] = pick(page, "main code")
    assert len(pick(page, "code br")) == 1
    assert lines.text_content() == "one short \xa0 starboard<two> \xa0port"


def test_the_text_only_edition_ends_with_its_story(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish(slug="ferry")
    assert client.get(f"{STORY}text/").status_code == 200
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert client.get(f"{STORY}text/").status_code == 404
    assert pick(read(client, "/text/"), "main a") == []
