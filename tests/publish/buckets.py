"""Buckets for tests: servers that stand for S3, a proxy that spoils requests, small releases, and a reader."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from newsroom.files import digest
from newsroom.publish.manifest import MANIFEST, SIGNATURE, File, Manifest, decode, encode
from newsroom.publish.targets.base import Release
from newsroom.publish.targets.bucket import Pace
from newsroom.publish.targets.s3 import S3Target
from tests.hosting import serving

KEYS = {"AWS_ACCESS_KEY_ID": "S3RVER", "AWS_SECRET_ACCESS_KEY": "S3RVER", "AWS_REGION": "us-east-1"}
ANY_KEY = {"Authorization": "AWS4-HMAC-SHA256 Credential=S3RVER/20260101/us-east-1/s3/aws4_request, Signature=0"}
QUICK = Pace(deadline=30, retries=0, backoff=0.01)
Object = tuple[bytes, str, str]  # bytes, Content-Type, Cache-Control


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[int]:
    """A server for a while; gives its port."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Host:
    """A bucket as everybody sees it, over plain HTTP; `port` is the server's, `access` a header that it wants."""

    port: int
    bucket: str
    access: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    def address(self, port: int = 0) -> str:
        folder = f"/{self.prefix}" if self.prefix else ""
        return f"s3://{self.bucket}{folder}?endpoint=http://127.0.0.1:{port or self.port}&region=us-east-1"

    def target(self, port: int = 0, pace: Pace = QUICK, **more: object) -> S3Target:
        return S3Target(self.address(port), pace=pace, **more)  # type: ignore[arg-type]

    def make(self) -> Host:
        assert self.ask("PUT", f"/{self.bucket}")[0] == 200
        return self

    def get(self, name: str) -> bytes | None:
        status, data, _ = self.ask("GET", self._path(name))
        assert status in (200, 404), (status, data)
        return data if status == 200 else None

    def object(self, name: str) -> Object:
        status, data, headers = self.ask("GET", self._path(name))
        assert status == 200, (status, data)
        return data, headers["Content-Type"], headers["Cache-Control"]

    def put(self, name: str, data: bytes, content_type: str = "text/plain", cache: str = "", **more: str) -> None:
        headers = {"Content-Type": content_type, "Cache-Control": cache, **more}
        assert self.ask("PUT", self._path(name), data, headers)[0] == 200

    def remove(self, name: str) -> None:
        self.ask("DELETE", self._path(name))

    def names(self) -> set[str]:
        _, data, _ = self.ask("GET", f"/{self.bucket}?list-type=2")
        found = {each.text or "" for each in ElementTree.fromstring(data).iter() if each.tag.endswith("Key")}
        return {name.removeprefix(f"{self.prefix}/") for name in found if name.startswith(self.prefix)}

    def objects(self) -> dict[str, Object]:
        return {name: self.object(name) for name in self.names()}

    def manifest(self) -> Manifest | None:
        data = self.get(MANIFEST)
        return decode(data) if data else None

    def _path(self, name: str) -> str:
        return "/" + quote("/".join(filter(None, (self.bucket, self.prefix, name))))

    def ask(
        self, method: str, path: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=data, headers={**self.access, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()


def page(parts: Sequence[str], links: Sequence[str], words: str) -> bytes:
    lines = ["<!doctype html>", *(f'<img src="{name}">' for name in parts), *(f'<a href="{name}">' for name in links)]
    return "\n".join([*lines, words, "</html>\n"]).encode()


def site(edition: str) -> dict[str, bytes]:
    """The files of a small site. Editions differ in their style sheet, in which pages there are, and what these say."""
    css = f"/* {edition} */".encode()
    style = f"theme/site.{digest(css)[:8]}.css"
    pages = {"a": "12", "b": "23", "c": "13"}[edition]
    files = {style: css, "search/index.json": f'["{edition}"]'.encode()}
    for each in pages:
        picture = f"images/{digest(each.encode())[:16]}.jpg"
        files[picture] = f"picture of {each}".encode() * 50
        files[f"2026/{each} ខ.html"] = page([style, picture], ["index.html"], f"Page {each}, edition {edition}")
    files["index.html"] = page([style], [f"2026/{each} ខ.html" for each in pages], edition)
    files["feed.xml"] = f"<feed>{edition}</feed>".encode()
    return files


def release(folder: Path, edition: str, before: Manifest | None, keep: bool = True) -> Release:
    """A release of that edition after `before`, put together as publish does: style sheets that it no longer needs
    stay, which are to `keep`."""
    files, version = site(edition), before.version + 1 if before else 1
    old = before.files if before else {}
    for other in "abc" if keep else "":
        files.update({n: d for n, d in site(other).items() if n in old and n.endswith(".css") and n not in files})
    listed = {
        name: File(len(data), digest(data), old[name].since if name in old else version)
        for name, data in sorted(files.items())
    }
    manifest = Manifest("https://site.example", version, version, version + 10, listed)
    return write(folder, files, manifest)


def write(folder: Path, files: Mapping[str, bytes], manifest: Manifest) -> Release:
    data = encode(manifest)
    for name, held in {**files, MANIFEST: data, SIGNATURE: digest(data).encode()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(held)
    return Release(folder, manifest)


def files_of(made: Release) -> dict[str, bytes]:
    return {name: (made.folder / name).read_bytes() for name in (*made.manifest.files, *made.proofs)}


def publish(target: S3Target, made: Release) -> str:
    """What publish does with a place."""
    with target.lock():
        data = target.read(MANIFEST)
        return target.put(made, decode(data) if data else None, lambda what, done, of: None)


def publish_in_child(address: str, folder: str) -> None:
    """The same in a process of its own, which may be killed."""
    os.environ.update(KEYS)
    manifest = decode((Path(folder) / MANIFEST).read_bytes())
    publish(S3Target(address, pace=Pace(deadline=10)), Release(Path(folder), manifest))


def broken(host: Host, name: str) -> str:
    """What a reader who opens a page misses; "" if nothing, or if the page is another one by now."""
    data = host.get(name)
    if data is None:
        return ""
    said = "" if data.endswith(b"</html>\n") else f"{name} ends early"
    for part in re.findall(r'(?:src|href)="([^"]+)"', data.decode()):
        found = host.get(part)
        hashed = re.search(r"\.([0-9a-f]{8})\.", part)
        if found is None or (hashed and digest(found)[:8] != hashed[1]):
            said = f"{name} lacks {part}"
            break
    return said if said and host.get(name) == data else ""


PAGES = ["index.html", *(f"2026/{each} ខ.html" for each in "123")]


def broken_pages(host: Host) -> list[str]:
    return list(filter(None, (broken(host, name) for name in PAGES)))


@contextmanager
def reading(host: Host) -> Iterator[Counter[str]]:
    """A reader who opens pages all the time; gives how many were opened, and what was broken."""
    seen: Counter[str] = Counter()
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            for name in PAGES:
                seen[broken(host, name) or "opened"] += 1
                ended.wait(0.05)  # leaves the cores to others

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@dataclass
class Request:
    """A request on its way through the proxy."""

    method: str
    name: str  # of the object
    number: int  # how many of this method and name came before
    headers: Mapping[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes] | None  # None: hang up
Forward = Callable[[bytes], Answer]
Fault = Callable[[Request, Forward], Answer]


def denied(request: Request, forward: Forward) -> Answer:
    return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"


def failed(request: Request, forward: Forward) -> Answer:
    return 500, {}, b"<Error><Code>InternalError</Code></Error>"


def failed_after(request: Request, forward: Forward) -> Answer:
    """Done, and then the host fails."""
    forward(request.body)
    return 500, {}, b""


def throttled(request: Request, forward: Forward) -> Answer:
    return 429, {}, b"<Error><Code>SlowDown</Code></Error>"


def silent(request: Request, forward: Forward) -> Answer:
    time.sleep(4)
    return None


def silent_after(request: Request, forward: Forward) -> Answer:
    """Done, but nobody says so."""
    forward(request.body)
    time.sleep(1.8)
    return None


def cut(request: Request, forward: Forward) -> Answer:
    return None


def lying(request: Request, forward: Forward) -> Answer:
    """200, and nothing was done."""
    return (200 if request.method == "PUT" else 204), {"ETag": _etag(request.body)}, b""


def truncating(request: Request, forward: Forward) -> Answer:
    """200, and half of it was kept."""
    if request.method == "PUT":
        forward(request.body[: len(request.body) // 2])
    return lying(request, forward)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


@dataclass
class Proxy:
    """What stands before a host: spoils the requests for which `fault` answers one, and counts all."""

    host: Host
    port: int = 0
    fault: Callable[[Request], Fault | None] = lambda request: None
    requests: list[Request] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    one: threading.Lock = field(default_factory=threading.Lock)
    encrypts: bool = False  # as hosts do whose ETags are no MD5 sums
    etags: dict[bytes, bytes] = field(default_factory=dict)  # those it tells → the true ones

    def changes(self) -> list[tuple[str, str, int]]:
        return sorted((each.method, each.name, each.number) for each in self.requests if each.method != "GET")

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(path)
        name = unquote(parts.path).removeprefix(f"/{self.host.bucket}").removeprefix("/")
        with self.one:
            request = Request(method, name, self.counted[f"{method} {name}"], headers, body)
            self.counted[f"{method} {name}"] += 1
            self.requests.append(request)
        fault = self.fault(request)

        def forward(data: bytes) -> Answer:
            kept = {k: v for k, v in headers.items() if k.lower() not in ("host", "content-length", "connection")}
            if self.encrypts and "if-match" in kept:
                kept["if-match"] = self.etags.get(kept["if-match"].encode(), b'"none"').decode()
            status, answer, told = self.host.ask(method, path, data, kept)
            tell = {k: v for k, v in told.items() if k.lower() not in _HOP}
            if self.encrypts:
                tell = {k: self._disguised(v.encode()).decode() if k == "ETag" else v for k, v in tell.items()}
                answer = answer if name else self._disguised(answer.replace(b"&quot;", b'"'))
            return status, tell, answer

        return fault(request, forward) if fault else forward(body)

    def _disguised(self, text: bytes) -> bytes:
        """The text with other ETags."""

        def other(match: re.Match[bytes]) -> bytes:
            told = _etag(b"secret" + match[0]).encode()
            self.etags[told] = match[0]
            return told

        return re.sub(rb'"[0-9a-f]{32}"', other, text)


_HOP = {"connection", "content-length", "transfer-encoding", "date", "server"}


@contextmanager
def proxy(host: Host) -> Iterator[Proxy]:
    """A proxy before a bucket."""
    made = Proxy(host)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = made.take(self.command, self.path, self.headers, body)
            if said is None:
                self.close_connection = True
                return
            status, headers, data = said
            self.send_response(status)
            length = headers.pop("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_DELETE = do_POST = do_HEAD = answer

        def log_message(self, *said: object) -> None:
            """Nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

    with serving(Handler) as port:
        made.port = port
        yield made
