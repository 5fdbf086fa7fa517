"""Exports as WordPress writes them, made for the tests: a few lines say what a site held."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

SITE = "https://old.example/blog"


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def item(number: int, title: str = "", content: str = "", **given: object) -> str:
    """One item. ``terms`` are (domain, nicename, name), ``meta`` custom fields; the rest are elements by name."""
    date = str(given.pop("date", "2013-01-11 20:22:19"))
    kind = str(given.pop("kind", "post"))
    terms = given.pop("terms", ())
    meta = given.pop("meta", {})
    comments = int(str(given.pop("comments", 0)))
    texts = {
        "link": f"{SITE}/2013/01/11/post-{number}/",
        "dc:creator": "ada",
        "guid": f"{SITE}/?p={number}",
        "excerpt:encoded": "",
        "wp:post_date": date,
        "wp:post_date_gmt": date,
        "wp:post_modified": date,
        "wp:post_modified_gmt": date,
        "wp:post_name": f"post-{number}",
        "wp:status": "publish",
        "wp:post_parent": "0",
        "wp:is_sticky": "0",
        "wp:post_password": "",
        **{name.replace("__", ":"): str(value) for name, value in given.items()},
    }
    assert isinstance(terms, (list, tuple))
    assert isinstance(meta, dict)
    return (
        f"<item><title>{cdata(title)}</title><content:encoded>{cdata(content)}</content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_type>{kind}</wp:post_type>"
        + "".join(f"<{name}>{cdata(text)}</{name}>" for name, text in texts.items())
        + "".join(f'<category domain="{d}" nicename="{escape(n)}">{cdata(name)}</category>' for d, n, name in terms)
        + "".join(
            f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(str(value))}</wp:meta_value>"
            "</wp:postmeta>"
            for key, value in meta.items()
        )
        + "<wp:comment><wp:comment_content>Nice</wp:comment_content></wp:comment>" * comments
        + "</item>\n"
    )


def attachment(number: int, file: str, **given: object) -> str:
    meta = {"_wp_attached_file": file, "_wp_attachment_image_alt": given.pop("alt", "")}
    url = f"{SITE}/wp-content/uploads/{file}"
    return item(number, file, kind="attachment", wp__attachment_url=url, wp__status="inherit", meta=meta, **given)


def export(path: Path, *items: str, head: str = "", version: str = "1.2", site: str = SITE) -> Path:
    """Write an export of these items."""
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:wp="http://wordpress.org/export/{version}/">\n<channel><title>The Old Post</title>'
        f"<link>{site}</link><wp:wxr_version>{version}</wp:wxr_version>"
        f"<wp:base_site_url>{site}</wp:base_site_url><wp:base_blog_url>{site}</wp:base_blog_url>\n"
        "<wp:author><wp:author_id>2</wp:author_id><wp:author_login>ada</wp:author_login>"
        "<wp:author_email>ada@old.example</wp:author_email>"
        "<wp:author_display_name><![CDATA[Ada Byron]]></wp:author_display_name></wp:author>\n"
        + head
        + "".join(items)
        + "</channel></rss>\n",
        encoding="utf-8",
    )
    return path


def category(slug: str, name: str, parent: str = "", number: int = 9, about: str = "") -> str:
    return (
        f"<wp:category><wp:term_id>{number}</wp:term_id><wp:category_nicename>{slug}</wp:category_nicename>"
        f"<wp:category_parent>{parent}</wp:category_parent><wp:cat_name>{cdata(name)}</wp:cat_name>"
        f"<wp:category_description>{cdata(about)}</wp:category_description></wp:category>\n"
    )
