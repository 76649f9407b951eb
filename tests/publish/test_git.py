"""Publishing to a branch, as for GitHub Pages and GitLab Pages: one commit without history, made apart from the
newsroom's own repository."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from newsroom.publish.manifest import MANIFEST, decode
from newsroom.publish.targets.base import Limits, PublishFailed, Release
from newsroom.publish.targets.git import GitTarget
from tests.publish.releases import make_release, nothing, site_of
from tests.support import difference, tree

OWN = ".nojekyll"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Release]:
    folder = tmp_path_factory.mktemp("releases")
    return [make_release(folder / str(n), site_of(n), n) for n in range(1, 4)]


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A repository as a host has it."""
    git(tmp_path, "init", "--bare", "--quiet", "host.git")
    git(tmp_path / "host.git", "config", "uploadpack.allowFilter", "true")
    return tmp_path / "host.git"


@pytest.fixture
def target(host: Path) -> GitTarget:
    return GitTarget(host.as_uri(), "pages")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def put(target: GitTarget, release: Release) -> str:
    with target.lock():
        before = target.read(MANIFEST)
        return target.put(release, decode(before) if before else None, nothing)


def published(host: Path, to: Path, branch: str = "pages") -> dict[str, bytes]:
    """What the host makes a website of."""
    git(to.parent, "clone", "--quiet", "--branch", branch, str(host), str(to))
    return {name: data for name, data in tree(to).items() if not name.startswith(".git/")}


def test_the_branch_holds_the_release_and_no_history(
    host: Path, target: GitTarget, tmp_path: Path, releases: list[Release]
) -> None:
    for release in releases:
        put(target, release)
    found = published(host, tmp_path / "clone")
    assert found.pop(OWN) == b""
    assert difference(found, tree(releases[2].folder)) == []
    assert git(host, "rev-list", "--all", "--count") == "1\n"
    assert git(host, "log", "--format=%an <%ae> %cn <%ce> %ct %s", "pages") == (
        f"news.example <> news.example <> {releases[2].manifest.time} Release 3\n"
    )


def test_what_is_read_is_what_the_host_has(target: GitTarget, releases: list[Release]) -> None:
    assert target.read(MANIFEST) is None
    put(target, releases[0])
    assert target.read("about.html") == site_of(1)["about.html"]
    assert target.read("no.html") is None
    with target.lock():
        target.put(releases[1], None, nothing)
        assert target.read("index.html") == site_of(2)["index.html"]


def test_the_same_release_makes_the_same_commit(
    host: Path, target: GitTarget, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = git(host, "rev-parse", "pages").strip() if put(target, releases[0]) else ""
    monkeypatch.setenv("TZ", "Asia/Phnom_Penh")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "A reporter")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "reporter@news.example")
    assert put(target, releases[0]) == "nothing had changed"
    git(host, "update-ref", "-d", "refs/heads/pages")
    assert put(target, releases[0]) == f"commit {commit[:10]}"
    assert git(host, "rev-parse", "pages").strip() == commit


def test_only_files_that_the_host_has_not_are_sent(host: Path, target: GitTarget, tmp_path: Path) -> None:
    many = {f"page-{n}.html": b"page %d" % n for n in range(200)}
    put(target, make_release(tmp_path / "one", many, 1))
    git(host, "gc", "--quiet")
    put(target, make_release(tmp_path / "two", {**many, "page-7.html": b"changed"}, 2))
    sent = int(git(host, "count-objects", "-v").splitlines()[0].split()[1])
    assert sent == 5  # the commit, the folder, the page, the manifest, its signature


