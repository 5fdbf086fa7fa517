"""What ``scripts/audit`` does: ``ask`` whether anything is known against what is served, or print a ``bill`` of it.

The bill is CycloneDX 1.6, made of the two locks alone: equal locks give equal bytes.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prepare import PYTHON, ROOT, node_and_npm

PYTHON_LOCK, NODE_LOCK = ROOT / "requirements" / "run.txt", ROOT / "package-lock.json"
_PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main() -> None:
    if sys.argv[1:] == ["bill"]:
        json.dump(bill(PYTHON_LOCK, NODE_LOCK), sys.stdout, indent=1)
    else:
        sys.exit(ask())


def ask() -> int:
    """1 if either of the two knows of something, or could not be asked about any one of them."""
    _, npm = node_and_npm()
    uv = [str(PYTHON), "-m", "uv"]
    if subprocess.run([*uv, "--version"], capture_output=True, check=False).returncode:
        subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "uv"], check=True)
    python = [
        *uv,
        "tool",
        "run",
        "pip-audit",
        "--strict",
        "--disable-pip",
        "--require-hashes",
        "--requirement",
        str(PYTHON_LOCK),
    ]
    node = [*npm, "audit", "--omit=dev", "--package-lock-only"]
    return max(int(subprocess.run(command, cwd=ROOT, check=False).returncode != 0) for command in (python, node))


def bill(python_lock: Path, node_lock: Path) -> dict[str, Any]:
    """Every package that is served, with its version and the hashes that it is held to."""
    parts = sorted(
        [*_of_python(python_lock.read_text()), *_of_node(node_lock.read_text())], key=lambda part: part["purl"]
    )
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "copydesk", "bom-ref": "copydesk"}},
        "components": parts,
        "dependencies": [{"ref": "copydesk", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _of_python(lock: str) -> Iterator[dict[str, Any]]:
    for name, version, more in _PINNED.findall(lock):
        yield _part(f"pkg:pypi/{name}@{version}", name, version, "SHA-256", _HASH.findall(more))


def _of_node(lock: str) -> Iterator[dict[str, Any]]:
    """Of what the front-end is made of and with; what only checks need is left out."""
    for path, held in json.loads(lock)["packages"].items():
        if path and not held.get("dev"):
            name = path.rpartition("node_modules/")[2]
            digest = base64.b64decode(held["integrity"].removeprefix("sha512-")).hex()
            yield _part(f"pkg:npm/{quote(name)}@{held['version']}", name, held["version"], "SHA-512", [digest])


def _part(purl: str, name: str, version: str, algorithm: str, digests: list[str]) -> dict[str, Any]:
    hashes = [{"alg": algorithm, "content": digest} for digest in digests]
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": hashes}


if __name__ == "__main__":
    main()
