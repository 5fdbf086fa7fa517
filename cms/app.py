"""The only wiring: settings → engines → newsroom → surfaces."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask

from cms.admin import surface as admin
from cms.api import surface as api
from cms.cli.main import cms as commands
from cms.clock import Clock, SystemClock
from cms.db import Sessions, open_sessions
from cms.domain.audit import newest_change
from cms.domain.views.visits import open_door
from cms.engines import chosen
from cms.engines.images.mill import LimitedImages
from cms.engines.mail.log import LogMailer
from cms.engines.mail.smtp import smtp_mailer
from cms.engines.outbound import Outbound
from cms.feeds import surface as feeds
from cms.interfaces import Mailer
from cms.newsroom import Newsroom
from cms.public import media, previews
from cms.public import surface as public
from cms.settings import Settings, WrongSetting, make_data_dir, read_settings
from cms.web import headers, health, hosts, metrics, translations
from cms.web.assets import BuiltFiles
from cms.web.body_gate import BodyGate
from cms.web.database import db
from cms.web.page_cache import Application, PageCache
from cms.web.page_cache_changes import Changes
from cms.web.templating import Templates
from cms.web.view_door import ViewDoor


def build_newsroom(settings: Settings | None = None, clock: Clock | None = None) -> Newsroom:
    """Every engine that the settings name, in one value. Opens the database; starts nothing."""
    settings = settings or read_settings(check=_check)
    mailer = _mailer(settings)
    make_data_dir(settings.data_dir)  # for locks and salts, even if all else is elsewhere
    sessions = open_sessions(settings.database_url)
    return Newsroom(
        settings=settings,
        sessions=sessions,
        clock=clock or SystemClock(),
        search=chosen.search(settings, sessions.write_engine),
        views=chosen.views(settings),
        files=chosen.files(settings),
        images=LimitedImages(),
        signal=chosen.signal(settings, lambda: _newest_change(sessions)),
        mailer=mailer,
        outbound=Outbound(private_networks=settings.allow_private_networks, agent=f"Copydesk (+{settings.origin}/)"),
    )


def _check(settings: Settings) -> None:
    """What only an engine can say of its address."""
    _mailer(settings)
    chosen.check(settings)


def _newest_change(sessions: Sessions) -> int:
    with sessions.read() as session:
        return newest_change(session)


def _mailer(settings: Settings) -> Mailer:
    if settings.mail_url.startswith("log:"):
        return LogMailer()
    domain = urlsplit(settings.origin).hostname or "localhost"
    try:
        return smtp_mailer(settings.mail_url, name=settings.site_name, domain=domain)
    except ValueError as wrong:
        raise WrongSetting(f"CMS_MAIL_URL {wrong}") from None


def create_app(newsroom: Newsroom | None = None) -> Flask:
    """The web application on a newsroom (on the settings' own, if none is handed in)."""
    newsroom = newsroom or build_newsroom()
    settings = newsroom.settings
    app = Flask("cms", template_folder="templates", static_folder=None)
    app.jinja_environment = Templates
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
    translations.install(app)
    hosts.install(app)
    metrics.install(app)
    headers.install(app)
    app.register_blueprint(media.blueprint)
    health.install(app)
    public.install(app)
    feeds.install(app)
    admin.install(app, proof=previews.proof)
    api.install(app)
    app.cli.add_command(commands)
    app.wsgi_app = in_front_of(app.wsgi_app, newsroom)  # type: ignore[method-assign, assignment]
    return app


def in_front_of(flask: Application, newsroom: Newsroom) -> Application:
    """What is answered before Flask, nearest to the reader first: bodies, visits, files of the build, pages."""
    settings, changes = newsroom.settings, Changes(newsroom)
    files = BuiltFiles(PageCache(flask, newsroom, changes), settings.hosts)
    return BodyGate(ViewDoor(files, open_door(newsroom), newsroom.clock, settings, changes))
