"""What every FileStore promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from cms.engines.files.local import LocalFiles
from cms.engines.files.s3 import S3Files
from cms.interfaces import FileStore, FilesUnreachable
from tests.machines import KEY, SECRET, S3Server

Open = Callable[[], FileStore]


@pytest.fixture(params=["local", "s3"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same place anew at each call."""
    if request.param == "local":
        return lambda: LocalFiles(tmp_path / "files")
    url = request.getfixturevalue("s3_url")
    return lambda: S3Files(url)


def test_what_was_put_is_there_for_everybody_who_opens_the_store(open_store: Open) -> None:
    open_store().put("originals/a1", b"\x00bytes\xff")
    assert open_store().get("originals/a1") == b"\x00bytes\xff"


def test_what_was_never_put_is_none(open_store: Open) -> None:
    assert open_store().get("originals/a1") is None
    assert list(open_store().keys("originals/")) == []


def test_the_bytes_behind_a_key_never_change(open_store: Open) -> None:
    store = open_store()
    store.put("originals/a1", b"first")
    store.put("originals/a1", b"second")
    assert store.get("originals/a1") == b"first"


def test_an_empty_file_is_a_file(open_store: Open) -> None:
    open_store().put("originals/a1", b"")
    assert open_store().get("originals/a1") == b""


def test_deleting_forgets_the_key_and_twice_does_no_harm(open_store: Open) -> None:
    store = open_store()
    store.put("originals/a1", b"bytes")
    store.delete("originals/a1")
    store.delete("originals/a1")
    assert store.get("originals/a1") is None
    store.put("originals/a1", b"others")
    assert store.get("originals/a1") == b"others"


def test_keys_are_listed_by_prefix_and_in_order(open_store: Open) -> None:
    store = open_store()
    for key in ("renditions/b2/w320.jpg", "renditions/b1/w320.jpg", "renditions/b1/w320.avif", "originals/b1"):
        store.put(key, b"bytes")
    assert list(store.keys("renditions/b1/")) == ["renditions/b1/w320.avif", "renditions/b1/w320.jpg"]
    assert sorted(store.keys("renditions/b")) == list(store.keys("renditions/b"))
    assert len(list(store.keys(""))) == 4


@pytest.mark.parametrize(
    "key", ["../secret-key", "/etc/passwd", "a/../b", "a//b", "", ".unfinished/a", "a\0b", "A", "a/"]
)
def test_no_key_steps_out_of_the_store(open_store: Open, key: str) -> None:
    for act in (lambda s: s.put(key, b""), lambda s: s.get(key), lambda s: s.delete(key)):
        with pytest.raises(ValueError, match="key"):
            act(open_store())


def test_many_who_put_the_same_at_once_all_succeed(open_store: Open) -> None:
    content = os.urandom(200_000)
    with ThreadPoolExecutor(8) as staff:
        list(staff.map(lambda _: open_store().put("originals/a1", content), range(32)))
    assert open_store().get("originals/a1") == content
    assert list(open_store().keys("")) == ["originals/a1"]


# --- The local folder --------------------------------------------------------------------------------------


def test_a_disk_that_fills_half_way_leaves_no_half_file(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from cms.engines.files.local import LocalFiles\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    LocalFiles(Path(sys.argv[1])).put('originals/a1', bytes(200_000))\n"
        "except OSError:\n"
        "    print('refused')\n"
    )
    folder = tmp_path / "files"
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"
    assert LocalFiles(folder).get("originals/a1") is None
    assert list(LocalFiles(folder).keys("")) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append(os.readlink(f"/proc/self/fd/{fd}")), fsync(fd))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("named"), replace(a, b))[1])
    LocalFiles(tmp_path / "files").put("originals/a1", b"bytes")
    named = done.index("named")
    assert Path(done[named - 1]).parent.name == ".unfinished"
    assert done[named + 1 :] == [str(tmp_path / "files" / "originals")]
    assert str(tmp_path) in done  # the store's own folder was just made, too


def test_others_on_the_machine_cannot_read_the_originals(tmp_path: Path) -> None:
    LocalFiles(tmp_path / "files").put("originals/a1", b"bytes")
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
    assert (tmp_path / "files" / "originals" / "a1").stat().st_mode & 0o077 == 0


# --- A bucket ----------------------------------------------------------------------------------------------


def test_nobody_gets_an_object_from_the_bucket_but_those_who_have_its_key(s3: S3Server, s3_url: str) -> None:
    S3Files(s3_url).put("originals/a1", b"bytes")
    address = urlsplit(s3_url)
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{s3.endpoint}/{address.hostname}{address.path}/originals/a1")


def test_two_sites_in_one_bucket_do_not_see_each_other(s3: S3Server) -> None:
    S3Files(s3.url("one")).put("originals/a1", b"bytes")
    other = S3Files(s3.url("one-more"))
    assert (other.get("originals/a1"), list(other.keys(""))) == (None, [])


def test_the_usual_variables_say_who_we_are(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    store = S3Files(s3.url("by-variables", key=""))
    store.put("originals/a1", b"bytes")
    assert store.get("originals/a1") == b"bytes"


def test_a_large_original_comes_back_whole(s3_url: str) -> None:
    content = os.urandom(20_000_000)
    S3Files(s3_url).put("originals/a1", content)
    assert S3Files(s3_url).get("originals/a1") == content


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": "another"}, "SignatureDoesNotMatch"),
        ({"key": "nobody"}, "InvalidAccessKeyId"),
        ({"bucket": "no-such-bucket"}, "NoSuchBucket"),
    ],
)
def test_a_refusal_says_why_and_never_the_secret(s3: S3Server, wrong: dict[str, str], said: str) -> None:
    store = S3Files(s3.url("a", **wrong))
    with pytest.raises(FilesUnreachable, match=said) as refused:
        store.get("originals/a1")
    assert "another" not in str(refused.value)
    with pytest.raises(FilesUnreachable):
        list(store.keys(""))


def test_a_server_that_is_gone_is_told_of_within_seconds() -> None:
    store = S3Files(S3Server("http://127.0.0.1:9").url("a"))
    for act in (lambda: store.put("a", b""), lambda: store.get("a"), lambda: store.delete("a")):
        with pytest.raises(FilesUnreachable, match="does not answer"):
            act()


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://Bucket_of_mine/",
        "s3://bucket/../other",
        "s3://bucket/?acl=public-read",
        "s3://bucket/?endpoint=somewhere",
        "s3://key@bucket/",
        "s3://key:half/the+secret@bucket/",
    ],
)
def test_an_address_that_cannot_be_one_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^takes") as refused:
        S3Files(url)
    assert "half" not in str(refused.value)
