"""A branch of a repository that a host makes a website of, as GitHub Pages and GitLab Pages do.

The branch holds one commit, which has no history: what was taken off the site can be had from no older commit. It is
made in a repository of its own, for the newsroom's may hold drafts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from newsroom.publish.manifest import Manifest
from newsroom.publish.targets.base import Limits, Progress, PublishFailed, Release

_GITHUB = Limits("GitHub Pages", file_size=100 * 2**20, size=10**9)
_GITLAB = Limits("GitLab Pages", files=200_000, size=2**30, redirects=1000)
# GitLab makes a website of what a job of the branch leaves in public/.
_JOB = """\
pages:
  stage: deploy
  variables: {GIT_DEPTH: "1"}
  script:
    - mkdir .public
    - find . -mindepth 1 -maxdepth 1 ! -name .git ! -name .gitlab-ci.yml ! -name .public -exec mv {} .public/ ";"
    - mv .public public
  artifacts: {paths: [public]}
"""
_KEPT = re.compile(r"(?!GIT_)|GIT_(SSH|SSL|HTTP|ASKPASS|PROXY)")  # the rest may point to the newsroom's repository
_SLOW = {"http.lowSpeedLimit": "1000", "http.lowSpeedTime": "60"}  # a host that says nothing for a minute is gone


class GitTarget:
    """A branch as a place to publish to. Needs git, and that it may push there without asking for a password."""

    def __init__(self, url: str, branch: str) -> None:
        self.url, self.branch = url, branch
        self.name = f"{_without_secret(url)} ({branch})"
        self.limits = _limits(url)
        self._open: tuple[Path, str] | None = None  # the repository, and the commit that the host had

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody is kept away, but whoever publishes second, after what the first found there, is refused."""
        with self._repository() as opened:
            self._open = opened
            try:
                yield
            finally:
                self._open = None

    def read(self, name: str) -> bytes | None:
        """A file of the branch; while the lock is held, as it was when that began."""
        if self._open is None:
            with self._repository() as opened:
                return self._show(*opened, name)
        return self._show(*self._open, name)

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Push a commit of these files, of which git sends those that the host has not."""
        del before
        if self._open is None:
            raise RuntimeError("put is called while the lock is held")
        repository, seen = self._open
        doing = f"publishing to {self.name}"
        progress(doing, 0, 2)
        self._commit(repository, release)
        progress(doing, 1, 2)
        ref = f"refs/heads/{self.branch}"
        done = self._git(
            repository,
            "push",
            "--porcelain",
            "--no-verify",
            f"--force-with-lease={ref}:{seen}",
            "origin",
            f"{ref}:{ref}",
        )
        if done.returncode and self._published(repository) not in ("", seen):
            raise PublishFailed(f"{self.name}: somebody else published there meanwhile; publish again")
        self._check(done, "it cannot be published to")
        progress(doing, 2, 2)
        commit = self._git(repository, "rev-parse", ref).stdout.decode().strip()
        self._open = repository, commit
        return "nothing had changed" if commit == seen else f"commit {commit[:10]}"

    @contextmanager
    def _repository(self) -> Iterator[tuple[Path, str]]:
        """A new repository that knows the host's, and the commit that the branch has there, "" for none. Of that it
        has the files' names; their bytes come as they are asked for."""
        with tempfile.TemporaryDirectory(prefix="newsroom-") as folder:
            repository = Path(folder) / "repository"
            repository.mkdir()
            self._check(self._git(repository, "init", "--quiet"), "no repository could be made")
            if not self._published(repository):
                yield repository, ""
                return
            what = ["--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "origin", f"refs/heads/{self.branch}"]
            self._check(self._git(repository, "fetch", *what), "it cannot be read")
            yield repository, self._git(repository, "rev-parse", "FETCH_HEAD").stdout.decode().strip()

    def _published(self, repository: Path) -> str:
        """The commit that the branch has at the host now, "" for none."""
        listed = self._git(repository, "ls-remote", "origin", f"refs/heads/{self.branch}")
        self._check(listed, "it cannot be reached")
        return listed.stdout.decode().partition("\t")[0]

    def _show(self, repository: Path, commit: str, name: str) -> bytes | None:
        if not commit or not self._git(repository, "ls-tree", commit, "--", name).stdout.strip():
            return None
        shown = self._git(repository, "show", f"{commit}:{name}")
        self._check(shown, f"{name} cannot be read")
        return shown.stdout

    def _commit(self, repository: Path, release: Release) -> None:
        """Make the branch anew. ghp-import works in the current folder, so it gets a process of its own. The same
        release makes the same commit, whoever publishes."""
        manifest = release.manifest
        who = {
            "GIT_COMMITTER_NAME": urlsplit(manifest.site).hostname or "newsroom",
            "GIT_COMMITTER_EMAIL": "",
            "GIT_COMMITTER_DATE": formatdate(manifest.time),
        }
        command = [sys.executable, "-m", "ghp_import", "--no-jekyll", "--no-history", "--follow-links"]
        options = ["--branch", self.branch, "--message", f"Release {manifest.version}"]
        source = _with_job(release.folder, repository) if self.limits is _GITLAB else release.folder
        done = self._run(repository, [*command, *options, str(source.resolve())], who)
        self._check(done, "the release cannot be made a commit")

    def _git(self, repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return self._run(repository, ["git", *arguments], {})

    def _run(self, folder: Path, command: list[str], more: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                command, cwd=folder, env={**self._environment(), **more}, capture_output=True, check=False
            )
        except FileNotFoundError:
            raise PublishFailed(f"{self.name}: git is not installed; install it, then publish again") from None

    def _environment(self) -> dict[str, str]:
        """The address goes this way because other users of this computer can see what a command is called with."""
        settings = {"remote.origin.url": self.url, **_SLOW}
        kept = {name: value for name, value in os.environ.items() if _KEPT.match(name)}
        kept |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_CONFIG_COUNT": str(len(settings))}
        for n, (key, value) in enumerate(settings.items()):
            kept |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
        return kept

    def _check(self, done: subprocess.CompletedProcess[bytes], what: str) -> None:
        if done.returncode:
            said = _reason((done.stderr or done.stdout).decode(errors="replace").replace(self.url, self.name))
            message = f"{what} ({said or f'git ended with status {done.returncode}'})"
            raise PublishFailed(f"{self.name}: {message}; mend that, then publish again")


def _limits(url: str) -> Limits:
    host = urlsplit(url).hostname or url.partition("@")[2].partition(":")[0]
    if host == "github.com":
        return _GITHUB
    return _GITLAB if host.startswith("gitlab.") else Limits()


def _without_secret(text: str) -> str:
    """Addresses without the name and the password, or the token, before the host."""
    return re.sub(r"(https?://)[^/@\s]*@", r"\1", text)


def _reason(said: str) -> str:
    """What git complains of, in one line: its last line that says so."""
    lines = [line.strip() for line in _without_secret(said).splitlines() if line.strip()]
    named = [line for line in lines if re.match(r"(fatal|error|remote|ERROR|!)\b|!", line)]
    last = (named or lines or [""])[0]
    return re.sub(r"^(fatal|error|remote|ERROR):\s*", "", last).rstrip(".")


def _with_job(folder: Path, repository: Path) -> Path:
    """The files of the release, which stay where they are, and GitLab's job beside them."""
    whole = repository.with_name("site")
    whole.mkdir()
    for path in folder.iterdir():
        (whole / path.name).symlink_to(path.resolve())
    (whole / ".gitlab-ci.yml").write_text(_JOB, encoding="utf-8")
    return whole
