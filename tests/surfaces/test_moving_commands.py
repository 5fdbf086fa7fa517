"""The commands that move a newsroom, as whoever looks after it types them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.serving import command


def test_a_backup_is_restored_into_an_empty_place_and_nowhere_else(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "newsroom.zip"
    assert command("db", "upgrade", data=here).returncode == 0
    assert command("user", "add", "ada@news.example", "--role", "admin", data=here).returncode == 0
    made = command("backup", str(file), data=here)
    assert made.returncode == 0, made.stderr
    assert file.stat().st_mode & 0o077 == 0

    done = command("restore", str(file), data=there)
    assert done.returncode == 0, done.stderr
    again = command("restore", str(file), data=there)
    assert again.returncode == 1
    assert "There is a newsroom here already" in again.stderr

    file.write_bytes(file.read_bytes()[:-70])
    damaged = command("restore", str(file), data=tmp_path / "elsewhere")
    assert damaged.returncode == 1
    assert "damaged" in damaged.stderr
    assert command("restore", str(tmp_path / "nothing.zip"), data=tmp_path / "elsewhere").returncode == 2


def test_an_export_is_imported_once(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "newsroom.copydesk"
    for data in (here, there):
        assert command("db", "upgrade", data=data).returncode == 0
    assert command("user", "add", "ada@news.example", "--role", "admin", data=here).returncode == 0
    assert command("export", str(file), data=here).returncode == 0
    done = command("import", "copydesk", str(file), "--json", "--resume", data=there)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["users"] == {"read": 1, "created": 1, "changed": 0, "unchanged": 0, "skipped": 0}
    assert (told["unsupported"], told["errors"]) == ([], [])
    file.write_bytes(b"no export")
    assert command("import", "copydesk", str(file), data=there).returncode == 1
