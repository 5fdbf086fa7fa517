"""Every form that takes a time: what the site's clock leaves out is refused with the nearest two, what it shows twice
is asked about, and the answer needs no typing anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from lxml import html
from sqlalchemy import select

from cms.domain.articles.model import Publication
from cms.domain.articles.notes import Assignment
from cms.domain.fronts.model import Banner
from cms.domain.media.model import Media
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff

SPRING, AUTUMN = "2027-03-14T02:30", "2026-11-01T01:30"
NEAREST = [datetime(2027, 3, 14, 6, 30, tzinfo=UTC), datetime(2027, 3, 14, 7, 30, tzinfo=UTC)]
BOTH = [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]


@dataclass
class Form:
    """One that takes a time: where it stands and goes to, its field, its other fields, and where the time is kept."""

    page: str
    action: str
    field: str
    typed: dict[str, str]
    kept: object


@pytest.fixture(params=["calendar", "banner", "due", "rights"])
def form(request: pytest.FixtureRequest, desk: Desk, newsroom: Newsroom) -> Form:
    if request.param == "calendar":
        story = desk.write("Tomorrow")
        n = desk.put_live(story, live_from=desk.now + timedelta(days=1))
        coming = select(Publication.live_from).where(Publication.cancelled_at.is_(None))
        return Form("/admin/calendar/", f"/admin/calendar/{story}/{n}", "to", {"view": "week"}, coming)
    if request.param == "banner":
        banner = {"text": "Bridge closed", "link": "https://news.example/bridge"}
        return Form("/admin/front/", "/admin/front/banner", "until", banner, select(Banner.until))
    if request.param == "due":
        at = f"/admin/articles/{desk.write()}/"
        return Form(at, f"{at}assignment", "due_at", {"assignee": "editor@news.example"}, select(Assignment.due_at))
    room = f"/admin/media/{hang(newsroom, picture(), alt='A ferry')[0]}/"
    return Form(room, room, "usable_until", {"alt": "A ferry at dawn"}, select(Media.usable_until))


def answers(page: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Each button of the page that asks: where its form goes, what is sent with it, and what it says."""
    (asking,) = html.document_fromstring(page).xpath("//main//form[.//button[@value]]")
    sent = {each.get("name"): each.get("value") for each in asking.xpath(".//input[@name]")}
    for button in asking.xpath(".//button"):
        said = " ".join(button.text_content().split())
        yield asking.get("action"), {**sent, button.get("name"): button.get("value")}, said


@pytest.mark.parametrize("answer", [0, 1])
@pytest.mark.parametrize(
    ("wall", "meant", "said"),
    [
        (SPRING, NEAREST, ["01:30 EST", "03:30 EDT"]),
        (AUTUMN, BOTH, ["01:30, the first time (EDT, UTC−04:00)", "01:30, the second time (EST, UTC−05:00)"]),
    ],
    ids=["spring", "autumn"],
)
def test_an_odd_time_is_asked_about_and_answered_with_a_button(
    staff: Callable[[str], Staff],
    newsroom: Newsroom,
    form: Form,
    wall: str,
    meant: list[datetime],
    said: list[str],
    answer: int,
) -> None:
    editor = staff("editor")
    before = kept(newsroom, form)
    asked = editor.post(form.action, form.page, **form.typed, **{form.field: wall})
    assert asked.status_code == 422
    assert kept(newsroom, form) == before
    offered = list(answers(asked.text))
    assert [button for _action, _sent, button in offered] == said
    action, sent, _said = offered[answer]
    assert editor.client.post(action, data=sent).status_code == 303
    assert kept(newsroom, form) == [meant[answer]]
    assert sent.items() >= form.typed.items()


def kept(newsroom: Newsroom, form: Form) -> list[datetime | None]:
    with newsroom.sessions.read() as session:
        return list(session.scalars(form.kept))  # type: ignore[call-overload]
