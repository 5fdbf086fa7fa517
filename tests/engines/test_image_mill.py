"""What an ImageMill promises, whatever it is fed."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from cms.engines.images.mill import LimitedImages
from cms.interfaces import ImagesBusy, UnusableImage
from tests.pictures import bomb, chunk, inflating, looked_at, picture, told_by_its_camera, with_iptc, with_xmp


@pytest.fixture
def mill() -> LimitedImages:
    return LimitedImages()


def near(pixel: object, wanted: tuple[int, ...], by: int = 30) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(had - want) <= by for had, want in zip(pixel, wanted, strict=True))


# --- What a picture is -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_each_kind_that_is_taken_is_known_by_its_content(mill: LimitedImages, form: str) -> None:
    facts = mill.read(picture(320, 200, form))
    assert (facts.media_type, facts.width, facts.height) == (f"image/{form.lower()}", 320, 200)


def test_a_picture_taken_sideways_has_the_size_it_is_seen_in(mill: LimitedImages) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts = mill.read(picture(400, 200, exif=exif))
    assert (facts.width, facts.height) == (200, 400)


def test_words_from_the_camera_are_kept_for_the_desk(mill: LimitedImages) -> None:
    facts = mill.read(told_by_its_camera())
    assert facts.caption == "Ferries at the old quay, Málaga"
    assert (facts.credit, facts.rights, facts.alt) == ("Ana Ruiz", "© Harbour Post", "")


def test_words_from_the_photo_desk_are_kept(mill: LimitedImages) -> None:
    facts = mill.read(with_iptc(caption="Two\nlines –\x07 one", byline="Ana Ruiz", credit="Harbour Pictures"))
    assert facts.caption == "Two lines – one"
    assert facts.credit == "Ana Ruiz/Harbour Pictures"


def test_alt_text_written_into_the_file_is_kept(mill: LimitedImages) -> None:
    alt = "Iptc4xmpCore:AltTextAccessibility"
    said = f'<{alt}><rdf:Alt><rdf:li xml:lang="x-default">A ferry &amp; a quay</rdf:li></rdf:Alt></{alt}>'
    people = "<dc:creator><rdf:Seq><rdf:li>Ana Ruiz</rdf:li><rdf:li>Bo Lind</rdf:li></rdf:Seq></dc:creator>"
    facts = mill.read(with_xmp(said + people))
    assert facts.alt == "A ferry & a quay"
    assert facts.credit == "Ana Ruiz, Bo Lind"


def test_words_that_multiply_themselves_are_not_read(mill: LimitedImages) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'
    assert mill.read(with_xmp("<photoshop:Credit>&b;</photoshop:Credit>", declared)).credit == ""
    assert mill.read(with_xmp("<photoshop:Credit>Harbour Pictures</photoshop:Credit>")).credit == "Harbour Pictures"


def test_endless_words_are_cut(mill: LimitedImages) -> None:
    facts = mill.read(with_iptc(caption="x" * 5000, credit="y" * 5000))
    assert (len(facts.caption), len(facts.credit)) == (1000, 200)


def test_damaged_metadata_is_no_reason_to_refuse_a_picture(mill: LimitedImages) -> None:
    assert mill.read(picture(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff broken")).width == 800
    assert mill.read(with_xmp("<broken")).caption == ""
    assert mill.read(picture(icc_profile=b"no profile at all")).width == 800
    assert looked_at(mill.render(picture(icc_profile=b"no profile at all"), 320, "jpg")).size == (320, 240)


# --- What readers get --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "format"), [("jpg", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF")])
def test_a_rendition_has_the_width_and_form_asked_for(mill: LimitedImages, form: str, format: str) -> None:
    made = looked_at(mill.render(picture(1200, 900), 640, form))
    assert (made.format, made.size) == (format, (640, 480))
    assert near(made.convert("RGB").getpixel((100, 100)), (255, 0, 0))


def test_a_picture_is_never_enlarged(mill: LimitedImages) -> None:
    assert looked_at(mill.render(picture(300, 200), 1600, "webp")).size == (300, 200)


@pytest.mark.parametrize("form", ["jpg", "webp", "avif"])
def test_where_and_with_what_a_picture_was_taken_never_reaches_readers(mill: LimitedImages, form: str) -> None:
    content = told_by_its_camera()
    assert b"SecretCameraMaker" in content
    made = mill.render(content, 320, form)
    assert not looked_at(made).getexif()
    assert set(looked_at(made).info) & {"exif", "xmp", "comment", "icc_profile", "photoshop"} == set()
    for secret in (b"Secret", b"Ana Ruiz", b"2026:03:26", b"Exif\0", b"Ferries", b"http://ns.adobe.com"):
        assert secret not in made


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_shown_upright_however_the_camera_was_held(mill: LimitedImages, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = looked_at(picture(800, 400))
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    stored.save(file, "JPEG", exif=exif)
    made = looked_at(mill.render(file.getvalue(), 320, "jpg"))
    assert made.size == (320, 160)
    corners = [made.getpixel(place) for place in ((20, 20), (300, 20), (20, 140), (300, 140))]
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert all(near(corner, colour) for corner, colour in zip(corners, wanted, strict=True))


def test_colours_of_another_space_are_given_in_srgb(mill: LimitedImages) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert mill.read(picture(icc_profile=lab)).width == 800  # a profile that doesn't fit is passed over
    # sRGB's own profile with red and blue exchanged: what is stored as red is seen as blue
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = swapped.find(b"rXYZ"), swapped.find(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    made = looked_at(mill.render(picture(icc_profile=bytes(swapped)), 320, "jpg"))
    assert near(made.getpixel((20, 20)), (0, 0, 255))
    assert near(made.getpixel((20, 200)), (255, 0, 0))


@pytest.mark.parametrize("form", ["webp", "avif", "jpg"])
def test_what_is_see_through_stays_so_where_the_form_can_and_is_white_where_not(mill: LimitedImages, form: str) -> None:
    image = Image.new("RGBA", (900, 600), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 450, 600))
    file = io.BytesIO()
    image.save(file, "PNG")
    made = looked_at(mill.render(file.getvalue(), 320, form))
    assert near(made.convert("RGBA").getpixel((50, 50)), (0, 0, 255, 255))
    clear = made.convert("RGBA").getpixel((300, 50))
    assert isinstance(clear, tuple)
    assert clear == (255, 255, 255, 255) if form == "jpg" else clear[3] == 0


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("JPEG", "CMYK"), ("GIF", "P")]
)
def test_every_kind_of_pixel_can_be_shown(mill: LimitedImages, form: str, mode: str) -> None:
    made = looked_at(mill.render(picture(2000, 1000, form, mode), 320, "jpg"))
    assert made.size == (320, 160)
    assert near(made.convert("RGB").getpixel((300, 140)), (255, 255, 255))


def test_sixteen_bits_a_pixel_are_not_burnt_out(mill: LimitedImages) -> None:
    grey = Image.frombytes("I;16", (600, 400), struct.pack("<H", 0x8000) * 600 * 400)
    file = io.BytesIO()
    grey.save(file, "PNG")
    made = looked_at(mill.render(file.getvalue(), 320, "jpg")).convert("RGB")
    assert near(made.getpixel((100, 100)), (128, 128, 128), by=3)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_a_moving_picture_readers_get_the_first_frame(mill: LimitedImages, form: str) -> None:
    frames = [Image.new("RGB", (100, 80), colour) for colour in ("red", "blue", "lime")]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=100)
    made = looked_at(mill.render(file.getvalue(), 320, "webp"))
    assert getattr(made, "n_frames", 1) == 1
    assert near(made.convert("RGB").getpixel((50, 40)), (255, 0, 0))


def test_a_column_long_chart_is_made_narrower_and_not_refused(mill: LimitedImages) -> None:
    made = looked_at(mill.render(picture(1000, 20_000, "PNG"), 1600, "webp"))
    assert made.width * made.height <= 3_100_000
    assert abs(made.height / made.width - 20) < 0.2
    assert looked_at(mill.render(picture(1, 30_000, "PNG"), 1600, "webp")).height <= 16_000


# --- Who is turned away ------------------------------------------------------------------------------------


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [SVG, b"<html><script>alert(1)</script>", b"%PDF-1.7", b"SIMPLE  =                    T", b"x"],
    ids=["svg", "html", "pdf", "fits", "letter"],
)
def test_what_is_no_picture_of_the_five_kinds_is_refused(mill: LimitedImages, content: bytes) -> None:
    with pytest.raises(UnusableImage, match="JPEG, PNG, WebP, GIF or AVIF"):
        mill.read(content)


def test_a_kind_that_pillow_knows_and_we_do_not_take_is_refused(mill: LimitedImages) -> None:
    for form in ("BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000"):
        with pytest.raises(UnusableImage, match="JPEG, PNG, WebP, GIF or AVIF"):
            mill.read(picture(64, 64, form))


def test_a_picture_that_is_also_a_page_a_script_or_an_archive_is_refused(mill: LimitedImages) -> None:
    archive = io.BytesIO(picture())
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("payload.js", "alert(1)")
    plain = picture(64, 64, "PNG")
    note = chunk(b"tEXt", b"Comment\0<SCRIPT>alert(1)</SCRIPT>")
    for content in (
        archive.getvalue(),
        picture() + b"<?php system($_GET[0]); ?>",
        picture(comment=b"%PDF-1.7"),
        plain[:33] + note + plain[33:],
        picture(64, 64, "GIF") + b"<!DOCTYPE html><p>",
    ):
        looked_at(content)  # it is a picture, too
        with pytest.raises(UnusableImage, match="as well"):
            mill.read(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_picture_that_ends_too_soon_is_refused(mill: LimitedImages, form: str) -> None:
    whole = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(whole, form)
    for part in (0.02, 0.5, 0.9):
        with pytest.raises(UnusableImage):
            mill.read(whole.getvalue()[: int(len(whole.getvalue()) * part)])


COSTS = """
import resource, sys
from cms.engines.images.mill import LimitedImages
from cms.interfaces import UnusableImage
try:
    LimitedImages().read(sys.stdin.buffer.read())
    print("taken")
