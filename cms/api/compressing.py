"""What the public is told comes compressed, as the website's pages do.

Answers to a token are left as they are: the ETag of one is what If-Match names, and no program should have to know
which encoding it came in.
"""

from __future__ import annotations

from flask import Flask, Response, request

from cms.api.taking import API
from cms.web.ready import ENCODINGS, compressed, encoding_for, worth_compressing


def install(app: Flask) -> None:
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    """In the encoding that its asker likes best; each has a strong ETag of its own."""
    asked = request.path.startswith(API) and request.method in ("GET", "HEAD")
    if not asked or answer.status_code != 200 or "Authorization" in request.headers or answer.cache_control.no_store:
        return answer
    if not worth_compressing(answer.get_data(), answer.content_type or ""):
        return answer
    answer.vary.add("Accept-Encoding")
    if not answer.headers.get("ETag"):
        answer.add_etag()
    encoding = encoding_for(request.headers.get("Accept-Encoding", ""), ENCODINGS)
    if encoding:
        tag, _weak = answer.get_etag()
        answer.set_etag(f"{tag}-{encoding}")
        answer.set_data(compressed(answer.get_data(), encoding))
        answer.headers["Content-Encoding"] = encoding
    return answer
