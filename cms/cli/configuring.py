"""``cms config``: every setting, its value and where that came from."""

from __future__ import annotations

import json

import click
from rich.table import Table

from cms.cli.desk import out
from cms.settings import look_up, read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def config(as_json: bool) -> None:
    """List every setting with its default, help and where its value came from; secrets are masked."""
    found = look_up()
    if as_json:
        rows = {
            entry.setting.name: {
                "value": entry.shown,
                "default": entry.setting.default,
                "source": entry.source,
                "help": entry.setting.help,
            }
            for entry in found
        }
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not out.is_terminal:
        for entry in found:
            default = f"default {entry.setting.default}" if entry.setting.default else "no default"
            click.echo(f"{entry.setting.name}={entry.shown}  # {entry.source}, {default}: {entry.setting.help}")
    else:
        table = Table("Setting", "Value", "From", "Default", "What it is")
        for entry in found:
            setting = entry.setting
            table.add_row(setting.name, entry.shown, entry.source, setting.default, setting.help)
        out.print(table)
    read_settings()
