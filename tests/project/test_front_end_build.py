"""The front-end build: names that change with the content, smaller encodings, clear words when missing."""

from __future__ import annotations

import gzip
import json
import os
import runpy
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest

from cms.web.assets import AssetMissing, asset_url

ROOT = Path(__file__).resolve().parents[2]


class Checkout:
    """A checkout with the real build, and front-end sources of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.build = root / "static" / "build"
        (root / "scripts").mkdir(parents=True)
        shutil.copy(ROOT / "scripts" / "build.mjs", root / "scripts")
        if not (ROOT / "node_modules").exists():
            pytest.fail("the front-end's packages are missing; type: sh scripts/setup dev", pytrace=False)
        (root / "node_modules").symlink_to(ROOT / "node_modules")

    def write(self, name: str, content: str) -> None:
        path = self.root / "static" / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def run_build(self) -> subprocess.CompletedProcess[str]:
        node, _ = runpy.run_path(str(ROOT / "scripts" / "prepare.py"))["node_and_npm"]()
        command = [node, str(self.root / "scripts" / "build.mjs")]
        return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)

    def built(self) -> dict[str, str]:
        done = self.run_build()
        assert done.returncode == 0, done.stderr
        manifest: dict[str, str] = json.loads((self.build / "manifest.json").read_text())
        return manifest


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "news room")


def test_a_file_is_built_under_a_name_that_changes_with_its_content(checkout: Checkout) -> None:
    checkout.write("public/site.css", "a { color: red }")
    before = checkout.built()["site.css"]
    assert checkout.built()["site.css"] == before
    checkout.write("public/site.css", "a { color: blue }")
    assert checkout.built()["site.css"] != before


def test_main_js_takes_its_surfaces_name_and_brings_what_it_imports(checkout: Checkout) -> None:
    checkout.write("admin/main.js", "import { word } from './editor.js'; document.title = word;")
    checkout.write("admin/editor.js", "export const word = 'Copydesk desk';")
    checkout.write("public/visits.js", "document.title = 'visits';")
    checkout.write("public/_shared.js", "export const never = 'an entry';")
    built = checkout.built()
    assert sorted(built) == ["admin.js", "visits.js"]
    assert "Copydesk desk" in (checkout.build / built["admin.js"]).read_text()


def test_the_editors_packages_can_be_bundled(checkout: Checkout) -> None:
    checkout.write(
        "admin/main.js",
        "import { Editor } from '@tiptap/core'; import { ListKit } from '@tiptap/extension-list';"
        "import { TableKit } from '@tiptap/extension-table'; import Sortable from 'sortablejs';"
        "new Editor({ extensions: [ListKit, TableKit], injectCSS: false }); new Sortable(document.body);",
    )
    assert "admin.js" in checkout.built()


def test_two_entries_of_one_name_are_refused(checkout: Checkout) -> None:
    checkout.write("public/site.css", "")
    checkout.write("admin/site.css", "")
    done = checkout.run_build()
    assert done.returncode != 0
    assert "two entry points are called site.css" in done.stderr


def test_no_sources_yet_is_an_empty_build_and_no_error(checkout: Checkout) -> None:
    assert checkout.built() == {}


def test_encodings_lie_beside_a_file_and_hold_the_same_bytes(checkout: Checkout) -> None:
    checkout.write("public/site.css", "\n".join(f".size-{n} {{ width: {n}px }}" for n in range(200)))
    plain = checkout.build / checkout.built()["site.css"]
    assert brotli.decompress(Path(f"{plain}.br").read_bytes()) == plain.read_bytes()
    assert gzip.decompress(Path(f"{plain}.gz").read_bytes()) == plain.read_bytes()


def test_the_last_builds_files_stay_for_a_day_for_pages_already_sent(checkout: Checkout) -> None:
    checkout.write("public/site.css", "a { color: red }")
    before = checkout.build / checkout.built()["site.css"]
    checkout.write("public/site.css", "a { color: blue }")
    checkout.built()
    assert before.exists()
    two_days_ago = before.stat().st_mtime - 2 * 24 * 60 * 60
    os.utime(before, (two_days_ago, two_days_ago))
    after = checkout.build / checkout.built()["site.css"]
    assert not before.exists()
    assert after.exists()


def test_templates_get_the_address_of_a_built_file(checkout: Checkout) -> None:
    checkout.write("public/site.css", "a { color: red }")
    built = checkout.built()
    assert asset_url("site.css", checkout.build) == f"/static/build/{built['site.css']}"


def test_a_missing_build_or_file_is_said_in_words(checkout: Checkout) -> None:
    with pytest.raises(AssetMissing, match=r"not built; `sh scripts/run` builds it"):
        asset_url("site.css", checkout.build)
    checkout.write("public/site.css", "a { color: red }")
    checkout.built()
    with pytest.raises(AssetMissing, match=r"no sites\.css, only site\.css"):
        asset_url("sites.css", checkout.build)
