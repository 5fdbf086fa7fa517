"""How dates, numbers, names and visits are printed on the public pages, in the paper's zone and language.

Templates hold no format of their own: what two pages print of one instant or number is the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations

from cms.domain.articles.story import StoryPerson
from cms.settings import Settings
from cms.web.current import newsroom
from cms.web.translations import catalogue

KEPT = 4_096
"""Instants and numbers that are kept as printed."""


class Visits(Protocol):
    """A story's counted views, ever and on the site's present day."""

    @property
    def total(self) -> int: ...

    @property
    def today(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Printer:
    """Prints for one paper; a process has one. The instants and numbers on its pages are few and often the same, so
    each is written once."""

    zone: ZoneInfo
    locale: Locale
    words: NullTranslations

    @lru_cache(maxsize=KEPT)  # noqa: B019
    def full_time(self, at: datetime) -> str:
        """``March 26, 2024, 3:26 pm EDT``."""
        return f"{self.day(at)}, {self._clock(at)} {self._zone_name(at)}"

    @lru_cache(maxsize=KEPT)  # noqa: B019
    def day(self, at: datetime) -> str:
        """``March 26, 2024``."""
        return format_date(at.astimezone(self.zone), "long", locale=self.locale)

    @lru_cache(maxsize=KEPT)  # noqa: B019
    def stamp(self, at: datetime) -> str:
        """For machines: ISO 8601 with the zone's offset, and milliseconds where there are any."""
        precision = "milliseconds" if at.microsecond else "seconds"
        return at.astimezone(self.zone).isoformat(timespec=precision)

    @lru_cache(maxsize=KEPT)  # noqa: B019
    def number(self, count: int) -> str:
        """``12,345``."""
        return format_decimal(count, locale=self.locale)

    def visits(self, visits: Visits) -> str:
        """``Visited 3 times, 1 visit today``."""
        total = self._ever(visits.total, self.number(visits.total))
        today = self._today(visits.today, self.number(visits.today))
        return self._both(total, today)

    @cache  # noqa: B019
    def visit_words(self) -> str:
        """That sentence as JSON for the script that prints it anew: each part by plural category."""
        forms = {
            "total": self._by_category(lambda sample: self._ever(sample, "{n}")),
            "today": self._by_category(lambda sample: self._today(sample, "{n}")),
            "both": self._both("{total}", "{today}"),
        }
        return json.dumps(forms, ensure_ascii=False)

    def visit_count(self, count: int) -> str:
        """``12,345 visits``."""
        said = self.words.ungettext("%(count)s visit", "%(count)s visits", count)
        return said % {"count": self.number(count)}

    @cache  # noqa: B019
    def suggestion_words(self) -> str:
        """``{n} suggestions`` by plural category, as JSON for the search window's script."""
        return json.dumps(self._by_category(self._suggestions), ensure_ascii=False)

    def _ever(self, number: int, shown: str) -> str:
        return self.words.ungettext("Visited %(count)s time", "Visited %(count)s times", number) % {"count": shown}

    def _today(self, number: int, shown: str) -> str:
        return self.words.ungettext("%(count)s visit today", "%(count)s visits today", number) % {"count": shown}

    def _both(self, total: str, today: str) -> str:
        return self.words.ugettext("%(total)s, %(today)s") % {"total": total, "today": today}

    def _suggestions(self, number: int) -> str:
        return self.words.ungettext("%(count)s suggestion", "%(count)s suggestions", number) % {"count": "{n}"}

    def _by_category(self, phrase: Phrase) -> dict[str, str]:
        """The phrase for one number of each of the locale's plural categories: ``{"one": …, "other": …}``."""
        forms: dict[str, str] = {}
        for sample in (*range(201), 1_000_000):
            forms.setdefault(self.locale.plural_form(sample), phrase(sample))
        return forms

    def _clock(self, at: datetime) -> str:
        # CLDR parts the time from "PM" by a narrow no-break space, which few fonts hold.
        shown = format_time(at, "short", tzinfo=self.zone, locale=self.locale).replace("\u202f", " ")
        return shown.lower() if self.locale.language == "en" else shown

    def _zone_name(self, at: datetime) -> str:
        """``EDT``; where the zone has no letters of its own, ``UTC+05:45``."""
        local = at.astimezone(self.zone)
        name = local.tzname() or "UTC"
        return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


class Phrase(Protocol):
    def __call__(self, sample: int, /) -> str: ...


def printer_for(settings: Settings) -> Printer:
    """The printer for the paper that these settings describe."""
    return _printer(settings.site_timezone, settings.site_language)


@cache
def _printer(zone: ZoneInfo, language: str) -> Printer:
    locale = Locale.parse(language, sep="-")
    return Printer(zone, locale, catalogue(str(locale)))


def paper_printer() -> Printer:
    """The printer for the request's paper."""
    return printer_for(newsroom().settings)


def by_role(people: Iterable[StoryPerson]) -> Mapping[str, list[StoryPerson]]:
    """Everybody on a story by what they did, in the order in which the first of each is printed."""
    roles: dict[str, list[StoryPerson]] = {}
    for person in people:
        roles.setdefault(person.role, []).append(person)
    return roles


@lru_cache(maxsize=256)
def language_name(language: str) -> str:
    """``Deutsch`` for ``de``: as its own readers call it; the tag itself for one that Babel does not know."""
    try:
        return Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language


@lru_cache(maxsize=256)
def direction(language: str) -> str:
    """``rtl`` or ``ltr``, by the script a language is written in; ``ltr`` for one that Babel does not know."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"
