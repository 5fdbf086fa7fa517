"""Many editors on few stories: every save that was acknowledged is in the text, and none wrote over another's."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from cms import reactions
from cms.db import Turns
from cms.domain.articles import chain
from cms.domain.articles import desk as rows
from cms.domain.articles.model import Revision
from cms.domain.errors import StaleBase
from cms.domain.people.staff import Actor
from cms.domain.workflow import editing
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.serving import until
from tests.sizes import SOAKING, size

pytestmark = pytest.mark.timeout(0 if SOAKING else 120)

EDITORS = size(32, 32, "EDITORS")
SAVES = size(2, 200, "SAVES")


@BOTH_DATABASES
def test_no_acknowledged_save_is_lost_or_written_over(newsroom: Newsroom, desk: Desk) -> None:
    actor = desk.actor("editor")
    articles = [desk.write(f"Story {number}", body_html="<p>Begun.</p>") for number in range(min(4, EDITORS // 2))]
    together = threading.Barrier(EDITORS)

    def edit(editor: int) -> dict[str, list[str]]:
        together.wait()
        kept: dict[str, list[str]] = {article: [] for article in articles}
        for save in range(SAVES):
            article, word = articles[(editor + save) % len(articles)], f"e{editor}s{save}"
            while not try_to_save(newsroom, actor, article, word):
                pass
            kept[article].append(word)
        return kept

    with ThreadPoolExecutor(EDITORS) as pool:
        acknowledged = list(pool.map(edit, range(EDITORS)))
    for public_id in articles:
        with newsroom.sessions.read() as session:
            row = rows.find(session, public_id)
            revisions = session.scalars(
                select(Revision)
                .where(Revision.article_id == row.id)
                .order_by(Revision.number)
                .options(undefer(Revision.body_html))
            ).all()
        saved = [word for kept in acknowledged for word in kept[public_id]]
        assert sorted(re.findall(r"e\d+s\d+", revisions[-1].body_html)) == sorted(saved)
        assert [revision.base for revision in revisions] == [None, *range(1, len(saved) + 1)]
        assert chain.first_bad_link(public_id, revisions) is None


def try_to_save(newsroom: Newsroom, actor: Actor, article: str, word: str) -> bool:
    """Read the newest text, add a word to it, and save that; False when somebody else was faster."""
    with newsroom.sessions.read() as session:
        seen = rows.revision(session, rows.find(session, article))
        base, text = seen.number, seen.body_html
    with newsroom.sessions.write() as session:
        now = newsroom.clock.now()
        row = rows.find(session, article, lock=True)
        try:
            _revision, events = editing.save(session, actor, row, base, {"body_html": f"{text}<p>{word}</p>"}, now)
        except StaleBase as stale:
            assert stale.details["newest"] > base
            return False
        reactions.commit(session, events, now, newsroom.signal)
    return True


def test_who_asked_first_writes_first() -> None:
    """Else, of many at once, somebody never comes to write: SQLite would tell them that the database is locked."""
    turns, order = Turns(), list[int]()

    def write(number: int) -> None:
        assert turns.take(30)
        order.append(number)
        turns.leave()

    assert turns.take(30)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for number, writer in enumerate(writers, start=1):
        writer.start()
        until(lambda number=number: len(turns._waiting) == number, "it waits for its turn")
    assert not turns.take(0.01)
    turns.leave()
    for writer in writers:
        writer.join()
    assert order == list(range(20))
    assert turns.take(0)
