"""The admin as a way in: every address, who may come in, and what no answer of it may do."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from cms.admin import articles, corrections, notes, notices, people, publishing, sections, signing, tags, writing
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from cms.domain.people.staff import actor_for
from cms.web import sign_in
from cms.web.current import newsroom

OPEN = {"admin.sign_in", "admin.check_sign_in"}
STATUS: dict[type[Refusal], int] = {NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 422}


def install(app: Flask) -> None:
    sign_in.install(app)
    room = Blueprint("admin", __name__, url_prefix="/admin")
    room.before_request(_let_in)
    room.after_request(_keep_private)
    room.register_error_handler(Refusal, _refused)
    room.register_error_handler(CSRFError, _no_token)
    room.add_url_rule("/sign-in", "sign_in", signing.form)
    room.add_url_rule("/sign-in", "check_sign_in", signing.check, methods=["POST"])
    room.add_url_rule("/sign-out", "sign_out", signing.out, methods=["POST"])
    room.add_url_rule("/", "today", articles.today)
    room.add_url_rule("/articles/", "articles", articles.listing)
    room.add_url_rule("/articles/new", "new", writing.new)
    room.add_url_rule("/articles/new", "create", writing.create, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/", "edit", writing.edit)
    room.add_url_rule("/articles/<public_id>/", "save", writing.save, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/preview", "preview", writing.preview)
    room.add_url_rule("/articles/<public_id>/publish", "publish", publishing.publish, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/withdraw", "withdraw", publishing.withdraw, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/unschedule/<int:n>", "unschedule", publishing.cancel, methods=["POST"])
    room.add_url_rule("/articles/<public_id>/move/<verb>", "move", publishing.move, methods=["POST"])
    for part in (corrections, notes, notices, people, sections, tags):
        part.routes(room)
    app.register_blueprint(room)


def _let_in() -> Response | None:
    """Staff only; whoever changes something also proves that our own page asked them to."""
    g.zone = newsroom().settings.site_timezone
    if request.method not in ("GET", "HEAD"):
        sign_in.csrf.protect()
    if request.endpoint in OPEN:
        return None
    user = sign_in.staff()
    if user is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("admin.sign_in", next=wanted))  # type: ignore[return-value]
    g.actor = actor_for(user)
    return None


def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _refused(refusal: Refusal) -> tuple[str, int]:
    status = next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 409)
    return render_template("admin/refused.html", refusal=refusal, back=_here_before()), status


def _no_token(_error: HTTPException) -> tuple[str, int]:
    refusal = Refusal("This form has been open for too long. Go back, copy what you typed, and load the page again.")
    return render_template("admin/refused.html", refusal=refusal, back=_here_before()), 400


def _here_before() -> str:
    """Where the refused request came from, if that was a page of ours."""
    parts = urlsplit(request.referrer or "")
    return parts.path if parts.path.startswith("/admin/") else url_for("admin.today")
