"""The admin as a way in: every address, who may come in, and what no answer of it may do."""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import IntegerConverter

from cms.admin import (
    account,
    articles,
    audit,
    bulk,
    calendar,
    checks,
    corrections,
    finding,
    front,
    kept_views,
    media,
    notes,
    notices,
    pages,
    people,
    redirects,
    refusals,
    remedies,
    rooms,
    sections,
    settings,
    signing,
    story,
    tags,
    today,
    translations,
    users,
    visits,
    wall_clock,
    webhooks,
)
from cms.domain.articles.chain import NAMELESS
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from cms.domain.people.staff import actor_for
from cms.domain.workflow.walltime import OddTime
from cms.web import sign_in
from cms.web.current import newsroom, now
from cms.web.database import db
from cms.web.not_now import NOT_NOW, RETRY_AFTER, trouble

PARTS = (
    today,
    finding,
    articles,
    kept_views,
    bulk,
    calendar,
    front,
    media,
    visits,
    checks,
    corrections,
    notes,
    notices,
    people,
    sections,
    tags,
    pages,
    translations,
    redirects,
    refusals,
    remedies,
    users,
    webhooks,
    audit,
    settings,
    account,
)
"""Each brings its own addresses."""
OPEN = {"admin.sign_in", "admin.check_sign_in"}
UPLOADS = {"admin.upload_media", "admin.add_picture"}
"""Where staff may send more than a form: up to CMS_UPLOAD_MB."""
STATUS: dict[type[Refusal], int] = {NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 422}
SAID = {
    400: "That can't be read",
    403: "You may not do this",
    404: "There is nothing here",
    405: "That was not done",
    409: "That was not done",
    413: "That is too large",
    422: "That was not done",
    503: "Not just now",
}
UNUSABLE = {
    400: "The browser sent something that can't be read. Load the page again and try once more.",
    404: "Nothing stands at this address, or you may not know that something does.",
    405: "This address takes no such request. Go back and use the page's own buttons.",
    413: "What was sent is larger than this page takes.",
}


def install(app: Flask, proof: story.Proof) -> None:
    sign_in.install(app)
    app.url_map.converters["number"] = _Number
    room = Blueprint("admin", __name__, url_prefix="/admin")
    room.before_request(_let_in)
    room.after_request(_keep_private)
    room.register_error_handler(Refusal, _refused)
    room.register_error_handler(CSRFError, _no_token)
    for code in (400, 404, 405, 413):
        room.register_error_handler(code, _no_such_request)
    room.register_error_handler(DataError, _no_such_text)
    for kind in NOT_NOW:
        room.register_error_handler(kind, _not_now)
    room.context_processor(_frame)
    room.add_url_rule("/sign-in", "sign_in", signing.form)
    room.add_url_rule("/sign-in", "check_sign_in", signing.check, methods=["POST"])
    room.add_url_rule("/sign-out", "sign_out", signing.out, methods=["POST"])
    for each in PARTS:
        each.routes(room)
    story.routes(room, proof)
    room.add_url_rule("/shortcuts", "shortcuts", lambda: render_template("admin/shortcuts.html"))
    room.add_url_rule("/<path:_elsewhere>", "elsewhere", _nowhere, methods=["GET", "POST"])
    app.register_blueprint(room)


class _Number(IntegerConverter):
    """A number in an address. One beyond what the database counts to is read as its largest, which nothing has."""

    def to_python(self, value: str) -> int:
        return min(int(value[:20]), 2**31 - 1)


def _let_in() -> Response | None:
    """Staff only; whoever changes something also proves that our own page asked them to."""
    g.zone, g.now = newsroom().settings.site_timezone, now()
    if request.endpoint not in OPEN:
        user = sign_in.staff()
        if user is None:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("admin.sign_in", next=wanted))  # type: ignore[return-value]
        g.actor = actor_for(user)
        if request.endpoint in UPLOADS:  # before anything reads the form
            request.max_content_length = newsroom().settings.upload_mb * 1_000_000
    if request.method not in ("GET", "HEAD"):
        sign_in.csrf.protect()
    return None


def _nowhere(_elsewhere: str) -> NoReturn:
    abort(404)


def _keep_private(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _frame() -> dict[str, object]:
    """What the frame of every page needs."""
    actor = g.get("actor")
    return {
        "paper_name": newsroom().settings.site_name,
        "doors": rooms.doors(actor) if actor else [],
        "keys": rooms.KEYS,
        "erased_said": NAMELESS,
        "account_door": url_for("admin.account") if "admin.account" in current_app.view_functions else None,
    }


def _refused(refusal: Refusal) -> tuple[str | Response, int]:
    status = next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 409)
    if request.accept_mimetypes.best == "application/json":  # a page's script asks, and says it there
        errors = refusal.errors if isinstance(refusal, Invalid) else {}
        said = " ".join(sentence for each in errors.values() for sentence in each) or f"{refusal.message}."
        return jsonify(message=said, errors=errors), status
    if isinstance(refusal, OddTime):
        return wall_clock.asked(refusal, _here_before()), status
    page = render_template("admin/refused.html", refusal=refusal, said=SAID[status], back=_here_before())
    return page, status


def _no_token(_error: HTTPException) -> tuple[str, int]:
    refusal = Refusal("This form has been open for too long. Go back, copy what you typed, and load the page again.")
    return render_template("admin/refused.html", refusal=refusal, said=SAID[400], back=_here_before()), 400


def _no_such_request(error: HTTPException) -> tuple[str, int]:
    """What Flask itself refuses, in the admin's frame and words."""
    code = error.code or 400
    page = render_template("admin/refused.html", refusal=Refusal(UNUSABLE[code]), said=SAID[code], back=_here_before())
    return page, code


def _no_such_text(_error: DataError) -> tuple[str, int]:
    """What PostgreSQL can't even look for, such as a zero byte in an address."""
    db.session().rollback()
    return _no_such_request(BadRequest())


def _not_now(error: Exception) -> tuple[str | Response, int, dict[str, str]]:
    """The database takes or tells nothing. What was typed is on the answer, for nobody has it else."""
    refusal, after = Refusal(trouble(error).message), {"Retry-After": RETRY_AFTER}
    if request.accept_mimetypes.best == "application/json":
        return jsonify(message=refusal.message, errors={}), 503, after
    typed = [(name, text) for name, text in request.form.items(multi=True) if text.strip() and name not in _SECRET]
    page = render_template("admin/refused.html", refusal=refusal, said=SAID[503], typed=typed, back=_here_before())
    return page, 503, after


_SECRET = {"csrf_token", "old", "password", "again"}
"""Fields that no page repeats."""


def _here_before() -> str:
    """Where the refused request came from, if that was a page of ours."""
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.path.startswith("/admin/") else url_for("admin.today")