except UnusableImage as refused:
    print(refused)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
"""


def _film() -> bytes:
    frames = [Image.new("P", (64, 64), number) for number in range(200)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def _progressive() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (6000, 6500)).save(file, "JPEG", progressive=True, subsampling=0)
    return file.getvalue()


def _wide_gif() -> bytes:
    gif = bytearray(picture(64, 64, "GIF"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(gif)


def _with_chunk(name: bytes, content: bytes) -> bytes:
    plain = picture(64, 64, "PNG")
    return plain[:33] + chunk(name, content) + plain[33:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "pixels": lambda: bomb(12_000, 12_000),
    "pixels at the limit": lambda: bomb(6300, 6300),
    "see-through pixels at the limit": lambda: bomb(6300, 6300, colour=6),
    "a gif's canvas": _wide_gif,
    "a text in a png": lambda: _with_chunk(b"zTXt", b"Comment\0\0" + inflating(400)),
    "a colour profile in a png": lambda: _with_chunk(b"iCCP", b"x\0\0" + inflating(400)),
    "a progressive jpeg": _progressive,
    "a film": _film,
}
"""Small files that ask for much."""


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_hostile_file_costs_at_most_150_mb_and_2_seconds(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", COSTS], input=BOMBS[name](), capture_output=True, check=True)
    said, costs = done.stdout.decode().splitlines()
    megabytes, seconds = map(float, costs.split())
    assert said
    assert megabytes <= 150
    assert seconds <= 2.1


def test_a_picture_of_too_many_pixels_is_told_how_many_it_may_have(mill: LimitedImages) -> None:
    with pytest.raises(UnusableImage, match="40,000,000"):
        mill.read(bomb(7000, 7000))


def test_after_a_hostile_file_the_next_picture_is_read_as_ever(mill: LimitedImages) -> None:
    hostile = [bomb(6300, 6300, colour=6), b"\xff\xd8\xff" + b"\xff" * 5000, picture()[:2000], SVG] * 3
    with ThreadPoolExecutor(8) as senders:
        refused = list(senders.map(lambda content: _refused(mill, content), hostile))
    assert all(refused)
    assert mill.read(picture()).width == 800


def _refused(mill: LimitedImages, content: bytes) -> bool:
    try:
        mill.read(content)
    except UnusableImage:
        return True
    return False


def test_who_finds_every_place_taken_is_told_to_come_again() -> None:
    with pytest.raises(ImagesBusy):
        LimitedImages(places=0, patience=0).read(picture())


def test_the_decoder_gets_none_of_the_sites_secrets(
    mill: LimitedImages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spy = tmp_path / "decoder.py"
    told = "json.dumps({'refused': ','.join(os.environ) or 'nothing'})"
    spy.write_text(f"import json, os\ndef main(): print({told})")
    monkeypatch.setenv("CMS_SECRET_KEY", "secret")
    monkeypatch.setattr("cms.engines.images.mill._DECODER", spy)
    with pytest.raises(UnusableImage) as said:
        mill.read(b"")
    assert "CMS_SECRET_KEY" not in str(said.value)
