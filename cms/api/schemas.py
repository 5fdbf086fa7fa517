"""What the API takes. What it gives is told in ``telling.py``; nothing is taken that is not named here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate


class Strict(Schema):
    """Unknown fields are refused by name; duplicates of a type are never guessed."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text and nothing else: a number is not quietly made into one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Takes text.")
        return value


class Instant(fields.Field[datetime]):
    """RFC 3339 with a zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("Takes an RFC 3339 time with a zone, such as 2026-03-26T15:26:00Z.") from None
        if instant.tzinfo is None or not 1900 <= instant.year <= 2200:
            raise ValidationError("Takes an RFC 3339 time with a zone, such as 2026-03-26T15:26:00Z.")
        return instant


class Byline(Strict):
    person = Text(required=True)
    role = Text()


class Seo(Strict):
    title = Text(allow_none=True)
    description = Text(allow_none=True)
    canonical_url = Text(allow_none=True)
    noindex = fields.Boolean(allow_none=True)
    social_title = Text(allow_none=True)
    social_description = Text(allow_none=True)
    social_image = Text(allow_none=True)


class ArticleChange(Strict):
    headline = Text()
    standfirst = Text()
    key_points = fields.List(Text())
    body_html = Text()
    bylines = fields.List(fields.Nested(Byline))
    sections = fields.List(Text())
    tags = fields.List(Text())
    lead_image = Text(allow_none=True)
    slug = Text()
    language = Text()
    embargo_until = Instant(allow_none=True)
    seo = fields.Nested(Seo)


class NewArticle(ArticleChange):
    headline = Text(required=True)


class NewPublication(Strict):
    revision = fields.Integer(strict=True, validate=validate.Range(min=1))
    live_from = Instant(allow_none=True)
    live_until = Instant(allow_none=True)
    minor = fields.Boolean()
    knowingly = fields.Boolean()


class NewWithdrawal(Strict):
    notice = Text(allow_none=True)


class NewCorrection(Strict):
    kind = Text(required=True)
    text = Text(required=True)


class OneArticle(Strict):
    view = Text(validate=validate.OneOf(["newest", "live"]))


class ListOfArticles(Strict):
    section = Text()
    tag = Text()
    author = Text()
    limit = Text(validate=validate.Regexp(r"^([1-9][0-9]?|100)$", error="Takes a whole number from 1 to 100."))
    after = Text()


class Ids(Strict):
    ids = Text(required=True)
