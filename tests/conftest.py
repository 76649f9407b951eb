"""Sites that are built once in a test run, whichever worker asks first; and what needs Java or Chromium."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import ALL_DUE, NOW, Built, add_tiny_articles, build, copy_site

# The same examples every time; how long one takes is no property of what is tested.
settings.register_profile(
    "fixed", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")

TINY = 50  # articles that the full site gets for its long listings


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def once(shared_folder: Path) -> Callable[[str, Callable[[Path], Built]], Built]:
    """`once(name, make)`: what `make(folder)` built, made by the first worker that asks."""

    def get(name: str, make: Callable[[Path], Built]) -> Built:
        note = shared_folder / f"{name}.json"
        with open(shared_folder / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not note.exists():
                note.write_text('{"failed": true}', encoding="utf-8")  # unless what follows goes well
                made = make(shared_folder / name)
                note.write_text(json.dumps(asdict(made), default=str), encoding="utf-8")
        written = json.loads(note.read_text(encoding="utf-8"))
        if "failed" in written:
            pytest.fail(f"the site {name!r} did not build for an earlier test")
        return Built(Path(written["folder"]), Path(written["output"]), written["printed"])

    return get


@pytest.fixture(scope="session")
def real(once: Callable[..., Built]) -> Built:
    """This project's own site, at a time when all of it is due."""
    return once("real", lambda to: build(copy_site("real", to), SOURCE_DATE_EPOCH=str(ALL_DUE)))


@pytest.fixture(scope="session")
def full(once: Callable[..., Built]) -> Built:
    """The site with every field, in two languages, and enough articles for long listings."""

    def make(to: Path) -> Built:
        add_tiny_articles(copy_site("full", to), TINY)
        return build(to, SOURCE_DATE_EPOCH=str(NOW))

    return once("full", make)


@pytest.fixture(scope="session")
def minimal(once: Callable[..., Built]) -> Built:
    """The smallest site: one article, its author, nothing else."""
    return once("minimal", lambda to: build(copy_site("minimal", to)))


@pytest.fixture(params=["real", "full", "minimal"])
def any_site(request: pytest.FixtureRequest) -> Built:
    """Each of the sites."""
    built: Built = request.getfixturevalue(request.param)
    return built


@pytest.fixture
def minimal_copy(tmp_path: Path) -> Path:
    """The smallest site, not built, for a test to change."""
    return copy_site("minimal", tmp_path / "site")


@pytest.fixture
def full_copy(tmp_path: Path) -> Path:
    """The site with every field, not built, for a test to change."""
    return copy_site("full", tmp_path / "site")


def _needed(found: str | None, sentence: str) -> str:
    if found:
        return found
    if os.environ.get("NEWSROOM_CI") == "1":
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    _needed("mounted" if mounted else None, "needs the right to mount a small disk, as root has")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture(scope="session")
def requires_vnu() -> list[str]:
    """The command of the Nu HTML checker."""
    jar = os.environ.get("NEWSROOM_VNU")
    java = _needed(shutil.which("java"), "needs Java, which runs the W3C's HTML checker")
    jar = _needed(jar, "needs NEWSROOM_VNU, the path of the W3C's HTML checker (vnu.jar of npm's vnu-jar)")
    return [java, "-Xss4m", "-jar", jar]


@pytest.fixture(scope="session")
def requires_schema_org() -> list[str]:
    """The TypeScript compiler, and the folder that holds it and the types of schema.org's vocabulary."""
    folder = os.environ.get("NEWSROOM_TYPES")
    folder = _needed(folder, "needs NEWSROOM_TYPES, a node_modules folder with npm's typescript and schema-dts")
    return [f"{folder}/.bin/tsc", folder]


@pytest.fixture(scope="session")
def requires_chromium() -> str:
    """The path of Chromium."""
    return _needed(os.environ.get("NEWSROOM_CHROMIUM"), "needs NEWSROOM_CHROMIUM, the path of Chromium")


@pytest.fixture(scope="session")
def requires_moto() -> str:
    """The path of moto's server, which stands for S3."""
    return _needed(os.environ.get("NEWSROOM_MOTO"), "needs NEWSROOM_MOTO, the path of moto_server (PyPI's moto)")


@pytest.fixture(scope="session")
def requires_s3rver() -> str:
    """The path of s3rver, which stands for the hosts that are like S3 and know no conditional requests."""
    return _needed(os.environ.get("NEWSROOM_S3RVER"), "needs NEWSROOM_S3RVER, the path of s3rver (of npm)")
