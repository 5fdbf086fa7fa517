"""What stands beside a story, and the words that spelling may suggest: both come of what was just indexed."""

from __future__ import annotations

from collections.abc import Sequence

from cms import reactions
from cms.domain.articles.model import Revision
from cms.domain.articles.queries import visible
from cms.domain.search import related, vocabulary
from cms.domain.search.titles import headlines_of
from cms.newsroom import Newsroom

RELATED_AT_ONCE = 200


def relate(newsroom: Newsroom, articles: Sequence[str], *, around: bool) -> None:
    """Work out which stories stand beside these (and ``around`` them, beside those), and learn their words."""
    now = newsroom.clock.now()
    lists = related.lists_of(newsroom.search, articles)
    with newsroom.sessions.read() as session:
        near = related.around(session, lists) if around else set()
        headlines = headlines_of(session, visible(now), articles)
    lists |= related.lists_of(newsroom.search, sorted(near))
    with newsroom.sessions.write() as session:
        touched = related.keep(session, lists)
        vocabulary.learn(session, headlines)
        reactions.commit(session, [], now, newsroom.signal, derived=touched)


def relate_those_without(newsroom: Newsroom) -> int:
    """The same for some of the stories that it was never done for; how many they were."""
    with newsroom.sessions.read() as session:
        articles = related.without_any(session, newsroom.clock.now(), RELATED_AT_ONCE)
    if articles:
        relate(newsroom, articles, around=False)
    return len(articles)


def forget_words(newsroom: Newsroom) -> None:
    """Keep only such words for spelling as stand in a headline that readers may see."""
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        headlines = visible(now).with_only_columns(Revision.headline, maintain_column_froms=True)
        vocabulary.forget_all_but(session, session.scalars(headlines))
        reactions.commit(session, [], now, newsroom.signal)
