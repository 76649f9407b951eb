"""The set-up behind `python3 tasks.py`: what it installs when, how it mends itself, what it says when it cannot."""

from __future__ import annotations

import ast
import os
import queue
import re
import runpy
import shutil
import subprocess
import sys
import threading
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from newsroom import environment
from newsroom.environment import BASE, set_up
from tests.support import ROOT, edit

COMMANDS = "build check clean rebuild serve preview publish rollback verify keys headers schedule retract test".split()
VERSION = ".".join(map(str, sys.version_info[:3]))
REPEAT = "run the same command again"
NO_NETWORK = f"the set-up needs the network once, and pip could not reach its package index; connect and {REPEAT}"
NOT_WRITABLE = f"the set-up may not write here; mend the folder's permissions and {REPEAT}"

FAKE_PIP = """
import os, sys
with open("pip-calls", "a") as calls:
    print(*sys.argv[sys.argv.index("-r"):], file=calls)
print(os.environ.get("PIP_SAYS", ""))
sys.exit("PIP_SAYS" in os.environ)
"""
BUILD, TEST, BOTH = (
    "-r requirements/build.txt",
    "-r requirements/test.txt",
    "-r requirements/build.txt -r requirements/test.txt",
)


def make_with_fake_pip(root: Path, lock: tuple[int, ...] = ()) -> None:
    """What environment.make does, in a tenth of the time: a real Python, and a pip that only takes notes."""
    venv.EnvBuilder(clear=True, symlinks=True).create(root / ".venv")
    pip = next((root / ".venv").glob("lib/python*/site-packages")) / "pip"
    pip.mkdir()
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(FAKE_PIP, encoding="utf-8")
    with open(root / "venvs-made", "a") as made:
        made.write(".")
    environment.write_stamp(root, BASE, environment.fingerprint(root, BASE))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two requirements files, in which set-ups use the fake pip."""
    root = tmp_path / "a site ព័ត៌មាន"
    (root / "requirements").mkdir(parents=True)
    for name in ("build", "test"):
        (root / f"requirements/{name}.txt").write_text(f"example-{name}==1.0\n", encoding="utf-8")
    shutil.copy(ROOT / "tasks.py", root)
    monkeypatch.setattr(environment, "make", make_with_fake_pip)
    return root


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the set-up itself needs and nothing more."""
    root = tmp_path / "clone"
    shutil.copytree(ROOT / "requirements", root / "requirements")
    shutil.copy(ROOT / "tasks.py", root)
    (root / "newsroom").mkdir()
    for name in ("__init__", "environment", "errors", "files"):
        shutil.copy(ROOT / f"newsroom/{name}.py", root / "newsroom")
    return root


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", check=False)


def tasks(root: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """`python3 tasks.py …` with a Python that sees no installed package."""
    return run(python, "-E", "-S", "-B", str(root / "tasks.py"), *arguments)


def main(root: Path, *arguments: str) -> int:
    return environment.main(str(root / "tasks.py"), list(arguments))


def pip_calls(root: Path) -> list[str]:
    return (root / "pip-calls").read_text(encoding="utf-8").splitlines()


def venvs_made(root: Path) -> int:
    return (root / "venvs-made").stat().st_size


# What needs no set-up


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"]])
def test_the_commands_are_listed_with_a_line_each_and_nothing_is_set_up(clone: Path, arguments: list[str]) -> None:
    done = tasks(clone, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"(?m)^  (\w+) +[A-Z].{10,}\.$", done.stdout) == COMMANDS
    assert not (clone / ".venv").exists()


def test_an_unknown_command_gets_a_suggestion_and_nothing_is_set_up(clone: Path) -> None:
    done = tasks(clone, "biuld")
    assert (done.returncode, done.stderr) == (2, "tasks.py: 'biuld' is not a command; did you mean 'build'?\n")
    assert not (clone / ".venv").exists()


# What stops a set-up


def too_old(version: str, python: str) -> str:
    return (
        f"tasks.py: Python 3.11 or newer is needed, and this is Python {version} ({python}); install a newer one from "
        "https://www.python.org/downloads/ or your system's packages, and run tasks.py with it, "
        "as in `python3.12 tasks.py`"
    )


def test_an_old_python_is_told_its_version_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(ROOT / "tasks.py"), run_name="__main__")
    assert stopped.value.code == too_old("3.10.13", sys.executable)


