"""The newsroom: everything a verb, a surface or the worker may need, handed to it in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from cms.clock import Clock
from cms.db import Sessions
from cms.interfaces import FileStore, ImageMill, Mailer, Outbound, SearchIndex, SiteSignal, ViewStore
from cms.settings import Settings


@dataclass(frozen=True)
class Newsroom:
    settings: Settings
    sessions: Sessions
    clock: Clock
    search: SearchIndex
    views: ViewStore
    files: FileStore
    images: ImageMill
    signal: SiteSignal
    mailer: Mailer
    outbound: Outbound
