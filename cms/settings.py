"""Every setting, once: its name, its default, what it takes, and where its value came from.

A value is looked up in the process's environment, then in a ``.env`` file of the working directory, then the
default stands. Settings are read once at start and never change afterwards.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


class WrongSetting(Exception):
    """One line that names the variable and what it takes; the start stops with it."""


@dataclass(frozen=True)
class Setting:
    """One CMS_* variable."""

    name: str
    default: str
    help: str
    parse: Callable[[str], Any]
    secret: bool = False

    def masked(self, raw: str) -> str:
        """The value as it may be shown: nothing of a secret, and of an address everything but its password."""
        if self.secret:
            return "••••••••" if raw else raw
        return without_password(raw)


def without_password(address: str) -> str:
    return re.sub(r"(?<=://)([^:@/?]*):.*@", r"\1:••••••••@", address)


def _text(value: str) -> str:
    return value


def _name(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("takes a name")
    return value.strip()


def _path(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _data_dir(value: str) -> Path:
    """The folder, which need not be there yet."""
    path = _path(value)
    there = next(each for each in (path, *path.parents) if each.exists())
    if not value or not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ValueError("takes a folder that can be written to")
    return path


def _host(value: str) -> str:
    try:
        return "127.0.0.1" if value == "localhost" else str(ip_address(value))
    except ValueError:
        raise ValueError("takes an IP address of this machine, such as 127.0.0.1 or 0.0.0.0") from None


def _mail_address(value: str) -> str:
    if value and (not all(value.partition("@")) or any(sign.isspace() for sign in value)):
        raise ValueError("takes an e-mail address")
    return value


def _flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("takes 1 or 0")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"takes a whole number from {low} to {high}")
        return int(value)

    return parse


def _address(*forms: str) -> Callable[[str], str]:
    schemes = tuple(form.split(":")[0] for form in forms)

    def parse(value: str) -> str:
        if value.split(":")[0] not in schemes or ":" not in value:
            raise ValueError("takes " + " or ".join(forms))
        return value

    return parse


def _one_of(*known: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in known:
            raise ValueError("takes " + " or ".join(known))
        return value

    return parse


def _site_url(value: str) -> str:
    if not value:
        return ""
    parts = _web_address(value)
    if parts is None or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("takes the site's origin, such as https://news.example")
    return f"{parts.scheme}://{parts.netloc}"


def _hubs(value: str) -> tuple[str, ...]:
    hubs = tuple(dict.fromkeys(value.replace(",", " ").split()))
    for hub in hubs:
        parts = _web_address(hub)
        if parts is None or len(hub) > 300 or parts.fragment or parts.username is not None or set(hub) & set('<>"\\'):
            raise ValueError("takes WebSub hubs' addresses, such as https://hub.example/, with commas between them")
    return hubs


def _web_address(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half a bracket
        return None
    return parts if sound and value.isascii() and value.isprintable() else None


@cache  # the names are found by walking through the files of all zones
def _zone(value: str) -> ZoneInfo:
    if value not in available_timezones():
        raise ValueError("takes an IANA time zone, such as Europe/Berlin")
    return ZoneInfo(value)


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError("takes a language tag, such as en or de")
    return value


def _article_path(value: str) -> str:
    if value.count("{slug}") != 1 or not value.startswith("/") or not value.endswith("/"):
        raise ValueError("takes a path such as /{yyyy}/{mm}/{dd}/{slug}/")
    if re.sub(r"\{(yyyy|mm|dd|slug)\}", "", value).strip("abcdefghijklmnopqrstuvwxyz0123456789-/"):
        raise ValueError("takes {yyyy}, {mm}, {dd}, {slug}, letters, digits, - and /")
    return value


SETTINGS = (
    Setting("CMS_DATA_DIR", "./var", "folder for the database, index, files and secrets", _data_dir),
    Setting(
        "CMS_DATABASE_URL",
        "",
        "sqlite:///PATH or postgresql+psycopg://…; empty: SQLite in the data folder",
        lambda value: value and _address("sqlite:///PATH", "postgresql+psycopg://USER@HOST/NAME")(value),
        secret=True,
    ),
    Setting(
        "CMS_SEARCH_URL",
        "whoosh:",
        "search engine: whoosh: (files in the data folder) or postgresql: (in the main database)",
        _one_of("whoosh:", "postgresql:"),
    ),
    Setting(
        "CMS_VIEWS_URL",
        "spool:",
        "where visits are kept until counted: spool: (in the data folder) or redis://HOST (carried from there)",
        _address("spool:", "redis://HOST:PORT/DB", "rediss://HOST:PORT/DB"),
    ),
    Setting(
        "CMS_FILES_URL",
        "file:",
        "where images are kept: file: (in the data folder) or s3://BUCKET/PREFIX?endpoint=URL",
        _address("file:", "s3://BUCKET/PREFIX?endpoint=URL"),
    ),
    Setting(
        "CMS_SIGNAL_URL",
        "local:",
        "how processes hear of changes: local: (on this machine) or redis://HOST (several machines)",
        _address("local:", "redis://HOST:PORT/DB", "rediss://HOST:PORT/DB"),
    ),
    Setting("CMS_SITE_URL", "", "the site's public origin; empty: http://127.0.0.1:PORT", _site_url),
    Setting("CMS_SITE_NAME", "Copydesk", "the publication's name", _name),
    Setting("CMS_SITE_TIMEZONE", "UTC", "the site's IANA time zone", _zone),
    Setting("CMS_SITE_LANGUAGE", "en", "the site's language tag", _language),
    Setting("CMS_SECRET_KEY", "", "signing key, at least 32 characters; empty: made once", _text, secret=True),
    Setting("CMS_SECRET_KEY_FILE", "", "file that holds the signing key", lambda v: _path(v) if v else None),
    Setting("CMS_HOST", "127.0.0.1", "address to listen on", _host),
    Setting("CMS_PORT", "8000", "port to listen on", _whole(1, 65535)),
    Setting("CMS_WORKERS", str(os.cpu_count() or 1), "web processes", _whole(1, 256)),
    Setting("CMS_TRUSTED_PROXIES", "0", "how many proxies in front may be believed", _whole(0, 10)),
    Setting("CMS_ADMIN_EMAIL", "", "first admin's address, used only when there is no admin", _mail_address),
    Setting("CMS_ADMIN_PASSWORD", "", "first admin's password", _text, secret=True),
    Setting("CMS_SAMPLE", "1", "load the sample newsroom into an empty database", _flag),
    Setting(
        "CMS_MAIL_URL",
        "log:",
        "how mail leaves: log: or smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS (smtps: for TLS from the start)",
        _address("log:", "smtp://HOST", "smtps://HOST"),
        secret=True,
    ),
    Setting("CMS_PAGE_CACHE_MB", "64", "memory for finished pages, per web process, in MB", _whole(0, 65536)),
    Setting("CMS_VIEWS_SYNC_MS", "200", "longest wait before visits reach the disk, in ms", _whole(0, 60000)),
    Setting("CMS_UPLOAD_MB", "50", "largest upload, in MB", _whole(1, 2048)),
    Setting("CMS_METRICS_TOKEN", "", "bearer token for /metrics; empty: not served", _text, secret=True),
    Setting("CMS_HUBS", "", "WebSub hubs that are told of what is new in the feeds, commas between them", _hubs),
    Setting("CMS_ALLOW_PRIVATE_NETWORKS", "0", "let outgoing requests reach private networks", _flag),
    Setting("CMS_ARTICLE_PATH", "/{yyyy}/{mm}/{dd}/{slug}/", "path of an article", _article_path),
)


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str
    search_url: str
    views_url: str
    files_url: str
    signal_url: str
    site_url: str
    site_name: str
    site_timezone: ZoneInfo
    site_language: str
    secret_key: str
    secret_key_file: Path | None
    host: str
    port: int
    workers: int
    trusted_proxies: int
    admin_email: str
    admin_password: str
    sample: bool
    mail_url: str
    page_cache_mb: int
    views_sync_ms: int
    upload_mb: int
    metrics_token: str
    hubs: tuple[str, ...]
    allow_private_networks: bool
    article_path: str

    @property
    def origin(self) -> str:
        """The one origin that absolute addresses carry."""
        return self.site_url or f"http://127.0.0.1:{self.port}"

    @property
    def several_machines(self) -> bool:
        """Whether others than this machine may serve the site: then PostgreSQL's clock is everybody's."""
        return not self.signal_url.startswith("local:")

    @property
    def hosts(self) -> frozenset[str]:
        """The Host values that are this site."""
        if self.site_url:
            return frozenset({urlsplit(self.site_url).netloc})
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    @property
    def origins(self) -> frozenset[str]:
        """The Origin values that are this site."""
        scheme = urlsplit(self.origin).scheme
        return frozenset(f"{scheme}://{host}" for host in self.hosts)


@dataclass(frozen=True)
class Found:
    """A setting's value and where it came from, for ``cms config``."""

    setting: Setting
    raw: str
    source: str

    @property
    def shown(self) -> str:
        return self.setting.masked(self.raw)


