"""What the API gives, described: these are the shapes in its OpenAPI document, and tests hold answers to them."""

from __future__ import annotations

from marshmallow import Schema, fields

from cms.domain.articles.fields import BYLINE_ROLES
from cms.domain.people.model import ROLES
from cms.domain.workflow.corrections import KINDS
from cms.domain.workflow.states import State, Visibility


class _Shape(Schema):
    class Meta:
        ordered = True


def _text(**more: object) -> fields.String:
    return fields.String(required=True, metadata=more)


def _maybe() -> fields.String:
    return fields.String(required=True, allow_none=True)


def _time() -> fields.String:
    return fields.String(required=True, metadata={"format": "date-time"})


def _maybe_time() -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


def _number() -> fields.Integer:
    return fields.Integer(required=True)


def _maybe_number() -> fields.Integer:
    return fields.Integer(required=True, allow_none=True)


def _flag() -> fields.Boolean:
    return fields.Boolean(required=True)


def _texts() -> fields.List:
    return fields.List(fields.String(), required=True)


def _many(shape: type[Schema]) -> fields.List:
    return fields.List(fields.Nested(shape), required=True)


class _Page(_Shape):
    next = fields.String(
        required=True, allow_none=True, metadata={"description": "The address of the next page; null on the last."}
    )


class Error(_Shape):
    """Every answer that is not a success."""

    code = _text(description="For machines.")
    status = fields.Integer(required=True)
    message = _text(description="For people.")
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Each field or parameter that can't be taken, with sentences."},
    )


# --- Articles ----------------------------------------------------------------------------------------------


class Byline(_Shape):
    person = _text()
    name = _text()
    role = _text(enum=list(BYLINE_ROLES))
    url = _text()


class Image(_Shape):
    id = _text()
    url = _text()
    alt = _text()
    caption = _text()
    credit = _text()
    width = _number()
    height = _number()


class Correction(_Shape):
    id = _text()
    kind = _text(enum=list(KINDS))
    text = _text()
    published_at = _time()


class Visits(_Shape):
    total = _number()
    today = _number()


class _Text(_Shape):
    revision = _number()
    slug = _text()
    headline = _text()
    standfirst = _text()
    key_points = _texts()
    body_html = _text()
    bylines = _many(Byline)
    sections = _texts()
    tags = _texts()
    lead_image = fields.Nested(Image, required=True, allow_none=True)
    language = _text()
    seo = fields.Dict(required=True)


class Article(_Text):
    id = _text()
    url = _maybe()
    state = _text(enum=list(State))
    visibility = _text(enum=list(Visibility))
    published_at = _maybe_time()
    modified_at = _maybe_time()
    embargo_until = _maybe_time()
    live_from = _maybe_time()
    live_until = _maybe_time()
    corrections = _many(Correction)
    views = fields.Nested(Visits, required=True)


class Articles(_Page):
    data = _many(Article)


class Publication(_Shape):
    n = _number()
    revision = _number()
    live_from = _time()
    live_until = _maybe_time()
    minor = _flag()


class Revision(_Shape):
    revision = _number()
    hash = _text()
    previous = _maybe()
    base = _maybe_number()
    created_at = _time()
    by = _text()
    note = _text()


class Revisions(_Page):
    data = _many(Revision)


class Snapshot(_Text):
    hash = _text()
    previous = _maybe()
    base = _maybe_number()
    created_at = _time()
    by = _text()
    note = _text()


class Diff(_Shape):
    older = fields.Integer(required=True, data_key="from")
    newer = fields.Integer(required=True, data_key="to")
    html = _text(description="<ins> for what came, <del> for what went.")


class PreviewLink(_Shape):
    id = _text()
    revision = _number()
    created_at = _time()
    expires_at = _time()


class SharedPreview(PreviewLink):
    url = _text(description="Told this once.")


class PreviewLinks(_Page):
    data = _many(PreviewLink)


class Saved(_Shape):
    revision = _number()


class _WorkingCopy(_Shape):
    revision = _number()
    conflicts = _texts()


class _Rebased(_Shape):
    n = _number()
    became = _number()
    revision = _number()


class Fix(_Shape):
    revision = _number()
    publication = fields.Nested(Publication, required=True)
    working_copy = fields.Nested(_WorkingCopy, required=True)
    rebased = _many(_Rebased)
    kept = fields.List(fields.Integer(), required=True)


class Hold(_Shape):
    holder = _text()
    reason = _text()
    placed_at = _time()
    cancelled = fields.List(fields.Integer(), required=True)


class _Told(_Shape):
    what = _text()
    whom = _text()
    due_at = _time()
    done_at = _maybe_time()
    attempts = _number()
    failure = _maybe()


class Receipt(_Shape):
    id = _text()
    at = _time()
    by = _text()
    reason = _text()
    withdrawn = _maybe_number()
    cancelled = fields.List(fields.Integer(), required=True)
    images = _texts()
    images_kept = _texts()
    told = _many(_Told)


class Receipts(_Page):
    data = _many(Receipt)


class Erasure(_Shape):
    id = _text()
    revisions = fields.List(fields.Integer(), required=True)
    reason = _text()
    asked_at = _time()
    asked_by = _text()
    erased_at = _maybe_time()
    agreed_by = _maybe()


class Translation(_Shape):
    id = _text()
    language = _text()
    headline = _text()
    url = _text()