def test_an_old_python_can_parse_the_file_that_tells_it() -> None:
    ast.parse((ROOT / "tasks.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("minor", [6, 7, 8, 9, 10])
def test_a_real_old_python_says_one_sentence(minor: int) -> None:
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [*versions.glob(f"3.{minor}.*/bin/python"), *filter(None, [shutil.which(f"python3.{minor}")])]
    for python in map(str, found):
        known = run(python, "--version")
        if known.returncode == 0:
            done = tasks(ROOT, "build", python=python)
            told = too_old(known.stdout.split()[1], python) + "\n"
            assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
            return
    pytest.skip(f"needs a Python 3.{minor}")


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_a_module_that_the_set_up_needs_says_which_to_install(
    module: str, clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main(clone, "build") == 1
    assert capsys.readouterr().err == (
        f"tasks.py: Python {VERSION} ({sys.executable}) lacks its module {module}; "
        f"install it (Debian, Ubuntu: apt install python3-venv) and {REPEAT}\n"
    )


OS_ERROR = "ERROR: Could not install packages due to an OSError: "
PIP_FAILS = {
    "ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)": NO_NETWORK,
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(…)': /simple/x/": NO_NETWORK,
    OS_ERROR + "HTTPSConnectionPool(…): Read timed out.": NO_NETWORK,
    OS_ERROR + "[Errno 28] No space left on device": f"the disk is full; free some space and {REPEAT}",
    OS_ERROR + "[Errno 13] Permission denied: '/x'": NOT_WRITABLE,
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": (
        "a downloaded package is not the one that this repository names and was not installed; "
        f"{REPEAT}, and if that fails do not trust the package index in use"
    ),
    "ERROR: Failed building wheel for x": (
        "pip could not install requirements/build.txt (exit status 1): Failed building wheel for x"
    ),
}


@pytest.mark.parametrize("printed", PIP_FAILS)
def test_what_pip_fails_from_is_told_in_one_sentence(
    printed: str, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_SAYS", printed)
    assert main(checkout, "build") == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == f"tasks.py: {PIP_FAILS[printed]} (the whole output: .cache/setup.log)"
    assert (checkout / ".cache/setup.log").read_text(encoding="utf-8") == printed + "\n"


def test_without_a_network_the_real_pip_is_understood(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # a port that nothing listens on
    monkeypatch.setenv("PIP_RETRIES", "0")
    assert main(clone, "build") == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == f"tasks.py: {NO_NETWORK} (the whole output: .cache/setup.log)"


@pytest.mark.parametrize(
    ("raised", "status", "sentence"),
    [
        (PermissionError(13, "Permission denied"), 1, NOT_WRITABLE),
        (KeyboardInterrupt(), 130, f"interrupted; {REPEAT} to go on"),
    ],
)
def test_what_stops_the_set_up_itself_is_told_without_a_traceback(
    raised: BaseException, status: int, sentence: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(root: Path, lock: tuple[int, ...]) -> None:
        raise raised

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "make", stop)
        assert main(checkout, "build") == status
    assert capsys.readouterr().err == f"tasks.py: {sentence}\n"


# What a set-up does


def test_a_command_installs_only_what_it_needs_and_is_not_there(checkout: Path) -> None:
    set_up(checkout, ["build"])
    set_up(checkout, ["build", "test"])
    assert (pip_calls(checkout), venvs_made(checkout)) == ([BUILD, TEST], 1)


def test_the_first_command_may_be_test(checkout: Path) -> None:
    set_up(checkout, ["build", "test"])
    assert (pip_calls(checkout), venvs_made(checkout)) == ([BOTH], 1)


def test_a_changed_requirements_file_is_installed_again(checkout: Path) -> None:
    set_up(checkout, ["build", "test"])
    edit(checkout / "requirements/test.txt", "1.0", "2.0")
    set_up(checkout, ["build", "test"])
    assert pip_calls(checkout) == [BOTH, TEST]


def test_when_all_is_there_no_process_starts_and_nothing_is_written(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(checkout, ["build", "test"])
    before = sorted((str(path), path.lstat().st_mtime_ns) for path in checkout.rglob("*"))
    monkeypatch.setattr(environment, "Popen", None)
    monkeypatch.setattr(environment, "call", None)
    set_up(checkout, ["build", "test"])
    assert sorted((str(path), path.lstat().st_mtime_ns) for path in checkout.rglob("*")) == before


def cut_short(root: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_SAYS", "ERROR: cut short")
        with pytest.raises(environment.SetupError):
            set_up(root, ["build"])


def test_an_install_that_was_cut_short_goes_on_in_the_same_venv(checkout: Path) -> None:
    cut_short(checkout)
    set_up(checkout, ["build"])
    assert (pip_calls(checkout), venvs_made(checkout)) == ([BUILD, BUILD], 1)


def test_a_change_that_was_cut_short_and_taken_back_is_installed_again(checkout: Path) -> None:
    """The old stamp must not outlive the first step away from what it says."""
    set_up(checkout, ["build"])
    edit(checkout / "requirements/build.txt", "1.0", "2.0")
    cut_short(checkout)
    edit(checkout / "requirements/build.txt", "2.0", "1.0")
    set_up(checkout, ["build"])
    assert pip_calls(checkout) == [BUILD, BUILD, BUILD]


def lose_python(root: Path) -> None:
    environment.python(root).unlink()
    environment.python(root).symlink_to(root / "no-such-python")


HARM: dict[str, Callable[[Path], object]] = {
    "it was not finished": lambda root: environment.stamp(root, BASE).unlink(),
    "its Python is gone": lose_python,
    "its pip is broken": lambda root: shutil.rmtree(next(root.glob(".venv/lib/python*/site-packages/pip"))),
    "it stood elsewhere": lambda root: environment.write_stamp(root, BASE, environment.fingerprint(root.parent, BASE)),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_venv_is_made_anew_if(harm: str, checkout: Path) -> None:
    set_up(checkout, ["build"])
    HARM[harm](checkout)
    set_up(checkout, ["build", "test"])
    assert (pip_calls(checkout), venvs_made(checkout)) == ([BUILD, BOTH], 2)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [(sys, "base_prefix", "/another/python"), (environment, "get_platform", lambda: "another-platform")],
)
def test_another_python_or_platform_gets_a_new_venv(
    module: object, name: str, value: object, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(checkout, ["build"])
    monkeypatch.setattr(module, name, value)
    set_up(checkout, ["build"])
    assert venvs_made(checkout) == 2


def test_a_second_set_up_waits_for_the_first_and_then_has_nothing_to_do(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(environment, "say", said.put)
    second = threading.Thread(target=set_up, args=(checkout, ["build"]))
    with environment.alone(checkout):
        second.start()
        assert said.get(timeout=30) == "Waiting for another set-up of this folder to end"
        (checkout / ".cache").mkdir()
        make_with_fake_pip(checkout)
        environment.install(checkout, ["build"])
    second.join(timeout=30)
    assert (pip_calls(checkout), venvs_made(checkout)) == ([BUILD], 1)


# What follows a set-up


def test_the_command_and_all_that_follows_it_goes_to_invoke_in_the_venv(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    set_up(checkout, ["build"])
    monkeypatch.chdir(checkout.parent)  # main leaves it; the test's end comes back
    monkeypatch.setattr(os, "execv", lambda path, command: ran.append([path, *command]))
    monkeypatch.setattr(environment, "call", lambda command: 0)
    main(checkout, "serve", "--port", "8001")
    python = str(checkout / ".venv/bin/python")
    assert (ran, Path.cwd()) == ([[python, python, "-m", "invoke", "serve", "--port", "8001"]], checkout)


def test_a_status_other_than_0_becomes_the_status_of_the_process_and_nothing_is_added(clone: Path) -> None:
    (clone / "newsroom/commands.py").write_text("def build(**_: object) -> int:\n    return 3\n", encoding="utf-8")
    done = run(sys.executable, "-m", "invoke", "build", cwd=clone)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def test_what_follows_two_dashes_goes_to_pytest_word_by_word(clone: Path) -> None:
    (clone / "pytest.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(5)\n", encoding="utf-8")
    done = run(sys.executable, "-m", "invoke", "test", "--", "-k", "a or b", cwd=clone)
    assert (done.returncode, done.stdout) == (5, "['-k', 'a or b']\n")


# The requirements


def pins(name: str) -> dict[str, str]:
    """The version of each package that is pinned with a hash."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+) \\\n +--hash=sha256:[0-9a-f]{64}", text))


@pytest.mark.parametrize("name", ["build", "test"])
def test_every_requirement_is_pinned_with_a_hash_and_no_address_is_named(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    assert len(pins(name)) == len(re.findall(r"(?m)^[^\s#]", text))
    assert "://" not in text


def test_what_builds_and_tests_share_has_one_version() -> None:
    build, test = pins("build"), pins("test")
    assert {name: test[name] for name in build.keys() & test.keys()}.items() <= build.items()
