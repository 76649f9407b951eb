"""The source article in WordPress, as Debian packages it. For bench/pages.py.

    apt-get install --no-install-recommends wordpress wordpress-theme-twentytwentythree php-cli php-mysql mariadb-server

It is set up anew in a folder of its own, with its default theme and no setting but a name, and ends with the bench.
"""

from __future__ import annotations

import getpass
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TypeVar

import brotli

from tests.hosting import serving

Answer = TypeVar("Answer")
NAME = "Example Newsroom"
WORDPRESS = Path("/usr/share/wordpress")
ALONE = {"AUTOMATIC_UPDATER_DISABLED": True, "DISABLE_WP_CRON": True, "WP_HTTP_BLOCK_EXTERNAL": True}
PATIENCE = 120  # seconds that a server may take to answer
INSTALL = """<?php
$_SERVER['HTTP_HOST'] = $argv[2];
define('WP_INSTALLING', true);
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
$article = json_decode(file_get_contents('php://stdin'), true);
wp_install($article['site'], 'editor', 'editor@newsroom.example', true, '', wp_generate_password());
wp_delete_post(1, true);
wp_delete_post(2, true);
$id = wp_insert_post(['post_title' => $article['title'], 'post_content' => $article['html'], 'post_status' => 'publish',
  'post_excerpt' => $article['summary'], 'post_date' => $article['date'] . ' 00:00:00', 'post_author' => 1,
  'tags_input' => $article['tags']], true);
$file = wp_upload_bits(basename($article['picture']), null, file_get_contents($article['picture']))['file'];
$fields = ['post_mime_type' => 'image/png', 'post_title' => '', 'post_status' => 'inherit'];
$picture = wp_insert_attachment($fields, $file, $id);
wp_update_attachment_metadata($picture, wp_generate_attachment_metadata($picture, $file));
update_post_meta($picture, '_wp_attachment_image_alt', $article['alt']);
set_post_thumbnail($id, $picture);
echo $id;
"""


@dataclass(frozen=True)
class Text:
    """The article as every program gets it: plain fields, HTML below them, a picture's file."""

    title: str
    summary: str
    date: str
    tags: tuple[str, ...]
    html: str
    picture: Path
    alt: str

    def packed(self) -> bytes:
        return json.dumps({**vars(self), "picture": str(self.picture), "site": NAME}).encode()


class Cached(BaseHTTPRequestHandler):
    """Stands before a slow server as a cache does: each answer is asked for once, and sent compressed by brotli."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, upstream: str, kept: dict[str, tuple[int, str, bytes]]) -> None:
        self.upstream, self.kept = upstream, kept
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path not in self.kept:
            self.kept[self.path] = self._ask()
        status, kind, body = self.kept[self.path]
        packed = kind.startswith("text/") or "javascript" in kind or "json" in kind or "svg" in kind
        body = brotli.compress(body) if packed else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if packed:
            self.send_header("Content-Encoding", "br")
        self.send_header("Cache-Control", "no-cache" if kind.startswith("text/html") else "max-age=31536000, immutable")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _ask(self) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=PATIENCE)
        connection.request("GET", self.path, headers={"Host": self.headers["Host"]})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", "application/octet-stream"), answer.read()

    def log_message(self, format: str, *arguments: object) -> None:
        del format, arguments


@contextmanager
def wordpress(text: Text, work: Path) -> Iterator[Mapping[str, str]]:
    """The addresses of WordPress' front page and of the article."""
    site, port = work / "wordpress", _free_port()
    shutil.copytree(WORDPRESS, site, symlinks=False, ignore_dangling_symlinks=True)
    (site / "wp-content/uploads").mkdir(parents=True, exist_ok=True)
    (site / "wp-config.php").write_text(_settings(work / "socket"), encoding="utf-8")
    server = ["php", "-S", f"127.0.0.1:{port}", "-t", str(site)]
    with (
        _database(work),
        _running(server, PHP_CLI_SERVER_WORKERS="4"),
        serving(partial(Cached, upstream=f"127.0.0.1:{port}", kept={})) as public,
    ):
        _until(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        host = f"127.0.0.1:{public}"
        yield {"front": f"http://{host}/", "article": f"http://{host}/?p={_install(text, work, site, host)}"}


@contextmanager
def _database(work: Path) -> Iterator[None]:
    """MariaDB with an empty database, at `work`/socket."""
    own = ["--no-defaults", f"--datadir={work / 'data'}"]
    make = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(make, check=True, capture_output=True)
    program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    places = [f"--socket={work / 'socket'}", f"--pid-file={work / 'pid'}", "--skip-networking"]
    client = [
        "mariadb",
        "--no-defaults",
        f"--socket={work / 'socket'}",
        "--user=root",
        "-e",
        "create database wordpress",
    ]
    with _running([program, *own, *places, f"--user={getpass.getuser()}"]):
        _until(lambda: subprocess.run(client, check=True, capture_output=True))
        yield


def _install(text: Text, work: Path, site: Path, host: str) -> str:
    """The number of the article in a new WordPress."""
    (work / "install.php").write_text(INSTALL, encoding="utf-8")
    php = ["php", "-d", "display_errors=stderr", "-d", "sendmail_path=/bin/true"]
    command = [*php, str(work / "install.php"), str(site), host]
    return subprocess.run(command, input=text.packed(), check=True, stdout=subprocess.PIPE).stdout.decode().strip()


def _settings(database: Path) -> str:
    constants = {"DB_NAME": "wordpress", "DB_USER": "root", "DB_PASSWORD": "", "DB_HOST": f"localhost:{database}"}
    lines = [f"define({name!r}, {json.dumps(value)});" for name, value in {**constants, **ALONE}.items()]
    home = "define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST']); define('WP_SITEURL', WP_HOME);"
    path = "$table_prefix = 'wp_'; defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');"
    end = "require_once ABSPATH . 'wp-settings.php';"
    return "\n".join(["<?php", *lines, home, path, end])


@contextmanager
def _running(command: list[str], **environment: str) -> Iterator[None]:
    """A program for a while, with what it starts: PHP's workers outlive it."""
    silent = subprocess.DEVNULL
    own = {**os.environ, **environment}
    process = subprocess.Popen(command, env=own, stdout=silent, stderr=silent, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def _until(ready: Callable[[], Answer]) -> Answer:
    """What `ready` answers, as soon as it raises nothing."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return ready()
        except (OSError, subprocess.CalledProcessError):
            if time.monotonic() > last:
                raise
            time.sleep(1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
