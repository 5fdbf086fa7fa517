"""Take the newsroom's rules apart one piece at a time, and see whether a test turns red: ``bench/mutants.py``.

    PYTHONPATH=. .venv/bin/python bench/mutants.py [--every N] [--from N] [--about PATTERN]

A mutant is one change to one function of ``cms/domain/workflow`` or of what decides on visibility: a comparison the
other way, a guard that never holds, an assignment or a call left out, a number one higher, a cell taken out of a table.
Each lives in a process of its own, forked with everything imported, so it costs no start. It meets the state machine
first, in a very short form; what survives meets the tests of the domain, the machine in a longer form, and the surface
tests near it. What survives them all is printed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import inspect
import os
import random
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

GLANCE, RUNS, STEPS = 25, 150, 12
"""How many stories at first, how many then, and how much befalls each."""
LONGEST = 120
"""Seconds of CPU; whoever takes more runs in circles, and is counted as found."""

MODULES = [
    *(
        f"cms.domain.workflow.{name}"
        for name in (
            "states", "permissions", "spans", "publishing", "editions", "embargoes", "holds", "pulling", "corrections",
            "editing", "fixing", "lineage", "merging", "erasing", "reasons", "walltime", "snapshots",
        )
    ),
    "cms.domain.articles.desk",
    "cms.domain.articles.queries",
    "cms.domain.articles.reading",
]  # fmt: skip
FIRST = [
    "tests/domain/test_workflow_tables.py",
    "tests/domain/test_rules_at_their_edges.py",
    "tests/domain/test_texts_and_times.py",
    "tests/domain/test_publishing_without_an_app.py",
]
THEN = [
    "tests/surfaces/test_api_remedies.py",
    "tests/surfaces/test_api_revisions.py",
    "tests/surfaces/test_api_articles.py",
    "tests/surfaces/test_corrections_room.py",
    "tests/surfaces/test_checks.py",
    "tests/surfaces/test_fronts.py",
    "tests/surfaces/test_previews.py",
    "tests/surfaces/test_people.py",
    "tests/surfaces/test_sections_and_tags.py",
    "tests/surfaces/test_admin_calendar.py",
    "tests/surfaces/test_remedies_in_the_admin.py",
    "tests/surfaces/test_public_pages.py",
    "tests/domain/test_visits.py",
]
DECIDING = {
    "cms.domain.articles.queries": {"on_show", "begun", "visible_until", "visible_among"},
    "cms.domain.articles.reading": {"stories", "present"},
}
"""Of the modules that do more than decide on visibility, the functions that do."""


@dataclass
class Mutant:
    where: str
    what: str
    apply: Callable[[], None]


# --- Making them -------------------------------------------------------------------------------------------

SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip


def changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    """What can be done to a node: how it is called, and a function that does it to a copy."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield "comparison the other way", lambda n: _set(n, ops=[SWAPS[type(n.ops[0])](), *n.ops[1:]])
    if isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        yield "operator the other way", lambda n: _set(n, op=SWAPS[type(n.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "'not' left out", lambda n: n.operand
    if isinstance(node, ast.If | ast.IfExp):
        yield "condition never true", lambda n: _set(n, test=ast.Constant(False))
        yield "condition always true", lambda n: _set(n, test=ast.Constant(True))
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant turned", lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "number one higher", lambda n: ast.Constant(n.value + 1)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ".flush" not in ast.unparse(node):
        yield "call left out", lambda n: ast.Pass()
    if isinstance(node, ast.Attribute) and node.attr in ("is_", "is_not"):
        yield "comparison the other way", lambda n: _set(n, attr="is_not" if n.attr == "is_" else "is_")
    if isinstance(node, ast.Assign) and any(isinstance(each, ast.Attribute) for each in node.targets):
        yield "assignment left out", lambda n: ast.Pass()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max", "any", "all"):
        other = {"min": "max", "max": "min", "any": "all", "all": "any"}[node.func.id]
        yield f"{other} for {node.func.id}", lambda n: _set(n, func=ast.Name(other, ast.Load()))


def _set(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def of_module(name: str) -> Iterator[Mutant]:
    module = importlib.import_module(name)
    tree = ast.parse(inspect.getsource(module))
    for path, function in _functions(tree):
        if name in DECIDING and path[0] not in DECIDING[name]:
            continue
        for number, node in enumerate(_spoken(function)):
            for what, change in changes(node):
                apply = _applier(module, tree, path, number, change)
                line = f"{name.removeprefix('cms.domain.')}.{'.'.join(path)}:{getattr(node, 'lineno', 0)}"
                yield Mutant(line, f"{what}: {' '.join(ast.unparse(node).split())[:90]}", apply)


def _functions(tree: ast.Module) -> Iterator[tuple[tuple[str, ...], ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield (node.name,), node
        if isinstance(node, ast.ClassDef):
            yield from (((node.name, each.name), each) for each in node.body if isinstance(each, ast.FunctionDef))


def _spoken(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of a body that decide something: not the words of refusals, nor what the log is told."""
    found: list[ast.AST] = []

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
            return
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Event", "replace", "event_of"):
            return
        found.append(node)
        for child in ast.iter_child_nodes(node):
            walk(child)

    for statement in function.body:
        walk(statement)
    return found


def _applier(
    module: ModuleType, tree: ast.Module, path: tuple[str, ...], number: int, change: Callable[[Any], ast.AST]
) -> Callable[[], None]:
    def apply() -> None:
        changed = copy.deepcopy(tree)
        function = dict(_functions(changed))[path]
        target = _spoken(function)[number]
        for parent in ast.walk(function):
            for field, value in ast.iter_fields(parent):
                if value is target:
                    setattr(parent, field, change(target))
                elif isinstance(value, list) and any(each is target for each in value):
                    setattr(parent, field, [change(target) if each is target else each for each in value])
        compiled: Any = compile(ast.fix_missing_locations(changed), module.__file__ or "", "exec")
        held: Any = module
        for name in path:
            compiled = next(each for each in compiled.co_consts if isinstance(each, CodeType) and each.co_name == name)
            held = inspect.getattr_static(held, name)
        held = getattr(held, "__func__", held)  # a class method's function
        inspect.unwrap(held).__code__ = compiled

    return apply


def of_tables() -> Iterator[Mutant]:
    from cms.domain.workflow.permissions import ANY, OWN, PERMISSIONS
    from cms.domain.workflow.states import STAYING, TRANSITIONS

    for role, rights in PERMISSIONS.items():
        for right, grant in list(rights.items()):
            other = ANY if grant is OWN else OWN
            yield Mutant("permissions", f"{role} may not {right}", lambda r=rights, v=right: r.pop(v))
            yield Mutant("permissions", f"{role} {right}: {other}", lambda r=rights, v=right, o=other: r.update({v: o}))
    for verb, ways in TRANSITIONS.items():
        for state in list(ways):
            yield Mutant("states", f"no {verb} from {state}", lambda w=ways, s=state: w.pop(s))
    for verb, states in list(STAYING.items()):
        for state in states:
            yield Mutant(
                "states", f"no {verb} when {state}", lambda v=verb, s=state: STAYING.update({v: STAYING[v] - {s}})
            )


# --- Meeting the tests -------------------------------------------------------------------------------------


def found(mutant: Mutant, *stages: Callable[[], bool]) -> bool:
    """Whether any of these is red. Each is run in a process of its own."""
    return any(_forked(mutant, stage) for stage in stages)


def _forked(mutant: Mutant, stage: Callable[[], bool]) -> bool:
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            mutant.apply()
            os._exit(0 if stage() else 1)
        except BaseException:
            os._exit(1)
    return os.waitpid(child, 0)[1] != 0


def machine(blank: Path, runs: int) -> bool:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from cms.app import build_newsroom
    from cms.clock import SetClock
    from cms.settings import read_settings
    from tests.endurance import test_newsroom_machine

    under_test = importlib.reload(test_newsroom_machine)  # it has a statement made of what may have changed since
    with tempfile.TemporaryDirectory(dir=blank.parent) as data:
        shutil.copyfile(blank, Path(data) / "copydesk.sqlite3")
        clock = SetClock(under_test.DAY)
        environ = {"CMS_DATA_DIR": data, "CMS_SITE_URL": "http://news.example"}
        newsroom = build_newsroom(read_settings({**environ, "CMS_SITE_TIMEZONE": "America/New_York"}), clock)

        class Machine(under_test.StoryMachine):
            paper = under_test.Paper(newsroom, clock)

        under_test.sync_no_more(newsroom)
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=runs, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    return True


def edges() -> bool:
    return _green(*FIRST)


def near() -> bool:
    return _green(*THEN)


def documented() -> bool:
    return _green(FIRST[0], "-k", "documentation")


def _green(*asked: str) -> bool:
    return pytest.main(["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--timeout", "0", *asked]) == 0


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--every", type=int, default=1, help="one in so many, evenly")
    options.add_argument("--from", type=int, default=0, dest="first")
    options.add_argument("--about", default="", help="a pattern that the mutant's place or change must have")
    asked = options.parse_args()
    from cms.db import open_sessions
    from cms.moving import schema

    mutants = [each for name in MODULES for each in of_module(name)]
    tables = list(of_tables())
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        blank = Path(folder) / "blank.sqlite3"
        sessions = open_sessions(f"sqlite:///{blank}")
        schema.upgrade(sessions.write_engine)
        sessions.dispose()
        assert machine(blank, RUNS), "this also warms what every mutant's process is forked with"
        sample = [each for each in [*mutants, *tables] if re.search(asked.about, f"{each.where} {each.what}")]
        sample, survivors = sample[asked.first :: asked.every], []
        random.Random(0).shuffle(sample)  # so that a run cut short is a fair sample, too
        for number, mutant in enumerate(sample, 1):
            stages = [lambda: machine(blank, GLANCE), edges, lambda: machine(blank, RUNS), near]
            stages = [documented] if mutant in tables else stages
            survives = not found(mutant, *stages)
            survivors += [mutant] if survives else []
            print(f"{number:4} {'SURVIVED' if survives else 'found'}  {mutant.where}  {mutant.what}", flush=True)
    score = 1 - len(survivors) / len(sample)
    print(f"{len(sample)} of {len(mutants) + len(tables)} mutants, {len(survivors)} survived: {score:.1%} found")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
