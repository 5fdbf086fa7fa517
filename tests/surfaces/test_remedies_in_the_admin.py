"""When something is wrong with a story: every remedy has its button, its answer and its refusal in the admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from cms import reactions
from cms.clock import SetClock
from cms.domain.articles import desk as desk_rows
from cms.domain.workflow import erasing
from tests.desk import Desk
from tests.staff import Staff

Hire = Callable[[str], Staff]
BODY = "<p>One.</p><p>Two, a libel.</p><p>Three.</p><p>Four.</p>"
MENDED = BODY.replace(", a libel", "")
TODAY = "/2026/03/26/today/"


def at(article: str) -> str:
    return f"/admin/articles/{article}/"


def with_tomorrow(desk: Desk, clock: SetClock, body: str) -> str:
    """A live story whose working copy, with this text, is scheduled for tomorrow."""
    article = desk.publish("Today", body_html=BODY)
    clock.advance(timedelta(minutes=1))
    desk.save(article, body_html=body)
    desk.put_live(article, revision=2, live_from=clock.now() + timedelta(days=1))
    return article


# --- Fix live ----------------------------------------------------------------------------------------------


def test_a_fix_is_on_the_site_at_once_and_in_what_is_scheduled(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = with_tomorrow(desk, clock, BODY.replace("Four.", "Four, and more."))
    editor = staff("editor")
    assert f'href="{at(article)}fix"' in editor.get(at(article))
    answer = editor.post(f"{at(article)}fix", base=1, headline="Today", body_html=MENDED, note="A libel")
    assert answer.status_code == 303
    assert "libel" not in client.get(TODAY).get_data(as_text=True)
    page = editor.get(at(article))
    assert "What is scheduled carries the fix too" in page
    clock.advance(timedelta(days=1, minutes=1))
    tomorrow = client.get(TODAY).get_data(as_text=True)
    assert "libel" not in tomorrow
    assert "Four, and more." in tomorrow


def test_what_would_undo_a_fix_is_listed_and_called_off_or_kept_as_the_form_says(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = with_tomorrow(desk, clock, BODY.replace("a libel", "a worse libel"))
    editor = staff("editor")
    form = {"base": 1, "headline": "Today", "body_html": MENDED}
    refused = editor.post(f"{at(article)}fix", **form)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "What would undo this fix" in page
    assert 'name="later_2" value="keep"' in page
    assert "a libel" in client.get(TODAY).get_data(as_text=True)
    assert editor.post(f"{at(article)}fix", later_2="cancel", **form).status_code == 303
    assert "libel" not in client.get(TODAY).get_data(as_text=True)
    clock.advance(timedelta(days=2))
    assert "libel" not in client.get(TODAY).get_data(as_text=True)


def test_a_working_copy_that_could_not_take_the_fix_is_put_together_by_hand(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Today", body_html=BODY)
    clock.advance(timedelta(minutes=1))
    desk.save(article, body_html=BODY.replace("a libel", "a worse libel"))
    editor = staff("editor")
    answer = editor.post(f"{at(article)}fix", base=1, headline="Today", body_html=MENDED)
    assert answer.location == f"{at(article)}rebase"
    assert "The working copy lacks the fix" in editor.get(at(article))
    newest = {"when": "now", "revision": 4}
    refused = editor.post(f"{at(article)}publish", at(article), **newest)
    assert refused.status_code == 409
    assert 'name="knowingly" value="1"' in refused.get_data(as_text=True)
    page = editor.get(f"{at(article)}rebase")
    assert "Put the fix into the working copy" in page
    assert "checked" not in page.partition("Which is to be kept?")[2].partition("</fieldset>")[0]
    unsaid = editor.post(
        f"{at(article)}rebase", base=4, theirs=3, headline="Today", asked="body_html", body_html=MENDED
    )
    assert unsaid.status_code == 422
    assert "Text: say which of the two to keep." in unsaid.get_data(as_text=True)
    put = editor.post(
        f"{at(article)}rebase", base=4, theirs=3, headline="Today", take_body_html="text", body_html=MENDED
    )
    assert put.status_code == 303
    assert "The working copy lacks the fix" not in editor.get(at(article))
    assert editor.post(f"{at(article)}publish", at(article), when="now", revision=5).status_code == 303


def test_a_fix_that_changes_nothing_or_comes_too_late_is_refused_on_its_page(staff: Hire, desk: Desk) -> None:
    article = desk.publish("Today", body_html=BODY)
    editor = staff("editor")
    for form, said in (({"base": 1}, "changes nothing"), ({"base": 7}, "after the one you started from")):
        answer = editor.post(f"{at(article)}fix", headline="Today", body_html=BODY, **form)
        assert answer.status_code == 409
        assert said in answer.get_data(as_text=True)


# --- Editions ----------------------------------------------------------------------------------------------


def test_an_earlier_edition_is_shown_again_from_the_history(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Today", body_html="<p>Good.</p>")
    clock.advance(timedelta(minutes=1))
    desk.save(article, body_html="<p>Bad.</p>")
    desk.put_live(article, revision=2)
    clock.advance(timedelta(minutes=1))
    editor, history = staff("editor"), f"{at(article)}history/"
    assert f'action="{history}1/rollback"' in editor.get(history)
    assert editor.post(f"{history}1/rollback", history).status_code == 303
    assert "Good." in client.get(TODAY).get_data(as_text=True)
    again = editor.post(f"{history}1/rollback", history)
    assert again.status_code == 409
    assert "Readers see the text of publication 1 already" in again.get_data(as_text=True)


def test_a_withdrawn_story_comes_back_as_it_was_and_an_end_can_be_set_and_taken_away(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Today")
    editor = staff("editor")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert client.get(TODAY).status_code == 404
    assert "Show again what readers saw last" in editor.get(at(article))
    assert editor.post(f"{at(article)}republish", at(article)).status_code == 303
    assert client.get(TODAY).status_code == 200
    past = editor.post(f"{at(article)}expire/2", at(article), until_2="2020-01-01T00:00")
    assert past.status_code == 422
    assert 'id="until_2-trouble"' in past.get_data(as_text=True)
    assert editor.post(f"{at(article)}expire/2", at(article), until_2="2026-03-27T07:00").status_code == 303
    assert "On show until" in editor.get(at(article))
    assert editor.post(f"{at(article)}expire/2", at(article), until_2="").status_code == 303
    clock.advance(timedelta(days=3))
    assert client.get(TODAY).status_code == 200


# --- Hold, pull, erasure -----------------------------------------------------------------------------------


def test_a_live_story_on_hold_offers_no_fix_and_says_what_can_be_done(staff: Hire, desk: Desk) -> None:
    article = desk.publish("Today")
    editor = staff("editor")
    assert f'href="{at(article)}fix"' in editor.get(at(article))
    editor.post(f"{at(article)}hold", at(article), reason="Counsel asked")
    page = editor.get(at(article))
    assert f'href="{at(article)}fix"' not in page
    assert "what readers see stays, and can be withdrawn or pulled" in page


def test_a_hold_keeps_a_story_back_until_its_holder_lifts_it(staff: Hire, desk: Desk) -> None:
    article = desk.write("Today")
    editor, admin = staff("editor"), staff("admin")
    unsaid = editor.post(f"{at(article)}hold", at(article), reason=" ")
    assert unsaid.status_code == 422
    assert "Say why" in unsaid.get_data(as_text=True)
    assert editor.post(f"{at(article)}hold", at(article), reason="Counsel asked").status_code == 303
    refused = admin.post(f"{at(article)}publish", at(article), when="now", revision=1)
    assert refused.status_code == 409
    assert "legal hold" in refused.get_data(as_text=True)
    assert f'action="{at(article)}hold/lift"' not in admin.get(at(article))
    assert admin.post(f"{at(article)}hold/lift", at(article)).status_code == 403
    assert editor.post(f"{at(article)}hold/lift", at(article)).status_code == 303
    assert admin.post(f"{at(article)}publish", at(article), when="now", revision=1).status_code == 303


def test_a_pull_takes_a_story_away_with_a_notice_and_shows_its_receipt(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Today")
    clock.advance(timedelta(minutes=1))
    editor = staff("editor")
    form = {"reason": "A court order", "notice": "Taken down by order of a court."}
    answer = editor.post(f"{at(article)}pull", at(article), **form)
    assert answer.location == f"{at(article)}pulls/?told=pulled"
    gone = client.get(TODAY)
    assert gone.status_code == 410
    assert "by order of a court" in gone.get_data(as_text=True)
    assert 'your notice: “<span dir="auto">Taken down by order of a court.</span>”' in editor.get(at(article))
    receipt = editor.get(f"{at(article)}pulls/")
    assert "A court order" in receipt
    assert "The search index" in receipt
    assert staff("reporter").client.get(f"{at(article)}pulls/").status_code == 403


def test_an_erasure_takes_two_admins(staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock) -> None:
    article = desk.publish("Today", body_html="<p>A private matter.</p>")
    clock.advance(timedelta(minutes=1))
    admin = staff("admin")
    wrong = admin.post(f"{at(article)}erasure", at(article), reason="A right", revisions="one")
    assert wrong.status_code == 422
    assert admin.post(f"{at(article)}erasure", at(article), reason="A right").status_code == 303
    assert "Another admin has to agree" in admin.get(at(article))
    alone = admin.post(f"{at(article)}erasure/agree", at(article))
    assert alone.status_code == 403
    assert "second person" in alone.get_data(as_text=True)
    assert admin.post(f"{at(article)}erasure/drop", at(article)).status_code == 303
    assert "private matter" in client.get(TODAY).get_data(as_text=True)
    _asked_through_the_desk(desk, article)
    assert admin.post(f"{at(article)}erasure/agree", at(article)).status_code == 303
    assert "private matter" not in client.get(TODAY).get_data(as_text=True)
    room = admin.get(at(article))
    assert "private matter" not in room
    assert "The words of this revision were erased" in room
    assert "What they said was erased" in admin.get(f"{at(article)}history/")
    assert 'dir="auto">(erased)</a>' in admin.get("/admin/articles/")


def _asked_through_the_desk(desk: Desk, article: str) -> None:
    """Another admin asks that the whole story be erased."""
    another = desk.actor("admin", "Another")
    with desk.newsroom.sessions.write() as session:
        row = desk_rows.find(session, article, lock=True)
        _made, event = erasing.ask(session, another, row, "A right", desk.now)
        reactions.commit(session, [event], desk.now, desk.newsroom.signal)


# --- Hiding an edition -------------------------------------------------------------------------------------


def test_an_edition_is_hidden_from_readers_with_a_reason_and_shown_again(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish("Today", body_html=BODY)
    clock.advance(timedelta(minutes=1))
    desk.save(article, body_html=MENDED)
    desk.put_live(article)
    editor = staff("editor")
    past = f"{at(article)}history/"
    page = editor.post(f"{past}1/hide", past, reason="").get_data(as_text=True)
    assert "Say why; it is kept in the audit log." in page
    assert "libel" in client.get(f"{TODAY}history/").get_data(as_text=True)
    assert editor.post(f"{past}1/hide", past, reason="A libel").status_code == 303
    assert "Hidden" in editor.get(past)
    assert "libel" not in client.get(f"{TODAY}history/").get_data(as_text=True)
    assert editor.post(f"{past}1/unhide", past).status_code == 303
    assert "libel" in client.get(f"{TODAY}history/").get_data(as_text=True)
