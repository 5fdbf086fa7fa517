"""The command line, as scripts use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from cms.cli.main import cms
from cms.moving.exporting import FORMAT, export
from cms.moving.parcel import opened
from cms.newsroom import Newsroom
from tests.desk import Desk


def test_flask_knows_every_command_too(app: Flask, newsroom: Newsroom) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["cms", "views", "status", "--json"])
    assert (done.exit_code, json.loads(done.output)["counted"]) == (0, 0)
    done = runner.invoke(args=["cms", "token", "add", "mirror", "--role", "editor"])
    assert done.exit_code == 0
    assert len(done.stdout.split()) == 1


def test_settings_are_one_line_each_away_from_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMS_SITE_NAME", "The Post, founded long before this terminal became so narrow")
    monkeypatch.setenv("CMS_METRICS_TOKEN", "never to be printed")
    lines = CliRunner().invoke(cms, ["config"]).stdout.splitlines()
    named = {line.partition("=")[0]: line for line in lines}
    assert "so narrow  # environment, default Copydesk: the publication's name" in named["CMS_SITE_NAME"]
    assert "# default, default 8000:" in named["CMS_PORT"]
    assert "never to be printed" not in named["CMS_METRICS_TOKEN"]


def test_the_doctor_names_every_engine(newsroom: Newsroom) -> None:
    newsroom.search.rebuild([], 0)
    done = CliRunner().invoke(cms, ["doctor", "--json"], obj=lambda: newsroom)
    findings = {each["what"]: each["ok"] for each in json.loads(done.stdout)}
    engines = {"schema", "database", "history", "search index", "files", "visits spool", "signal", "visits", "clock"}
    assert findings.keys() >= engines
    assert [each for each in engines if not findings[each]] == []


def test_the_doctor_names_the_first_revision_that_was_changed_or_taken_away(
    newsroom: Newsroom, desk: Desk, tmp_path: Path
) -> None:
    newsroom.search.rebuild([], 0)
    desk.write("Ferry returns")
    story = desk.write("Ferry sinks")
    for number in range(2, 5):
        desk.save(story, headline=f"Ferry sinks {number}")

    def history() -> tuple[int, str]:
        done = CliRunner().invoke(cms, ["doctor", "--json"], obj=lambda: newsroom)
        return done.exit_code, next(each["remark"] for each in json.loads(done.stdout) if each["what"] == "history")

    def by_hand(statement: str) -> None:
        with newsroom.sessions.write() as session:
            session.execute(text(statement))
            session.commit()

    code, remark = history()
    assert (code, remark.partition(";")[0]) == (0, "5 revisions verify")
    export(newsroom, tmp_path / "kept")
    with opened(tmp_path / "kept", FORMAT) as kept:
        assert remark.endswith(kept.manifest["head"])
    by_hand("DELETE FROM revisions WHERE number = 4")
    assert history() == (1, f"article {story}: revision 4 of 4 is not there")
    by_hand("UPDATE articles SET newest = 3 WHERE newest = 4")
    code, cut_short = history()
    assert code == 0
    assert not cut_short.endswith(kept.manifest["head"])
    by_hand("UPDATE revisions SET body_html = '<p>Otherwise.</p>' WHERE number = 2")
    by_hand("UPDATE revisions SET note = 'Otherwise' WHERE number = 3")
    assert history() == (1, f"article {story}: revision 2 does not verify")
