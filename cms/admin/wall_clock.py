"""The times that forms give on the site's wall clock, and what is asked when that clock skips one or shows it twice."""

from __future__ import annotations

from datetime import datetime

from flask import g, render_template, request

from cms.domain.workflow.walltime import OddTime, instant


def wall_time(field: str) -> datetime | None:
    """The time that the form gives, if any. Raises Invalid, naming the field."""
    wall = request.form.get(f"{field}_instead", "").strip() or request.form.get(field, "").strip()
    if not wall:
        return None
    which = request.form.get(f"{field}_second")
    return instant(wall, g.zone, field, second=None if which is None or which == "" else which == "1")


def asked(odd: OddTime, back: str) -> str:
    """A page that asks which time is meant, and sends the same form again with the answer."""
    answers = {"csrf_token", f"{odd.field}_instead", f"{odd.field}_second"}
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in answers]
    return render_template("admin/which_time.html", odd=odd, sent=sent, back=back)
