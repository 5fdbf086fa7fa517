"""Every address that anybody can ask for, read from the route map, with a stranger's guesses put in for its parts.

A new route joins by itself; one with a part that nobody here knows how to guess stops the test that asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Guess:
    """What a stranger who knew all there is to know of a story could put into an address."""

    article: str
    day: date
    slug: str
    tag: str
    person: str
    media: str
    media_id: str
    secret: str
    words: tuple[str, ...]
    section: str = "news"


def addresses(app: Flask, methods: Iterable[str], guess: Guess) -> Iterator[tuple[str, str]]:
    """Each method and address of the route map, with all that can be guessed in each part."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method in sorted(set(methods) & (rule.methods or set())):
            for address in _filled(app, rule, guess):
                yield method, address


def questions(app: Flask, description: dict[str, Any], guess: Guess) -> Iterator[str]:
    """Each address that takes parameters, with each of them guessed, one at a time and beside a search."""
    path = f"/{guess.day:%Y/%m/%d}/{guess.slug}/"
    for word in guess.words:
        yield f"/search?q={word}"
    for word in guess.words[:2]:
        yield f"/search?q={word[:-1]}"
        yield f"/search/suggest?q={word[:-2]}"
        yield f"/api/v1/search/suggest?q={word[:-1]}"
    for name, value in (("section", guess.section), ("tag", guess.tag), ("author", guess.person)):
        yield f"/search?q=sails&{name}={value}"
        yield f"/search?{name}={value}"
    for form in ("json", "xml"):
        yield "/oembed?" + urlencode({"url": f"http://news.example{path}", "format": form, "maxwidth": "9999"})
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("public.", "feeds.")) and not rule.arguments:
            yield f"{rule}?page=1&before={guess.slug}&preview={guess.secret}&now=2030-01-01T00:00:00Z&state=draft"
    for address, operations in description["paths"].items():
        if "{" in address:
            continue
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                for value in _values(parameter["name"], guess):
                    yield f"{address}?{urlencode({parameter['name']: value})}"


def _filled(app: Flask, rule: Rule, guess: Guess) -> Iterator[str]:
    names = sorted(rule.arguments)
    choices = [_parts(name, rule._converters[name], guess) for name in names]
    with app.test_request_context():
        for parts in product(*choices):
            built = rule.build(dict(zip(names, parts, strict=True)))
            assert built is not None, f"{rule} can't be filled with {parts}"
            yield built[1]


def _parts(name: str, converter: Any, guess: Guess) -> list[Any]:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    dated = {"yyyy": guess.day.year, "mm": guess.day.month, "dd": guess.day.day}
    dated |= {"year": guess.day.year, "month": guess.day.month, "day": guess.day.day}
    if name in dated:
        return [dated[name]]
    known: dict[str, list[Any]] = {
        "slug": [guess.slug, guess.tag, guess.person],
        "path": [guess.section, f"{guess.section}/{guess.slug}"],
        "_elsewhere": [guess.slug],
        "public_id": [guess.article, guess.media_id],
        "key": [guess.media],
        "name": ["w320.webp", "w960.jpg"],
        "secret": [guess.secret],
        "verb": ["publish"],
        **{key: [guess.article] for key in ("correction", "link", "link_id", "note")},
        **{key: [1, 2] for key in ("revision", "number", "newer", "n")},
        **{key: [1] for key in ("older", "row")},
    }
    assert name in known, f"say here what a stranger could put for <{name}>, or the sweep misses an address"
    return known[name]


def _values(name: str, guess: Guess) -> list[str]:
    """What to ask a parameter of the API with."""
    known: dict[str, list[str]] = {
        "q": ["sails", guess.words[0]],
        "section": [guess.section],
        "tag": [guess.tag],
        "author": [guess.person],
        "ids": [guess.article],
        "article": [guess.article],
        "state": ["draft", "spiked"],
        "visibility": ["scheduled", "withdrawn", "never"],
        "from": ["2020-01-01"],
        "to": ["2035-01-01"],
        "sort": ["newest", "modified"],
        "view": ["live"],
        "limit": ["100"],
        "unused": ["true"],
        **{key: [quote(guess.slug)] for key in ("after", "subject", "verb", "actor", "language")},
    }
    assert name in known, f"say here what a stranger could ask for with {name}=, or the sweep misses an answer"
    return known[name]
