"""The live preview: builds with drafts, serves on this computer only, rebuilds on every change, and reloads.

The reload script is added to pages on their way to the browser; no file that is built holds it.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, watch

HOST = "127.0.0.1"
LONGEST = 1000  # characters of an address: longer ones are no files
FOLLOWED = ("content", "theme")  # what a running builder sees by itself
WATCHED = (*FOLLOWED, "newsroom", "pelicanconf.py", "publishconf.py")
STEP, LONGEST_GROUP = 10, 60  # milliseconds without a change that end a group of changes, and of a group at most
LOOK = 300  # milliseconds after which a watch without changes answers
PATIENCE = 2  # seconds that a builder has to end by itself
EVENTS = "/-/events"
_SCRIPT = '<script>new EventSource("{}?since={}").onmessage = () => location.reload()</script>'
_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')  # would refuse what is added
_REPORT_STYLE = "position:sticky;bottom:0;margin:0;padding:1em;background:#7a1f12;color:#fff;white-space:pre-wrap"
_REPORT = f'<pre style="{_REPORT_STYLE}">{{}}</pre>'


class Builder:
    """A process that builds when asked, from what it has in memory; `command` starts one."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> subprocess.Popen[str]:
        """The process, which takes a while to begin; a new one where there is none."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process

    def build(self, changed: list[str] | None) -> tuple[bool, str]:
        """Have these files followed, None for whatever may have changed; answers whether that went well, and what was
        said of it."""
        if self._process is None or self._process.poll() is not None:
            changed = None
        process = self.start()
        try:
            print(json.dumps(changed), file=process.stdin, flush=True)
            answer = json.loads(process.stdout.readline() if process.stdout else "")
        except (OSError, ValueError):  # it died; what it said stands above
            self.stop()
            return False, "The build broke off; its last words are in the terminal.\n"
        return not answer["failed"], str(answer["said"])

    def stop(self) -> None:
        """End the process; the next build starts another."""
        if self._process:
            if self._process.stdin:
                self._process.stdin.close()
            try:
                self._process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


class Preview:
    """The state that the builder and the browser's requests share: `builder` builds the site into `output`."""

    def __init__(self, builder: Builder, output: Path) -> None:
        self.builder = builder
        self.output = output
        self.changed = threading.Condition()
        self.version = 0
        self.report = ""  # what the last build said, when it failed

    def rebuild(self, changed: list[str] | None = None) -> bool:
        """Build; answers whether that went well."""
        if changed and any(_is_program(path) for path in changed):
            self.builder.stop()  # a changed module or setting counts in a new process
        went_well, said = self.builder.build(changed)
        print(said, file=sys.stdout if went_well else sys.stderr, flush=True)
        with self.changed:
            self.report = "" if went_well else said
            self.version += 1
            self.changed.notify_all()
        return went_well

    def wait(self, seen: int) -> int:
        """The number of the newest build, after waiting up to ten seconds for one beyond `seen`."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > seen, timeout=10)
            return self.version

    def decorate(self, page: bytes) -> bytes:
        """A page with the reload script and, after a failed build, the problems on it."""
        added = _SCRIPT.format(EVENTS, self.version) + (_REPORT.format(html.escape(self.report)) if self.report else "")
        before, end, after = _POLICY.sub(b"", page).rpartition(b"</body>")
        return before + added.encode() + end + after if end else after + added.encode()


class _Handler(SimpleHTTPRequestHandler):
    """Serves the preview; pages get the script, unknown addresses the site's own 404 page."""

    preview: Preview

    def __init__(self, *arguments: Any, preview: Preview, **options: Any) -> None:
        self.preview = preview
        super().__init__(*arguments, directory=str(preview.output), **options)

    def parse_request(self) -> bool:
        """Refuse what is not meant for this computer: another site's page could ask under a name of its own."""
        if not super().parse_request():
            return False
        if self.headers.get("Host", "").partition(":")[0] not in (HOST, "localhost"):
            self.send_error(403, "This preview answers only to this computer")
            return False
        return True

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?since=")
        if path == EVENTS and query.isdecimal():
            self._events(int(query))
        else:
            self._file()

    def _file(self) -> None:
        if len(self.path) > LONGEST or "%00" in self.path:
            self.send_error(404)
            return
        path = Path(self.translate_path(self.path))
        if path.is_dir() and not self.path.partition("?")[0].endswith("/"):
            super().do_GET()  # redirects to the folder's address
            return
        if path.is_dir():
            path /= "index.html"
        if path.is_file() and path.suffix != ".html":
            super().do_GET()
            return
        found = path.is_file()
        page = path if found else self.preview.output / "404.html"
        body = self.preview.decorate(page.read_bytes() if page.is_file() else b"<p>The first build failed.</p>")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self, seen: int) -> None:
        """Server-sent events: one for each build after build `seen`, which the page shows, and a comment now and
        then to notice a closed tab."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                now = self.preview.wait(seen)
                self.wfile.write(b"data: built\n\n" if now > seen else b": waiting\n\n")
                self.wfile.flush()
                seen = now
        except OSError:
            return

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        del format, args  # a line for each picture would bury the problems


def _is_program(path: str) -> bool:
    here = os.path.relpath(path)
    return here.endswith(".py") or here.split(os.sep)[0] not in FOLLOWED


def _changes() -> Iterator[list[str]]:
    """What changed, in groups; the first, empty as a rule, comes once everything is watched."""
    watched = [name for name in WATCHED if Path(name).exists()]
    for changes in watch(
        *watched,
        watch_filter=DefaultFilter(),
        step=STEP,
        debounce=LONGEST_GROUP,
        rust_timeout=LOOK,
        yield_on_timeout=True,
    ):
        yield sorted(path for _, path in changes)


def serve_preview(command: list[str], output: Path, port: int, open_browser: bool) -> int:
    """Build with `command` into `output` and serve that until interrupted; answers the exit status."""
    preview = Preview(Builder(command), output)
    if not 0 <= port <= 65535:
        print(f"Port {port} is none; choose one from 1024 to 65535.", file=sys.stderr)
        return 1
    try:
        server = ThreadingHTTPServer((HOST, port), partial(_Handler, preview=preview))
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}); try 'serve --port {port + 1}'.", file=sys.stderr)
        return 1
    server.daemon_threads = True
    address = f"http://{HOST}:{server.server_port}/"
    try:
        preview.builder.start()
        for n, changes in enumerate(_changes()):
            if n == 0:  # from now on, no change can be missed
                preview.rebuild()
                threading.Thread(target=server.serve_forever, daemon=True).start()
                print(f"Serving {address} with drafts. Edit and save: the page follows. Ctrl-C ends it.", flush=True)
                if open_browser:
                    webbrowser.open(address)
            elif changes:
                preview.rebuild(changes)
    except KeyboardInterrupt:
        pass
    server.server_close()
    preview.builder.stop()
    print("\nStopped.")
    return 0
