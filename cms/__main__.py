"""``python -m cms``: the command line, on the newsroom that the settings describe.

Nothing of it is for the processes that an import begins to share its work: they only look for what they are to do.
"""

from __future__ import annotations

if __name__ == "__main__":
    import gc

    gc.disable()  # what is loaded stays: to look through it for what could go takes a third of the time
    from cms.app import build_newsroom
    from cms.cli.main import cms

    gc.freeze()
    gc.enable()
    cms(obj=build_newsroom, prog_name="cms")
