"""Two people on one story, a network that goes away, a browser that is killed: the words are still there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def write_in(page: Page, site: Site, article: str) -> None:
    page.goto(f"{site.origin}/admin/articles/{article}/")
    page.locator(".ProseMirror").wait_for()


def test_the_second_of_two_people_to_save_sees_both_texts_and_loses_neither(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    site.hire("Ben", "editor")
    article = site.desk.write("The quay", body_html="<p>One.</p><p>Two.</p><p>Three.</p>")
    eve, ben = sign_in("Eve"), sign_in("Ben")
    write_in(eve, site, article)
    write_in(ben, site, article)
    eve.get_by_label("Headline").fill("The quay, says Eve")
    eve.locator(".ProseMirror p").first.click()
    eve.keyboard.press("End")
    eve.keyboard.type(" From Eve.")
    eve.keyboard.press("Control+s")
    expect(eve.locator(".told")).to_contain_text("Saved")

    ben.get_by_label("Headline").fill("The quay, says Ben")
    ben.locator(".ProseMirror p").last.click()
    ben.keyboard.press("End")
    ben.keyboard.type(" From Ben.")
    ben.keyboard.press("Control+s")
    expect(ben.get_by_role("alert")).to_contain_text("Eve saved revision 2")
    headlines = ben.get_by_role("region", name="Headline")
    expect(headlines).to_contain_text("Eve")
    expect(headlines).to_contain_text("Ben")
    headlines.get_by_label("Theirs").check()
    expect(ben.locator(".ProseMirror")).to_contain_text("One. From Eve.")
    expect(ben.locator(".ProseMirror")).to_contain_text("Three. From Ben.")
    ben.get_by_role("button", name="Save as a new revision").click()
    expect(ben.locator(".told")).to_contain_text("what you chose of both")
    expect(ben.get_by_label("Headline")).to_have_value("The quay, says Eve")
    expect(ben.locator(".ProseMirror")).to_contain_text("One. From Eve.")
    expect(ben.locator(".ProseMirror")).to_contain_text("Three. From Ben.")


def test_words_typed_without_a_network_are_offered_when_the_browser_comes_back(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    article = site.desk.write("The quay", body_html="<p>One.</p>", key_points=["First"])
    page = sign_in("Eve")
    write_in(page, site, article)
    page.route("**/keep", lambda route: route.abort())
    page.get_by_label("Headline").fill("The quay at night")
    page.locator(".ProseMirror").click()
    page.keyboard.type("Typed in a tunnel. ")
    expect(page.locator("[data-save-state]")).to_contain_text("Offline: kept in this browser")
    page.close(run_before_unload=False)

    again = page.context.new_page()
    write_in(again, site, article)
    expect(again.get_by_label("Headline")).to_have_value("The quay")
    again.get_by_role("button", name="Restore them").click()
    expect(again.get_by_label("Headline")).to_have_value("The quay at night")
    expect(again.locator(".ProseMirror")).to_contain_text("Typed in a tunnel.")
    again.keyboard.press("Control+s")
    expect(again.locator(".told")).to_contain_text("Saved")
    expect(again.locator(".ProseMirror")).to_contain_text("Typed in a tunnel.")


def test_words_kept_on_the_desk_are_offered_to_another_browser_of_the_same_person(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    article = site.desk.write("The quay", body_html="<p>One.</p>")
    page = sign_in("Eve")
    write_in(page, site, article)
    page.locator(".ProseMirror").click()
    page.keyboard.type("Typed and left. ")
    expect(page.locator("[data-save-state]")).to_contain_text("Kept")
    elsewhere = sign_in("Eve")
    write_in(elsewhere, site, article)
    expect(elsewhere.locator(".ProseMirror")).not_to_contain_text("Typed and left.")
    elsewhere.get_by_role("link", name="Restore them").click()
    expect(elsewhere.locator(".ProseMirror")).to_contain_text("Typed and left.")


def test_a_text_pasted_from_docs_and_word_keeps_its_structure_and_nothing_else(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("Eve")
    page.goto(f"{site.origin}/admin/articles/new")
    page.locator(".ProseMirror").click()
    page.evaluate(
        """html => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            const pasted = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.querySelector(".ProseMirror").dispatchEvent(pasted);
        }""",
        '<meta charset="utf-8"><b style="font-weight:normal" id="docs-internal-guid-1"><h1>Big</h1>'
        '<p style="line-height:1.4"><span style="font-weight:700">Bold</span><span style="color:red"> and </span>'
        '<span style="font-style:italic">light</span> '
        '<a href="https://www.google.com/url?q=https://example.org/a&amp;sa=D">link</a></p><br>'
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>First</p>"
        "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>Inner</p>"
        "<script>alert(1)</script></b>",
    )
    assert page.locator("#body_html").input_value() == (
        '<h2>Big</h2><p><strong>Bold</strong> and <em>light</em> <a href="https://example.org/a">link</a></p>'
        "<ul><li>First<ul><li>Inner</li></ul></li></ul>"
    )
