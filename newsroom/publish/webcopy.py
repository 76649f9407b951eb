"""A copy of the site on the web, read from a host that may be anybody's: it may send too much, too slowly, or something
else, or lead elsewhere.

http.client, because connections are kept, every answer has a deadline, and plain addresses go through a proxy's tunnel
too: so does Tor's HTTPTunnelPort reach onion addresses.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from newsroom.publish.copies import CHUNK, Absent, Elsewhere, Unreachable

_MOST_REDIRECTS = 5
_FAILED = (OSError, http.client.HTTPException, ValueError)
_HEADERS = {"User-Agent": "newsroom-verify", "Accept-Encoding": "identity", "Cache-Control": "no-cache"}
_TOR = "for onion addresses, add `HTTPTunnelPort 9080` to Tor's torrc and set http_proxy=http://127.0.0.1:9080"


@dataclass(frozen=True)
class Patience:
    """How long a host may take: `wait` seconds to begin an answer, then for so many bytes a second; and how often it is
    asked again, after so many seconds, then twice as many."""

    wait: float = 30
    rate: int = 5_000  # bytes a second: less than the slowest telephone network gives
    again: int = 2
    pause: float = 1


class WebCopy:
    """A copy at an address; may be asked from several threads at once."""

    def __init__(self, address: str, patience: Patience = Patience()) -> None:
        """Raises Unreachable where the address is none, or its proxy cannot be used."""
        parts = _split(address)
        last = parts.path.rpartition("/")[2]
        path = parts.path if not last else parts.path.removesuffix(last) if "." in last else f"{parts.path}/"
        self.name = f"{parts.scheme}://{parts.netloc}{quote(path or '/', safe='/%~')}"
        self._patience = patience
        self._proxy = _proxy(parts)
        self._own = threading.local()
        self._open: set[http.client.HTTPConnection] = set()

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """As copies.Copy says. An answer of 404 or 410 may bring the very page that stands for it."""
        for turn in range(self._patience.again + 1):
            try:
                with self._watched():
                    response = self._followed(self.name + quote(name))
                    if response.status in (429, 500, 502, 503, 504):
                        raise Unreachable(f"the host answers {response.status}")
                    break
            except Unreachable:
                self._forget()
                if turn == self._patience.again:
                    raise
                time.sleep(self._patience.pause * 2**turn)
        with self._watched() as watch:
            for chunk in self._body(response, limit):
                watch.received += len(chunk)
                yield chunk
        if response.status in (404, 410):
            raise Absent
        if response.status != 200:
            raise Unreachable(f"the host answers {response.status}")

    def names(self) -> Counter[str] | None:
        """None: nobody sees from outside what else a host has."""
        return None

    def close(self) -> None:
        """End the connections of threads that are no more."""
        self._own = threading.local()
        while self._open:
            self._open.pop().close()

    def _body(self, response: http.client.HTTPResponse, limit: int) -> Iterator[bytes]:
        left = limit
        try:
            while left > 0 and (chunk := response.read1(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
            response.close()  # which keeps the connection
            if not left or response.length:
                self._forget()  # what may come still is not waited for
            if left and response.length:
                raise Unreachable("the host ended it before its end")
        except _FAILED as error:
            self._forget()
            raise Unreachable(_reason(error)) from None

    def _followed(self, address: str) -> http.client.HTTPResponse:
        """The answer, after redirects on the same host."""
        for _ in range(_MOST_REDIRECTS):
            response = self._asked(urlsplit(address))
            if response.status not in (301, 302, 303, 307, 308):
                return response
            leads = response.headers.get("Location", "")
            self._forget()
            with suppress(ValueError):
                leads = urljoin(address, leads)
            if not _is_same_host(urlsplit(address), leads):
                raise Elsewhere(leads)
            address = leads
        raise Unreachable("it leads around in circles")

    def _asked(self, parts: SplitResult) -> http.client.HTTPResponse:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            for _ in range(2):
                fresh, connection = self._connection(parts)
                try:
                    connection.request("GET", target, headers=_HEADERS)
                    return connection.getresponse()
                except (ConnectionError, http.client.BadStatusLine):
                    self._forget()
                    if fresh:
                        raise
                    # else the host was tired of waiting for the next request
            raise Unreachable("the host ends the connection")
        except _FAILED as error:
            hint = f"; {_TOR}" if str(parts.hostname).endswith(".onion") and not self._proxy else ""
            raise Unreachable(_reason(error) + hint) from None

    def _connection(self, parts: SplitResult) -> tuple[bool, http.client.HTTPConnection]:
        """Whether it is new, and this thread's connection."""
        kept = getattr(self._own, "connection", None)
        if kept and self._own.to == (parts.scheme, parts.netloc):
            return False, kept
        self._forget()
        kind = _Secure if parts.scheme == "https" else http.client.HTTPConnection
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
        if self._proxy:
            connection = kind(*self._proxy, timeout=self._patience.wait)
            connection.set_tunnel(host, port)
        else:
            connection = kind(host, port, timeout=self._patience.wait)
        self._open.add(connection)
        self._own.connection, self._own.to = connection, (parts.scheme, parts.netloc)
        connection.connect()
        return True, connection

    def _forget(self) -> None:
        """End this thread's connection."""
        if connection := getattr(self._own, "connection", None):
            self._own.connection = None
            self._open.discard(connection)
            connection.close()

    @contextmanager
    def _watched(self) -> Iterator[_Watch]:
        """Give up what comes too slowly, whatever this thread waits for."""
        watch = _Watch(self._patience, self._own.__dict__)
        try:
            yield watch
        except Unreachable:
            if not watch.late:
                raise
        finally:
            watch.end()
        if watch.late:
            raise Unreachable("the host is too slow")


class _Watch:
    """Ends a thread's connection when fewer bytes were `received` than its host has had time for. `own` is where the
    thread keeps it."""

    def __init__(self, patience: Patience, own: Mapping[str, Any]) -> None:
        self.received, self.late = 0, False
        self._patience, self._own, self._began = patience, own, time.monotonic()
        self._look_again(patience.wait)

    def end(self) -> None:
        self._timer.cancel()

    def _look_again(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        left = self._patience.wait + self.received / self._patience.rate - (time.monotonic() - self._began)
        if left > 0:
            self._look_again(left)
            return
        self.late = True
        connection = self._own.get("connection")
        if connection and connection.sock:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class _Secure(http.client.HTTPSConnection):
    """Shakes hands when the socket is known, so that a deadline can end that too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._secured = ssl.create_default_context()
        super().__init__(*arguments, context=self._secured, **options)

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        name = str(getattr(self, "_tunnel_host", None) or self.host)
        self.sock = self._secured.wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
        self.sock.do_handshake()


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Unreachable(f"{address!r} is no web address; write it as 'https://…'")
    return parts


def _proxy(parts: SplitResult) -> tuple[str, int] | None:
    """The proxy that the environment names for this address."""
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or proxy_bypass(str(parts.hostname)):
        return None
    proxy = urlsplit(found if "://" in found else f"http://{found}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise Unreachable(f"the proxy {found!r} is none that this program knows, which are http://…; {_TOR}")
    return proxy.hostname, proxy.port or 8080


def _is_same_host(here: SplitResult, leads: str) -> bool:
    """Whether a redirect stays where it was, or goes to the same host's secure address."""
    try:
        there = _split(leads)
    except Unreachable:
        return False
    if there.hostname != here.hostname:
        return False
    return (there.scheme, there.port) == (here.scheme, here.port) or (
        (here.scheme, there.scheme) == ("http", "https") and here.port in (None, 80) and there.port in (None, 443)
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the host is too slow"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
