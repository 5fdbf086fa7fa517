"""Pictures kept in a bucket: as if they were here, and when the bucket is out of reach, said so and no worse."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cms.app import build_newsroom, create_app
from cms.cli.main import cms
from cms.engines.files.s3 import S3Files
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import Reader
from tests.machines import S3Server
from tests.pictures import hang, picture
from tests.staff import Staff
from tests.surfaces.programs import told

NOWHERE = S3Server("http://127.0.0.1:9")


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom], s3_url: str) -> Newsroom:
    return make_newsroom(FILES_URL=s3_url)


@pytest.fixture
def without(app: Flask, newsroom: Newsroom) -> FlaskClient:
    """A browser at a site whose bucket has gone out of reach."""
    app = create_app(replace(newsroom, files=S3Files(NOWHERE.url("site"))))
    app.test_client_class = Reader
    return app.test_client()


def test_a_picture_kept_in_a_bucket_is_shown_and_taken_out_like_any_other(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    media, key = hang(newsroom, picture())
    desk.publish(lead_image=media)
    assert client.get(f"/media/{key}/w640.webp").status_code == 200
    kept = list(newsroom.files.keys(""))
    assert f"originals/{key}" in kept
    assert f"renditions/{key}/w640.webp" in kept


def test_without_the_bucket_pages_stay_and_pictures_ask_for_patience(
    without: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    media, key = hang(newsroom, picture())
    desk.publish(lead_image=media)
    assert without.get("/").status_code == 200
    answer = without.get(f"/media/{key}/w640.webp")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert without.get("/readyz").get_json()["engines"]["files"] == "does not answer"
    assert without.get("/readyz").status_code == 200


def test_without_the_bucket_an_upload_is_refused_in_the_apis_own_shape(without: FlaskClient, desk: Desk) -> None:
    form = {"file": (io.BytesIO(picture()), "quay.jpg")}
    answer = without.post("/api/v1/media", data=form, headers={"Authorization": f"Bearer {desk.token('editor')}"})
    assert "store of files" in told(answer, 503)["message"]
    assert answer.headers["Retry-After"] == "5"


def test_staff_who_upload_without_the_bucket_are_told_so(
    without: FlaskClient, staff: Callable[[str], Staff], newsroom: Newsroom
) -> None:
    editor = Staff(without)
    staff("editor")  # is taken on, and signs in at the site that has lost its bucket
    editor.sign_in("editor@news.example")
    sent = {"file": (io.BytesIO(picture()), "quay.jpg"), "alt": "The quay"}
    answer = editor.post("/admin/pictures/", page="/admin/media/", **sent)
    assert answer.status_code == 503
    assert "does not answer" in answer.get_json()["message"]


def test_the_doctor_tries_the_bucket_and_keeps_its_secret(
    make_newsroom: Callable[..., Newsroom], s3: S3Server, s3_url: str
) -> None:
    assert finding(make_newsroom(FILES_URL=s3_url))["ok"]
    ill = finding(make_newsroom(FILES_URL=s3.url("a", secret="a wrong one")))
    assert not ill["ok"]
    assert "SignatureDoesNotMatch" in ill["remark"]
    assert "CMS_FILES_URL" in ill["remedy"]
    assert "wrong" not in json.dumps(ill)


def finding(newsroom: Newsroom) -> dict[str, str]:
    done = CliRunner().invoke(cms, ["doctor", "--json"], obj=lambda: newsroom)
    return next(each for each in json.loads(done.stdout) if each["what"] == "files")


def test_the_list_of_settings_hides_the_password_inside_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMS_FILES_URL", "s3://AKIAEXAMPLE:my-secret@pictures/site?endpoint=https://s3.example")
    listed = CliRunner().invoke(cms, ["config"]).stdout
    assert "s3://AKIAEXAMPLE:••••••••@pictures/site?endpoint=https://s3.example" in listed
    assert "my-secret" not in listed


@pytest.mark.parametrize(
    "url", ["s3://", "s3://key:hidden@/x", "s3://bucket/?acl=public-read", "ftp://key:hidden@host/"]
)
def test_a_wrong_address_stops_the_start_in_one_line_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv("CMS_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CMS_FILES_URL", url)
    done = CliRunner().invoke(cms, ["doctor"], obj=build_newsroom)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("cms: CMS_FILES_URL takes ")
    assert "hidden" not in done.stderr
    assert not (tmp_path / "var").exists()
