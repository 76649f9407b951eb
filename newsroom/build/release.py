"""Releasing a build: the files of a staging folder take the places of the last output's, one by one.

The output holds a ledger of the files that builds wrote there, with their SHA-256. Only those are ever replaced or
removed. Killed at any moment, the next release puts everything right, because the ledger names old and new files
before the first is moved.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newsroom.build.outputs import open_folders
from newsroom.errors import BuildFailed, Problem
from newsroom.files import digest, in_the_way, write_atomic

LEDGER, HALF = ".ledger.json", ".half"  # in the output: what builds wrote there, and what one is writing
Ledger = dict[str, str]  # file in the output → SHA-256, in hexadecimal digits


@dataclass(frozen=True)
class Changes:
    """What a release did, as files of the output."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


def stage(output: Path) -> Path:
    """A folder beside `output`, for a rename must not cross disks; what killed builds left goes."""
    sweep(output)
    staging = output.with_name(f".{output.name}.new-{os.getpid()}")
    (staging / "files").mkdir(parents=True, exist_ok=True)
    return staging


def sweep(output: Path) -> None:
    """Remove what builds that run no more left beside the output."""
    prefix = f".{output.name}.new-"
    for folder in output.parent.glob(f"{prefix}*"):
        if not _runs(folder.name.removeprefix(prefix)):
            shutil.rmtree(folder, ignore_errors=True)


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


def release(staging: Path, output: Path, files: Mapping[str, str], fresh: bool = False) -> Changes:
    """Move what is in `staging` to `output`, leave the other ones of `files` (name → SHA-256) there as they are, and
    remove what earlier builds wrote and this one has not; with `fresh`, whatever else is there too.

    Raises BuildFailed when `output` holds files and no ledger: they are somebody's, and stay.
    """
    _make_folder(output)
    try:
        return _release(staging, output, files, fresh)
    except OSError as error:
        raise _unwritable(error, output) from error
    except KeyboardInterrupt:
        raise KeyboardInterrupt("the output is partly new; build again") from None


def patch(staging: Path, output: Path) -> Changes:
    """Move what is in `staging` to an output that has all of these files already, and a ledger that names them. Until
    `record` it tells their earlier SHA-256; whoever relies on one compares the file."""
    names = sorted(_files(staging), key=_order)
    try:
        (output / HALF).unlink(missing_ok=True)
        return Changes(tuple(name for name in names if _move(staging, output, name, False)), (), 0)
    except OSError as error:
        raise _unwritable(error, output) from error


def record(output: Path, digests: Mapping[str, bytes]) -> None:
    """Let the ledger tell these SHA-256 of its files, some of which `patch` replaced. Raises BuildFailed where there is
    none."""
    ledger = read_ledger(output)
    ledger.update((name, made.hex()) for name, made in digests.items() if name in ledger)
    _write_ledger(output, ledger)


def has_ledger(output: Path) -> bool:
    """Whether it is an output that builds wrote, and that is still there."""
    return (output / LEDGER).is_file()


def _unwritable(error: OSError, output: Path) -> BuildFailed:
    message = f"the output cannot be written ({error.strerror})"
    path = str(error.filename2 or error.filename or output.name)
    problem = Problem(path, 1, message, "make room, or mend its permissions")
    return BuildFailed([problem], "the output is partly new; build again once that is mended")


def _release(staging: Path, output: Path, files: Mapping[str, str], fresh: bool) -> Changes:
    (output / HALF).unlink(missing_ok=True)
    old = read_ledger(output)
    known = dict.fromkeys(_files(output), "") if fresh else old
    staged = {name: files.get(name) or digest((staging / name).read_bytes()) for name in _files(staging)}
    new = {**files, **staged}
    open_folders(output, new)
    removed = sorted(known.keys() - new.keys() - {LEDGER}, reverse=True)
    if staged.keys() - old.keys():
        _write_ledger(output, {**known, **new})
    obstacles = in_the_way(removed, staged)
    for name in obstacles:
        _remove(output, name)
    written = tuple(
        name for name in sorted(staged, key=_order) if _move(staging, output, name, old.get(name) == staged[name])
    )
    for name in removed:
        if name not in obstacles:
            _remove(output, name)
    if new != old:
        _write_ledger(output, new)
    return Changes(written, tuple(removed), len(new) - len(written))


