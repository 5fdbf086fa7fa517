"""The ``cms`` command: its groups, and how a wrong setting or a refusal ends it.

Exit codes: 0 done, 1 failed or found trouble, 2 wrong use.
"""

from __future__ import annotations

import errno
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from cms.cli import checking, configuring, database, keeping, moving, pages, samples, searching, serving, staff, viewing
from cms.cli.desk import first_line
from cms.domain.errors import Invalid, Refusal
from cms.interfaces import FilesUnreachable
from cms.settings import WrongSetting


class Newsdesk(click.Group):
    """Says refusals in one line instead of a traceback, and lists commands under headings."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except WrongSetting as wrong:
            click.echo(f"cms: {wrong}", err=True)
            context.exit(2)
        except Invalid as invalid:
            for field, sentences in invalid.errors.items():
                click.echo(f"cms: {field}: {' '.join(sentences)}", err=True)
            context.exit(1)
        except Refusal as refusal:
            click.echo(f"cms: {refusal.message}", err=True)
            context.exit(1)
        except OperationalError as lost:
            click.echo(f"cms: the database can't be used: {first_line(lost)}", err=True)
            context.exit(1)
        except FilesUnreachable as lost:
            click.echo(f"cms: {lost}", err=True)
            context.exit(1)
        except OSError as lost:
            if lost.errno not in _FULL_OR_SHUT:
                raise
            click.echo(f"cms: nothing can be written to {lost.filename or 'the disk'}: {lost.strerror}", err=True)
            context.exit(1)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, names in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(80)) for name in names])


_FULL_OR_SHUT = {errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EIO}
"""What a disk answers that takes nothing."""


@click.group(cls=Newsdesk)
def cms() -> None:
    """Copydesk: a newsroom CMS publishing backend."""


HEADINGS = {
    "Serve": ["run", "web", "worker"],
    "Set up": ["config", "db", "sample", "user", "token"],
    "Look after": ["doctor", "search", "pages", "views"],
    "Keep and move": ["backup", "restore", "erasures", "export", "import"],
}

for command in (
    serving.run,
    serving.web,
    serving.worker,
    configuring.config,
    database.db,
    samples.sample,
    staff.user,
    staff.token,
    checking.doctor,
    searching.search,
    pages.pages,
    viewing.views,
    keeping.backup,
    keeping.restore,
    keeping.erasures,
    moving.export,
    moving.import_,
):
    cms.add_command(command)
