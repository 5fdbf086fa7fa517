"""Words as German makes them, and addresses as people paste them, are broken rather than let a page grow."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.conftest import Site

WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle"
BODY = (
    f"<p>{WORD}</p><h2>{WORD}</h2><ul><li>{WORD}</li></ul><blockquote><p>{WORD}</p></blockquote><pre>{WORD}</pre>"
    f"<p><code>{WORD}</code> https://example.com/{WORD}</p><table><tbody><tr><th>{WORD}</th></tr></tbody></table>"
    f'<aside class="fact-box"><h3>{WORD}</h3><p>{WORD}</p></aside><aside class="pull-quote"><p>{WORD}</p></aside>'
    f'<figure class="embed embed-vimeo"><a href="https://vimeo.com/76979871">{WORD}</a></figure>'
)
STORY = "/2026/03/26/long/"


def test_no_word_is_too_long_for_a_phone_with_its_text_at_twice_the_size(chromium: Browser, site: Site) -> None:
    desk = site.desk
    desk.section(WORD, "long")
    desk.person(WORD, "long", bio=WORD)
    fields = {"standfirst": WORD, "key_points": [WORD], "body_html": BODY, "language": "de"}
    filed = {"sections": ["long"], "tags": [WORD], "bylines": [{"person": "long"}]}
    story = desk.publish(f"{WORD} zuvor", slug="long", **fields, **filed)
    desk.put_live(story, revision=desk.save(story, headline=WORD))
    desk.correct(story, WORD)
    for number in range(4):
        desk.publish(f"{WORD} {number}", slug=f"long-{number}", **fields, **filed)
    context = chromium.new_context(base_url=site.origin, viewport={"width": 320, "height": 800})
    page, wide = context.new_page(), {}
    lists = ("/", "/section/long/", "/author/long/", "/archive/", "/corrections/", f"/search?q={WORD}")
    for path in (*lists, STORY, f"{STORY}history/", f"{STORY}report/"):
        page.goto(path)
        for size in ("100%", "200%"):
            page.evaluate("size => (document.documentElement.style.fontSize = size)", size)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                wide[path, size] = width
    context.close()
    assert wide == {}
