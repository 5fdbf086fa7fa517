"""The interface's words in the paper's language, read from ``cms/translations/*/LC_MESSAGES/messages.po``.

The catalogue is compiled in memory when it is first asked for, so what is committed is what translators edit and
nothing has to be built. A language without a catalogue, and a message without a translation, is in English.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parents[1] / "translations"


def install(app: Flask) -> None:
    """Speak the paper's language in this application. A paper has one, so templates are given its catalogue itself:
    asking for the request's language at every word would take a third of the time that writing a page takes."""
    Babel(app).domain_instance = HouseWords()
    words = catalogue(str(Locale.parse(app.config["BABEL_DEFAULT_LOCALE"])))
    app.jinja_env.install_gettext_callables(words.ugettext, words.ungettext, newstyle=True)  # type: ignore[attr-defined]

    @cache
    def said(message: str) -> Markup:
        return Markup(words.ugettext(message))

    def word(message: str, **variables: object) -> Markup:
        return said(message) % variables if variables else said(message)

    app.jinja_env.globals["_"] = word


class HouseWords(Domain):
    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return catalogue(str(locale)) if locale else NullTranslations()


@cache
def catalogue(locale: str) -> NullTranslations:
    """That of the locale, else of its language alone (``de`` for ``de_AT``)."""
    for name in dict.fromkeys((locale, locale.partition("_")[0])):
        source = FOLDER / name / "LC_MESSAGES" / "messages.po"
        if source.exists():
            compiled = BytesIO()
            with source.open("rb") as text:
                write_mo(compiled, read_po(text, locale=name))
            compiled.seek(0)
            return Translations(compiled)
    return Translations()