def look_up(environ: Mapping[str, str] | None = None) -> list[Found]:
    """Each setting's raw value with its source: environment, .env or default.

    A variable named CMS_* that is no setting stops the start: a misspelt name would otherwise be a setting
    silently lost.
    """
    environ = os.environ if environ is None else environ
    dotenv = {k: v for k, v in dotenv_values(Path.cwd() / ".env").items() if v is not None}
    known = {setting.name for setting in SETTINGS}
    for name in [*environ, *dotenv]:
        if name.startswith("CMS_") and name not in known:
            raise WrongSetting(f"{name} is not a setting; `cms config` lists them")
    found = []
    for setting in SETTINGS:
        if setting.name in environ:
            found.append(Found(setting, environ[setting.name], "environment"))
        elif setting.name in dotenv:
            found.append(Found(setting, dotenv[setting.name], ".env"))
        else:
            found.append(Found(setting, setting.default, "default"))
    return found


def read_settings(
    environ: Mapping[str, str] | None = None, check: Callable[[Settings], object] = lambda _settings: None
) -> Settings:
    """Read and check every setting. Raises WrongSetting, as may ``check``, before anything is created; makes nothing
    but the secret key's file."""
    values: dict[str, Any] = {}
    for found in look_up(environ):
        try:
            value = found.setting.parse(found.raw)
        except ValueError as wrong:
            shown = "" if found.setting.secret else f", not {found.shown[:80]!r}"
            raise WrongSetting(f"{found.setting.name} {wrong}{shown}") from None
        values[found.setting.name.removeprefix("CMS_").lower()] = value
    values["database_url"] = _database_url(values["database_url"], values["data_dir"])
    if values["search_url"] == "postgresql:" and not values["database_url"].startswith("postgresql"):
        raise WrongSetting("CMS_SEARCH_URL takes postgresql: only when CMS_DATABASE_URL is a PostgreSQL database")
    if bool(values["admin_email"]) != bool(values["admin_password"]):
        raise WrongSetting("CMS_ADMIN_EMAIL and CMS_ADMIN_PASSWORD are given together or not at all")
    if values["secret_key"] and len(values["secret_key"]) < 32:
        raise WrongSetting("CMS_SECRET_KEY takes at least 32 characters")
    assert set(values) == {field.name for field in fields(Settings)}
    settings = Settings(**values)
    check(settings)
    return replace(settings, secret_key=settings.secret_key or _kept_key(settings.secret_key_file, settings.data_dir))