def _order(name: str) -> tuple[int, str]:
    """Parts of pages first, then pages, then what announces them: no page is there before its style sheet."""
    if name.endswith(".xml") or name == "robots.txt":
        return 2, name
    return (1 if name.endswith(".html") else 0), name


def _files(folder: Path) -> Iterator[str]:
    """Every file below the folder, by its name from there."""
    root = str(folder)
    for where, _, names in os.walk(root):
        here = where[len(root) + 1 :].replace(os.sep, "/")
        yield from (f"{here}/{name}" if here else name for name in names)


def _move(staging: Path, output: Path, name: str, same: bool) -> bool:
    """Put a file in its place; False if the same lies there already, which is looked at where the ledger says so."""
    source, target = f"{staging}/{name}", f"{output}/{name}"
    if same:
        with contextlib.suppress(OSError):
            if not os.path.islink(target) and Path(target).read_bytes() == Path(source).read_bytes():
                if stat.S_IMODE(os.lstat(target).st_mode) != 0o644:
                    os.chmod(target, 0o644)
                return False
    os.chmod(source, 0o644)
    try:
        try:
            os.replace(source, target)
        except FileNotFoundError:
            _make_folder(Path(target).parent)
            os.replace(source, target)
        except IsADirectoryError:
            os.rmdir(target)  # where it holds anything, that is somebody's, and stays
            os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        write_atomic(Path(target), Path(source).read_bytes(), output / HALF)  # the output is a disk of its own
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, open to readers whatever the umask."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        os.chmod(folder, 0o755)


def _remove(output: Path, name: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        (output / name).unlink()
    for folder in (output / name).parents:
        if folder == output:
            return
        try:
            folder.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # not empty, or not ours
            return


def read_ledger(output: Path) -> Ledger:
    """The files that builds wrote to `output`, with their SHA-256. Raises BuildFailed where somebody else did."""
    try:
        ledger = msgspec.json.decode((output / LEDGER).read_bytes(), type=Ledger)
        return ledger if are_inside(ledger) else {name: held for name, held in ledger.items() if _is_inside(name)}
    except (FileNotFoundError, ValueError, msgspec.MsgspecError, RecursionError):
        strangers = sorted(path.name for path in output.iterdir() if path.name not in (LEDGER, HALF))
        if not strangers:
            return {}
        message = f"the folder holds files that no build wrote ({', '.join(strangers[:3])})"
        remedy = "empty it if it is an old output, or name another folder"
        raise BuildFailed([Problem(output.name, 1, message, remedy)]) from None


def are_inside(names: Iterable[str]) -> bool:
    """Whether these names, which somebody may have made up, are those of files in the output."""
    text = "\n".join(["", *names, ""])
    if not any(sign in text for sign in ("/.", "//", "/\n", "\n/", "\n.", "\n\n", "\0")):
        return True  # told at once, of a hundred thousand names too
    return all(map(_is_inside, names))


def _is_inside(name: str) -> bool:
    first = name.split("/")[0]  # of an absolute name, nothing
    return posixpath.normpath(name) == name and first not in ("", ".", "..") and "\0" not in name


def _write_ledger(output: Path, files: Ledger) -> None:
    text = msgspec.json.format(msgspec.json.encode(files, order="sorted"), indent=1)  # a line for each file
    write_atomic(output / LEDGER, text, output / HALF)


_locks: dict[Path, int] = {}


def _forget_locks() -> None:
    for handle in _locks.values():
        os.close(handle)
    _locks.clear()


if hasattr(os, "register_at_fork"):  # a worker that outlives its build must not keep the next one waiting
    os.register_at_fork(after_in_child=_forget_locks)


def lock(folder: Path) -> None:
    """Wait until no other build holds the folder, and keep others waiting until `unlock`. Windows, which has no flock,
    goes without."""
    try:
        import fcntl
    except ImportError:
        return
    unlock(folder)  # a build of this process that broke off
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("Another build is running; waiting for it to end.", file=sys.stderr, flush=True)
        fcntl.flock(handle, fcntl.LOCK_EX)
    _locks[folder] = handle


def unlock(folder: Path) -> None:
    """Let the next build begin."""
    if (handle := _locks.pop(folder, None)) is not None:
        os.close(handle)
