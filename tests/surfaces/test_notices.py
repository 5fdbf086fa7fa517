"""Notes, who is in charge, and what staff are told of it: in the admin, and by mail through a real server."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.app import create_app
from cms.clock import SetClock
from cms.newsroom import Newsroom
from cms.settings import WrongSetting
from cms.worker.loop import Worker
from cms.worker.telling import send_mail
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.post_office import PostOffice, open_post_office
from tests.staff import Staff

Hire = Callable[[str], Staff]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_post_office() as office:
        yield office


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom], office: PostOffice, database: dict[str, str]) -> Newsroom:
    return make_newsroom(MAIL_URL=office.url, **database)


def told(someone: Staff) -> str:
    page = someone.get("/admin/notices/")
    return page[: page.index('id="charge"')]


def submitted(contributor: Staff, headline: str = "Mine") -> str:
    """A contributor's story, submitted; its address in the admin."""
    at = contributor.write(headline=headline)
    assert contributor.post(f"{at}move/submit", at).status_code == 303
    return at


def test_a_story_that_is_submitted_and_returned_is_told_of_in_the_admin_and_by_mail(
    staff: Hire, newsroom: Newsroom, office: PostOffice
) -> None:
    contributor, editor, reporter = staff("contributor"), staff("editor"), staff("reporter")
    at = submitted(contributor)
    assert "Submitted for review by Contributor" in told(editor)
    for unconcerned in (reporter, contributor):
        assert "Nothing yet." in told(unconcerned)
    assert editor.post(f"{at}move/return", at).status_code == 303
    assert "Returned to draft by Editor" in told(contributor)
    Worker(newsroom).post()
    sent = dict(office.received)
    assert sent.keys() == {"editor@news.example", "contributor@news.example"}
    letter = sent["contributor@news.example"]
    assert letter["Subject"] == "Returned to draft: Mine"
    assert letter["From"] == "The Harbour Post <desk@news.example>"
    assert f"http://news.example{at}" in letter.get_content()


def test_a_correction_and_a_withdrawal_are_told_to_whoever_wrote_the_story(
    staff: Hire, desk: Desk, clock: SetClock
) -> None:
    contributor, editor = staff("contributor"), staff("editor")
    at = submitted(contributor)
    assert editor.post(f"{at}move/approve", at).status_code == 303
    assert editor.post(f"{at}publish", at, revision=1).status_code == 303
    editor.post(f"{at}corrections", kind="correction", text="Eight, not six.")
    clock.advance(timedelta(minutes=1))
    editor.post(f"{at}withdraw", at, notice="Gone for a day.")
    page = told(contributor)
    for said in ("Approved by Editor", "Corrected by Editor", "Eight, not six.", "Withdrawn by Editor", "Gone for"):
        assert said in page
    assert "Corrected" not in told(editor)


def test_each_notice_can_be_switched_off_here_and_by_mail(staff: Hire, newsroom: Newsroom, office: PostOffice) -> None:
    contributor, editor, admin = staff("contributor"), staff("editor"), staff("admin")
    assert editor.post("/admin/notices/choices", "/admin/notices/", **{"submit-mail": "on"}).status_code == 303
    assert admin.post("/admin/notices/choices", "/admin/notices/", **{"submit-admin": "on"}).status_code == 303
    submitted(contributor)
    assert "Nothing yet." in told(editor)
    assert "Submitted for review" in told(admin)
    Worker(newsroom).post()
    assert [to for to, _ in office.received] == ["editor@news.example"]


def test_notices_that_were_read_are_new_no_more(staff: Hire) -> None:
    contributor, editor = staff("contributor"), staff("editor")
    submitted(contributor)
    assert '1<span class="unseen"> unread</span>' in editor.get("/admin/")
    page = editor.get("/admin/notices/")
    assert ">New</span>" in page
    newest = re.search(r'name="up_to" value="(\d+)"', page)
    assert newest
    editor.post("/admin/notices/read", "/admin/notices/", up_to=newest[1])
    assert ">New</span>" not in editor.get("/admin/notices/")
    assert "unread</span>" not in editor.get("/admin/")


@BOTH_DATABASES
def test_a_mail_that_could_not_be_sent_is_tried_again_once_sent_never_again(
    staff: Hire, newsroom: Newsroom, office: PostOffice, clock: SetClock
) -> None:
    contributor, _editor = staff("contributor"), staff("editor")
    submitted(contributor)
    office.answers = ["451 Come back later"]
    worker = Worker(newsroom)
    worker.post()
    assert office.received == []
    worker.post()
    assert office.received == [], "it waits before it tries again"
    clock.advance(timedelta(minutes=3))
    worker.post()
    clock.advance(timedelta(days=1))
    worker.post()
    assert [to for to, _ in office.received] == ["editor@news.example"]


