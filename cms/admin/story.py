"""One story's addresses in the admin: writing it, its past, its previews, and what is done with it."""

from __future__ import annotations

from flask import Blueprint

from cms.admin import fixing, history, keeping, pictures, previewing, publishing, suggesting, writing
from cms.admin.previewing import Proof

__all__ = ["Proof", "routes"]


def routes(room: Blueprint, proof: Proof) -> None:
    """``proof`` makes a revision's page as readers would get it; the website hands it in."""
    here = "/articles/<public_id>/"
    room.add_url_rule("/articles/new", "new", writing.new)
    room.add_url_rule("/articles/new", "create", writing.create, methods=["POST"])
    room.add_url_rule("/articles/new/keep", "keep_new", keeping.keep_new, methods=["POST"])
    room.add_url_rule("/articles/new/discard", "discard_new", keeping.discard_new, methods=["POST"])
    room.add_url_rule(here, "edit", writing.edit)
    room.add_url_rule(here, "save", writing.save, methods=["POST"])
    room.add_url_rule(f"{here}keep", "keep", keeping.keep, methods=["POST"])
    room.add_url_rule(f"{here}discard", "discard", keeping.discard, methods=["POST"])
    room.add_url_rule(f"{here}history/", "history", history.history)
    room.add_url_rule(f"{here}history/<number:number>/restore", "restore", history.restore, methods=["POST"])
    room.add_url_rule(f"{here}history/<number:n>/rollback", "rollback", history.rollback, methods=["POST"])
    room.add_url_rule(f"{here}history/<number:n>/hide", "hide_edition", history.hide, methods=["POST"])
    room.add_url_rule(f"{here}history/<number:n>/unhide", "unhide_edition", history.unhide, methods=["POST"])
    room.add_url_rule(f"{here}fix", "fix", fixing.form)
    room.add_url_rule(f"{here}fix", "fix_live", fixing.fix, methods=["POST"])
    room.add_url_rule(f"{here}rebase", "rebase", fixing.rebase_form)
    room.add_url_rule(f"{here}rebase", "rebase_save", fixing.rebase, methods=["POST"])
    room.add_url_rule(f"{here}preview", "preview", previewing.preview)
    room.add_url_rule(f"{here}preview/<number:number>", "proof", previewing.proof_by(proof))
    room.add_url_rule(f"{here}share", "share_preview", previewing.share, methods=["POST"])
    room.add_url_rule(f"{here}share/<link>/revoke", "revoke_preview", previewing.revoke, methods=["POST"])
    room.add_url_rule(f"{here}publish", "publish", publishing.publish, methods=["POST"])
    room.add_url_rule(f"{here}withdraw", "withdraw", publishing.withdraw, methods=["POST"])
    room.add_url_rule(f"{here}embargo", "embargo", publishing.embargo, methods=["POST"])
    room.add_url_rule(f"{here}unschedule/<number:n>", "unschedule", publishing.cancel, methods=["POST"])
    room.add_url_rule(f"{here}reschedule/<number:n>", "reschedule", publishing.reschedule, methods=["POST"])
    room.add_url_rule(f"{here}expire/<number:n>", "expire", publishing.expire, methods=["POST"])
    room.add_url_rule(f"{here}republish", "republish", publishing.republish, methods=["POST"])
    room.add_url_rule(f"{here}move/<verb>", "move", publishing.move, methods=["POST"])
    room.add_url_rule("/pictures/", "library", pictures.library)
    room.add_url_rule("/pictures/", "add_picture", pictures.add, methods=["POST"])
    room.add_url_rule("/suggest/tags", "suggest_tags", suggesting.tags)
    room.add_url_rule("/embed", "embedded", suggesting.embedded)
