"""Counting the visits that the spool has kept."""

from __future__ import annotations

from cms import reactions
from cms.domain.views import rollup
from cms.newsroom import Newsroom


def count_visits(newsroom: Newsroom) -> int:
    """Roll up every sealed segment, a bounded batch at a time; how many visits they made."""
    visits, more = 0, True
    while more:
        batch = rollup.gather(newsroom.views)
        if not batch.segments:
            break
        now = newsroom.clock.now()
        with newsroom.sessions.write() as session:
            visits += rollup.count(session, batch, now, newsroom.settings.site_timezone)
            reactions.commit(session, [], now, newsroom.signal)
        rollup.discard(newsroom.views, batch)
        more = batch.more
    return visits
