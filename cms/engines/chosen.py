"""The engine that a setting names. A driver that starts no service is always here; of the others, each is loaded
only where it was chosen."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from cms.engines.files.local import LocalFiles
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.engines.signal.local import LocalSignal
from cms.engines.views.spool import Spool
from cms.interfaces import FileStore, SearchIndex, SiteSignal, ViewStore
from cms.settings import Settings, WrongSetting


def check(settings: Settings) -> None:
    """Raises WrongSetting for an address that can't be one. Asks nobody and makes nothing."""
    if not settings.files_url.startswith("file:"):
        files(settings)
    if not settings.signal_url.startswith("local:"):
        signal(settings, lambda: 0)
    if not settings.views_url.startswith("spool:"):
        views(settings)


def search(settings: Settings, writing: Engine) -> SearchIndex:
    """``writing``: the database, where the index is kept in it."""
    if settings.search_url == "whoosh:":
        return WhooshIndex(settings.data_dir / "index")
    from cms.engines.search.postgres.engine import PostgresIndex

    return PostgresIndex(writing)


def files(settings: Settings) -> FileStore:
    if settings.files_url.startswith("file:"):
        return LocalFiles(settings.data_dir / "files")
    from cms.engines.files.s3 import S3Files

    try:
        return S3Files(settings.files_url)
    except ValueError as wrong:
        raise WrongSetting(f"CMS_FILES_URL {wrong}") from None


def signal(settings: Settings, newest: Callable[[], int]) -> SiteSignal:
    """``newest`` asks the database for its newest change's number."""
    if settings.signal_url.startswith("local:"):
        return LocalSignal(settings.data_dir / "signal")
    from cms.engines.signal.redis import RedisSignal

    try:
        return RedisSignal(settings.signal_url, newest)
    except ValueError as wrong:
        raise WrongSetting(f"CMS_SIGNAL_URL {wrong}") from None


def views(settings: Settings) -> ViewStore:
    folder = settings.data_dir / "views"
    if settings.views_url.startswith("spool:"):
        return Spool(folder, settings.views_sync_ms)
    from cms.engines.views.redis import CarriedViews

    try:
        return CarriedViews(folder, settings.views_sync_ms, settings.views_url)
    except ValueError as wrong:
        raise WrongSetting(f"CMS_VIEWS_URL {wrong}") from None
