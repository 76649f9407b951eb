"""The set-up behind `python3 tasks.py`: makes `.venv`, installs what a command needs, runs the command there.

Standard library only, since it runs before anything is installed. A stamp in `.venv` tells what is complete
there. It is removed first and written last, so an interrupted set-up has no stamp and is done again.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen, call
from sysconfig import get_platform

PUBLISHING = {"publish", "rollback", "verify", "keys"}  # commands that need requirements/publish.txt
BASE = "venv"  # the stamp of `.venv` itself; the others are named after their requirements file
LOG = ".cache/setup.log"
AGAIN = "run the same command again"

_CAUSES = {
    r"Errno 28\b|No space left|WinError 112\b": f"the disk is full; free some space and {AGAIN}",
    r"Errno (?:1|13|30)\b|Permission denied|WinError 5\b": (
        f"the set-up may not write here; mend the folder's permissions and {AGAIN}"
    ),
    r"DO NOT MATCH THE HASHES": (
        "a downloaded package is not the one that this repository names and was not installed; "
        f"{AGAIN}, and if that fails do not trust the package index in use"
    ),
    r"connection broken by|Max retries exceeded|[Tt]imed out|Connection ?[Ee]rror|versions: none": (
        f"the set-up needs the network once, and pip could not reach its package index; connect and {AGAIN}"
    ),
}


class SetupError(Exception):
    """The set-up cannot go on: one sentence that says why and what to do."""


def main(tasks: str, arguments: list[str]) -> int:
    """Run the commands that `arguments` name; what `python3 tasks.py` exits with."""
    file = Path(tasks).resolve()
    known = commands(file.read_text("utf-8"))
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(listing(known))
        return 0
    if not arguments[0].startswith("-") and arguments[0] not in known:
        from newsroom.errors import did_you_mean

        remedy = did_you_mean(arguments[0], known, "`python3 tasks.py` lists the commands")
        say(f"tasks.py: {arguments[0]!r} is not a command; {remedy}")
        return 2
    try:
        set_up(file.parent, needed(arguments))
        return run(file.parent, arguments)
    except (SetupError, OSError) as error:
        say(f"tasks.py: {error if isinstance(error, SetupError) else cause(str(error)) or error}")
        return 1
    except KeyboardInterrupt:
        say(f"tasks.py: interrupted; {AGAIN} to go on")
        return 130


def needed(arguments: list[str]) -> list[str]:
    """The requirements files of what the arguments ask for, so that a build needs no more than a build needs."""
    if "test" in arguments:
        return ["build", "publish", "test"]
    cluster = ["cluster"] if os.environ.get("NEWSROOM_CLUSTER") else []  # build/workers.py
    publishing = ["publish"] if PUBLISHING.intersection(arguments) else []
    return ["build", *cluster, *publishing]


def commands(source: str) -> dict[str, str]:
    """The tasks in the source of tasks.py, each with the first line it says of itself."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {f.name: (ast.get_docstring(f) or "").partition("\n")[0] for f in functions if f.decorator_list}


def listing(known: dict[str, str]) -> str:
    lines = [f"  {name:8} {line}" for name, line in known.items()]
    help_line = "`python3 tasks.py COMMAND --help` lists a command's options."
    return "\n".join(["Usage: python3 tasks.py COMMAND [OPTIONS]", "", *lines, "", help_line])


def set_up(root: Path, names: list[str]) -> None:
    """Make `.venv` hold the requirements files `names`, touching nothing if it does already."""
    if not missing(root, [BASE, *names]):
        return
    with alone(root) as lock:
        if not missing(root, [BASE, *names]):
            return
        (root / LOG).parent.mkdir(exist_ok=True)
        (root / LOG).write_bytes(b"")
        if not works(root):
            make(root, lock)
        if wanted := missing(root, names):
            install(root, wanted, lock)
        say("The set-up is complete.")


def missing(root: Path, names: list[str]) -> list[str]:
    """Those of `names` that `.venv` does not hold completely, for this place, Python and platform."""
    if not python(root).exists():
        return names
    return [name for name in names if stamped(root, name) != fingerprint(root, name)]


def fingerprint(root: Path, name: str) -> str:
    """What the stamp `name` has to say. A patch release of Python keeps it: `.venv` goes on working."""
    identity = (str(root / ".venv"), str(sys.implementation.cache_tag), sys.base_prefix, get_platform())
    content = b"" if name == BASE else (root / f"requirements/{name}.txt").read_bytes()
    return hashlib.sha256(os.fsencode("\n".join(identity)) + b"\0" + content).hexdigest()


def stamp(root: Path, name: str) -> Path:
    return root / ".venv" / f"newsroom-{name}.stamp"


def stamped(root: Path, name: str) -> str:
    file = stamp(root, name)
    return file.read_text("latin-1") if file.exists() else ""


def write_stamp(root: Path, name: str, content: str) -> None:
    from newsroom.files import write_atomic

    write_atomic(stamp(root, name), content.encode())


