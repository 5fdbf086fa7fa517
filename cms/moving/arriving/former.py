"""Leading the addresses that readers have in their bookmarks to where a story stands now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cms.domain.redirects.leading import OURS
from cms.domain.redirects.model import Redirect

LONGEST = 500


def lead_here(session: Session, former: Mapping[str, str], note: str, now: datetime, notes: list[str]) -> int:
    """Let each former path lead to its target; how many are new.

    One that leads elsewhere already stays as it is, and is told of in ``notes``; so is one that can't be kept.
    """
    wanted: dict[str, str] = {}
    for path, target in former.items():
        bare = unquote(path).rstrip("/")
        if not bare or bare == target.rstrip("/"):
            continue
        if len(bare) > LONGEST or any(bare == ours or bare.startswith(f"{ours}/") for ours in OURS):
            notes.append(f"The old address {path} can't lead to {target} here")
            continue
        wanted[bare] = target
    if not wanted:
        return 0
    rows = session.execute(select(Redirect.former, Redirect.target).where(Redirect.former.in_(wanted)))
    there = {path: target for path, target in rows}  # noqa: C416
    for path, leads_to in there.items():
        if leads_to != wanted[path]:
            notes.append(f"The old address {path} leads to {leads_to or 'nothing'} here, not to {wanted[path]}")
    fresh = [
        {"former": path, "target": target, "note": note[:500], "created_at": now, "hits": 0}
        for path, target in wanted.items()
        if path not in there
    ]
    if fresh:
        session.execute(insert(Redirect), fresh)
    return len(fresh)
