"""What befalls the output and the cache between two builds: none of it may show in what the next one leaves."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.build.edits import choose
from tests.support import files

LEDGER = ".ledger.json"
STRANGE = "strangers-own"  # what the names of files that no build wrote begin with
Damage = Callable[[Path, int, int], str]
DAMAGES: dict[str, Damage] = {}


def damage(function: Damage) -> Damage:
    DAMAGES[function.__name__] = function
    return function


def _output(site: Path) -> list[str]:
    return [name for name in files(site / "output") if name != LEDGER and STRANGE not in name]


def _some(site: Path, which: int) -> Path | None:
    names = _output(site)
    return site / "output" / choose(names, which) if names else None


@damage
def output_file(site: Path, which: int, how: int) -> str:
    """Delete, edit, empty, chmod, replace or touch a file of the output."""
    path = _some(site, which)
    if path is None:
        return ""
    kinds = (_delete, _append, _edit_secretly, _empty, _chmod, _link, _touch)
    choose(kinds, how)(path)
    return f"output: {choose(kinds, how).__name__.strip('_')} {path.name}"


def _delete(path: Path) -> None:
    path.unlink()


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"by hand")


def _edit_secretly(path: Path) -> None:
    times, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + b"!" if data else b"")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _chmod(path: Path) -> None:
    path.chmod(0o600)


def _link(path: Path) -> None:
    kept = path.with_name(f"{STRANGE}-{path.name}")
    path.rename(kept)
    path.symlink_to(kept.name)


def _touch(path: Path) -> None:
    os.utime(path)


@damage
def folder_for_a_file(site: Path, which: int, how: int) -> str:
    path = _some(site, which)
    if path is None:
        return ""
    path.unlink()
    path.mkdir()
    return f"output: a folder in the place of {path.name}"


@damage
def output_folder(site: Path, which: int, how: int) -> str:
    """Delete a folder of the output, or all of it."""
    folders = sorted(path for path in (site / "output").rglob("*") if path.is_dir() and not path.is_symlink())
    if not folders or how % 4 == 0:
        shutil.rmtree(site / "output", ignore_errors=True)
        return "output: deleted"
    folder = choose(folders, which)
    shutil.rmtree(folder)
    return f"output: {folder.name}/ deleted"


@damage
def output_folder_closed(site: Path, which: int, how: int) -> str:
    folders = sorted(path for path in (site / "output").rglob("*") if path.is_dir() and not path.is_symlink())
    if folders:
        choose(folders, which).chmod(0o700)
    return f"output: chmod {choose(folders, which).name}/" if folders else ""


@damage
def stranger(site: Path, which: int, how: int) -> str:
    path = _some(site, which)
    if path is None:
        return ""
    to = path.with_name(f"{STRANGE}-{how % 8}.txt")
    to.write_text(f"{how}\n", encoding="utf-8")
    return f"output: a stranger's file beside {path.name}"


@damage
def cache(site: Path, which: int, how: int) -> str:
    """Delete, truncate or garble the cache, or put an older one in its place."""
    path = site / ".cache" / "build.sqlite"
    kept = site / ".cache" / f"kept-{which % 3}"
    if not path.is_file():
        return ""
    kinds = (_forget, _truncate, _garble, _age, _keep, _restore, _restore, _block)
    choose(kinds, how)(path, kept, random.Random(which * 1000 + how))
    return f"cache: {choose(kinds, how).__name__.strip('_')} {which % 3}"


def _forget(path: Path, kept: Path, chance: random.Random) -> None:
    shutil.rmtree(path.parent)


def _truncate(path: Path, kept: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size + 1))


def _garble(path: Path, kept: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 4, 64, 1024))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)


def _age(path: Path, kept: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[60:64] = b"\0\0\0\7"  # the version of the format (https://www.sqlite.org/fileformat.html)
    path.write_bytes(data)


def _keep(path: Path, kept: Path, chance: random.Random) -> None:
    shutil.copy2(path, kept)


def _restore(path: Path, kept: Path, chance: random.Random) -> None:
    if kept.exists():
        shutil.copy2(kept, path)


def _block(path: Path, kept: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


@damage
def leftover(site: Path, which: int, how: int) -> str:
    """What a killed build leaves behind."""
    folder = site / f".output.new-{4_000_000 + which % 3}" / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(f"{how}", encoding="utf-8")
    (site / "output").mkdir(exist_ok=True)
    (site / "output" / f".new-{how % 5}").write_text("half", encoding="utf-8")
    return "a killed build's leftovers"