class Translations(_Shape):
    data = _many(Translation)
    linked = fields.List(fields.String(), metadata={"description": "With a token: every story linked, shown or not."})


# --- Search, visits, changes -------------------------------------------------------------------------------


class Highlight(_Shape):
    headline = _text(description="Markup: matching words stand in <mark>.")
    excerpt = _text()


class Found(Article):
    highlight = fields.Nested(Highlight, required=True)


class SearchResults(_Page):
    data = _many(Found)
    facets = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), values=fields.Integer()), required=True
    )
    total = _number()
    notes = _texts()
    did_you_mean = _maybe()


class Suggestion(_Shape):
    headline = _text()
    url = _text()


class Suggestions(_Shape):
    data = _many(Suggestion)


class Counts(_Shape):
    """Each visible article's id with its visits."""

    class Meta:
        unknown = "include"


class Day(_Shape):
    day = _text(format="date")
    visits = _number()
    readers = _number()


class Stats(_Shape):
    first = fields.String(required=True, data_key="from", metadata={"format": "date"})
    last = fields.String(required=True, data_key="to", metadata={"format": "date"})
    visits = _number()
    days = _many(Day)
    not_counted = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Change(_Shape):
    id = _text(description="A place in the order of changes; the parameter after takes it.")
    kind = _text(enum=["publication", "correction", "withdrawal"])
    article = _text()
    at = _time()
    url = _maybe()
    publication = fields.Nested(Publication, allow_none=True, required=True)
    correction = fields.Nested(Correction, allow_none=True, required=True)
    notice = _maybe()


class Changes(_Page):
    data = _many(Change)
    after = fields.String(
        required=True, allow_none=True, metadata={"description": "Where to go on when asking again later."}
    )


class FrontLine(_Shape):
    id = _text()
    url = _text()
    headline = _text()
    standfirst = _text()
    sections = _texts()
    published_at = _time()
    modified_at = _time()


class Banner(_Shape):
    text = _text()
    link = _text()
    until = _time()


def _row() -> fields.List:
    return fields.List(fields.Nested(FrontLine, allow_none=True), required=True)


class Front(_Shape):
    section = _maybe()
    version = _number()
    lead = _row()
    secondary = _row()
    latest = fields.List(fields.Nested(FrontLine), metadata={"description": "Of the front page alone, as are rails."})
    rails = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FrontLine)))
    banner = fields.Nested(Banner, required=True, allow_none=True)
    chosen = fields.Dict(metadata={"description": "With a token: what editors put in each slot."})


# --- Everything else ---------------------------------------------------------------------------------------


class Section(_Shape):
    id = _text()
    slug = _text()
    name = _text()
    path = _text()
    parent = _maybe()
    introduction = _text()
    url = _text()


class Sections(_Page):
    data = _many(Section)


class Tag(_Shape):
    id = _text()
    slug = _text()
    name = _text()
    introduction = _text()
    url = _text()


class Tags(_Page):
    data = _many(Tag)


class Person(_Shape):
    id = _text()
    slug = _text()
    name = _text()
    title = _text()
    bio = _text()
    url = _text()
    email = fields.String(metadata={"description": "For staff alone."})


class People(_Page):
    data = _many(Person)


class Redirect(_Shape):
    id = _text()
    former = _text()
    target = _maybe()
    note = _text()
    hits = _number()
    last_hit_at = _maybe_time()
    created_at = _time()


class Redirects(_Page):
    data = _many(Redirect)


class Media(Image):
    media_type = _text()
    size = _number()
    rights = _text()
    created_at = _time()


class MediaList(_Page):
    data = _many(Media)


class Token(_Shape):
    id = _text()
    name = _text()
    role = _text(enum=list(ROLES))
    created_at = _time()
    expires_at = _maybe_time()
    revoked_at = _maybe_time()
    last_used_at = _maybe_time()


class GrantedToken(Token):
    token = _text(description="Told this once.")


class Tokens(_Page):
    data = _many(Token)


class Webhook(_Shape):
    id = _text()
    name = _text()
    url = _text()
    events = _texts()
    active = _flag()
    stopped_because = _text()
    created_at = _time()


class StartedWebhook(Webhook):
    secret = _text(description="What messages are signed with. Told this once.")


class Webhooks(_Page):
    data = _many(Webhook)


class Delivery(_Shape):
    id = _number()
    message = _text(description="The webhook-id that each attempt carries.")
    type = _text()
    article = _maybe()
    state = _text(enum=["waiting", "delivered", "given_up", "called_off"])
    attempts = _number()
    answer = _maybe()
    failure = _maybe()
    created_at = _time()
    due_at = _time()
    done_at = _maybe_time()


class Deliveries(_Page):
    data = _many(Delivery)


class User(_Shape):
    id = _text()
    email = _text()
    name = _text()
    role = _text(enum=list(ROLES))
    active = _flag()
    person = _maybe()
    sections = _texts()
    created_at = _time()


class HiredUser(User):
    password = fields.String(metadata={"description": "Where it was made up: told this once."})


class Users(_Page):
    data = _many(User)


class AuditLine(_Shape):
    id = _number()
    at = _time()
    by = _text()
    actor = _maybe()
    verb = _text()
    subject = _text()
    before = fields.Dict(required=True)
    after = fields.Dict(required=True)


class AuditLines(_Page):
    data = _many(AuditLine)
