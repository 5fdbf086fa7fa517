"""How a command gets its newsroom, and how it shows long work."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import click
from flask import Flask
from flask.cli import ScriptInfo
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from cms.moving import schema
from cms.newsroom import Newsroom

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def with_newsroom(command: Callable[..., None]) -> Callable[..., None]:
    """Hand the command the newsroom as its first argument, whether called as ``cms`` or as ``flask cms``."""

    @click.pass_context
    @functools.wraps(command)
    def wrapped(context: click.Context, *args: Any, **kwargs: Any) -> Any:
        return context.invoke(command, open_newsroom(context), *args, **kwargs)

    return wrapped


def open_newsroom(context: click.Context) -> Newsroom:
    source = context.find_root().obj
    if isinstance(source, ScriptInfo):
        app: Flask = source.load_app()
        return cast(Newsroom, app.extensions["newsroom"])
    return cast(Newsroom, source())


def require_schema(newsroom: Newsroom) -> None:
    """End with exit code 1 and the remedy when the database is not at this code's schema."""
    if not schema.is_current(newsroom.sessions.read_engine):
        raise click.ClickException("the database's schema is not this version's: run `cms db upgrade`")


def first_line(error: DBAPIError) -> str:
    """What the database's driver said, in one line."""
    return next(iter(str(error.orig).strip().splitlines()), "") or type(error.orig).__name__


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, plain lines elsewhere. Call what is given with how many more are done."""
    if not out.is_terminal:
        out.print(f"{what}…")
        yield lambda _more: None
        out.print(f"{what}: done")
        return
    with Progress(console=out, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)
