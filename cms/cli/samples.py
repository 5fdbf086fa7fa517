"""``cms sample``: a newsroom to look at."""

from __future__ import annotations

import click

from cms.cli.desk import out, require_schema, with_newsroom
from cms.moving.sample.loading import load_sample
from cms.newsroom import Newsroom


@click.group()
def sample() -> None:
    """The sample newsroom."""


@sample.command()
@with_newsroom
def load(newsroom: Newsroom) -> None:
    """Load the sample newsroom; what is there already stays as it is."""
    require_schema(newsroom)
    loaded = load_sample(newsroom)
    out.print(f"Loaded {loaded} stories." if loaded else "The sample newsroom is there already.")
