"""One story from its first draft to its takedown, by four people in four roles, and what readers see after each act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

ADDRESS = "/2026/03/26/ferry-returns/"
NOTICE = "Taken down after a complaint from the harbour office."


class Reader:
    """Anybody at all, with no sign-in."""

    def __init__(self, site: Site) -> None:
        self.origin = site.origin

    def finds(self, address: str) -> tuple[int, str]:
        try:
            with urlopen(self.origin + address) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, refused.read().decode()

    def finds_nothing(self) -> bool:
        """Neither the story, nor a word of it on the front page, in the feed or in the search."""
        elsewhere = [self.finds(address)[1] for address in ("/", "/feed.json", "/search?q=crane")]
        return self.finds(ADDRESS)[0] == 404 and not any("Ferry returns" in page for page in elsewhere)


def time_passes(site: Site, **span: float) -> None:
    site.newsroom.clock.advance(timedelta(**span))  # type: ignore[attr-defined]


def press(page: Page, button: str, answer: str) -> None:
    page.get_by_role("button", name=button, exact=True).first.click()
    expect(page.locator(".told")).to_contain_text(answer)


def test_a_story_goes_from_first_draft_to_takedown_by_four_people(site: Site, sign_in: Callable[..., Page]) -> None:
    for name, role in (("Cat", "contributor"), ("Rob", "reporter"), ("Ada", "admin")):
        site.hire(name, role)
    cat, rob, eve, ada = (sign_in(name) for name in ("Cat", "Rob", "Eve", "Ada"))
    reader = Reader(site)

    # The contributor drafts it and submits it.
    cat.goto(f"{site.origin}/admin/articles/new")
    cat.locator(".ProseMirror").click()
    cat.keyboard.type("It sails with the crane at nine.")
    cat.get_by_label("Headline").fill("Ferry returns")
    press(cat, "Save as a draft", "Saved as a draft")
    story = cat.url.partition("?")[0]
    press(cat, "Submit for review", "Submitted for review")
    expect(cat.get_by_role("button", name="Approve")).to_have_count(0)
    expect(cat.get_by_role("button", name="Publish revision 1")).to_have_count(0)
    assert reader.finds_nothing()

    # The reporter reads it and leaves a note, and may do no more.
    rob.goto(story)
    rob.get_by_label("Leave a note").fill("The harbour office says ten.")
    rob.get_by_role("button", name="Leave it", exact=True).click()
    expect(rob.locator(".note")).to_contain_text("The harbour office says ten.")
    expect(rob.get_by_role("button", name="Save", exact=True)).to_have_count(0)

    # The editor returns it; the contributor mends it and submits it again; the editor embargoes and approves it.
    eve.goto(f"{site.origin}/admin/")
    eve.get_by_role("link", name="Ferry returns").first.click()
    press(eve, "Return to draft", "Returned to draft")
    cat.goto(story)
    cat.locator(".ProseMirror").click()
    cat.keyboard.press("Control+a")
    cat.keyboard.type("It sails with the crane at ten.")
    press(cat, "Save", "Saved")
    press(cat, "Submit for review", "Submitted for review")
    eve.goto(story)
    eve.get_by_text("Embargo", exact=True).click()
    eve.get_by_label("Not before").fill("2026-03-27T06:00")
    press(eve, "Set the embargo", "The embargo stands")
    press(eve, "Approve", "Approved")
    expect(eve.get_by_role("button", name="Lift it")).to_have_count(0)
    eve.get_by_role("button", name="Publish revision 2").click()
    expect(eve.get_by_role("alert")).to_contain_text("embargo")
    assert reader.finds_nothing()

    # The admin lifts the embargo; the editor schedules it; it is public at its second.
    ada.goto(story)
    ada.get_by_text("Embargo", exact=True).click()
    press(ada, "Lift it", "The embargo is lifted")
    eve.goto(story)
    eve.get_by_label("At a time").check()
    eve.get_by_label("Goes live at").fill("2026-03-26T18:00")
    press(eve, "Schedule revision 2", "Scheduled")
    assert reader.finds_nothing()
    time_passes(site, hours=3)
    status, page = reader.finds(ADDRESS)
    assert (status, "crane at ten" in page, "crane at nine" in page) == (200, True, False)
    assert "Ferry returns" in reader.finds("/feed.json")[1]
    assert "harbour office" not in page

    # The editor changes it, which readers see once it is published, and corrects it.
    eve.goto(story)
    eve.locator(".ProseMirror").click()
    eve.keyboard.press("Control+End")
    eve.keyboard.type(" Nobody waits.")
    press(eve, "Save", "Readers see nothing of it")
    assert "Nobody waits" not in reader.finds(ADDRESS)[1]
    press(eve, "Publish revision 3", "Published")
    assert "Nobody waits" in reader.finds(ADDRESS)[1]
    eve.get_by_role("link", name="File a correction").click()
    eve.get_by_label("What was wrong, and what is right").fill("The ferry sails from the old quay.")
    eve.get_by_role("button", name="File it").click()
    expect(eve.locator(".notice.good")).to_contain_text("Filed")
    for address in (ADDRESS, "/corrections/"):
        assert "The ferry sails from the old quay." in reader.finds(address)[1]

    # The admin takes it down with a notice.
    time_passes(site, minutes=1)
    ada.goto(story)
    ada.get_by_role("button", name="Withdraw…").click()
    ada.get_by_label("Notice to readers").first.fill(NOTICE)
    press(ada, "Withdraw it", "Withdrawn")
    status, page = reader.finds(ADDRESS)
    assert (status, NOTICE in page, "crane" in page) == (410, True, False)
    assert not any("Ferry returns" in reader.finds(each)[1] for each in ("/", "/feed.json", "/corrections/"))
