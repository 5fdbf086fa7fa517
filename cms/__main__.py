"""``python -m cms``: the command line, on the newsroom that the settings describe."""

from __future__ import annotations

from cms.app import build_newsroom
from cms.cli.main import cms

if __name__ == "__main__":
    cms(obj=build_newsroom, prog_name="cms")
