"""How fast pages are, beside nginx with the same bytes as files and a Flask view that returns them.

    python bench/serving.py                        # three rounds of three seconds each, about six minutes
    python bench/serving.py --minutes 8            # stop after the round that ends nearest to then
    python bench/serving.py --rounds 1 --seconds 1 --newsroom DIR

Rounds are interleaved, so whatever else the machine does falls on all alike: trust the ratios. Everything listens on
127.0.0.1, and wrk shares the cores with what it measures. Tables go to docs/benchmarks/serving.md with a plot.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import publishing
from bench.newsroom import fill
from cms import reactions
from cms.app import build_newsroom
from cms.domain import keys
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.settings import read_settings

ROOT = Path(__file__).resolve().parents[1]
STORIES = 2_000
CONNECTIONS = 32
WARMING = 8
"""Times every page is asked for beforehand: a connection reaches any of two processes, and both should have it."""

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True)
class Run:
    rate: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Target:
    """One line of a table: ``beside`` is the line that it is compared with."""

    name: str
    beside: str
    measure: Callable[[], Run]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=8, help="begin no round that would end later than that")
    parser.add_argument("--newsroom", type=Path, help="a data folder that bench/newsroom.py has filled")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as open_:
        bench = prepare(Path(folder), given.newsroom, given.seconds, open_)
        found: dict[str, list[Run]] = defaultdict(list)
        took = 0.0
        for number in range(given.rounds):
            round_began = time.monotonic()
            if number and round_began + took > began + 60 * given.minutes:
                print(f"stopping after {number} rounds: another would take longer than {given.minutes:g} minutes")
                break
            for target in bench.targets:
                found[target.name].append(target.measure())
                print(f"{number + 1}  {target.name:<52}{found[target.name][-1].rate:>10,.0f}/s", flush=True)
            took = time.monotonic() - round_began
        write(bench.targets, found, given.seconds, [row for once in bench.once for row in once()])


@dataclass(frozen=True)
class Bench:
    targets: list[Target]
    once: list[Callable[[], list[tuple[str, str]]]]
    """What is measured once, after all rounds: rows of a second table."""


def prepare(folder: Path, newsroom: Path | None, seconds: int, open_: contextlib.ExitStack) -> Bench:
    data = newsroom or folder / "var"
    check_deployment(folder)
    environment = {"CMS_DATA_DIR": str(data), "CMS_SAMPLE": "0", "CMS_TRUSTED_PROXIES": "1", "CMS_WORKERS": "2"}
    if newsroom is None:
        print(f"publishing {STORIES:,} stories…", flush=True)
        fill(build_newsroom(read_settings(environment)), STORIES)
    started_at = time.monotonic()
    site, processes = open_.enter_context(serving(environment, folder, CMS_PAGE_CACHE_MB="256"))
    start_up = time.monotonic() - started_at
    idle = memory(processes)
    cold, _ = open_.enter_context(serving(environment, folder, CMS_PAGE_CACHE_MB="0"))
    paths = addresses(site)
    files = folder / "files"
    with ThreadPoolExecutor(8) as pool:
        for _ in range(WARMING):
            bodies = list(pool.map(lambda path: fetch(site, path), paths))
    for path, body in zip(paths, bodies, strict=True):
        (files / path.strip("/")).mkdir(parents=True)
        (files / path.strip("/") / "index.html").write_bytes(body)
        (files / path.strip("/") / "index.html.gz").write_bytes(gzip.compress(body, 6))
    nginx = open_.enter_context(nginx_with(folder, files))
    flask = open_.enter_context(granian_with(folder, "view", FLASK, files))
    bare = open_.enter_context(granian_with(folder, "dictionary", DICTIONARY, files))
    many = script(
        folder, "many", f"local paths = {{{', '.join(map(json.dumps, paths))}}}", "paths[math.random(#paths)]"
    )
    gz, tag = "Accept-Encoding: gzip", f"If-None-Match: {etag(site, paths[0])}"
    nginx_tag = f"If-None-Match: {etag(nginx, paths[0])}"
    ids = [identity(body) for body in bodies[:200]]
    views = view_script(folder, site, ids)
    wrk = lambda port, path="/", *more: lambda: run_wrk(port, path, seconds, *more)  # noqa: E731
    one, n1, n2 = paths[0], "nginx, 1 address", f"nginx, {len(paths):,} addresses"
    with_visits = beside(lambda: visits(site, views, seconds), wrk(site, "/", "-s", many))
    with_publications = beside(lambda: publications(environment, seconds), wrk(site, "/", "-s", many))
    targets = [
        Target(n1, n1, wrk(nginx, one)),
        Target("article, 1 address", n1, wrk(site, one)),
        Target("the same bytes from a dictionary, in the same server", n1, wrk(bare, one)),
        Target("a Flask view with the same bytes", n1, wrk(flask, one)),
        Target(n2, n2, wrk(nginx, "/", "-s", many)),
        Target(f"article, {len(paths):,} addresses", n2, wrk(site, "/", "-s", many)),
        Target("the same bytes from a dictionary, many addresses", n2, wrk(bare, "/", "-s", many)),
        Target("… with 1,000 visits a second beside", n2, with_visits),
        Target("… with a publication a second", n2, with_publications),
        Target("nginx, gzip_static", "nginx, gzip_static", wrk(nginx, one, "-H", gz)),
        Target("article, gzip", "nginx, gzip_static", wrk(site, one, "-H", gz)),
        Target("nginx, 304", "nginx, 304", wrk(nginx, one, "-H", nginx_tag)),
        Target("article, 304", "nginx, 304", wrk(site, one, "-H", tag)),
        Target("front page", n1, wrk(site, "/")),
        Target("JSON Feed, gzip", n1, wrk(site, "/feed.json", "-H", gz)),
        Target("search page, one query", n1, wrk(site, "/search?q=the")),
        Target("views, durable", n1, wrk(site, "/", "-s", views)),
        Target("article, made anew each time", n2, wrk(cold, "/", "-s", many)),
        Target("front page, made anew each time", n2, wrk(cold, "/")),
        Target("JSON Feed, made anew each time", n2, wrk(cold, "/feed.json")),
    ]

    def under_load() -> list[tuple[str, str]]:
        load = threading.Thread(target=wrk(site, "/", "-s", many))
        load.start()
        try:
            return publishing.measure(environment, site, folder, rounds=30)
        finally:
            load.join()

    def sizes() -> list[tuple[str, str]]:
        return [
            ("a web server is up after", f"{start_up:.1f} s"),
            ("private memory of a web process, just started", f"{idle:,.0f} MB"),
            (f"… with {len(paths):,} stories' pages and all else asked for above", f"{memory(processes):,.0f} MB"),
        ]

    return Bench(targets, [under_load, sizes])


# --- What is measured --------------------------------------------------------------------------------------


def run_wrk(port: int, path: str, seconds: int, *more: str, connections: int = CONNECTIONS) -> Run:
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}", "--latency", *more, f"http://127.0.0.1:{port}{path}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    worst = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    p99 = float(worst[1]) * {"us": 0.001, "ms": 1, "s": 1000}[worst[2]] if worst else 0
    errors = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", told)))
    return Run(rate, p99, errors)


def beside(load: Callable[[], None], measure: Callable[[], Run]) -> Callable[[], Run]:
    def both() -> Run:
        other = threading.Thread(target=load)
        other.start()
        found = measure()
        other.join()
        return found

    return both


def visits(port: int, views: str, seconds: int) -> None:
    """About 1,000 a second: ten connections that wait ten milliseconds between two."""
    paced = views.replace(".lua", "-paced.lua")
    Path(paced).write_text(Path(views).read_text() + "\nfunction delay() return 9 end\n")
    run_wrk(port, "/", seconds, "-s", paced, connections=10)


def publications(environment: dict[str, str], seconds: int) -> None:
    """What a publication tells every process, once a second."""
    newsroom = build_newsroom(read_settings(environment))
    for number in range(seconds):
        with newsroom.sessions.write() as session:
            touched = frozenset({keys.FRONT, keys.article(f"bench{number}"), keys.section("world")})
            event = Event("publish", SYSTEM, "article:bench", keys=touched)
            reactions.commit(session, [event], newsroom.clock.now(), newsroom.signal)
        time.sleep(0.98)
    newsroom.sessions.dispose()


def script(folder: Path, name: str, before: str, path: str) -> str:
    file = folder / f"{name}.lua"
    file.write_text(f"{before}\nfunction request() return wrk.format('GET', {path}) end\n")
    return str(file)


def view_script(folder: Path, port: int, ids: list[str]) -> str:
    file = folder / "views.lua"
    listed = ", ".join(map(json.dumps, ids))
    file.write_text(
        f"local ids = {{{listed}}}\nlocal n = 0\nlocal mine = tostring(math.random(1e9)) .. tostring({{}}):sub(8)\n"
        "function init() math.randomseed(os.time() + tonumber(tostring({}):sub(8)) % 1e6) "
        "mine = string.format('%08x', math.random(2^31)) end\n"
        "function request()\n  n = n + 1\n"
        '  local body = \'{"article":"\' .. ids[n % #ids + 1] .. \'","view":"\' .. mine .. n .. \'xx"}\'\n'
        f"  return wrk.format('POST', '/api/v1/views', {{['Origin'] = 'http://127.0.0.1:{port}', "
        f"['User-Agent'] = '{FIREFOX}', ['Content-Type'] = 'application/json', ['X-Forwarded-For'] = "
        "string.format('%d.%d.%d.9', 11 + n % 200, math.random(0, 255), math.random(0, 255))}, body)\nend\n"
    )
    return str(file)


# --- What serves -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(environment: dict[str, str], folder: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """The server's port and process."""
    port = free_port()
    given = {**os.environ, **environment, **settings, "CMS_PORT": str(port)}
    with started([sys.executable, "-m", "cms", "web"], folder / f"{port}.log", env=given, cwd=ROOT) as process:
        until_up(port, "/healthz")
        yield port, process


