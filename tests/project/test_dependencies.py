"""What Copydesk is made of is written down: a bill from the locks, and what each package is for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def bill() -> dict[str, Any]:
    script = [sys.executable, str(ROOT / "scripts" / "audit.py"), "bill"]
    told: dict[str, Any] = json.loads(subprocess.run(script, capture_output=True, check=True).stdout)
    return told


def test_the_bill_names_every_package_that_is_served_with_the_hashes_it_is_held_to() -> None:
    told = bill()
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["purl"]: {each["content"] for each in part["hashes"]} for part in told["components"]}
    lock = (ROOT / "requirements" / "run.txt").read_text()
    named = {f"pkg:pypi/{pin[0]}@{pin[1]}" for pin in re.findall(r"^(\S+)==(\S+)", lock, re.MULTILINE)}
    assert {purl for purl in parts if purl.startswith("pkg:pypi/")} == named
    assert set(re.findall("sha256:([0-9a-f]{64})", lock)) <= set().union(*parts.values())
    assert any(purl.startswith("pkg:npm/%40tiptap/core@") for purl in parts)
    assert not any("axe-core" in purl for purl in parts)
    assert {len(digest) for digests in parts.values() for digest in digests} == {64, 128}
    assert bill() == told


def test_every_package_that_was_asked_for_is_said_to_be_for_something() -> None:
    said = (ROOT / "docs" / "dependencies.md").read_text()
    asked = re.findall(r"^[\w.-]+", (ROOT / "requirements" / "run.in").read_text(), re.MULTILINE)
    asked += json.loads((ROOT / "package.json").read_text())["dependencies"]
    named = set(re.findall(r"[@\w/.-]+", said.partition("## What each is for")[2]))
    assert [name for name in asked if name not in named] == []
