"""Hosts for the tests: a real sshd and a real nginx, each on a port of its own; releases to put there; readers."""

from __future__ import annotations

import getpass
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from newsroom.files import digest
from newsroom.publish.manifest import MANIFEST, SIGNATURE, File, Manifest, decode, encode
from newsroom.publish.targets.base import Release

START = 1_700_000_000  # when the first release was made


def needed(program: str) -> str:
    """The path of a program; a test that needs it is skipped where it is not installed, and fails in CI."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not found and os.environ.get("NEWSROOM_CI") == "1":
        pytest.fail(f"needs {program}")
    if not found:
        pytest.skip(f"needs {program}")
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], log: Path, answers: Callable[[], bool], umask: int = -1) -> Iterator[None]:
    """A server for a while, once it answers."""
    with open(log, "wb") as said:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True, umask=umask
        )
    try:
        for _ in range(200):
            if answers():
                break
            assert server.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            pytest.fail(f"{command[0]} does not answer: {log.read_text()}")
        yield
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class SshHost:
    """An sshd: what RSYNC_RSH must be, its folder, and a folder of programs that commands there find first."""

    shell: str
    folder: Path
    programs: Path


@contextmanager
def sshd(folder: Path, path: str = "/usr/local/bin:/usr/bin:/bin", umask: int = -1) -> Iterator[SshHost]:
    """An sshd of the current user, reached as host `web`, whose commands find programs in `path`."""
    program, port = needed("sshd"), free_port()
    needed("rsync")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder.mkdir(parents=True)
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    programs = folder / "programs"
    programs.mkdir()
    (folder / "sshd").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nMaxStartups 100\n"
        f"SetEnv PATH={programs}:{path} HOME={folder}\nLogLevel ERROR\n"  # no ~/.bashrc
    )
    (folder / "known").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
    (folder / "config").write_text(
        f"Host web\nHostName 127.0.0.1\nPort {port}\nUser {getpass.getuser()}\nIdentityFile {folder}/user\n"
        f"IdentitiesOnly yes\nUserKnownHostsFile {folder}/known\nStrictHostKeyChecking yes\n"
        "KexAlgorithms curve25519-sha256\n"  # others take longer
    )
    shell = f"ssh -F {folder}/config"

    def answers() -> bool:
        return subprocess.run([*shell.split(), "web", "exit"], capture_output=True, check=False).returncode == 0

    with running([program, "-D", "-e", "-f", str(folder / "sshd")], folder / "log", answers, umask):
        yield SshHost(shell, folder, programs)


NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 100000;
  server {{ listen 127.0.0.1:{port}; root {root}; {more} }}
}}
"""


@contextmanager
def nginx(folder: Path, root: Path, more: str = "") -> Iterator[int]:
    """An nginx that serves a folder with what `more` says besides; gives its port."""
    program, port = needed("nginx"), free_port()
    folder.mkdir(parents=True)
    user = "user root;" if os.getuid() == 0 else ""  # tests' folders are their user's alone
    (folder / "conf").write_text(NGINX.format(folder=folder, root=root, port=port, more=more, user=user))
    with running([program, "-c", str(folder / "conf"), "-p", str(folder)], folder / "log", partial(listens, port)):
        yield port


@contextmanager
def caddy(folder: Path, root: Path, more: str = "file_server") -> Iterator[int]:
    """A Caddy that serves a folder with what `more` says besides; gives its port."""
    program, port = needed("caddy"), free_port()
    folder.mkdir(parents=True)
    site = f"http://127.0.0.1:{port} {{\nbind 127.0.0.1\nroot * {root}\n{more}\n}}\n"
    (folder / "Caddyfile").write_text("{\nadmin off\nauto_https off\n}\n" + site)
    command = ["env", f"HOME={folder}", program, "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]
    with running(command, folder / "log", partial(listens, port)):
        yield port


def files_of(version: int, kept: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """The files of a small site: pages that need parts, which name the version that they belong to, and the parts that
    open pages of earlier releases may still ask for."""
    parts = {f"css/site.{version:08x}.css": f"/* {version} */", f"js/site.{version:08x}.js": f"// {version}"}
    links = "".join(f'<link href="/{name}">' for name in parts)
    pages = {f"{name}.html": f"<p>{version:08x}</p>{links}" for name in ("index", "2026/11/story", "about")}
    same = {f"2025/{n}.html": f"<p>{n}</p>" * 20 for n in range(8)}
    return {**(kept or {}), **{name: text.encode() for name, text in {**parts, **pages, **same}.items()}}


def make_release(
    folder: Path, files: Mapping[str, bytes], before: Manifest | None = None, version: int = 0, now: int = 0
) -> Release:
    """A release of these files as publishing makes one: the one after `before`, a minute later, if not told else."""
    version = version or (before.version + 1 if before else 1)
    now = now or (before.time + 60 if before else START)
    known = before.files if before else {}
    named = {}
    for name, data in files.items():
        sha256 = digest(data)
        since = known[name].since if name in known and known[name].sha256 == sha256 else now
        named[name] = File(len(data), sha256, since)
    manifest = Manifest("https://site.example", version, now, now + 90 * 86_400, named, before.version if before else 0)
    data = encode(manifest)
    proofs = {MANIFEST: data, SIGNATURE: f"untrusted comment: {digest(data)}\n".encode()}
    for name, bytes_ in {**files, **proofs}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes_)
        since = named[name].since if name in named else now
        os.utime(path, (since, since))
    return Release(folder, manifest)


def load(folder: Path) -> Release:
    """A release that lies in a folder."""
    return Release(folder, decode((folder / MANIFEST).read_bytes()))


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Reader:
    """A reader's browser, as far as connections go: one that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def get(self, path: str, **headers: str) -> Answer:
        self._connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = self._connection.getresponse()
        body = answer.read()
        return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, body)

    def close(self) -> None:
        self._connection.close()
