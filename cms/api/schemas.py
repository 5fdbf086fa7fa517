"""What the API takes. Nothing is taken that is not named here; what it gives is described in ``answers.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from cms.api.taking import Body, Edge, Flag, Instant, Limit, Line, Text, Whole
from cms.domain.articles.fields import BYLINE_ROLES, WRITABLE, clean_fields
from cms.domain.errors import Invalid
from cms.domain.people.model import ROLES
from cms.domain.workflow.corrections import KINDS
from cms.domain.workflow.snapshots import not_there
from cms.domain.workflow.states import State, Visibility
from cms.web.database import db

NUMBER = "<int(min=1, max=2147483647):{}>"


class Strict(Schema):
    """Unknown fields are refused by name."""

    class Meta:
        unknown = RAISE


class Nothing(Strict):
    """No body, or an empty object."""


def _choice(*values: str) -> Text:
    return Text(validate=validate.OneOf(values, error="Takes one of {choices}."))


# --- Articles ----------------------------------------------------------------------------------------------


class WritableByline(Strict):
    person = Text(required=True)
    role = Text(metadata={"enum": list(BYLINE_ROLES)})


class Seo(Strict):
    title = Text(allow_none=True)
    description = Text(allow_none=True)
    canonical_url = Text(allow_none=True)
    noindex = Flag(allow_none=True)
    social_title = Text(allow_none=True)
    social_description = Text(allow_none=True)
    social_image = Text(allow_none=True)


class ArticleChange(Strict):
    headline = Text()
    standfirst = Text()
    key_points = fields.List(Text())
    body_html = Body()
    bylines = fields.List(fields.Nested(WritableByline))
    sections = fields.List(Text())
    tags = fields.List(Text())
    lead_image = Text(allow_none=True)
    slug = Text()
    language = Text()
    embargo_until = Instant(allow_none=True)
    seo = fields.Nested(Seo)

    def further_errors(self, valid: dict[str, Any]) -> Mapping[str, Sequence[str]]:
        """What else can't be taken, of the fields that have the right form."""
        return wrong_in({name: valid[name] for name in valid if name in WRITABLE})


def wrong_in(fields: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """All that can't be taken of these fields."""
    try:
        return not_there(db.session(), clean_fields(fields))
    except Invalid as invalid:
        return _all_wrong(fields, invalid)


def cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they may be stored. Raises Invalid, naming all that is wrong with them."""
    try:
        return clean_fields(fields)
    except Invalid as invalid:
        raise Invalid(_all_wrong(fields, invalid)) from None


def _all_wrong(fields: Mapping[str, Any], invalid: Invalid) -> Mapping[str, Sequence[str]]:
    """What was refused as it is, and of the rest whatever names a section, person or image that isn't."""
    sound = {name: fields[name] for name in fields if name not in invalid.errors}
    return {**not_there(db.session(), clean_fields(sound)), **invalid.errors}


class NewArticle(ArticleChange):
    headline = Text(required=True)


class NewPublication(Strict):
    revision = Whole(allow_none=True)
    live_from = Instant(allow_none=True)
    live_until = Instant(allow_none=True)
    minor = Flag()
    knowingly = Flag()


class NewWithdrawal(Strict):
    notice = Line(1000, allow_none=True)


class NewCorrection(Strict):
    kind = Text(required=True, metadata={"enum": list(KINDS)})
    text = Text(required=True)


class NewPreviewLink(Strict):
    revision = Whole(allow_none=True)
    expires_at = Instant(allow_none=True)


class OneArticle(Strict):
    view = _choice("newest", "live")


# --- Lists -------------------------------------------------------------------------------------------------


class Paged(Strict):
    limit = Limit(load_default=20, metadata={"minimum": 1, "maximum": 100, "description": "How many at once."})
    after = Text(metadata={"description": "Where the page before ended; taken from its next."})


class Span(Strict):
    since = Edge(data_key="from", metadata={"description": "A date of the site's calendar, or an RFC 3339 time."})
    until = Edge(data_key="to", metadata={"description": "The same; a date means to the end of that day."})


class Found(Paged, Span):
    q = Text(metadata={"description": "Words; beyond 200 characters it is cut."})
    section = Text(metadata={"description": "A section's slug; its subsections are included."})
    tag = Text(metadata={"description": "A tag's slug."})
    author = Text(metadata={"description": "A person's slug."})


class ListOfArticles(Found):
    sort = _choice("newest", "modified", "relevance")
    state = _choice(*State)
    visibility = _choice(*Visibility)


class Search(Found):
    sort = _choice("relevance", "newest")


class Suggest(Strict):
    q = Text(load_default="")


class Ids(Strict):
    ids = Text(required=True, metadata={"description": "Up to 50 ids of articles, joined by commas."})


class Stats(Span):
    article = Text(metadata={"description": "One article's id; without it, all of them."})


class AuditLines(Paged, Span):
    verb = Text()
    subject = Text(metadata={"description": "A kind, such as article, or a kind and an id: article:5m2k…"})
    actor = Text(metadata={"description": "A user's id."})


# --- Everything else ---------------------------------------------------------------------------------------


class NewSection(Strict):
    name = Text(required=True)
    slug = Text(allow_none=True)
    parent = Text(allow_none=True, metadata={"description": "The slug of the section above."})


class SectionChange(Strict):
    name = Text()
    slug = Text()
    parent = Text(allow_none=True, metadata={"description": "The slug of the section above; null: the top."})
    introduction = Text()


class NewTag(Strict):
    name = Text(required=True)
    slug = Text(allow_none=True)


class TagChange(Strict):
    name = Text()
    slug = Text()
    introduction = Text()


class NewPerson(Strict):
    name = Text(required=True)
    slug = Text(allow_none=True)
    title = Text(allow_none=True)
    bio = Text(allow_none=True)
    email = Text(allow_none=True)


class PersonChange(Strict):
    name = Text()
    slug = Text()
    title = Text()
    bio = Text()
    email = Text()


class NewRedirect(Strict):
    former = Text(required=True, metadata={"description": "A path of this site that leads nowhere any more."})
    target = Text(
        allow_none=True, metadata={"description": "A path of this site or a whole address; null: gone for good, 410."}
    )
    note = Text()


class ListOfRedirects(Paged):
    q = Text(metadata={"description": "Words in the addresses or the note."})


class NewMedia(Strict):
    alt = Text()
    caption = Text()
    credit = Text()
    rights = Text()


class NewToken(Strict):
    name = Text(required=True)
    role = Text(required=True, metadata={"enum": list(ROLES)})
    expires_at = Instant(allow_none=True)


class NewWebhook(Strict):
    url = Text(required=True, metadata={"description": "Where messages are posted to: http or https."})
    name = Text(allow_none=True)
    events = fields.List(Text(), metadata={"description": "What it is told of; none: everything but pages."})


class WebhookChange(Strict):
    url = Text()
    name = Text()
    events = fields.List(Text())
    active = Flag(metadata={"description": "false stops it, and drops what waits for it."})


class NewUser(Strict):
    email = Text(required=True)
    name = Text(allow_none=True)
    role = Text(required=True, metadata={"enum": list(ROLES)})
    password = Text(allow_none=True, metadata={"description": "At least 12 characters; without one it is made up."})


class UserChange(Strict):
    name = Text()
    person = Text(allow_none=True, metadata={"description": "The slug of whose byline is theirs."})
    sections = fields.List(Text(), metadata={"description": "Slugs that an editor is limited to; none: no limit."})
    role = Text(metadata={"enum": list(ROLES)})
    active = Flag()
