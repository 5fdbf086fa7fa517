"""``cms import wxr``: a WordPress site moves in, with its dates, its people, its pictures and its old addresses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.cli.main import cms
from cms.clock import SetClock
from cms.domain.articles.model import Article
from cms.newsroom import Newsroom
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import picture
from tests.serving import PATIENCE, ROOT, environment, until
from tests.surfaces.programs import Program
from tests.surfaces.test_import_articles import counts
from tests.surfaces.test_recordings import mp3
from tests.wordpress import SITE, attachment, category, export, item

Run = Callable[..., Result]
Bring = Callable[..., dict[str, Any]]

STORY = "/2013/01/11/post-1/"


@pytest.fixture
def run(newsroom: Newsroom) -> Run:
    def run(file: Path, *more: str) -> Result:
        return CliRunner().invoke(cms, ["import", "wxr", str(file), "--json", *more], obj=lambda: newsroom)

    return run


@pytest.fixture
def bring(run: Run, tmp_path: Path) -> Bring:
    """Import an export of these items, and say what came of it."""

    def bring(*items: str, head: str = "", code: int | None = 0, more: tuple[str, ...] = ()) -> dict[str, Any]:
        done = run(export(tmp_path / "site.xml", *items, head=head), *more)
        assert done.exit_code in ((0, 1) if code is None else (code,)), done.output
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    return bring


def body(client: FlaskClient, path: str = STORY) -> str:
    """What stands between the standfirst and what follows the text."""
    page = client.get(path)
    assert page.status_code == 200, path
    return page.text


# --- Posts -------------------------------------------------------------------------------------------------


@BOTH_DATABASES
def test_a_post_is_live_from_its_own_date_and_its_old_addresses_lead_to_it(bring: Bring, client: FlaskClient) -> None:
    told = bring(
        item(
            1,
            "Ferry &amp; quay",
            "First line\nsecond line\n\nAnother <strong>paragraph</strong>.",
            excerpt__encoded="It is <b>back</b>.",
            wp__post_modified_gmt="2013-02-01 10:00:00",
            wp__post_name="ferry",
            link=f"{SITE}/archives/ferry/",
            meta={"_wp_old_slug": "old-ferry", "views": "41"},
            terms=[("category", "harbour", "Harbour"), ("post_tag", "ferries", "Ferries"), ("post_tag", "c-2", "C++")],
        ),
        head=category("news", "News", number=1) + category("harbour", "Harbour", "news", number=2, about="Of ships"),
    )
    assert told["articles"] == counts(created=1)
    assert told["sections"] == counts(created=2)
    assert told["tags"] == counts(created=2)
    assert told["people"] == counts(created=1)
    assert (told["unsupported"], told["errors"]) == ([], [])
    page = body(client, "/2013/01/11/ferry/")
    for said in (
        "Ferry &amp; quay",
        "<p>First line<br>\nsecond line</p>",
        "<p>Another <strong>paragraph</strong>.</p>",
        "It is back.",
        "Ada Byron",
        "/section/news/harbour/",
        "/tag/c-2/",
        "January 11, 2013",
        "February 1, 2013",
        "Visited 41 times",
    ):
        assert said in page
    for old in ("/blog/archives/ferry/", "/blog/archives/old-ferry"):
        assert client.get(old).location == "/2013/01/11/ferry/"
    assert client.get("/blog/").location == "/"
    assert client.get("/blog/author/ada/").location == "/author/ada-byron/"
    assert client.get("/blog/category/news/harbour/").location == "/section/news/harbour/"
    assert "Of ships" in client.get("/section/news/harbour/").text


def test_short_links_of_a_site_at_the_root_lead_on_and_others_are_the_front_page(
    run: Run, tmp_path: Path, client: FlaskClient
) -> None:
    site = "https://old.example"
    pages = item(2, "About", kind="page", wp__post_name="about", link=f"{site}/about/")
    assert run(export(tmp_path / "site.xml", item(1, "One"), pages, site=site)).exit_code == 0
    assert "One" in client.get("/").text
    assert client.get("/?p=1").location == STORY
    assert client.get("/?page_id=2").location == "/about/"
    for other in ("/?p=99", "/?p=x", "/?p=", "/?page_id=1"):
        answer = client.get(other)
        assert answer.status_code == 200, other
        assert "One" in answer.text


def test_only_what_was_public_is_public(bring: Bring, client: FlaskClient, desk: Desk) -> None:
    told = bring(
        item(1, "Published"),
        item(2, "To come", wp__status="future", date="2031-01-01 08:00:00"),
        item(3, "Drafted", wp__status="draft"),
        item(4, "Pending", wp__status="pending"),
        item(5, "Private", wp__status="private"),
        item(6, "Binned", wp__status="trash"),
        item(7, "Guarded", wp__post_password="tell nobody"),
        item(8, "In a state of its own", wp__status="in-progress"),
        item(9, "Never written", wp__status="auto-draft"),
        item(10, "A hidden page", kind="page", wp__status="draft"),
    )
    assert told["articles"] == counts(created=9, skipped=1)
    assert [story["headline"] for story in client.get("/api/v1/articles").get_json()["data"]] == ["Published"]
    stories = Program(client, desk.token("editor"))("GET", "/articles").get_json()["data"]
    assert {story["headline"]: (story["state"], story["visibility"]) for story in stories} == {
        "Published": ("ready", "live"),
        "To come": ("ready", "scheduled"),
        "Drafted": ("draft", "never"),
        "Pending": ("in_review", "never"),
        "Private": ("draft", "never"),
        "Binned": ("spiked", "never"),
        "Guarded": ("draft", "never"),
        "In a state of its own": ("draft", "never"),
        "A hidden page": ("draft", "never"),
    }
    notes = "\n".join(told["unsupported"])
    for title in ("Private", "Guarded", "In a state of its own", "Never written", "A hidden page"):
        assert title in notes
    assert "tell nobody" not in notes


def test_a_page_is_a_standing_page(bring: Bring, client: FlaskClient) -> None:
    pages = [
        item(1, "About us", "We print.", kind="page", wp__post_name="about", link=f"{SITE}/about/"),
        item(2, "Find us", "Search", kind="page", wp__post_name="search", link=f"{SITE}/search/"),
    ]
    assert bring(*pages)["pages"] == counts(created=2)
    assert "<p>We print.</p>" in client.get("/about/").text
    assert client.get("/blog/about/").location == "/about/"
    assert client.get("/search-2/").status_code == 200
    assert bring(*pages)["pages"] == counts(unchanged=2)
    changed = item(1, "About us", "We print on.", kind="page", wp__post_name="about", link=f"{SITE}/about/")
    assert bring(changed)["pages"] == counts(changed=1)
    assert "We print on." in client.get("/about/").text


def test_what_search_engines_were_told_stays(bring: Bring, client: FlaskClient) -> None:
    bring(
        item(
            1,
            "Ferry",
            terms=[("category", "news", "News"), ("category", "harbour", "Harbour")],
            meta={
                "_yoast_wpseo_title": "%%title%% %%sep%% %%sitename%%",
                "_yoast_wpseo_metadesc": "All of the ferry",
                "_yoast_wpseo_canonical": "https://elsewhere.example/ferry",
                "_yoast_wpseo_primary_category": "2",
            },
        ),
        item(2, "Hidden from them", meta={"rank_math_robots": 'a:1:{i:0;s:7:"noindex";}'}),
        head=category("news", "News", number=1) + category("harbour", "Harbour", number=2),
    )
    page = body(client)
    assert 'content="All of the ferry"' in page
    assert 'href="https://elsewhere.example/ferry"' in page
    assert "%%" not in page
    assert '"articleSection":["Harbour","News"]' in page.replace(": ", ":").replace(", ", ",")
    assert "noindex" in body(client, "/2013/01/11/post-2/")


def test_what_no_story_here_has_is_told_of_and_nothing_of_it_is_lost_from_the_count(bring: Bring) -> None:
    told = bring(
        item(1, "Talked about", comments=3, wp__is_sticky="1"),
        item(2, "Menu", kind="nav_menu_item"),
        item(3, "", "Words without a title above them"),
        item(4, "T" * 400),
        item(5, "Many", terms=[("post_tag", f"tag-{n}", f"Tag {n}") for n in range(60)]),
        item(6, "Formatted", terms=[("post_format", "post-format-aside", "Aside")]),
    )
    assert told["articles"]["created"] == 5
    assert told["nav_menu_item"] == counts(skipped=1)
    notes = "\n".join(told["unsupported"])
    for said in ("3 comments", "sticky", "nav_menu_item", "Words without a title", "400 characters", "Tag 59"):
        assert said in notes
    assert "post_format" in notes


# --- Bodies ------------------------------------------------------------------------------------------------


BODIES = {
    "classic": ("One\n\nTwo", "<p>One</p>"),
    "a block": ("<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->", "<p>One</p>"),
    "classic after a block": (
        "<!-- wp:paragraph --><p>One</p><!-- /wp:paragraph -->\n\nTwo\nThree",
        "<p>Two<br>\nThree</p>",
    ),
    "a list": ("<ul>\n<li>One</li>\n\n<li>Two</li>\n</ul>", "<li>Two</li>"),
    "code": ("<pre>a\n\nb [caption]</pre>", "a\n\nb [caption]</pre>"),
    "an address alone": (
        "See\n\nhttps://www.youtube.com/watch?v=aqz-KE-bpKQ\n\nthat",
        'class="embed embed-youtube"',
    ),
    "an embed block": (
        '<!-- wp:core-embed/youtube {"url":"https://youtu.be/aqz-KE-bpKQ"} -->\n<figure class="wp-block-embed-youtube '
        'wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://youtu.be/aqz-KE-bpKQ\n</div><figcaption>The '
        "<em>film</em></figcaption></figure>\n<!-- /wp:core-embed/youtube -->",
        "<figcaption>The film</figcaption>",
    ),
    "a frame": ('<iframe src="//www.youtube.com/embed/aqz-KE-bpKQ"></iframe>', 'class="embed embed-youtube"'),
    "a strange frame": (
        '<iframe src="https://maps.example/x?a=1&amp;b=2"></iframe>',
        'href="https://maps.example/x?a=1&amp;b=2"',
    ),
    "a player": ('[audio src="https://old.example/a.mp3"]', 'href="https://old.example/a.mp3"'),
    "a short code with an id": ("[youtube id=aqz-KE-bpKQ]", 'class="embed embed-youtube"'),
    "an escaped code": ("[[gallery]]", "<p>[gallery]</p>"),
    "a word in brackets": ("He said [sic] so", "<p>He said [sic] so</p>"),
    "an unknown code": ('Sign [contact-form-7 id="12" title="Us"] here', "<p>Sign  here</p>"),
    "a page builder": ('[vc_row][vc_column width="1/2"]Words[/vc_column][/vc_row]', "<p>Words</p>"),
    "a quotation": (
        '<!-- wp:pullquote --><figure class="wp-block-pullquote"><blockquote><p>Said</p></blockquote></figure>'
        "<!-- /wp:pullquote -->",
        '<aside class="pull-quote">',
    ),
    "a link home": (f'<a href="{SITE}/2012/x/">x</a>', 'href="/blog/2012/x/"'),
    "more": ("Above<!--more-->Below", "<p>Below</p>"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_text_says_the_same_here(name: str, bring: Bring, client: FlaskClient) -> None:
    written, read = BODIES[name]
    bring(item(1, "Text", written))
    assert read in body(client)


def test_no_script_comes_in_whatever_it_is_wrapped_in(bring: Bring, client: FlaskClient) -> None:
    hostile = (
        '<p onclick="evil()">One</p><script>evil()</script><img src=x onerror="evil()"><svg onload="evil()">'
        '[caption caption="<img src=x onerror=evil()>"]<img src="x" onerror="evil()">[/caption]'
        '<!-- wp:embed {"url":"javascript:evil()"} /--><a href="javascript:evil()">go</a>'
        '<iframe srcdoc="<script>evil()</script>"></iframe>[embed]javascript:evil()[/embed]'
    )
    bring(item(1, '<script>1</script>"><b onclick="evil()">', hostile))
    assert "evil()" not in body(client)


LONG = 200_000
SLOW = {
    "shortcodes that never end": "[a " * LONG,
    "a shortcode of spaces": "[a" + " " * LONG,
    "quotation marks": "[a \"'" * LONG,
    "frames that never end": "<iframe src=x>" * LONG,
    "figures that never end": '<figure class="wp-block-embed">' * LONG,
    "tags that never end": "<div " * LONG,
    "comments that never end": "<!-- wp:a {" * LONG,
    "a comment of spaces": "<!-- wp:a" + " " * LONG + "x -->",
    "spaces": "a" + " " * LONG + "b",
    "brackets": "[" * LONG,
}


@pytest.mark.parametrize("name", SLOW)
def test_a_text_made_to_be_slow_is_read_like_any_other(name: str, bring: Bring) -> None:
    told = bring(item(1, SLOW[name][:400_000], SLOW[name]), item(2, "Two"), code=None)
    assert told["articles"]["read"] == 2


# --- Pictures ----------------------------------------------------------------------------------------------


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "2013" / "01").mkdir(parents=True)
    for name in ("quay", "ferry", "crew"):
        (folder / "2013" / "01" / f"{name}.jpg").write_bytes(picture())
    (folder / "2013" / "01" / "broken.jpg").write_bytes(b"no picture")
    return folder


PICTURED = (
    attachment(11, "2013/01/quay.jpg", alt="The quay", excerpt__encoded="At <i>dawn</i>"),
    item(
        1,
        "Pictured",
        f'[caption id="attachment_12" align="left"]<a href="{SITE}/wp-content/uploads/2013/01/ferry.jpg">'
        f'<img class="wp-image-12" src="{SITE}/wp-content/uploads/2013/01/ferry-300x200.jpg" alt="A ferry" /></a> Her '
        f'<em>last</em> trip[/caption]\n\n[gallery ids="11,13"]\n\n<img src="https://elsewhere.example/x.png">'
        f'<!-- wp:image {{"id":14}} --><figure class="wp-block-image alignwide"><img '
        f'src="{SITE}/wp-content/uploads/2013/01/broken.jpg"/><figcaption>Lost</figcaption></figure><!-- /wp:image -->',
        meta={"_thumbnail_id": "11"},
    ),
    attachment(12, "2013/01/ferry.jpg"),
    attachment(13, "2013/01/crew.jpg", alt="The crew"),
    attachment(14, "2013/01/broken.jpg"),
    attachment(15, "2013/01/report.pdf"),
)


def test_pictures_come_from_a_copy_of_the_uploads(bring: Bring, client: FlaskClient, uploads: Path) -> None:
    told = bring(*PICTURED, more=("--media-dir", str(uploads)))
    assert told["media"] == counts(created=3, skipped=3)
    notes = "\n".join(told["unsupported"])
    for said in ("broken.jpg", "report.pdf", "elsewhere.example/x.png"):
        assert said in notes
    page = body(client)
    assert 'alt="A ferry"' in page
    assert "Her <em>last</em> trip</figcaption>" in page
    assert 'alt="The crew"' in page
    assert "At dawn" in page
    assert "<p>Lost</p>" in page
    assert "old.example" not in page
    again = bring(*PICTURED, more=("--media-dir", str(uploads)))
    assert again["articles"] == counts(unchanged=1)
    assert again["media"] == counts(unchanged=3, skipped=3)


def test_galleries_and_recordings_are_what_they_were(bring: Bring, client: FlaskClient, uploads: Path) -> None:
    (uploads / "2013" / "01" / "horn.mp3").write_bytes(mp3())
    there = f"{SITE}/wp-content/uploads/2013/01"
    grid = "".join(
        f'<li class="blocks-gallery-item"><figure><img src="{there}/{name}.jpg"/></figure></li>'
        for name in ("quay", "ferry")
    )
    bring(
        attachment(16, "2013/01/horn.mp3"),
        attachment(11, "2013/01/quay.jpg"),
        attachment(12, "2013/01/ferry.jpg"),
        attachment(13, "2013/01/crew.jpg"),
        item(
            1,
            "Heard",
            '<!-- wp:gallery {"ids":[11,12]} --><figure class="wp-block-gallery columns-2">'
            f'<ul class="blocks-gallery-grid">{grid}</ul>'
            '<figcaption class="blocks-gallery-caption">Both</figcaption></figure><!-- /wp:gallery -->'
            '<!-- wp:gallery --><figure class="wp-block-gallery has-nested-images"><!-- wp:image {"id":13} -->'
            f'<figure class="wp-block-image"><img class="wp-image-13" src="{there}/crew-1024x768.jpg"/></figure>'
            f'<!-- /wp:image --></figure><!-- /wp:gallery -->[audio mp3="{there}/horn.mp3"][/audio]',
        ),
        more=("--media-dir", str(uploads)),
    )
    page = body(client)
    assert page.count('<figure class="gallery">') == 2
    assert page.count("<figcaption>Both</figcaption></figure>") == 1
    assert '<figure class="audio">' in page
    assert "/audio.mp3" in page


def test_pictures_that_are_brought_later_find_their_stories(bring: Bring, client: FlaskClient, uploads: Path) -> None:
    told = bring(*PICTURED)
    assert told["media"]["skipped"] == 6
    assert "attachment 12" in "\n".join(told["unsupported"])
    assert "A ferry" not in body(client)
    assert bring(*PICTURED, more=("--media-dir", str(uploads)))["articles"] == counts(changed=1)
    assert 'alt="A ferry"' in body(client)


def test_a_picture_on_a_standing_page_is_shown(bring: Bring, client: FlaskClient, uploads: Path) -> None:
    bring(
        attachment(11, "2013/01/quay.jpg"),
        item(1, "About", f'<img src="{SITE}/wp-content/uploads/2013/01/quay.jpg">', kind="page", wp__post_name="about"),
        more=("--media-dir", str(uploads)),
    )
    src = client.get("/about/").text.partition('src="/media/')[2].partition('"')[0]
    assert client.get(f"/media/{src}").status_code == 200


# --- Again, and broken off ---------------------------------------------------------------------------------


def test_a_second_run_changes_nothing_and_takes_in_what_changed(
    bring: Bring, client: FlaskClient, clock: SetClock
) -> None:
    first, second = item(1, "One", "Text"), item(2, "Two", "Text", wp__status="draft")
    assert bring(first, second, more=("--dry-run",))["articles"] == counts(created=2)
    assert client.get(STORY).status_code == 404
    assert bring(first, second)["articles"] == counts(created=2)
    assert bring(first, second)["articles"] == counts(unchanged=2)
    clock.advance(timedelta(hours=1))
    told = bring(item(1, "One", "Another text"), item(2, "Two", "Text"))
    assert told["articles"] == counts(changed=2)
    assert "Another text" in body(client)
    assert client.get("/2013/01/11/post-2/").status_code == 200
    clock.advance(timedelta(hours=1))
    assert bring(item(1, "One", "Another text", wp__status="trash"))["articles"] == counts(changed=1)
    assert client.get(STORY).status_code == 404


def test_two_sites_with_the_same_ids_stay_apart(run: Run, tmp_path: Path) -> None:
    for site in ("https://one.example", "https://two.example"):
        done = run(export(tmp_path / "site.xml", item(1, "One"), site=site))
        assert json.loads(done.stdout)["articles"] == counts(created=1)


def test_an_import_that_was_killed_is_finished_by_another(run: Run, newsroom: Newsroom, tmp_path: Path) -> None:
    file = export(tmp_path / "site.xml", *(item(number, f"Story {number}", "Text") for number in range(1, 301)))
    data = newsroom.settings.data_dir
    begun = subprocess.Popen(
        [sys.executable, "-c", FIFTY_AT_ONCE, "import", "wxr", str(file), "--json"],
        cwd=ROOT,
        env=environment(data),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    def some_are_in() -> bool:
        with newsroom.sessions.read() as session:
            return session.scalar(select(Article.id).limit(1)) is not None

    until(lambda: begun.poll() is not None or some_are_in(), "it has begun")
    begun.kill()
    begun.communicate(timeout=PATIENCE)  # its end is when the last process that it began has left, too
    finished = json.loads(run(file, "--resume").stdout)["articles"]
    assert finished["read"] == finished["created"] + finished["unchanged"] == 300
    assert finished["unchanged"] > 0
    assert json.loads(run(file).stdout)["articles"] == counts(unchanged=300)


FIFTY_AT_ONCE = """
from cms.moving.arriving import arrivals
arrivals.AT_ONCE = 50
from cms.app import build_newsroom
from cms.cli.main import cms
cms(obj=build_newsroom)
"""


LATE = """
import os, signal, threading, time
from multiprocessing import get_context
from cms.orphans import leave_with_parent

