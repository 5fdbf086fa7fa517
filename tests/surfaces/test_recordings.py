"""Audio and video: taken in by what their bytes are, played by range, and readers' only while their story is."""

from __future__ import annotations

import io
import wave
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.articles.body import clean
from cms.domain.errors import Invalid
from cms.domain.media.model import Media
from cms.domain.media.recordings import silent, sniff
from cms.domain.media.uploading import receive
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.surfaces.pages import pick, read, words


def wav(seconds: int = 1, said: bytes = b"") -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setparams((1, 1, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(range(1, 251)) * 32 * seconds)
    info = b"LIST" + len(said).to_bytes(4, "little") + said if said else b""
    return kept.getvalue() + info


def box(name: bytes, *held: bytes) -> bytes:
    inner = b"".join(held)
    return (8 + len(inner)).to_bytes(4, "big") + name + inner


def mp4(handler: bytes, said: bytes = b"") -> bytes:
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))), box(b"udta", said))
    return box(b"ftyp", b"isom", bytes(4)) + box(b"moov", track, box(b"meta", said)) + box(b"mdat", b"sound and light")


def mp3(said: bytes = b"") -> bytes:
    frames = (b"\xff\xfb\x90\x00" + bytes(413)) * 3
    size = len(said).to_bytes(4, "big")  # under 128: seven bits are enough
    return (b"ID3\x04\x00\x00" + size + said if said else b"") + frames


def block(key: str, file: str = "audio.wav") -> str:
    kind = file.partition(".")[0]
    return (
        f'<figure class="{kind}"><a href="/media/{key}/{file}">The horn &amp; the bell</a>'
        f"<figcaption>At six</figcaption></figure>"
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (wav(), "audio/wav"),
        (mp3(), "audio/mpeg"),
        (mp3(b"a title"), "audio/mpeg"),
        (mp4(b"soun"), "audio/mp4"),
        (mp4(b"vide"), "video/mp4"),
        (mp4(b"text"), None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\xff\xd8\xff\xe0 a picture", None),
        (box(b"ftyp", b"avif", bytes(4)) + box(b"moov"), None),
        (box(b"moov") * 9, None),
        (b"ID3", None),
        (b"", None),
    ],
)
def test_what_a_file_is_is_told_from_its_bytes(content: bytes, kind: str | None) -> None:
    assert sniff(content) == kind


def test_boxes_in_boxes_without_end_are_no_trouble() -> None:
    nested = b"ftyp"
    for _ in range(2_000):
        nested = box(b"moov", nested)
    assert sniff(box(b"ftyp", b"isom", bytes(4)) + nested) is None
    assert sniff(box(b"ftyp", b"isom", bytes(4)) + b"\x00\x00\x00\x01moov" + b"\xff" * 8) is None


def test_readers_get_none_of_what_a_recorder_wrote_into_it() -> None:
    place = b"+54.1234+004.5678/"
    for content, kind in (
        (wav(said=place), "audio/wav"),
        (mp3(said=place), "audio/mpeg"),
        (mp4(b"vide", said=place), "video/mp4"),
    ):
        assert place in content
        heard = silent(content, kind)
        assert place not in heard
        assert sniff(heard) == kind
    assert b"sound and light" in silent(mp4(b"vide", said=place), "video/mp4")


def test_a_recording_is_played_on_its_storys_page_and_stays_a_link_in_feeds(
    client: FlaskClient, newsroom: Newsroom, desk: Desk
) -> None:
    _id, key = hang(newsroom, wav())
    article = desk.publish(body_html=f"<p>Listen.</p>{block(key)}")
    with newsroom.sessions.read() as session:
        slug = session.scalar(select(Media.key))
        assert slug == key
    lead = pick(read(client, "/"), ".card-headline a")[0].get("href")
    page = read(client, lead)
    (player,) = pick(page, ".body .audio audio")
    assert (player.get("src"), player.get("preload")) == (f"/media/{key}/audio.wav", "none")
    assert player.get("aria-label") == words(pick(page, ".body .audio > a")[0]) == "The horn & the bell"
    (item,) = client.get("/feed.json").json["items"]
    assert f'<a href="http://news.example/media/{key}/audio.wav">' in item["content_html"]
    assert "<audio" not in item["content_html"]
    address = f"http://news.example/media/{key}/audio.wav"
    assert item["attachments"] == [{"url": address, "mime_type": "audio/wav", "title": "The horn & the bell"}]
    assert f'rel="enclosure" type="audio/wav" href="{address}"' in client.get("/feed.atom").text
    assert article in item["id"]
    assert f'href="/media/{key}/audio.wav"' in client.get(f"{lead}text/").text


