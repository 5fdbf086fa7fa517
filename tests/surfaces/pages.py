"""Reading a page as a strict browser does, and picking its elements by a small part of CSS."""

from __future__ import annotations

import json
import re
from typing import Any

import html5lib
from flask.testing import FlaskClient
from lxml import html

_SIMPLE = re.compile(r"\.(?P<cls>[\w-]+)|\[(?P<attr>[\w-]+)(?:=['\"]?(?P<value>[^'\"\]]*)['\"]?)?\]")


def read(client: FlaskClient, path: str, status: int = 200) -> Any:
    """The page as a tree; its markup must be without a single parse error."""
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status}"
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return html.document_fromstring(answer.text)


def words(element: Any) -> str:
    """An element's text, its white space as a browser shows it."""
    return " ".join(element.text_content().split())


def described(page: Any) -> dict[str, Any]:
    """What a story's page says of it as JSON-LD."""
    [script] = pick(page, 'script[type="application/ld+json"]')
    return json.loads(script.text)


def pick(page: Any, selector: str) -> list[Any]:
    """Elements in document order: tags, ``*``, classes, attributes, descendants, ``>`` and commas."""
    return page.xpath(" | ".join(_xpath(part) for part in selector.split(",")))


def _xpath(selector: str) -> str:
    path, axis = "", "//"
    for token in re.sub(r"\s*>\s*", " > ", selector).split():
        if token == ">":
            axis = "/"
            continue
        tag = re.match(r"[\w*]*", token)[0] or "*"
        path += axis + tag
        for part in _SIMPLE.finditer(token):
            if part["cls"]:
                path += f"[contains(concat(' ', normalize-space(@class), ' '), ' {part['cls']} ')]"
            elif part["value"] is None:
                path += f"[@{part['attr']}]"
            else:
                path += f'[@{part["attr"]}="{part["value"]}"]'
        axis = "//"
    return path if path.startswith("//") else f"//{path}"
