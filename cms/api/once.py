"""``Idempotency-Key``: a POST that is sent again, because its answer was lost, is carried out once.

The key is written down before the verb begins and marked in the verb's own transaction, so whatever breaks off in
between, the row says truly whether anything was done. It all stands in SQL: any process may get the second try.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, g, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cms import reactions
from cms.api.holders import staff
from cms.api.taking import API
from cms.db import one_at_a_time
from cms.domain.errors import Conflict, Invalid
from cms.domain.tokens.remembered import RememberedRequest
from cms.web.current import newsroom, now

REMEMBERED = timedelta(hours=24)
ABANDONED = timedelta(minutes=2)
"""After this long, a first try that did nothing is taken for dead."""
LONGEST_KEY = 255
_KEPT_HEADERS = ("ETag", "Location", "Content-Type", "Cache-Control")


def install(app: Flask) -> None:
    app.after_request(_remember)
    app.teardown_request(_forget_unfinished)


def begin() -> Response | None:
    """Note the key of this POST. Gives the first try's answer if it had one; raises Conflict or Invalid."""
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return None
    if not (key.isascii() and key.isprintable() and 1 <= len(key) <= LONGEST_KEY):
        raise Invalid({"Idempotency-Key": [f"Takes 1 to {LONGEST_KEY} printable ASCII characters."]})
    body = _digest()
    with newsroom().sessions.write() as session:
        one_at_a_time(session, "remembered requests")
        session.execute(delete(RememberedRequest).where(RememberedRequest.begun_at <= now() - REMEMBERED))
        mine = {"user_id": staff().user_id, "path": request.path[:500], "key": key}
        earlier = session.scalar(select(RememberedRequest).filter_by(**mine))
        if earlier is not None and _dead(earlier):
            session.delete(earlier)
            session.flush()
            earlier = None
        if earlier is not None:
            return _again(earlier, body)
        row = RememberedRequest(**mine, body=body, begun_at=now())
        session.add(row)
        reactions.commit(session, [], now(), newsroom().signal)
        g.remembering = row.id
    return None


def mark_carried_out(session: Session) -> None:
    """Say, in the transaction of the verb itself, that it was carried out."""
    number = g.get("remembering")
    if number is None:
        return
    mine = update(RememberedRequest).where(RememberedRequest.id == number, RememberedRequest.carried_out.is_(False))
    if cast(Any, session.execute(mine.values(carried_out=True))).rowcount != 1:
        raise Conflict("Another try under this Idempotency-Key was faster", code="in_progress")


def keep_secret() -> None:
    """This request's answer holds a secret, which is told once whatever comes."""
    g.secret_answer = True


def _dead(row: RememberedRequest) -> bool:
    return not row.carried_out and row.begun_at <= now() - ABANDONED


def _again(row: RememberedRequest, body: str) -> Response:
    if row.body != body:
        raise Invalid({"Idempotency-Key": ["This key was used with another body."]})
    if row.status is None and row.begun_at > now() - ABANDONED:
        raise Conflict("The first try under this Idempotency-Key is still under way", code="in_progress")
    if row.answer is None:
        raise Conflict("This was carried out; what it answered is not told twice", code="already_created")
    answer = Response(row.answer, status=row.status)
    for name, value in json.loads(row.headers or "{}").items():
        answer.headers[name] = value
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _remember(answer: Response) -> Response:
    """Keep what a success answered; forget a try that was refused, so that it may be mended and sent again."""
    number = g.get("remembering")
    if number is None or not request.path.startswith(API):
        return answer
    with newsroom().sessions.write() as session:
        mine = RememberedRequest.id == number
        if answer.status_code < 300:
            headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
            text = None if g.get("secret_answer") else answer.get_data(as_text=True)
            kept = {"status": answer.status_code, "headers": json.dumps(headers), "answer": text}
            session.execute(update(RememberedRequest).where(mine).values(**kept))
        else:
            session.execute(delete(RememberedRequest).where(mine, RememberedRequest.carried_out.is_(False)))
        reactions.commit(session, [], now(), newsroom().signal)
    g.pop("remembering")
    return answer


def _forget_unfinished(_error: BaseException | None) -> None:
    """An error that nothing answered: what was not carried out may be tried again at once."""
    number = g.pop("remembering", None)
    if number is None:
        return
    with newsroom().sessions.write() as session:
        mine = RememberedRequest.id == number
        session.execute(delete(RememberedRequest).where(mine, RememberedRequest.carried_out.is_(False)))
        reactions.commit(session, [], now(), newsroom().signal)


def _digest() -> str:
    """Of what was sent, however it was written: key order, spaces and a form's boundary make no other body."""
    if request.mimetype == "multipart/form-data":
        fields = sorted((name, value) for name, value in request.form.items(multi=True))
        files = []
        for name, file in request.files.items(multi=True):
            files.append((name, hashlib.sha256(file.read()).hexdigest()))
            file.seek(0)
        said: Any = [fields, sorted(files)]
        raw = json.dumps(said).encode()
    else:
        raw = request.get_data(cache=True)
        with suppress(ValueError, RecursionError):
            raw = json.dumps(json.loads(raw), sort_keys=True).encode()
    return hashlib.sha256(request.query_string + b"\n" + raw).hexdigest()