def test_a_worker_that_dies_while_sending_leaves_the_mail_to_be_tried_again_under_the_same_id(
    staff: Hire, newsroom: Newsroom, office: PostOffice, clock: SetClock
) -> None:
    class Killed(BaseException):
        pass

    contributor, _editor = staff("contributor"), staff("editor")
    submitted(contributor)
    instants = iter([newsroom.clock.now()])

    class DyingClock:
        """Told the time once; whoever asks again is dead by then."""

        def now(self) -> object:
            try:
                return next(instants)
            except StopIteration:
                raise Killed from None

    with pytest.raises(Killed):
        send_mail(dataclasses.replace(newsroom, clock=DyingClock()))  # type: ignore[arg-type]
    assert len(office.received) == 1
    assert not send_mail(newsroom), "nobody else has it while it is taken"
    clock.advance(timedelta(minutes=6))
    assert send_mail(newsroom)
    first, second = (message for _, message in office.received)
    assert first["Message-ID"] == second["Message-ID"]


def test_an_address_that_does_not_exist_is_a_dead_letter_that_an_admin_sees_and_revives(
    staff: Hire, newsroom: Newsroom, office: PostOffice
) -> None:
    contributor, editor = staff("contributor"), staff("editor")
    submitted(contributor)
    admin = staff("admin")
    office.answers = ["550 No such mailbox"]
    worker = Worker(newsroom)
    worker.post()
    assert office.received == []
    page = admin.get("/admin/notices/unsent/")
    assert "editor@news.example" in page
    assert "No such mailbox" in page
    assert editor.client.get("/admin/notices/unsent/").status_code == 403
    row = re.search(r"/admin/notices/unsent/(\d+)", page)
    assert row
    assert admin.post(row[0], "/admin/notices/unsent/").status_code == 303
    worker.post()
    assert [to for to, _ in office.received] == ["editor@news.example"]
    assert "Everything was sent" in admin.get("/admin/notices/unsent/")
    assert admin.post(row[0], "/admin/notices/unsent/").status_code == 404


def test_a_note_is_read_by_the_desk_and_by_nobody_else(staff: Hire, desk: Desk, client: FlaskClient) -> None:
    article = desk.publish(tags=["Ferries"])
    at = f"/admin/articles/{article}/"
    reporter, editor = staff("reporter"), staff("editor")
    assert reporter.post(f"{at}notes", at, text="The canary sings at noon.").status_code == 303
    assert "The canary sings at noon." in editor.get(at)
    story = "/2026/03/26/ferry-returns-to-the-old-quay/"
    for path in (story, f"{story}history/", "/", "/feed.json", "/tag/ferries/", f"/api/v1/articles/{article}"):
        assert "canary" not in client.get(path).get_data(as_text=True)
    assert "Ferry returns" not in client.get("/search?q=canary+sings").get_data(as_text=True)
    note = re.search(rf"{at}notes/(\w+)/remove", reporter.get(at))
    assert note
    assert editor.post(note[0], at).status_code == 403
    assert reporter.post(note[0], at).status_code == 303
    assert "canary" not in editor.get(at)


def test_a_contributor_leaves_no_note_on_what_they_may_not_see(staff: Hire, desk: Desk) -> None:
    article = desk.write()
    answer = staff("contributor").post(f"/admin/articles/{article}/notes", "/admin/", text="Hello?")
    assert answer.status_code == 404


def test_somebody_is_put_in_charge_with_a_due_time_and_told_of_it(
    staff: Hire, desk: Desk, office: PostOffice, newsroom: Newsroom, clock: SetClock
) -> None:
    article = desk.write("The budget vote")
    at = f"/admin/articles/{article}/"
    reporter, editor = staff("reporter"), staff("editor")
    form = {"assignee": "reporter@news.example", "due_at": "2026-03-27T18:00"}
    assert editor.post(f"{at}assignment", at, **form).status_code == 303
    assert "tomorrow, 18:00 EDT" in editor.get(at)
    assert "In your charge" in reporter.get("/admin/")
    assert "In your charge" not in editor.get("/admin/")
    assert "Put in your charge by Editor" in told(reporter)
    page = reporter.get("/admin/notices/")
    assert "Due" in page
    assert "Overdue" not in page
    clock.advance(timedelta(days=2))
    assert "Overdue" in reporter.get("/admin/notices/")
    Worker(newsroom).post()
    assert [to for to, _ in office.received] == ["reporter@news.example"]
    assert reporter.post(f"{at}assignment", at, assignee="").status_code == 403
    assert editor.post(f"{at}assignment", at, assignee="nobody@news.example").status_code == 422
    assert editor.post(f"{at}assignment", at, assignee="").status_code == 303
    assert "Nobody yet." in editor.get(at)


def test_whoever_may_not_see_a_story_is_not_put_in_charge_of_it(staff: Hire, desk: Desk) -> None:
    article = desk.write()
    at = f"/admin/articles/{article}/"
    staff("contributor")
    answer = staff("editor").post(f"{at}assignment", at, assignee="contributor@news.example")
    assert answer.status_code == 422
    assert "may not see this story" in answer.get_data(as_text=True)


@pytest.mark.parametrize("url", ["smtp://", "smtp://host?to=x", "smtp://host?from=nobody", "smtp://host:port"])
def test_a_mail_server_that_cannot_be_is_refused_at_the_start(make_newsroom: Callable[..., Newsroom], url: str) -> None:
    with pytest.raises(WrongSetting, match="CMS_MAIL_URL"):
        make_newsroom(MAIL_URL=url)


def test_mail_goes_to_the_log_unless_a_server_is_named(make_newsroom: Callable[..., Newsroom]) -> None:
    newsroom = make_newsroom()
    create_app(newsroom)
    assert not send_mail(newsroom)
