"""Addresses of the built front-end files.

``scripts/build.mjs`` names each file by its content, so the answer may be cached for ever; templates ask for
the file by its logical name (``site.css``, ``search-window.js``, ``admin.js``).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "static" / "build"


class AssetMissing(Exception):
    """The front-end is not built, or the build has no such file; the message says what to do."""


def asset_url(name: str, build: Path = BUILD) -> str:
    """The path of a built file: ``site.css`` → ``/static/build/site-4F7K2QZA.css``. Raises AssetMissing."""
    built = _manifest(build)
    if name not in built:
        raise AssetMissing(f"the front-end build has no {name}, only {', '.join(sorted(built)) or 'nothing'}")
    return f"/static/build/{built[name]}"


@cache
def _manifest(build: Path) -> dict[str, str]:
    # Read once: a new build is served by a new start, so one process never mixes two builds.
    try:
        manifest: dict[str, str] = json.loads((build / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssetMissing("the front-end is not built; `sh scripts/run` builds it") from None
    return manifest
