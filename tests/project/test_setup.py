"""A checkout sets itself up wherever it lies, and says in one line what it cannot get."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = runpy.run_path(str(ROOT / "scripts" / "prepare.py"))["LAUNCHER"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a path with a space, on a machine with no Python of its own."""
    checkout = tmp_path / "news room"
    (checkout / "scripts").mkdir(parents=True)
    setup = (ROOT / "scripts" / "setup").read_text().replace("/usr/bin/python3", "/nonexistent/python3")
    (checkout / "scripts" / "setup").write_text(setup)
    (checkout / "scripts" / "prepare.py").write_text("import os, sys\nprint(sys.argv[1:], os.getcwd())\n")
    return checkout


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder of the commands that the machine has."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("dirname", "env", "ln", "true"):
        (commands / name).symlink_to(shutil.which(name) or name)
    return commands


def put(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)


def set_up(checkout: Path, machine: Path, what: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(checkout / "scripts" / "setup"), what]
    environment["PATH"] = str(machine)
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=False)


def test_without_python_and_root_one_line_says_what_to_type(checkout: Path, machine: Path) -> None:
    put(machine, "apt-get", "exit 1")
    put(machine, "id", "echo 1000")
    put(machine, "sudo", "exit 1")
    done = set_up(checkout, machine, "run")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Copydesk needs Python 3.11 or newer with venv. Type: sudo apt-get install -y python3 python3-venv"
    ]


@pytest.mark.parametrize(("user", "sudo"), [("0", "exit 1"), ("1000", 'shift; exec "$@"')])
def test_python_is_installed_as_root_or_with_passwordless_sudo(
    checkout: Path, machine: Path, user: str, sudo: str
) -> None:
    install = f'ln -s "{sys.executable}" "{machine}/python3"'
    put(machine, "apt-get", f'case "$*" in *"install -y python3 python3-venv") {install} ;; esac')
    put(machine, "id", f"echo {user}")
    put(machine, "sudo", sudo)
    done = set_up(checkout, machine, "run")
    assert (done.returncode, done.stdout) == (0, f"['run'] {checkout}\n"), done.stderr


@pytest.mark.parametrize("flaw", ["sys.version_info = (3, 10, 9)", "sys.modules['ensurepip'] = None"])
def test_a_python_too_old_or_without_venv_is_passed_over(checkout: Path, machine: Path, flaw: str) -> None:
    put(machine, "python3.13", f'exec "{sys.executable}" -c "import sys; {flaw}; $3"')
    (machine / "python3.12").symlink_to(sys.executable)
    done = set_up(checkout, machine, "dev", PYTHON=str(machine / "python3.13"))
    assert (done.returncode, done.stdout) == (0, f"['dev'] {checkout}\n"), done.stderr
    assert "python3.13 is not Python 3.11 or newer with venv" in done.stderr


def test_a_finished_venv_is_used_and_one_cut_short_is_not(checkout: Path, machine: Path) -> None:
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    put(venv / "bin", "python", f'exec "{sys.executable}" "$@"')
    assert set_up(checkout, machine, "run").stdout == f"['run'] {checkout}\n"
    (venv / "unfinished").touch()
    assert "needs Python 3.11" in set_up(checkout, machine, "run").stderr


def test_checks_without_chromium_fail_and_say_what_to_type(checkout: Path, machine: Path) -> None:
    (machine / "python3").symlink_to(sys.executable)
    done = set_up(checkout, machine, "check")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("Type: sudo apt-get install -y chromium")


def test_the_command_line_works_from_anywhere_by_a_link_and_after_a_move(tmp_path: Path) -> None:
    made = tmp_path / "first place"
    (made / ".venv" / "bin").mkdir(parents=True)
    (made / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (made / ".venv" / "bin" / "cms").write_text(LAUNCHER)
    (made / ".venv" / "bin" / "cms").chmod(0o755)
    (made / "cms").mkdir()
    (made / "cms" / "__main__.py").write_text("import os, sys\nprint(__file__, os.getcwd(), sys.argv[1:])\n")
    moved = made.rename(tmp_path / "news room")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "cms").mkdir(parents=True)
    (elsewhere / "cms" / "__main__.py").write_text("raise SystemExit('the wrong cms')\n")
    link = tmp_path / "copydesk"
    link.symlink_to(os.path.relpath(moved / ".venv" / "bin" / "cms", tmp_path))
    for command in (link, moved / ".venv" / "bin" / "cms"):
        told = subprocess.check_output([command, "user", "add me"], cwd=elsewhere, text=True)
        assert told == f"{moved / 'cms' / '__main__.py'} {elsewhere} ['user', 'add me']\n"


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_every_python_package_is_pinned_by_hash_and_no_registry_is_named(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    packages = re.findall(r"^[\w.\[\]-]+==.*(?:\n    --hash=sha256:.*)*", text, re.MULTILINE)
    assert len(packages) > 40
    assert [package for package in packages if "--hash" not in package] == []
    assert not re.search(r"://|--index|--extra-index|--find-links", text)


def test_what_is_checked_is_what_is_served() -> None:
    run, dev = ((ROOT / "requirements" / f"{lock}.txt").read_text() for lock in ("run", "dev"))
    pins = re.compile(r"^\S+==.*", re.MULTILINE)
    assert set(pins.findall(run)) <= set(pins.findall(dev))


def test_every_node_package_is_pinned_by_hash_and_no_registry_is_named() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert len({package["version"] for name, package in fetched.items() if "@tiptap/" in name}) == 1
