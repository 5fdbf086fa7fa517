"""Former addresses of sections, tags and authors: 301 to the present one, with whatever stood behind the term."""

from __future__ import annotations

from urllib.parse import unquote

from flask import abort, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from cms.domain.articles.carrying import present_address
from cms.web.current import now
from cms.web.database import db


def elsewhere(kind: str, former: str, address: str) -> BaseResponse:
    """``address`` is the path that the former term had; 404 when it leads nowhere that readers may go."""
    present = present_address(db.session(), kind, former, now())
    if present is None:
        abort(404)
    below = unquote(request.path).removeprefix(address)
    query = request.query_string.decode("ascii", "ignore")
    answer = make_response(redirect(present + below + (f"?{query}" if query else ""), 301))
    answer.cache_control.no_cache = True  # an address may be used again; a browser must ask
    return answer