@contextlib.contextmanager
def nginx_with(folder: Path, files: Path) -> Iterator[int]:
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;\n"
        "events { worker_connections 1024; }\nhttp { include /etc/nginx/mime.types; access_log off; sendfile on;\n"
        "tcp_nopush on; keepalive_requests 1000000; open_file_cache max=10000; gzip_static on;\n"
        f"server {{ listen 127.0.0.1:{port}; root {files}; index index.html; }} }}\n"
    )
    folder.chmod(0o755)
    with started(["nginx", "-c", str(folder / "nginx.conf")], folder / "nginx.out"):
        until_up(port, "/")
        yield port


_READ = """\
from pathlib import Path
bodies = {f"/{page.parent.relative_to(FILES)}/": page.read_bytes() for page in Path(FILES).rglob("index.html")}
"""
FLASK = """\
from flask import Flask, Response, request
app = Flask(__name__)
@app.get("/<path:_any>")
def page(_any): return Response(bodies[request.path], mimetype="text/html")
"""
DICTIONARY = """\
def app(environ, start_response):
    body = bodies[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
"""


@contextlib.contextmanager
def granian_with(folder: Path, name: str, program: str, files: Path) -> Iterator[int]:
    """Our server with another program, which has the pages' bytes by their paths."""
    port = free_port()
    (folder / f"{name}.py").write_text(f"FILES = {str(files)!r}\n{_READ}{program}")
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--workers", "2"]
    command += ["--blocking-threads", "1", "--port", str(port), f"{name}:app"]
    with started(command, folder / f"{name}.log", cwd=folder):
        until_up(port, "/")
        yield port