def _database_url(url: str, data_dir: Path) -> str:
    """Make a relative SQLite address absolute against the working directory.

    Flask-SQLAlchemy would place it in its instance folder.
    """
    if not url:
        return f"sqlite:///{data_dir / 'copydesk.sqlite3'}"
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:///")
        if path == url or not path or path == ":memory:" or _path(path).is_dir():
            raise WrongSetting("CMS_DATABASE_URL takes sqlite:///PATH to a file")
        return f"sqlite:///{_path(path)}"
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        raise WrongSetting("CMS_DATABASE_URL takes postgresql+psycopg://USER@HOST/NAME") from None
    return url


def make_data_dir(path: Path) -> None:
    """Where a folder may be made is known only once it is made: a system's own file systems refuse even root."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        why = refused.strerror or refused
        raise WrongSetting(f"CMS_DATA_DIR takes a folder that can be written to, not {str(path)!r} ({why})") from None


def _kept_key(key_file: Path | None, data_dir: Path) -> str:
    path = key_file or data_dir / "secret-key"
    if path.is_file():
        key = path.read_text(encoding="utf-8", errors="replace").strip()
        if len(key) < 32:
            raise WrongSetting(f"CMS_SECRET_KEY_FILE takes a file with at least 32 characters: {path}")
        return key
    if key_file:
        raise WrongSetting(f"CMS_SECRET_KEY_FILE takes a file that exists, not {key_file}")
    make_data_dir(data_dir)
    key = secrets.token_urlsafe(48)
    part = data_dir / f".secret-key-{secrets.token_hex(8)}"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())  # or a power cut leaves its name and nothing in it, and nothing starts any more
    try:
        os.link(part, path)  # two first starts at once: the first link wins, the other reads it
    except FileExistsError:
        return _kept_key(key_file, data_dir)
    finally:
        part.unlink()
    return key
