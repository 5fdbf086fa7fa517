"""Signing in and out."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cms.web import sign_in


def form() -> str:
    return render_template("admin/sign_in.html", wanted=_wanted(), email="", trouble=None)


def check() -> BaseResponse:
    """Alike for an unknown account and a wrong password; one guess too many says when to come back."""
    email = request.form.get("email", "")[:320]
    try:
        sign_in.sign_in(email, request.form.get("password", ""))
    except sign_in.Refused as refused:
        trouble = "That e-mail address and password don't belong together."
        if refused.until is not None:
            trouble = f"Too many tries. Come back after {refused.until:%H:%M} UTC."
        page = render_template("admin/sign_in.html", wanted=_wanted(), email=email, trouble=trouble)
        return make_response(page, 429 if refused.until else 403)
    answer = redirect(_wanted(), code=303)
    return sign_in.mark(Response(answer.get_data(), 303, {"Location": answer.location}))


def out() -> BaseResponse:
    sign_in.sign_out()
    return redirect(url_for("admin.sign_in"), code=303)


def _wanted() -> str:
    """Where to go afterwards: a page of the admin, and nothing that a browser could read as another site's."""
    wanted = request.values.get("next", "")
    safe = wanted.startswith("/admin/") and not set(wanted) & set("\\\r\n\t") and "//" not in wanted
    return wanted if safe else url_for("admin.today")