@contextlib.contextmanager
def started(command: list[str], log: Path, **how: object) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **how)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def memory(server: int) -> float:
    """Private megabytes of the server's largest child: a process that serves pages."""
    sizes = []
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        told = Path(f"/proc/{child}/smaps_rollup").read_text()
        sizes.append(sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB", told, re.MULTILINE))) / 1000)
    return max(sizes)


def check_deployment(folder: Path) -> None:
    """A real nginx takes deploy/nginx.conf, but for its certificate and ports, which are of this bench."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=news.example", "-days", "1"]
    subprocess.run([*made, "-out", str(certificate), "-keyout", str(key)], check=True, capture_output=True)
    given = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    given = re.sub(r"(?<=ssl_certificate )\s+\S+(?=;)", str(certificate), given)
    given = re.sub(r"(?<=ssl_certificate_key )\S+(?=;)", str(key), given)
    for port in ("443", "80"):
        given = re.sub(rf"(?<=listen )(\[::\]:)?{port}\b", rf"\g<1>{free_port()}", given)
    (folder / "deploy.conf").write_text(
        f"pid {folder}/deploy.pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n{given}\n}}\n"
    )
    told = subprocess.run(["nginx", "-t", "-c", str(folder / "deploy.conf")], capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"nginx refuses deploy/nginx.conf:\n{told.stderr}")
    print("nginx takes deploy/nginx.conf", flush=True)


def until_up(port: int, path: str) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            fetch(port, path)
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def fetch(port: int, path: str, header: str = "") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return (answer.getheader(header) or "").encode() if header else body


def etag(port: int, path: str) -> str:
    return fetch(port, path, "ETag").decode()


def identity(page: bytes) -> str:
    return re.search(rb'data-visit="([0-9a-z]+)"', page)[1].decode()  # type: ignore[index]


def addresses(port: int) -> list[str]:
    """The stories' paths, off the feed's pages."""
    found: list[str] = []
    path = "/feed.json"
    while path and len(found) < STORIES:
        told = json.loads(fetch(port, path))
        found += [item["url"].split("/", 3)[3] for item in told["items"]]
        path = "/" + told["next_url"].split("/", 3)[3] if "next_url" in told else ""
    return ["/" + each for each in found]


# --- What is written ---------------------------------------------------------------------------------------


def write(targets: list[Target], found: dict[str, list[Run]], seconds: int, once: list[tuple[str, str]]) -> None:
    rounds = len(found[targets[0].name])
    folder = ROOT / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    rates = {name: statistics.median(run.rate for run in runs) for name, runs in found.items()}
    lines = [
        "# How fast pages are",
        "",
        f"`make bench`: {rounds} interleaved rounds of {seconds} s, wrk with {CONNECTIONS} connections on the same "
        f"{os.cpu_count()} cores; medians (range). A story's page is about 25 KB. Load when it began and ended is in "
        f"the last line. Trust the ratios, each taken within one run.",
        "",
        "Who asks for a page while it is made waits for that one render, so the front page and the JSON Feed made anew "
        "count readers, not renders: what a render costs is in cold.md.",
        "",
        "| | req/s (range) | p99 ms | × what it stands beside |",
        "|---|---|---|---|",
    ]
    for target in targets:
        runs = found[target.name]
        low, high = min(run.rate for run in runs), max(run.rate for run in runs)
        p99 = statistics.median(run.p99 for run in runs)
        ratio = statistics.median(
            mine.rate / other.rate for mine, other in zip(runs, found[target.beside], strict=True)
        )
        against = "" if target.name == target.beside else f"{ratio:.2f} of {target.beside}"
        refused = sum(run.errors for run in runs)
        note = f" ({refused:,} refused)" if refused else ""
        lines.append(
            f"| {target.name}{note} | {rates[target.name]:,.0f} ({low:,.0f}–{high:,.0f}) | {p99:.1f} | {against} |"
        )
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    lines += ["", "| measured once | |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in once)]
    lines += ["", "![requests a second](serving.svg)", "", f"Load averages at the end, wrk included: {load}."]
    (folder / "serving.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "serving.svg").write_text(plot(rates), encoding="utf-8")


def plot(rates: dict[str, float]) -> str:
    """Bars, on a plain ground that suits a light and a dark page."""
    most, rows = max(rates.values()), []
    for number, (name, rate) in enumerate(rates.items()):
        y = 14 + 24 * number
        colour = "#8a8f98" if name.startswith(("nginx", "a Flask")) else "#2f6fde"
        rows.append(
            f'<text x="290" y="{y + 12}" text-anchor="end">{name}</text>'
            f'<rect x="300" y="{y}" width="{max(1, 360 * rate / most):.0f}" height="16" fill="{colour}"/>'
            f'<text x="{308 + 360 * rate / most:.0f}" y="{y + 12}">{rate:,.0f}</text>'
        )
    height = 24 * len(rates) + 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="740" height="{height}" fill="#fff"/>{"".join(rows)}</svg>\n'
    )


if __name__ == "__main__":
    for tool in ("wrk", "nginx", "openssl"):
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is missing. Type: sudo apt-get install -y wrk nginx-light openssl")
    main()
