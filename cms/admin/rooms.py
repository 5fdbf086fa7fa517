"""The admin's rooms: where each stands in the navigation, who may enter, and the keys that lead there.

A new room is one line here. It is shown once its address is there, to whoever holds its right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import current_app, request, url_for

from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import PERMISSIONS


@dataclass(frozen=True)
class Room:
    """``right`` names a right of the permission table (none: all staff); ``key`` follows ``g`` on the keyboard."""

    group: str
    name: str
    endpoint: str
    right: str | None = None
    key: str = ""


ROOMS = (
    Room("Desk", "Today", "admin.today", key="t"),
    Room("Desk", "Articles", "admin.articles", key="a"),
    Room("Desk", "Notices", "admin.notices", key="i"),
    Room("Desk", "Calendar", "admin.calendar", key="c"),
    Room("Desk", "Front page", "admin.front", "manage_front", key="f"),
    Room("Desk", "Media", "admin.media", "upload", key="m"),
    Room("Paper", "People", "admin.people", "manage_people", key="p"),
    Room("Paper", "Sections & tags", "admin.sections", "manage_taxonomy", key="s"),
    Room("Paper", "Pages", "admin.pages", "manage_pages", key="w"),
    Room("Paper", "Corrections", "admin.corrections", "correct", key="o"),
    Room("Paper", "Redirects", "admin.redirects", "manage_redirects", key="r"),
    Room("Paper", "Visits", "admin.visits", "see_visits", key="v"),
    Room("House", "Checks", "admin.checks", "manage_settings", key="h"),
    Room("House", "Users & tokens", "admin.users", "manage_users", key="u"),
    Room("House", "Webhooks", "admin.webhooks", "manage_webhooks", key="b"),
    Room("House", "Audit log", "admin.audit", "see_audit", key="l"),
    Room("House", "Settings", "admin.settings", "manage_settings", key="e"),
)

KEYS = (
    (
        "Anywhere",
        (
            ("n", "New story"),
            ("/", "Search everything; Ctrl K too, but for the text of a story"),
            ("?", "This list"),
        ),
    ),
    (
        "In a list",
        (
            ("j", "Next"),
            ("k", "Previous"),
            ("Enter", "Open"),
            ("f", "Go to the list's own search field"),
            ("x", "Mark for a bulk verb"),
        ),
    ),
    (
        "While writing",
        (
            ("Ctrl S", "Save"),
            ("Ctrl K", "Link the chosen words"),
            ("Ctrl Shift P", "Put in a picture"),
            ("Ctrl Alt 2", "Heading; 3, 4 smaller, 0 text"),
            ("Alt ↑", "Move a key point or byline up; ↓ down"),
            ("Ctrl Shift Enter", "Go to the publishing button"),
        ),
    ),
)
"""What the keyboard does, by where; the rooms' own keys follow from their table."""


@dataclass(frozen=True)
class Door:
    """A room as the navigation shows it. ``current``: what aria-current says, empty elsewhere."""

    name: str
    endpoint: str
    address: str
    key: str
    current: str


def doors(actor: Actor) -> list[tuple[str, Sequence[Door]]]:
    """The rooms that this person may enter, by group, in the table's order."""
    groups: dict[str, list[Door]] = {}
    for room in _open_to(actor):
        address = url_for(room.endpoint)
        groups.setdefault(room.group, []).append(Door(room.name, room.endpoint, address, room.key, _current(address)))
    return list(groups.items())


def _open_to(actor: Actor) -> Iterator[Room]:
    rights = PERMISSIONS[actor.role]
    for room in ROOMS:
        if room.endpoint in current_app.view_functions and (room.right is None or room.right in rights):
            yield room


def _current(address: str) -> str:
    if request.path == address:
        return "page"
    return "true" if request.path.startswith(address) and address != url_for("admin.today") else ""
