"""The commands that move a newsroom, as whoever looks after it types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cms.app import build_newsroom
from cms.cli.main import cms
from cms.settings import read_settings


@pytest.fixture
def here(tmp_path: Path, blank_sqlite: Path) -> Path:
    """A newsroom with one member of staff."""
    data = empty(tmp_path / "here", blank_sqlite)
    assert typed("user", "add", "ada@news.example", "--role", "admin", data=data).exit_code == 0
    return data


def empty(data: Path, blank_sqlite: Path) -> Path:
    data.mkdir()
    shutil.copyfile(blank_sqlite, data / "copydesk.sqlite3")
    return data


def typed(*arguments: str, data: Path) -> Result:
    """What ``cms`` does with these words, in a newsroom of its own that is closed again."""
    newsroom = build_newsroom(read_settings({"CMS_DATA_DIR": str(data)}))
    try:
        return CliRunner().invoke(cms, arguments, obj=lambda: newsroom)
    finally:
        newsroom.sessions.dispose()


def test_a_backup_is_restored_into_an_empty_place_and_nowhere_else(tmp_path: Path, here: Path) -> None:
    there, file = tmp_path / "there", tmp_path / "newsroom.zip"
    made = typed("backup", str(file), data=here)
    assert made.exit_code == 0, made.stderr
    assert file.stat().st_mode & 0o077 == 0

    done = typed("restore", str(file), data=there)
    assert done.exit_code == 0, done.stderr
    again = typed("restore", str(file), data=there)
    assert again.exit_code == 1
    assert "There is a newsroom here already" in again.stderr

    file.write_bytes(file.read_bytes()[:-70])
    elsewhere = {"CMS_DATA_DIR": str(tmp_path / "elsewhere")}
    damaged = CliRunner().invoke(cms, ["restore", str(file)], obj=lambda: build_newsroom(read_settings(elsewhere)))
    assert damaged.exit_code == 1
    assert "damaged" in damaged.stderr
    assert not (tmp_path / "elsewhere").exists()
    assert typed("restore", str(tmp_path / "nothing.zip"), data=tmp_path / "elsewhere").exit_code == 2


def test_an_export_is_imported_once(tmp_path: Path, here: Path, blank_sqlite: Path) -> None:
    there, file = empty(tmp_path / "there", blank_sqlite), tmp_path / "newsroom.copydesk"
    assert typed("export", str(file), data=here).exit_code == 0
    done = typed("import", "copydesk", str(file), "--json", "--resume", data=there)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["users"] == {"read": 1, "created": 1, "changed": 0, "unchanged": 0, "skipped": 0}
    assert (told["unsupported"], told["errors"]) == ([], [])
    file.write_bytes(b"no export")
    assert typed("import", "copydesk", str(file), data=there).exit_code == 1
