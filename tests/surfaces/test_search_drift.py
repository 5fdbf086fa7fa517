"""What whoever runs the site is told when the index and the database have come apart, and that it is mended."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from cms.cli.searching import search
from cms.clock import SetClock
from cms.domain.search.documents import documents_of
from cms.heartbeat import noted_drift
from cms.interfaces import Removal
from cms.newsroom import Newsroom
from cms.worker.loop import Worker
from tests.desk import Desk

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql with its own search"], indirect=True)


def check(newsroom: Newsroom, *options: str) -> tuple[int, str]:
    told = CliRunner().invoke(search, ["check", *options], obj=lambda: newsroom)
    assert told.exception is None or isinstance(told.exception, SystemExit)
    return told.exit_code, told.output


def facts(newsroom: Newsroom) -> dict[str, Any]:
    return json.loads(check(newsroom, "--json")[1])  # type: ignore[no-any-return]


def test_stories_that_are_missing_extra_or_stale_are_named_and_then_mended(
    newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    missing, stale, right = desk.publish("Lost at sea"), desk.publish("Old tide"), desk.publish("High water")
    extra = desk.write("Never published")
    Worker(newsroom).index()
    assert check(newsroom)[0] == 0
    with newsroom.sessions.read() as session:
        [old] = documents_of(session, [stale], newsroom.clock.now(), newsroom.settings.article_path)
    clock.advance(timedelta(minutes=1))
    desk.put_live(stale, revision=desk.save(stale, headline="New tide"))
    Worker(newsroom).index()
    wrong = [Removal(missing), old, type(old)(**{**old.__dict__, "article": extra})]
    newsroom.search.apply(wrong, newsroom.search.cursor())  # type: ignore[arg-type]

    told = facts(newsroom)
    assert (told["missing"], told["extra"], told["stale"]) == ([missing], [extra], [stale])
    assert (told["drift"], told["documents"], told["visible"]) == (3, 3, 3)
    code, text = check(newsroom)
    assert code == 1
    assert all(article in text for article in (missing, extra, stale))
    assert right not in text

    Worker(newsroom).examine()
    assert noted_drift(newsroom.settings.data_dir) == {"missing": 1, "extra": 1, "stale": 1}
    assert check(newsroom)[0] == 0
    Worker(newsroom).examine()
    assert noted_drift(newsroom.settings.data_dir) == {"missing": 0, "extra": 0, "stale": 0}


def test_a_story_whose_errand_is_waiting_has_not_drifted(newsroom: Newsroom, desk: Desk) -> None:
    Worker(newsroom).index()
    desk.publish("Just out")
    told = facts(newsroom)
    assert (told["waiting"], told["drift"], told["missing"]) == (1, 0, [])
