"""The only wiring: settings → engines → newsroom → surfaces."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel

from cms.admin import surface as admin
from cms.api import surface as api
from cms.clock import Clock, SystemClock
from cms.db import Sessions, open_sessions
from cms.domain.views.visits import open_door
from cms.engines.files.local import LocalFiles
from cms.engines.images.mill import LimitedImages
from cms.engines.mail.log import LogMailer
from cms.engines.search.postgres.engine import PostgresIndex
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.engines.signal.local import LocalSignal
from cms.engines.views.spool import Spool
from cms.feeds import surface as feeds
from cms.interfaces import SearchIndex
from cms.newsroom import Newsroom
from cms.public import media, previews
from cms.public import surface as public
from cms.settings import Settings, read_settings
from cms.web import headers, health, hosts
from cms.web.database import db
from cms.web.page_cache import PageCache
from cms.web.page_cache_changes import Changes
from cms.web.view_door import ViewDoor


def build_newsroom(settings: Settings | None = None, clock: Clock | None = None) -> Newsroom:
    """Every engine that the settings name, in one value. Opens the database; starts nothing."""
    settings = settings or read_settings()
    data, sessions = settings.data_dir, open_sessions(settings.database_url)
    return Newsroom(
        settings=settings,
        sessions=sessions,
        clock=clock or SystemClock(),
        search=_search_index(settings, sessions),
        views=Spool(data / "views", settings.views_sync_ms),
        files=LocalFiles(data / "files"),
        images=LimitedImages(),
        signal=LocalSignal(data / "signal"),
        mailer=LogMailer(),
    )


def _search_index(settings: Settings, sessions: Sessions) -> SearchIndex:
    if settings.search_url == "postgresql:":
        return PostgresIndex(sessions.write_engine)
    return WhooshIndex(settings.data_dir / "index")


def create_app(newsroom: Newsroom | None = None) -> Flask:
    """The web application on a newsroom (on the settings' own, if none is handed in)."""
    newsroom = newsroom or build_newsroom()
    settings = newsroom.settings
    app = Flask("cms", template_folder="templates", static_folder="../static/build", static_url_path="/static/build")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=2_000_000,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        SESSION_COOKIE_PATH="/admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.origin.startswith("https:"),
        BABEL_DEFAULT_LOCALE=settings.site_language.replace("-", "_"),
        BABEL_DEFAULT_TIMEZONE=settings.site_timezone.key,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["newsroom"] = newsroom
    db.init_app(app)
    Babel(app)
    hosts.install(app)
    headers.install(app)
    app.register_blueprint(media.blueprint)
    health.install(app)
    public.install(app)
    feeds.install(app)
    admin.install(app, proof=previews.proof)
    api.install(app)
    changes = Changes(newsroom)
    pages = PageCache(app.wsgi_app, newsroom, changes)
    app.wsgi_app = ViewDoor(pages, open_door(newsroom), newsroom.clock, settings, changes)  # type: ignore[method-assign]
    return app
