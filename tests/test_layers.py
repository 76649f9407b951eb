"""The architecture that DESIGN.md draws: arrows go one way, and only adapters know Pelican."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import ROOT, environment

ADAPTERS = {"newsroom.plugin", "newsroom.build.run", "newsroom.build.writer"}
VOCABULARY = {"newsroom.articles.schema", "newsroom.articles.slugs"}
# What is common to all rooms, lowest first; and what may know all rooms.
BASE = ["newsroom.errors", "newsroom.files", "newsroom.config"]
WIRING = {
    "newsroom.pictures",
    "newsroom.publishing",
    "newsroom.site",
    "newsroom.state",
    "newsroom.plugin",
    "newsroom.retraction",
    "newsroom.session",
    "newsroom.unpublished",
    "newsroom.commands",
}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by name."""
    found = {}
    for path in sorted((ROOT / "newsroom").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """The full names of all modules that a module imports, wherever in its text."""
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    return frozenset(found for node in ast.walk(tree) for found in _imported(node))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in modules() else str(node.module)


def ours(name: str) -> set[str]:
    return {each for each in imports(name) if each.partition(".")[0] == "newsroom"}


def room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 2 else ""


@pytest.mark.parametrize("name", modules())
def test_only_adapters_import_pelican(name: str) -> None:
    pelican = {each for each in imports(name) if each.partition(".")[0] == "pelican"}
    assert not pelican or name in ADAPTERS or name.endswith(".plugin"), pelican


@pytest.mark.parametrize("name", modules())
def test_a_room_imports_no_other_room_except_the_vocabulary(name: str) -> None:
    if name in WIRING:
        return
    others = {each for each in ours(name) if room(each) not in ("", room(name))}
    assert others <= VOCABULARY


@pytest.mark.parametrize("name", sorted(modules().keys() - WIRING))
def test_no_room_imports_the_wiring(name: str) -> None:
    assert not imports(name) & WIRING


@pytest.mark.parametrize("name", BASE)
def test_the_base_imports_only_what_is_below_it(name: str) -> None:
    assert ours(name) <= set(BASE[: BASE.index(name)])


def test_pure_modules_do_not_import_adapters() -> None:
    adapters = {name for name in modules() if name in ADAPTERS or name.endswith(".plugin")}
    found = {name: sorted(ours(name) & adapters) for name in modules().keys() - WIRING}
    assert {name: names for name, names in found.items() if names} == {}


def test_no_modules_import_each_other_in_circles() -> None:
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way, name])
        if name not in done:
            for each in sorted(ours(name) & modules().keys()):
                walk(each, (*way, name))
            done.add(name)

    for name in modules():
        walk(name, ())


def test_every_module_imports_alone_in_a_fresh_interpreter() -> None:
    """One process, with everybody else's modules loaded, forks for each of ours."""
    script = (
        "import importlib, json, os, sys\n"
        "others, ours = json.loads(sys.argv[1])\n"
        "for name in others:\n"
        "    importlib.import_module(name)\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'newsroom']\n"
        "for name in ours:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        try:\n"
        "            importlib.import_module(name)\n"
        "            os._exit(0)\n"
        "        except BaseException as error:\n"
        "            print(name, repr(error), flush=True)\n"
        "            os._exit(1)\n"
        "    os.waitpid(child, 0)\n"
    )
    others = {each for name in modules() for each in imports(name) if each.partition(".")[0] != "newsroom"}
    names = json.dumps([sorted(others - {"fcntl", "msvcrt"}), list(modules())])
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", script, names]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["newsroom.site", "newsroom.state"])
def test_what_reads_and_plans_a_site_needs_no_pelican(name: str) -> None:
    """Reading can run in any process: what it imports, directly or not, is free of Pelican."""
    script = f"import sys; import {name}\nprint([name for name in sys.modules if name.partition('.')[0] == 'pelican'])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["tasks.py", "newsroom/environment.py"])
def test_what_runs_before_the_set_up_needs_only_python(name: str) -> None:
    """At import; what a command needs is imported when it runs."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    own = {"newsroom", "invoke"} if name == "tasks.py" else set()
    top = {found.partition(".")[0] for node in tree.body for found in _imported(node)}
    assert top <= set(sys.stdlib_module_names) | own