def python(root: Path) -> Path:
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(root: Path) -> bool:
    """Whether `.venv` was made completely, here and by this Python, and its Python still runs."""
    command = [str(python(root)), "-I", "-c", "import pip"]
    try:
        return not missing(root, [BASE]) and call(command, stdout=DEVNULL, stderr=DEVNULL) == 0
    except OSError:
        return False


def make(root: Path, lock: tuple[int, ...] = ()) -> None:
    """Make a `.venv` that holds pip only, in place of whatever is there."""
    from importlib.util import find_spec

    version = ".".join(map(str, sys.version_info[:3]))
    if lacking := [module for module in ("venv", "ensurepip") if find_spec(module) is None]:
        raise SetupError(
            f"Python {version} ({sys.executable}) lacks its module {lacking[0]}; "
            f"install it (Debian, Ubuntu: apt install python3-venv) and {AGAIN}"
        )
    say(f"Making .venv with Python {version}")
    # Run from a virtual environment, perhaps this very one, the Python behind it does the work.
    base = getattr(sys, "_base_executable", sys.executable)
    if status := logged(root, [base, "-I", "-m", "venv", "--clear", str(root / ".venv")], lock):
        raise SetupError(failure(root, f"Python could not make .venv (exit status {status})"))
    write_stamp(root, BASE, fingerprint(root, BASE))


def install(root: Path, names: list[str], lock: tuple[int, ...] = ()) -> None:
    """Install the requirements files `names` into `.venv`, then stamp them."""
    stamps = {name: fingerprint(root, name) for name in names}  # now: a file may change while pip runs
    for name in names:
        stamp(root, name).unlink(missing_ok=True)
    files = [f"requirements/{name}.txt" for name in names]
    pins = {pin for file in files for pin in re.findall(r"(?m)^[\w.-]+==", (root / file).read_text("utf-8"))}
    say(f"Installing {' and '.join(files)}: {len(pins)} packages")
    pip = f"-I -m pip install --require-hashes --no-input --progress-bar=off -r {' -r '.join(files)}"
    if status := logged(root, [str(python(root)), *pip.split()], lock, progress(len(pins))):
        raise SetupError(failure(root, f"pip could not install {' and '.join(files)} (exit status {status})"))
    for name, content in stamps.items():
        write_stamp(root, name, content)


def run(root: Path, arguments: list[str]) -> int:
    """Run invoke with `arguments` in `.venv`; on POSIX it takes this process's place."""
    os.chdir(root)  # where invoke looks for tasks.py
    command = [str(python(root)), "-m", "invoke", *arguments]
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    return call(command)


@contextmanager
def alone(root: Path) -> Iterator[tuple[int, ...]]:
    """One set-up of this folder at a time; others wait. Children are to hold the lock given, since a pip
    whose parent was killed must end before the next one starts. Windows has no such lock."""
    try:
        import fcntl
    except ImportError:
        yield ()
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of this folder to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield (handle,)
    finally:
        os.close(handle)


def logged(root: Path, command: list[str], lock: tuple[int, ...], each: Callable[[str], object] = str) -> int:
    """Run a command with its output in the log, handing `each` line on; its exit status."""
    # A user's own `user = true` for pip cannot work in a .venv.
    environment = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with (
        open(root / LOG, "ab") as log,
        Popen(command, cwd=root, env=environment, pass_fds=lock, stdout=PIPE, stderr=STDOUT) as process,
    ):
        try:
            for line in process.stdout or ():
                log.write(line)
                each(line.decode("utf-8", errors="replace"))
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return process.returncode


def progress(total: int) -> Callable[[str], object]:
    """Shows pip's lines as a bar on a terminal, and anywhere that the network does not answer."""
    done = retries = 0

    def show(line: str) -> None:
        nonlocal done, retries
        if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
            done = min(done + 1, total)
            bar = f"\r[{'#' * (30 * done // total):30}] {done}/{total} {found[1]}\x1b[K"
            print(bar if sys.stderr.isatty() else "", end="", file=sys.stderr, flush=True)
        elif line.startswith("WARNING: Retrying") and not retries:
            retries += 1
            say("The package index does not answer; pip tries again")

    return show


def failure(root: Path, otherwise: str) -> str:
    """Why the last command failed, as its output tells."""
    output = (root / LOG).read_text("utf-8", errors="replace")
    errors = re.findall(r"(?m)^(?:ERROR|Error): *(.+)", output)
    return f"{cause(output) or ': '.join([otherwise, *errors[-1:]])} (the whole output: {LOG})"


def cause(text: str) -> str | None:
    return next((sentence for pattern, sentence in _CAUSES.items() if re.search(pattern, text)), None)


def say(line: str) -> None:
    over = "\r\x1b[K" if sys.stderr.isatty() else ""  # where the bar may be
    print(over + line, file=sys.stderr, flush=True)
