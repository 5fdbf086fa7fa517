"""The writing room without its script: what a form keeps, refuses, merges and shows."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.articles.model import Article, Revision
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import picture
from tests.staff import Staff

Hire = Callable[[str], Staff]


def story_of(at: str) -> str:
    return at.rstrip("/").rpartition("/")[2]


def revisions(newsroom: Newsroom, at: str) -> list[Revision]:
    with newsroom.sessions.read() as session:
        mine = select(Revision).join(Article).where(Article.public_id == story_of(at)).order_by(Revision.number)
        return list(session.scalars(mine))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


# --- Keeping -----------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_offered_and_given_back_and_is_no_revision(staff: Hire, newsroom: Newsroom) -> None:
    editor = staff("editor")
    at = editor.write(headline="As saved")
    answer = editor.post(f"{at}keep", at, base=1, headline="As typed", body_html="<p>Half a sent</p>")
    assert answer.status_code == 200
    assert "You have unsaved words from" in editor.get(at)
    assert "As typed" not in editor.get(at)
    restored = editor.get(f"{at}?restore=1")
    assert "As typed" in restored
    assert "Half a sent" in restored
    assert len(revisions(newsroom, at)) == 1


def test_kept_words_are_their_writers_alone(staff: Hire) -> None:
    editor, admin = staff("editor"), staff("admin")
    at = editor.write(headline="As saved")
    editor.post(f"{at}keep", at, base=1, headline="As typed")
    page = admin.get(at)
    assert "Editor is editing, now" in page
    assert "unsaved words" not in page
    assert "As typed" not in admin.get(f"{at}?restore=1")


def test_a_save_and_a_discard_let_go_of_what_was_kept(staff: Hire) -> None:
    editor = staff("editor")
    at = editor.write(headline="As saved")
    editor.post(f"{at}keep", at, base=1, headline="As typed")
    assert editor.post(f"{at}discard", at).status_code == 303
    assert "unsaved words" not in editor.get(at)
    editor.post(f"{at}keep", at, base=1, headline="As typed")
    editor.post(at, base=1, headline="As saved again")
    assert "unsaved words" not in editor.get(at)


def test_whoever_may_not_edit_a_story_keeps_nothing_on_it(staff: Hire, desk: Desk) -> None:
    at = f"/admin/articles/{desk.write('Not theirs')}/"
    reporter = staff("reporter")
    assert reporter.post(f"{at}keep", at, base=1, headline="Mine").status_code == 403


# --- Saving beside somebody else ---------------------------------------------------------------------------


def test_whoever_may_only_read_a_story_is_told_so_and_given_no_field_to_type_in(staff: Hire, desk: Desk) -> None:
    desk.person("Ana Ruiz")
    desk.section("Sea", "sea")
    signed = [{"person": "ana-ruiz", "role": "photo"}]
    story = desk.write("Somebody else’s", key_points=["It sails."], bylines=signed, sections=["sea"], tags=["Quay"])
    at = f"/admin/articles/{story}/"
    read, written = staff("reporter").get(at), staff("editor").get(at)
    assert "You may read this story, not change it." in read
    for field in ("headline", "standfirst", "body_html"):
        assert re.search(rf'<textarea id="{field}"[^>]* readonly', read)
        assert not re.search(rf'<textarea id="{field}"[^>]* readonly', written)
    for field in ("key_points", "person", "primary", "section", "tags", "lead_image", "slug", "language", "seo_title"):
        assert f'name="{field}"' not in read
        assert f'name="{field}"' in written
    for said in ("It sails.", "Ana Ruiz, photo", ">Sea<", ">Quay<", ">somebody-elses<"):
        assert said in read


def test_two_changes_to_different_paragraphs_are_put_together(staff: Hire, newsroom: Newsroom) -> None:
    one, two = staff("editor"), staff("admin")
    at = one.write(headline="A story", body_html="<p>One.</p><p>Two.</p><p>Three.</p>")
    one.post(at, base=1, headline="A story", body_html="<p>One, by the first.</p><p>Two.</p><p>Three.</p>")
    mine = {"headline": "A story", "body_html": "<p>One.</p><p>Two.</p><p>Three, by the second.</p>"}
    answer = two.post(at, base=1, **mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "both changes fit together" in page
    both = "&lt;p&gt;One, by the first.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;&lt;p&gt;Three, by the second.&lt;/p&gt;"
    assert both in page
    merged = "<p>One, by the first.</p><p>Two.</p><p>Three, by the second.</p>"
    answer = two.post(at, base=2, merging=1, take_body_html="text", headline="A story", body_html=merged)
    assert answer.status_code == 303
    assert [each.base for each in revisions(newsroom, at)] == [None, 1, 2]
    assert "Three, by the second." in two.get(at)


def test_theirs_can_be_taken_field_by_field_and_the_rest_stays_mine(staff: Hire) -> None:
    one, two = staff("editor"), staff("admin")
    at = one.write(headline="A story", standfirst="Before.")
    one.post(at, base=1, headline="Theirs", standfirst="Theirs too.")
    two.post(at, base=1, headline="Mine", standfirst="Mine too.")
    two.post(
        at, base=2, merging=1, take_headline="theirs", take_standfirst="mine", headline="Mine", standfirst="Mine too."
    )
    page = two.get(at)
    assert ">Theirs</textarea>" in page
    assert ">Mine too.</textarea>" in page


def test_a_form_without_picture_and_search_fields_leaves_them_alone(staff: Hire) -> None:
    editor = staff("editor")
    at = editor.write(headline="A story", seo_title="For engines", lead_image="")
    editor.post(at, base=1, headline="Changed")
    assert ">For engines</textarea>" in editor.get(at)


# --- Acting from the form ----------------------------------------------------------------------------------


def test_publishing_saves_what_is_typed_and_publishes_just_that(
    staff: Hire, client: FlaskClient, newsroom: Newsroom
) -> None:
    editor = staff("editor")
    at = editor.write(headline="First words")
    answer = editor.post(f"{at}publish", at, when="now", base=1, revision=1, headline="Last words", slug="words")
    assert answer.status_code == 303
    assert "Last words" in client.get("/2026/03/26/words/").get_data(as_text=True)
    assert len(revisions(newsroom, at)) == 2


def test_a_refused_time_is_said_in_place_with_the_nearest_two_as_buttons(staff: Hire, client: FlaskClient) -> None:
    editor = staff("editor")
    at = editor.write(headline="In the gap")
    form = {"when": "later", "base": 1, "revision": 1, "headline": "In the gap", "standfirst": "Typed just now."}
    answer = editor.post(f"{at}publish", at, live_from="2027-03-14T02:30", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Typed just now." in page
    assert 'name="live_from_instead" value="2027-03-14T01:30"' in page
    instead = editor.post(
        f"{at}publish", at, live_from="2027-03-14T02:30", live_from_instead="2027-03-14T03:30", **{**form, "base": 2}
    )
    assert instead.status_code == 303
    assert "14 Mar 2027, 03:30 EDT" in editor.get(at)


def test_the_only_publication_to_come_can_be_moved_and_called_off(
    staff: Hire, client: FlaskClient, clock: SetClock
) -> None:
    editor = staff("editor")
    at = editor.write(headline="Tomorrow")
    editor.post(f"{at}publish", at, revision=1, live_from="2026-03-27T07:00")
    assert editor.post(f"{at}reschedule/1", at, moved_1="2026-03-28T07:00").status_code == 303
    clock.set(datetime(2026, 3, 27, 12, 0, tzinfo=UTC))
    assert client.get("/2026/03/28/tomorrow/").status_code == 404
    assert editor.post(f"{at}unschedule/2", at).status_code == 303
    clock.set(datetime(2026, 3, 28, 12, 0, tzinfo=UTC))
    assert client.get("/2026/03/28/tomorrow/").status_code == 404


def test_an_embargo_refuses_an_earlier_publication_beside_the_form(staff: Hire, client: FlaskClient) -> None:
    editor = staff("editor")
    at = editor.write(headline="Not yet")
    assert editor.post(f"{at}embargo", at, embargo_until="2026-04-01T06:00").status_code == 303
    answer = editor.post(f"{at}publish", at, revision=1, when="now")
    assert answer.status_code == 409
    refused = " ".join(re.sub("<[^>]*>", "", answer.get_data(as_text=True)).split())
    assert "This story is embargoed until 1 Apr, 06:00 EDT. You can schedule it for later." in refused
    lifted = editor.post(f"{at}embargo", at, lift=1)
    assert lifted.status_code == 403
    assert "You don&#39;t have the right to lift an embargo. It takes an admin." in lifted.get_data(as_text=True)
    assert client.get("/2026/03/26/not-yet/").status_code == 404


def test_taking_a_live_story_down_needs_no_agreement_on_its_text(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Libel")
    editor = staff("editor")
    at = f"/admin/articles/{article}/"
    editor.get(at)
    desk.save(article, headline="Somebody saves meanwhile")
    clock.advance(timedelta(minutes=1))
    assert editor.post(f"{at}withdraw", at).status_code == 303
    assert client.get("/2026/03/26/libel/").status_code == 404


# --- Looking back and ahead --------------------------------------------------------------------------------


def test_history_tells_what_readers_see_and_an_old_text_comes_back_as_a_draft(
    staff: Hire, desk: Desk, client: FlaskClient, newsroom: Newsroom
) -> None:
    article = desk.publish("The first text", body_html="<p>Stays.</p><p>Goes.</p>")
    desk.save(article, headline="The second text", body_html="<p>Stays.</p>")
    editor = staff("editor")
    at = f"/admin/articles/{article}/"
    assert "Your revision 2 is not published" in editor.get(at)
    page = editor.get(f"{at}history/")
    assert "Readers see it" in page
    assert "<del>" in page
    assert editor.post(f"{at}history/1/restore", f"{at}history/", base=2).status_code == 303
    assert [each.headline for each in revisions(newsroom, at)][-1] == "The first text"
    assert revisions(newsroom, at)[-1].note == "Revision 1 restored"
    assert editor.post(f"{at}history/1/restore", f"{at}history/", base=2).status_code == 409


def test_a_preview_is_the_public_page_with_pictures_that_only_staff_can_see(
    staff: Hire, client: FlaskClient, newsroom: Newsroom
) -> None:
    editor = staff("editor")
    page = editor.get("/admin/articles/new")
    data = {"csrf_token": hidden(page, "csrf_token"), "alt": "A sea", "credit": "Photo: Me"}
    answer = editor.client.post("/admin/pictures/", data={**data, "file": (io.BytesIO(picture()), "sea.jpg")})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    told = json.loads(answer.data)
    at = editor.write(
        headline="With a picture",
        body_html=f'<figure><img src="{told["src"]}" alt="A sea"></figure>',
        lead_image=told["id"],
    )
    proof = editor.client.get(f"{at}preview/1")
    text = proof.get_data(as_text=True)
    assert proof.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "With a picture" in text
    assert "Photo: Me" in text
    assert '"/media/' not in text
    assert editor.client.get(told["src"].replace("/media/", "/admin/media/file/")).status_code == 200
    assert client.get(told["src"]).status_code == 404
    assert client.get(f"{at}preview/1").status_code == 302
    assert [each["alt"] for each in json.loads(editor.client.get("/admin/pictures/?q=SEA").data)["data"]] == ["A sea"]


def test_a_picture_without_a_description_or_without_the_right_is_refused(staff: Hire) -> None:
    editor, contributor = staff("editor"), staff("contributor")
    for who, status in ((editor, 422), (contributor, 403)):
        token = hidden(who.get("/admin/articles/new"), "csrf_token")
        data = {"csrf_token": token, "file": (io.BytesIO(picture()), "sea.jpg")}
        assert who.client.post("/admin/pictures/", data=data).status_code == status


def test_a_preview_link_is_shown_once_and_can_be_ended(staff: Hire, client: FlaskClient) -> None:
    editor = staff("editor")
    at = editor.write(headline="For a source")
    assert editor.post(f"{at}share", f"{at}preview", revision=1, days=1).status_code == 303
    page = editor.get(f"{at}preview")
    link = re.search(r"http://news\.example(/preview/[\w-]+)", page)
    assert link
    assert link[1] not in editor.get(f"{at}preview")
    assert "For a source" in client.get(link[1]).get_data(as_text=True)
    revoke = re.search(r'action="(/admin/[^"]+/revoke)"', page)
    assert revoke
    assert editor.post(revoke[1], f"{at}preview", revision=1).status_code == 303
    assert client.get(link[1]).status_code == 404


def test_tags_are_suggested_and_addresses_told_apart(staff: Hire, desk: Desk) -> None:
    desk.write(tags=["Ferries", "Harbour"])
    editor = staff("editor").client
    assert json.loads(editor.get("/admin/suggest/tags?q=ferr").data) == {"data": ["Ferries"]}
    known = json.loads(editor.get("/admin/embed?url=https://youtu.be/dQw4w9WgXcQ").data)["embed"]
    assert known["url"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert json.loads(editor.get("/admin/embed?url=https://example.org/").data) == {"embed": None}


def test_somebody_who_left_long_ago_is_not_editing(staff: Hire, clock: SetClock) -> None:
    editor, admin = staff("editor"), staff("admin")
    at = editor.write(headline="A story")
    editor.post(f"{at}keep", at, base=1, headline="Typed")
    clock.advance(timedelta(minutes=11))
    assert "is editing" not in admin.get(at)


# --- Before the first save ---------------------------------------------------------------------------------

NEW = "/admin/articles/new"


def key_of(page: str) -> str:
    found = re.search(r'name="unsaved" value="(\w{16})"', page)
    assert found
    return found[1]


def test_a_story_is_kept_before_its_first_save_for_its_writer_alone(staff: Hire) -> None:
    editor, reporter = staff("editor"), staff("reporter")
    key = key_of(editor.get(NEW))
    answer = editor.post(f"{NEW}/keep", NEW, unsaved=key, headline="As typed", tags="Ferries")
    assert answer.status_code == 200
    assert "As typed" in editor.get("/admin/")
    page = editor.get(f"{NEW}?restore={key}")
    assert "As typed" in page
    assert 'value="Ferries"' in page
    assert key_of(page) == key
    for address in ("/admin/", "/admin/articles/", NEW, f"{NEW}?restore={key}"):
        assert "As typed" not in reporter.get(address)
    assert "As typed" not in editor.get("/admin/articles/")
    assert editor.post(NEW, unsaved=key, headline="Saved").status_code == 303
    assert "As typed" not in editor.get("/admin/") + editor.get(NEW)


def test_what_was_begun_and_never_saved_is_discarded_by_hand(staff: Hire) -> None:
    editor = staff("editor")
    key = key_of(editor.get(NEW))
    editor.post(f"{NEW}/keep", NEW, unsaved=key, headline="As typed")
    assert editor.post(f"{NEW}/discard", NEW, unsaved=key).status_code == 303
    assert "As typed" not in editor.get("/admin/") + editor.get(NEW)


def test_nobody_fills_the_desk_with_stories_that_were_never_saved(staff: Hire) -> None:
    editor = staff("editor")
    keys = [f"{number:016d}" for number in range(21)]
    kept = [editor.post(f"{NEW}/keep", NEW, unsaved=key, headline="As typed").status_code for key in keys]
    assert kept == [200] * 20 + [409]
    assert editor.post(f"{NEW}/keep", NEW, unsaved=keys[0], headline="Typed on").status_code == 200
    assert editor.post(f"{NEW}/keep", NEW, unsaved="no key", headline="As typed").status_code == 422
