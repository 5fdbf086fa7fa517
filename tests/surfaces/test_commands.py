"""The command line, as scripts use it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask import Flask

from cms.cli.main import cms
from cms.newsroom import Newsroom


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
