"""Releasing a build: a finished folder takes the place of the last output, file by file.

The output holds a ledger of the files that builds wrote there. Only those are ever replaced or removed; a file
that is the same already is not touched. Killed at any moment, the next release puts everything right, because
the ledger names old and new files before the first is moved.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsroom.errors import BuildFailed, Problem
from newsroom.files import digest, write_atomic

LEDGER = ".ledger.json"


@dataclass(frozen=True)
class Changes:
    """What a release did, as files of the output."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


def stage(output: Path) -> Path:
    """An empty folder beside `output`, for a rename must not cross disks; what killed builds left goes."""
    prefix = f".{output.name}.new-"
    for folder in output.parent.glob(f"{prefix}*"):
        if not _runs(folder.name.removeprefix(prefix)):
            shutil.rmtree(folder, ignore_errors=True)
    staging = output.with_name(f"{prefix}{os.getpid()}")
    staging.mkdir(parents=True, exist_ok=True)
    return staging


def _runs(process: str) -> bool:
    """Whether the process that made a staging folder still runs; Windows cannot be asked without harm."""
    if os.name != "posix" or not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's: it runs
    return True


def release(staging: Path, output: Path, fresh: bool = False) -> Changes:
    """Move the files of `staging` to `output` and remove those of earlier builds that it lacks; with `fresh`,
    whatever else is there too.

    Raises BuildFailed when `output` holds files and no ledger: they are somebody's, and stay.
    """
    _make_folder(output)
    try:
        return _release(staging, output, fresh)
    except OSError as error:
        message = f"the output cannot be written ({error.strerror})"
        problem = Problem(
            str(error.filename2 or error.filename or output.name), 1, message, "make room, or mend its permissions"
        )
        raise BuildFailed([problem], "the output is partly new; build again once that is mended") from error


def _release(staging: Path, output: Path, fresh: bool) -> Changes:
    with _locked(output):
        old = read_ledger(output)
        if fresh:
            old = {_name(path, output): "" for path in _files(output)}
        new = {_name(path, staging): digest(path.read_bytes()) for path in _files(staging)}
        _write_ledger(output, {**old, **new})
        written = [name for name in sorted(new, key=_order) if _move(staging / name, output / name)]
        removed = sorted(old.keys() - new.keys() - {LEDGER}, reverse=True)
        for name in removed:
            _remove(output, name)
        _write_ledger(output, new)
    return Changes(tuple(written), tuple(removed), len(new) - len(written))


def _order(name: str) -> tuple[int, str]:
    """Parts of pages first, then pages, then what announces them: no page is there before its style sheet."""
    if name.endswith(".xml") or name == "robots.txt":
        return 2, name
    return (1 if name.endswith(".html") else 0), name


def _files(folder: Path) -> Iterator[Path]:
    return (Path(where, name) for where, _, names in os.walk(folder) for name in names)


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _move(source: Path, target: Path) -> bool:
    """Put `source` in the place of `target`; False if that was the same already."""
    with contextlib.suppress(OSError):
        if not target.is_symlink() and target.read_bytes() == source.read_bytes():
            os.chmod(target, 0o644)
            return False
    _make_folder(target.parent)
    os.chmod(source, 0o644)
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_atomic(target, source.read_bytes())  # the output is a disk of its own
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, open to readers whatever the umask."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        os.chmod(folder, 0o755)


def _remove(output: Path, name: str) -> None:
    (output / name).unlink(missing_ok=True)
    for folder in (output / name).parents:
        if folder == output:
            return
        try:
            folder.rmdir()
        except OSError:  # not empty, or not ours
            return


def read_ledger(output: Path) -> dict[str, str]:
    """The files that builds wrote to `output`, with their SHA-256. Raises BuildFailed where somebody else did."""
    try:
        return dict(json.loads((output / LEDGER).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        strangers = sorted(path.name for path in output.iterdir() if path.name != LEDGER)
        if not strangers:
            return {}
        message = f"the folder holds files that no build wrote ({', '.join(strangers[:3])})"
        remedy = "empty it if it is an old output, or name another folder"
        raise BuildFailed([Problem(output.name, 1, message, remedy)]) from None


def _write_ledger(output: Path, files: dict[str, str]) -> None:
    write_atomic(output / LEDGER, json.dumps(files, sort_keys=True, indent=0).encode())


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Two releases into one folder come one after the other. Windows, which has no flock, goes without."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
