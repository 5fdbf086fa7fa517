"""Taking in a picture: whole or not at all, and with its own words."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cms import reactions
from cms.domain.articles.picture_use import media_in
from cms.domain.audit import AuditLine
from cms.domain.errors import Invalid
from cms.domain.media.model import Media
from cms.domain.media.queries import find, newest
from cms.domain.media.renditions import AHEAD, NAMES, forget, rendition
from cms.domain.media.sweeping import sweep
from cms.domain.media.uploading import receive, upload
from cms.domain.people.staff import SYSTEM
from cms.engines.images.mill import LimitedImages
from cms.interfaces import Crop, ImageFacts, ImageMill, RenditionForm
from cms.newsroom import Newsroom
from cms.worker.developing import develop_pictures
from tests.pictures import hang, looked_at, picture, told_by_its_camera


def stored(newsroom: Newsroom) -> list[str]:
    return list(newsroom.files.keys(""))


def hung(newsroom: Newsroom, public_id: str) -> Media:
    with newsroom.sessions.read() as session:
        return find(session, public_id)


def refused(newsroom: Newsroom, content: bytes, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as told:
        receive(newsroom.files, newsroom.images, content, fields)
    return told.value.errors


# --- Words -------------------------------------------------------------------------------------------------


def test_the_desks_words_stand_and_the_cameras_fill_what_it_left_out(newsroom: Newsroom) -> None:
    public_id, _key = hang(newsroom, told_by_its_camera(), alt="Two ferries", caption="")
    media = hung(newsroom, public_id)
    assert (media.alt, media.caption) == ("Two ferries", "")
    assert (media.credit, media.rights) == ("Ana Ruiz", "© Harbour Post")
    assert (media.media_type, media.width, media.height) == ("image/jpeg", 800, 600)
    assert (media.focus_x, media.focus_y, media.usable_until) == (0.5, 0.5, None)


def test_a_text_that_cannot_be_taken_is_named_and_nothing_is_stored(newsroom: Newsroom) -> None:
    fields = {"alt": "x" * 501, "caption": "a\x00b", "credit": "\ud800", "colour": "red", "rights": 7}
    assert set(refused(newsroom, picture(), **fields)) == set(fields)
    assert stored(newsroom) == []


def test_an_upload_is_in_the_audit_log(newsroom: Newsroom) -> None:
    public_id, _key = hang(newsroom, picture(), alt="Two ferries")
    with newsroom.sessions.read() as session:
        line = session.scalars(select(AuditLine)).one()
    assert (line.verb, line.subject, line.after["alt"]) == ("upload", f"media:{public_id}", "Two ferries")


# --- Whole or not at all -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:3000]])
def test_a_file_that_cannot_be_taken_is_named_and_nothing_is_stored(newsroom: Newsroom, content: bytes) -> None:
    [sentence] = refused(newsroom, content)["file"]
    assert sentence.endswith(".")
    assert stored(newsroom) == []


def test_an_upload_killed_between_file_and_row_leaves_no_row_and_its_file_is_swept(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    program = (
        "import os, signal, sys\n"
        "from cms.app import build_newsroom\n"
        "from cms.domain.media.uploading import receive, upload\n"
        "from cms.domain.people.staff import SYSTEM\n"
        "newsroom = build_newsroom()\n"
        "arrived = receive(newsroom.files, newsroom.images, sys.stdin.buffer.read(), {})\n"
        "with newsroom.sessions.write() as session:\n"
        "    upload(session, SYSTEM, arrived, newsroom.clock.now())\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environ = {"CMS_DATA_DIR": str(newsroom.settings.data_dir), "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", program], input=picture(), env=environ, check=False)
    assert done.returncode == -9
    _public_id, key = hang(newsroom, picture())
    assert len(stored(newsroom)) == 2
    with newsroom.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Media)) == 1
        seen = sweep(session, newsroom.files, frozenset())
        assert len(stored(newsroom)) == 2  # it might be an upload under way
        assert sweep(session, newsroom.files, seen) == frozenset()
    assert stored(newsroom) == [f"originals/{key}"]


def test_a_refused_transaction_leaves_no_row(newsroom: Newsroom) -> None:
    arrived = receive(newsroom.files, newsroom.images, picture(), {})
    with newsroom.sessions.write() as session:
        upload(session, SYSTEM, arrived, newsroom.clock.now())
    with newsroom.sessions.read() as session:
        assert newest(session, 10) == []


def test_no_two_pictures_share_a_key_and_none_can_be_guessed(newsroom: Newsroom) -> None:
    keys = {hang(newsroom, picture())[1] for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) == 40 and set(key) <= set("0123456789abcdef") for key in keys)


def test_the_library_shows_the_newest_first_page_by_page(newsroom: Newsroom) -> None:
    ids = [hang(newsroom, picture(64, 64))[0] for _ in range(3)]
    with newsroom.sessions.read() as session:
        first = newest(session, 2)
        rest = newest(session, 2, before=first[-1].id)
    assert [media.public_id for media in [*first, *rest]] == ids[::-1]


# --- Renditions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name, wanted in NAMES.items() if not wanted.shape))
def test_every_rendition_is_at_most_as_wide_as_its_name_says(newsroom: Newsroom, name: str) -> None:
    public_id, _key = hang(newsroom, picture(1000, 500))
    made = rendition(newsroom.files, newsroom.images, hung(newsroom, public_id), name)
    assert made
    assert looked_at(made).width == min(NAMES[name].width, 1000)


@pytest.mark.parametrize(
    ("name", "size"),
    [("16x9-w640.webp", (640, 360)), ("4x3-w1280.jpg", (667, 500)), ("1x1-w320.avif", (320, 320))],
)
def test_a_crop_has_its_shape_and_is_never_enlarged(newsroom: Newsroom, name: str, size: tuple[int, int]) -> None:
    public_id, _key = hang(newsroom, picture(1000, 500))
    made = rendition(newsroom.files, newsroom.images, hung(newsroom, public_id), name)
    assert made
    assert looked_at(made).size == size


def test_a_crop_keeps_the_focal_point_and_follows_it_when_it_is_moved(newsroom: Newsroom) -> None:
    public_id, _key = hang(newsroom, picture(1200, 400))
    corners = {(0.0, 0.0): (255, 0, 0), (1.0, 0.0): (0, 255, 0)}  # red on the left, lime on the right
    for (across, down), colour in corners.items():
        media = hung(newsroom, public_id)
        media.focus_x, media.focus_y = across, down
        made = rendition(newsroom.files, newsroom.images, media, "1x1-w320.jpg")
        assert made
        seen = looked_at(made).getpixel((160, 40))
        assert isinstance(seen, tuple)
        assert all(abs(part - wanted) < 12 for part, wanted in zip(seen, colour, strict=True))


def test_the_worker_makes_ahead_what_pages_will_ask_for(newsroom: Newsroom) -> None:
    public_id, key = hang(newsroom, picture(640, 480))
    hang(newsroom, picture(320, 240))
    assert develop_pictures(newsroom) == 2
    assert develop_pictures(newsroom) == 0
    kept = set(newsroom.files.keys(f"renditions/{key}/"))
    assert len(kept) >= 8
    for name in AHEAD:
        assert rendition(newsroom.files, newsroom.images, hung(newsroom, public_id), name)
    assert set(newsroom.files.keys(f"renditions/{key}/")) == kept


def test_a_picture_that_was_taken_out_again_keeps_no_worker_busy(newsroom: Newsroom) -> None:
    public_id, _key = hang(newsroom, picture(640, 480))
    with newsroom.sessions.write() as session:
        session.delete(find(session, public_id))
        reactions.commit(session, [], newsroom.clock.now(), newsroom.signal)
    assert develop_pictures(newsroom) == 1
    assert list(newsroom.files.keys("renditions/")) == []


def test_widths_beyond_the_pictures_own_are_made_and_kept_once(newsroom: Newsroom) -> None:
    public_id, key = hang(newsroom, picture(700, 500))
    media = hung(newsroom, public_id)
    wide = {rendition(newsroom.files, newsroom.images, media, f"w{width}.jpg") for width in (800, 960, 1280, 1600)}
    assert len(wide) == 1
    assert list(newsroom.files.keys("renditions/")) == [f"renditions/{key}/w800.jpg"]


@pytest.mark.parametrize("name", ["w961.webp", "w960.png", "w960.svg", "original", "../originals/x", "w960.webp/", ""])
def test_no_other_rendition_can_be_had(newsroom: Newsroom, name: str) -> None:
    public_id, _key = hang(newsroom, picture())
    assert rendition(newsroom.files, newsroom.images, hung(newsroom, public_id), name) is None
    assert list(newsroom.files.keys("renditions/")) == []


def test_lost_renditions_are_made_anew(newsroom: Newsroom) -> None:
    public_id, key = hang(newsroom, picture())
    media = hung(newsroom, public_id)
    first = rendition(newsroom.files, newsroom.images, media, "w320.jpg")
    forget(newsroom.files, key)
    assert list(newsroom.files.keys("renditions/")) == []
    assert rendition(newsroom.files, newsroom.images, media, "w320.jpg") == first


class Counting:
    """A real mill that counts how often it is asked for a picture."""

    def __init__(self, images: ImageMill) -> None:
        self._images = images
        self.asked = 0

    def read(self, content: bytes) -> ImageFacts:
        return self._images.read(content)

    def render(self, content: bytes, width: int, form: RenditionForm, crop: Crop | None = None) -> bytes:
        self.asked += 1
        return self._images.render(content, width, form, crop)


def test_a_crowd_that_asks_for_the_same_rendition_has_it_made_once(newsroom: Newsroom) -> None:
    public_id, _key = hang(newsroom, picture())
    media = hung(newsroom, public_id)
    images, start = Counting(LimitedImages()), threading.Barrier(8)

    def ask(_: int) -> bytes | None:
        start.wait()
        return rendition(newsroom.files, images, media, "w640.webp")

    with ThreadPoolExecutor(8) as readers:
        got = set(readers.map(ask, range(8)))
    assert len(got) == 1
    assert images.asked == 1


# --- Which pictures a text shows ---------------------------------------------------------------------------


def test_the_pictures_of_a_text_are_found_in_its_body_and_its_picture_for_sharing() -> None:
    a, b, c = "a" * 40, "b" * 40, "c" * 40
    body = f'<figure><img src="/media/{a}/w960.webp" alt=""></figure><p>/media/short/w960.webp</p>'
    content = {"body_html": body + f'<img src="/media/{b}/w320.jpg">', "seo": {"social_image": f"/media/{c}/w1280.jpg"}}
    assert media_in(content) == {a, b, c}
