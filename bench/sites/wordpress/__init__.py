"""WordPress as Debian packages it, on php-fpm, MariaDB and nginx; with nginx's cache, and without."""

from __future__ import annotations

import base64
import http.client
import json
import re
import shutil
from pathlib import Path

from bench.serving import free_port, started, until_up
from bench.sites import UNPRIVILEGED, Door, Peer, answer, emptying, last_line, resident

HERE = Path(__file__).parent
DEBIAN = Path("/usr/share/wordpress")
FRESH = {"10s": "10 s", "1h": "1 hour"}
"""For how long nginx takes a page for fresh, in its words and ours: WordPress tells it nothing when a page changes."""


class WordPress(Peer):
    def install(self) -> None:
        self._root, self._socket = self.folder / "site", self.folder / "db.sock"
        shutil.copytree(DEBIAN, self._root, ignore=shutil.ignore_patterns("wp-config*"))
        for program in ("fill.php", "publish.php"):
            shutil.copy(HERE / program, self._root)
        (self._root / "wp-config.php").write_text(_wp_config(self._socket))
        if UNPRIVILEGED:
            shutil.chown(self.folder, "www-data", "www-data")
        fpm = max(Path("/usr/sbin").glob("php-fpm[0-9]*"))
        self._fpm, self._port, self._cached = str(fpm), free_port(), {fresh: free_port() for fresh in FRESH}
        version = re.search(r"wp_version = '([^']+)'", (self._root / "wp-includes" / "version.php").read_text())
        php = answer(["php", "-r", "echo PHP_VERSION;"])
        database = re.search(r"[\d.]+(?=-MariaDB)", answer(["mariadbd", "--version"]))
        self.about = (
            f"**WordPress** {version and version[1]} as Debian packages it: theme Twenty Twenty-Three, no plug-in, no "
            f"comments, no cron. PHP {php} (php-fpm, eight processes, opcache that does not look at files' times), "
            f"MariaDB {database and database[0]} with all data in memory and durable commits, nginx in front. *With "
            f"nginx's cache*: `fastcgi_cache`, which takes a page for fresh for so long; then one request makes it "
            f"anew, and the others get the old one meanwhile."
        )

    def fill(self) -> None:
        data = self.folder / "db"
        make = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        answer([*make, "--auth-root-authentication-method=normal"], cwd=self.folder, **UNPRIVILEGED)
        self._start("mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={self._socket}", "--skip-networking",
                    f"--pid-file={self.folder}/db.pid", "--innodb-buffer-pool-size=512M")  # fmt: skip
        ask = ["mariadb", "--no-defaults", f"--socket={self._socket}", "--user=root", "--execute"]
        answer(["mariadb-admin", "--no-defaults", f"--socket={self._socket}", "--user=root", "--wait=30", "ping"])
        answer([*ask, "CREATE DATABASE wordpress CHARACTER SET utf8mb4"])
        made = last_line(answer(["php", "fill.php", str(self.stories)], cwd=self._root, **UNPRIVILEGED))
        self.paths, self._password = made["paths"], made["password"]  # type: ignore[index]

    def serve(self) -> None:
        (self.folder / "fpm.conf").write_text(_fpm_conf(self.folder))
        (self.folder / "nginx.conf").write_text(_nginx_conf(self.folder, self._root, self._port, self._cached))
        self._start(self._fpm, "--nodaemonize", "--fpm-config", str(self.folder / "fpm.conf"))
        self._start("nginx", "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "nginx.log"))
        until_up(self._port, "/")
        in_process = self.open_.enter_context(resident(["php", "publish.php"], cwd=self._root, **UNPRIVILEGED))
        self.doors = [
            Door("WordPress", self._port, self._publish),
            *(
                Door(f"WordPress, nginx's cache, {FRESH[fresh]}", port, self._publish, emptying(self.folder / fresh))
                for fresh, port in self._cached.items()
            ),
        ]
        self._warm: set[str] = set()
        self.programs = {"WordPress, REST API": self._publish, "WordPress, in process": in_process}

    def warm(self, door: Door) -> None:
        """Only once: nginx keeps a page that is old, and its next reader has it made anew."""
        if door.name not in self._warm:
            self._warm.add(door.name)
            super().warm(door)

    def _start(self, *command: str) -> None:
        log = self.folder / f"{Path(command[0]).name}.out"
        self.open_.enter_context(started([*command], log, cwd=self.folder, **UNPRIVILEGED))

    def _publish(self, headline: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        known = base64.b64encode(f"admin:{self._password}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {known}"}
        fields = {"title": headline, "content": "<p>It is so.</p>", "status": "publish"}
        connection.request("POST", "/wp-json/wp/v2/posts", json.dumps(fields), headers)
        told = connection.getresponse()
        body = told.read().decode()
        connection.close()
        if told.status != 201:
            raise SystemExit(f"WordPress answers {told.status}: {body}")


def _wp_config(socket: Path) -> str:
    """The site is wherever it is asked for, so that both ports are it. "local" lets passwords in without TLS."""
    return f"""<?php
$table_prefix = 'wp_';
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', 'http://' . ($_SERVER['HTTP_HOST'] ?? '127.0.0.1')); define('WP_SITEURL', WP_HOME);
define('WP_ENVIRONMENT_TYPE', 'local'); define('WP_DEBUG', false);
define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true);
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


def _fpm_conf(folder: Path) -> str:
    return f"""[global]
error_log = {folder}/fpm.log
[www]
listen = {folder}/fpm.sock
pm = static
pm.max_children = 8
php_admin_value[opcache.validate_timestamps] = 0
php_admin_value[opcache.memory_consumption] = 256
"""


def _nginx_conf(folder: Path, root: Path, plain: int, cached: dict[str, int]) -> str:
    """``tcp_nopush`` stays off: with it an answer out of the cache waits 40 ms on the loopback. Debian's parameters
    name the host without its port, so that WordPress would redirect to itself for ever: it is named again."""
    scratch = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    site = f"""root {root}; index index.php; location / {{ try_files $uri $uri/ /index.php?$args; }}
        location ~ \\.php$ {{
            include /etc/nginx/fastcgi_params; fastcgi_param HTTP_HOST $http_host;
            fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
            fastcgi_pass unix:{folder}/fpm.sock; fastcgi_buffers 32 16k; fastcgi_buffer_size 32k;
        }}"""
    caching = """fastcgi_cache_key $request_method$request_uri; fastcgi_cache_lock on;
        fastcgi_cache_use_stale updating error timeout; fastcgi_cache_background_update on;
        fastcgi_cache_bypass $http_authorization; fastcgi_no_cache $http_authorization;"""
    behind_caches = "".join(
        f"""
    fastcgi_cache_path {folder}/{fresh} levels=1:2 keys_zone={fresh}:20m inactive=2h use_temp_path=off;
    server {{
        listen 127.0.0.1:{port}; fastcgi_cache {fresh}; fastcgi_cache_valid 200 {fresh}; {caching}
        {site}
    }}"""
        for fresh, port in cached.items()
    )
    return f"""daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types; access_log off; keepalive_requests 1000000; tcp_nopush off; {scratch}
    server {{ listen 127.0.0.1:{plain}; {site} }}{behind_caches}
}}
"""