def test_of_two_publishers_one_is_refused(host: Path, tmp_path: Path) -> None:
    """Both have seen the branch before either publishes."""
    releases = [make_release(tmp_path / str(n), {"index.html": b"page"}, n) for n in range(20)]
    both = threading.Barrier(2)
    said: list[tuple[str, bytes]] = []

    def publish(mine: list[Release]) -> None:
        target = GitTarget(host.as_uri(), "pages")
        for release in mine:
            with target.lock():
                both.wait()
                try:
                    said.append((target.put(release, None, nothing), (release.folder / MANIFEST).read_bytes()))
                except PublishFailed as failed:
                    said.append((str(failed), b""))
            both.wait()

    threads = [threading.Thread(target=publish, args=(mine,)) for mine in (releases[:10], releases[10:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = (f"{host.as_uri()} (pages): somebody else published there meanwhile; publish again", b"")
    rounds = [said[n : n + 2] for n in range(0, 20, 2)]
    assert [each.count(refused) for each in rounds] == [1] * 10
    assert (next(kept for _, kept in rounds[-1] if kept)) == GitTarget(host.as_uri(), "pages").read(MANIFEST)


def test_of_two_first_publishers_one_is_refused(host: Path, releases: list[Release]) -> None:
    first, second = (GitTarget(host.as_uri(), "pages") for _ in range(2))
    with first.lock(), second.lock():
        second.put(releases[1], None, nothing)
        with pytest.raises(PublishFailed) as failed:
            first.put(releases[0], None, nothing)
    assert str(failed.value) == f"{first.name}: somebody else published there meanwhile; publish again"


def test_the_newsrooms_own_repository_is_not_touched(
    target: GitTarget, tmp_path: Path, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where a hook of it publishes, to which git tells where it is."""
    own = tmp_path / "own"
    git(tmp_path, "init", "--quiet", "own")
    before = tree(own)
    monkeypatch.chdir(own)
    monkeypatch.setenv("GIT_DIR", str(own / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(own / ".git" / "index"))
    put(target, releases[0])
    assert tree(own) == before


def test_nothing_of_it_stays_on_this_computer(
    target: GitTarget, tmp_path: Path, releases: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    put(target, releases[0])
    target.read(MANIFEST)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_host_that_is_not_there_is_told_without_the_password(tmp_path: Path, releases: list[Release]) -> None:
    target = GitTarget("https://reporter:secret-token@127.0.0.1:9/site.git", "pages")
    assert target.name == "https://127.0.0.1:9/site.git (pages)"
    with pytest.raises(PublishFailed) as failed:
        put(target, releases[0])
    said = str(failed.value)
    assert said.startswith("https://127.0.0.1:9/site.git (pages): it cannot be reached (unable to access ")
    assert said.endswith("; mend that, then publish again")
    assert "secret-token" not in said
    assert "\n" not in said


def test_a_host_that_refuses_is_told_in_one_sentence(host: Path, target: GitTarget, releases: list[Release]) -> None:
    put(target, releases[0])
    hook = host / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'File movie.mp4 is 120 MB; that is too much' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PublishFailed) as failed:
        put(target, releases[1])
    assert str(failed.value) == (
        f"{target.name}: it cannot be published to (File movie.mp4 is 120 MB; that is too much); mend that, then "
        "publish again"
    )
    assert target.read(MANIFEST) == (releases[0].folder / MANIFEST).read_bytes()


def test_without_git_it_says_so(target: GitTarget, releases: list[Release], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PublishFailed) as failed:
        put(target, releases[0])
    assert str(failed.value) == f"{target.name}: git is not installed; install it, then publish again"


@pytest.mark.parametrize(
    ("url", "name", "limits"),
    [
        (
            "git@github.com:newsroom/site.git",
            "git@github.com:newsroom/site.git (pages)",
            Limits("GitHub Pages", file_size=104_857_600, size=1_000_000_000),
        ),
        (
            "https://someone:token@gitlab.com/newsroom/site.git",
            "https://gitlab.com/newsroom/site.git (pages)",
            Limits("GitLab Pages", files=200_000, size=1_073_741_824, redirects=1000),
        ),
        ("ssh://git@code.example/site.git", "ssh://git@code.example/site.git (pages)", Limits()),
    ],
)
def test_a_host_is_known_by_its_address(url: str, name: str, limits: Limits) -> None:
    target = GitTarget(url, "pages")
    assert (target.name, target.limits) == (name, limits)


def test_gitlab_gets_the_job_that_makes_a_website_of_the_branch(
    host: Path, tmp_path: Path, releases: list[Release]
) -> None:
    """Its script is run here as GitLab would."""
    target = GitTarget("https://gitlab.com/newsroom/site.git", "pages")
    target.url = host.as_uri()
    put(target, releases[0])
    found = published(host, tmp_path / "clone")
    job = found[".gitlab-ci.yml"].decode()
    script = [line.removeprefix("    - ") for line in job.splitlines() if line.startswith("    - ")]
    subprocess.run(
        ["sh", "-ec", "\n".join(script)], cwd=tmp_path / "clone", check=True, env={"PATH": os.environ["PATH"]}
    )
    assert difference(tree(tmp_path / "clone" / "public"), {**tree(releases[0].folder), OWN: b""}) == []