def come_late(parent):
    while os.getppid() == parent:
        time.sleep(0.01)
    leave_with_parent(lambda: os._exit(0))
    threading.Event().wait()

if __name__ == "__main__":
    get_context("spawn").Process(target=come_late, args=(os.getpid(),)).start()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_shares_an_imports_work_leaves_though_the_import_was_killed_before_it_had_begun(
    tmp_path: Path,
) -> None:
    (tmp_path / "late.py").write_text(LATE)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, tmp_path / "late.py"], env=environ, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == -signal.SIGKILL


# --- Files that are no exports -----------------------------------------------------------------------------


def test_a_file_that_is_not_whole_or_not_an_export_brings_in_nothing(
    run: Run, tmp_path: Path, client: FlaskClient
) -> None:
    whole = export(tmp_path / "site.xml", item(1, "One"), item(2, "Two")).read_text()
    bad = {
        "cut off": whole[: whole.index("Two")],
        "broken": whole.replace("</wp:status>", "</status>"),
        "an entity": whole.replace(
            "<rss ", '<!DOCTYPE rss [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]><rss ', 1
        ),
        "another feed": "<rss><channel><title>x</title></channel></rss>",
        "a page": "<html></html>",
        "nothing": "",
        "deep": whole.replace("<item>", "<item>" + "<a>" * 50 + "</a>" * 50, 1),
        "an odd encoding": whole.replace('encoding="UTF-8"', 'encoding="EBCDIC-CP-US"'),
    }
    for name, text in bad.items():
        file = tmp_path / "bad.xml"
        file.write_text(text)
        done = run(file)
        assert done.exit_code == 1, name
        assert "Nothing was brought in" in done.stderr, name
        assert done.exception is None or isinstance(done.exception, SystemExit), name
    assert client.get(STORY).status_code == 404


def test_what_xml_forbids_and_wordpress_writes_is_read(run: Run, tmp_path: Path, client: FlaskClient) -> None:
    file = export(tmp_path / "site.xml", item(1, "One", "Bell rung, end]]> of it \\ 'so'"))
    file.write_bytes(file.read_bytes().replace(b"Bell ", b"Bell \x08\x00\xff"))
    assert run(file).exit_code == 0
    assert "rung, end]]&gt; of it \\ 'so'" in body(client)
