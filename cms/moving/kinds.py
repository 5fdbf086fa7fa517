"""What an export holds: each kind of row, and what it is known by wherever it stands.

Numbers that only one database gives (``id``) never leave it: a row is known by its public id, or by its place below
another. In the order of this table every row comes after those it names.

Left out: passwords, tokens, sessions and sign-ins; the audit log and the outbox, which tell what happened in one
house; what somebody has typed and not saved; and what visits are told apart by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from cms.db import Base
from cms.domain.origins import Origin


@dataclass(frozen=True)
class Kind:
    """``key`` is what a row is known by. ``alias`` is a column that must be free too: a row that is here under
    another key with the same alias is taken for the one meant."""

    name: str
    key: tuple[str, ...]
    alias: str = ""
    secret: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    """Columns that the database fills by itself from others."""
    order: str = ""
    """A column to sort by instead of the key."""

    @property
    def entry(self) -> str:
        """Its place in an export."""
        return f"{self.name}.jsonl"

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.name]

    @property
    def columns(self) -> Mapping[str, Column[Any]]:
        """Those that are exported, by name."""
        numbered = self.key != ("id",)
        out = {*self.secret, *self.derived, *(("id",) if numbered else ())}
        return {column.name: column for column in self.table.columns if column.name not in out}

    @property
    def counts(self) -> frozenset[str]:
        """Columns that only ever grow: of two, the greater holds."""
        return frozenset({"visits", "uniques", "networks", "views"} & set(self.columns) - set(self.key))

    @property
    def points(self) -> Mapping[str, str]:
        """Of the columns that hold another row's number, the kind of that row."""
        keys = self.table.foreign_keys
        return {key.parent.name: key.column.table.name for key in keys if key.column.name == "id"}


KINDS = (
    Kind("people", ("public_id",), alias="slug"),
    Kind("sections", ("public_id",), alias="slug", order="path"),
    Kind("tags", ("public_id",), alias="slug"),
    Kind("users", ("public_id",), alias="email", secret=("password", "fs_uniquifier")),
    Kind("user_sections", ("user_id", "section_id")),
    Kind("notice_choices", ("user_id", "kind")),
    Kind("saved_views", ("user_id", "name", "created_at")),
    Kind("media", ("public_id",), alias="key"),
    Kind("articles", ("public_id",)),
    Kind("view_alerts", ("view_id", "article_id")),
    Kind("revisions", ("article_id", "number"), derived=("words",)),
    Kind("revision_bylines", ("revision_id", "position"), derived=("first_live_from",)),
    Kind("revision_media", ("revision_id", "media_id")),
    Kind("revision_sections", ("revision_id", "position"), derived=("first_live_from",)),
    Kind("revision_tags", ("revision_id", "position"), derived=("first_live_from",)),
    Kind("publications", ("article_id", "n")),
    Kind("corrections", ("public_id",)),
    Kind("article_translations", ("article_id",)),
    Kind("related_articles", ("article_id", "place")),
    Kind("assignments", ("article_id",)),
    Kind("desk_notes", ("public_id",)),
    Kind("holds", ("article_id", "placed_at", "holder_name")),
    Kind("erasures", ("public_id",)),
    Kind("pulls", ("public_id",)),
    Kind("fronts", ("key",)),
    Kind("front_slots", ("front_key", "place", "position")),
    Kind("banners", ("id",)),
    Kind("standing_pages", ("slug",)),
    Kind("redirects", ("public_id",), alias="former"),
    Kind("forwards", ("kind", "former")),
    Kind(Origin.__tablename__, ("source", "kind", "key")),
    Kind("preferences", ("name",)),
    Kind("visit_totals", ("article_id",)),
    Kind("visit_days", ("article_id", "day")),
    Kind("visit_buckets", ("article_id", "starts_at")),
    Kind("visit_adjustments", ("article_id", "made_at", "visits", "reason")),
    Kind("visit_drops", ("day", "reason")),
)

LEFT_OUT = frozenset(
    {
        "audit_lines",
        "autosaves",
        "changes",
        "headline_words",
        "notices",
        "outbox",
        "preview_links",
        "remembered_requests",
        "sign_in_failures",
        "staff_sessions",
        "tokens",
        "unsaved_stories",
        "visit_counted_networks",
        "visit_counted_readers",
        "visit_seen_views",
        "visit_segments",
        "webhooks",
    }
)
"""Every table is either a kind or here; a test holds that, so that a new one can't be forgotten."""

POINTED_AT = frozenset(kind for each in KINDS for kind in each.points.values())
BY_NAME = {kind.name: kind for kind in KINDS}
