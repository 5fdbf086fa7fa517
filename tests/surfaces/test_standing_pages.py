"""What the paper says of itself: who may write it, and where readers find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import serve
from tests.staff import Staff
from tests.surfaces.pages import pick, read, words

ABOUT = {"slug": "about", "title": "About us", "body_html": "<p>Since 1868.</p><script>x</script>"}


def test_an_editors_page_is_at_its_address_and_linked_from_every_page(
    client: FlaskClient, staff: Callable[[str], Staff]
) -> None:
    editor = staff("editor")
    assert editor.post("/admin/pages/new", version=0, **ABOUT).status_code == 303
    page = read(client, "/about/")
    assert words(pick(page, "h1")[0]) == "About us"
    assert words(pick(page, ".body")[0]) == "Since 1868."
    assert [each.get("href") for each in pick(read(client, "/"), ".colophon nav a")][-1] == "/about/"
    assert client.get("/about").location == "/about/"
    editor.post("/admin/pages/about/remove", "/admin/pages/about/")
    assert client.get("/about/").data == client.get("/never/").data


def test_a_save_over_somebody_elses_is_refused(client: FlaskClient, staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    editor.post("/admin/pages/new", version=0, **ABOUT)
    path = "/admin/pages/about/"
    assert editor.post(path, version=1, **{**ABOUT, "title": "First"}).status_code == 303
    assert editor.post(path, version=1, **{**ABOUT, "title": "Second"}).status_code == 409
    assert words(pick(read(client, "/about/"), "h1")[0]) == "First"


def test_an_address_that_leads_elsewhere_is_refused_and_what_was_typed_is_kept(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    for slug in ("admin", "search", "most-read", "No Slug", ""):
        answer = editor.post("/admin/pages/new", version=0, **{**ABOUT, "slug": slug, "title": "Kept words"})
        assert answer.status_code == 422, slug
        assert "Kept words" in answer.text


def test_reporters_do_not_write_them(staff: Callable[[str], Staff]) -> None:
    assert staff("reporter").client.get("/admin/pages/").status_code == 403


def test_stories_may_have_addresses_of_the_same_kind(make_newsroom: Callable[..., Newsroom], desk: Any) -> None:
    newsroom = make_newsroom(ARTICLE_PATH="/{slug}/")
    Desk(newsroom).publish()
    assert serve(newsroom).test_client().get("/ferry-returns-to-the-old-quay/").status_code == 200
