"""The source article by programs that need a server: WordPress as Debian packages it, and Ghost. For bench/pages.py.

    apt-get install --no-install-recommends wordpress wordpress-theme-twentytwentythree php-cli php-mysql mariadb-server
    cd .cache && npm pack ghost@5 && tar xf ghost-*.tgz && cd package && npm install --omit=dev --legacy-peer-deps

Each is set up anew in a folder of its own, with its default theme and no setting but a name, and ends with the bench.
"""

from __future__ import annotations

import getpass
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

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
        connection.request("GET", self.path, headers={"Host": self.headers["Host"], "X-Forwarded-Proto": "http"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", "application/octet-stream"), answer.read()

    def log_message(self, format: str, *arguments: object) -> None:
        del format, arguments


@contextmanager
def wordpress(text: Text, work: Path) -> Iterator[Mapping[str, str]]:
    """The addresses of WordPress' front page and of the article."""
    site, data = work / "wordpress", work / "data"
    shutil.copytree(WORDPRESS, site, symlinks=False, ignore_dangling_symlinks=True)
    (site / "wp-content/uploads").mkdir(parents=True, exist_ok=True)
    upstream = f"127.0.0.1:{_free_port()}"
    (site / "wp-config.php").write_text(_wordpress_settings(work / "socket"), encoding="utf-8")
    (work / "install.php").write_text(INSTALL, encoding="utf-8")
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*install, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    database = [
        shutil.which("mariadbd") or "/usr/sbin/mariadbd",
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={work / 'socket'}",
    ]
    database += ["--skip-networking", f"--user={getpass.getuser()}", f"--pid-file={work / 'pid'}"]
    client = ["mariadb", "--no-defaults", f"--socket={work / 'socket'}", "--user=root"]
    with _running(database), serving(partial(Cached, upstream=upstream, kept={})) as port:
        _until(lambda: subprocess.run([*client, "-e", "create database wordpress"], check=True, capture_output=True))
        host = f"127.0.0.1:{port}"
        server = ["php", "-S", upstream, "-t", str(site)]
        with _running(server, PHP_CLI_SERVER_WORKERS="4"):
            _until(lambda: socket.create_connection(("127.0.0.1", int(upstream.partition(":")[2])), 1).close())
            php = [
                "php",
                "-d",
                "display_errors=stderr",
                "-d",
                "sendmail_path=true",
                str(work / "install.php"),
                str(site),
                host,
            ]
            number = (
                subprocess.run(php, input=text.packed(), check=True, stdout=subprocess.PIPE).stdout.decode().strip()
            )
            yield {"front": f"http://{host}/", "article": f"http://{host}/?p={number}"}


def _wordpress_settings(database: Path) -> str:
    constants = {"DB_NAME": "wordpress", "DB_USER": "root", "DB_PASSWORD": "", "DB_HOST": f"localhost:{database}"}
    lines = [f"define({name!r}, {json.dumps(value)});" for name, value in {**constants, **ALONE}.items()]
    home = "define('WP_HOME', 'http://' . $_SERVER['HTTP_HOST']); define('WP_SITEURL', WP_HOME);"
    path = "$table_prefix = 'wp_'; defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');"
    end = "require_once ABSPATH . 'wp-settings.php';"
    return "\n".join(["<?php", *lines, home, path, end])


@contextmanager
def ghost(text: Text, work: Path, installed: Path) -> Iterator[Mapping[str, str]]:
    """The addresses of Ghost's front page and of the article, in its default theme, Source."""
    upstream = f"127.0.0.1:{_free_port()}"
    with serving(partial(Cached, upstream=upstream, kept={})) as port:
        home = f"http://127.0.0.1:{port}"
        content = work / "ghost"
        shutil.copytree(installed / "content", content)
        settings = {
            "url": home,
            "server__port": upstream.partition(":")[2],
            "server__host": "127.0.0.1",
            "database__client": "sqlite3",
            "database__connection__filename": str(work / "ghost.db"),
            "database__useNullAsDefault": "true",
            "paths__contentPath": str(content),
            "privacy__useUpdateCheck": "false",
            "mail__transport": "stub",
            "security__staffDeviceVerification": "false",
            "NODE_ENV": "production",
        }
        with _running(["node", str(installed / "index.js")], cwd=installed, **settings):
            slug = _until(lambda: _write_in_ghost(text, upstream, home))
            yield {"front": f"{home}/", "article": f"{home}/{slug}/"}


def _write_in_ghost(text: Text, upstream: str, home: str) -> str:
    """Set Ghost up and publish the article; answers its slug. Raises OSError while Ghost is not ready."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def send(path: str, body: bytes, kind: str = "application/json") -> Any:
        request = Request(f"http://{upstream}/ghost/api/admin/{path}", body)
        for name, value in (("Content-Type", kind), ("Origin", home), ("X-Forwarded-Host", urlsplit(home).netloc)):
            request.add_header(name, value)
        with opener.open(request, timeout=PATIENCE) as answer:
            found = answer.read()
            return json.loads(found) if answer.headers.get_content_type() == "application/json" else found

    word = os.urandom(16).hex()
    owner = {"name": "Editor", "email": "editor@newsroom.example", "password": word, "blogTitle": NAME}
    send("authentication/setup/", json.dumps({"setup": [owner]}).encode())
    send("session/", json.dumps({"username": owner["email"], "password": word}).encode())
    head = f'--{word}\r\nContent-Disposition: form-data; name="file"; filename="{text.picture.name}"\r\n'
    form = (
        head.encode() + b"Content-Type: image/png\r\n\r\n" + text.picture.read_bytes() + f"\r\n--{word}--\r\n".encode()
    )
    picture = send("images/upload/", form, f"multipart/form-data; boundary={word}")["images"][0]["url"]
    post = {"title": text.title, "html": text.html, "custom_excerpt": text.summary[:300], "status": "published"}
    post |= {"feature_image": picture, "feature_image_alt": text.alt, "published_at": f"{text.date}T00:00:00.000Z"}
    made = send("posts/?source=html", json.dumps({"posts": [{**post, "tags": list(text.tags)}]}).encode())
    return str(made["posts"][0]["slug"])


@contextmanager
def _running(command: list[str], cwd: Path | None = None, **environment: str) -> Iterator[None]:
    """A program for a while."""
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **environment}, stdout=silent, stderr=silent)
    try:
        yield
    finally:
        process.terminate()
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