def test_any_range_of_it_is_the_same_bytes(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    content = wav(300)  # more than two pieces
    _id, key = hang(newsroom, content)
    desk.publish(body_html=block(key))
    path = f"/media/{key}/audio.wav"
    whole = client.get(path)
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "audio/wav", content)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Content-Length"] == str(len(content))
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=999990-1000009", 999_990, 1_000_010),
        ("bytes=1500000-", 1_500_000, len(content)),
        ("bytes=-7", len(content) - 7, len(content)),
        ("bytes=10-99999999", 10, len(content)),
    ):
        part = client.get(path, headers={"Range": asked})
        assert (part.status_code, part.data) == (206, content[start:end]), asked
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"
    beyond = client.get(path, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    for ignored in ("bytes=0-1,5-6", "bytes=9-2", "lines=1-2", "nonsense"):
        assert client.get(path, headers={"Range": ignored}).status_code == 200, ignored
    tag = whole.headers["ETag"]
    assert client.get(path, headers={"Range": "bytes=0-0", "If-Range": '"another"'}).status_code == 200
    assert client.get(path, headers={"Range": "bytes=0-0", "If-Range": tag}).status_code == 206
    assert (client.get(path, headers={"If-None-Match": tag}).status_code, client.head(path).data) == (304, b"")
    date = {"If-Modified-Since": whole.headers["Last-Modified"]}
    assert client.get(path, headers=date).status_code == 304
    assert client.get(path, headers={**date, "If-None-Match": '"another"'}).status_code == 200
    for name in ("w640.webp", "audio.mp3", "video.mp4"):
        assert client.get(f"/media/{key}/{name}").status_code == 404


def test_it_is_gone_with_its_story_and_when_its_rights_end(
    client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock
) -> None:
    _id, key = hang(newsroom, wav())
    path = f"/media/{key}/audio.wav"
    assert client.get(path).status_code == 404
    article = desk.publish(body_html=f"<p>Listen.</p>{block(key)}<p>There.</p>")
    with newsroom.sessions.write() as session:
        session.scalars(select(Media)).one().usable_until = clock.now() + timedelta(hours=1)
        session.commit()
    assert client.get(path).status_code == 200
    clock.advance(timedelta(hours=1))
    assert client.get(path, headers={"Range": "bytes=0-9"}).status_code == 404
    lead = pick(read(client, "/"), ".card-headline a")[0].get("href")
    assert words(pick(read(client, lead), ".body")[0]) == "Listen.There."
    desk.withdraw(article)
    assert client.get(path).status_code == 404


def test_only_a_picture_leads_a_story(client: FlaskClient, newsroom: Newsroom, desk: Desk) -> None:
    sound, _key = hang(newsroom, wav())
    shown, _key = hang(newsroom, picture())
    with pytest.raises(Invalid, match="lead_image"):
        desk.publish(lead_image=sound)
    desk.publish(lead_image=shown)


def test_a_recordings_block_is_only_for_recordings_of_ours() -> None:
    for address in ("https://elsewhere.example/x.mp3", "/media/abc/audio.mp3", f"/media/{'a' * 40}/w960.webp"):
        assert 'class="audio"' not in clean(f'<figure class="audio"><a href="{address}">x</a></figure>')
    ours = block("a" * 40)
    assert clean(ours.replace('class="audio"', 'class="video"')) == ours


def test_an_empty_gallery_leaves_nothing(client: FlaskClient, newsroom: Newsroom, desk: Desk, clock: SetClock) -> None:
    _id, key = hang(newsroom, picture())
    image = f'<figure><img src="/media/{key}/w960.webp" alt="A ferry"></figure>'
    desk.publish(
        body_html=f'<p>Look.</p><figure class="gallery">{image}{image}<figcaption>Two ferries</figcaption></figure>'
    )
    lead = pick(read(client, "/"), ".card-headline a")[0].get("href")
    assert len(pick(read(client, lead), ".body .gallery img")) == 2
    with newsroom.sessions.write() as session:
        session.scalars(select(Media)).one().usable_until = clock.now() + timedelta(minutes=1)
        session.commit()
    clock.advance(timedelta(hours=1))
    assert words(pick(read(client, lead), ".body")[0]) == "Look."


def test_a_broken_file_is_refused_with_a_reason(newsroom: Newsroom) -> None:
    with pytest.raises(Invalid) as refused:
        receive(newsroom.files, newsroom.images, b"OggS" + bytes(200), {})
    assert "MP3, M4A, WAV or MP4" in refused.value.errors["file"][0]
