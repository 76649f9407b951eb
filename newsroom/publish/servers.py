"""What a web server is told so that it says with each file what headers.py defines.

nginx and Caddy are told what goes into a site's block, beside its address and its root, which is the live release;
Netlify and Cloudflare read two files. Redirects answer with 301 and what was taken down with 410 where that can be
said; elsewhere pages stand in for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote, urlsplit

from newsroom.publish.headers import HTML, TYPES, UNKNOWN, Kind, Site, caching, headers, onion_location

_MOST = 2000  # redirects that Cloudflare takes
_DOUBLE = [ending for ending in TYPES if ending.count(".") == 2]
_SINGLE = [ending for ending in TYPES if ending.count(".") == 1]
_TEXTS = sorted({said.partition(";")[0] for said in TYPES.values() if ";" in said and said != HTML})  # in UTF-8


def render(server: str, site: Site, redirects: Mapping[str, str] | None = None, gone: Collection[str] = ()) -> str:
    """What a server is told, one of SERVERS. `redirects` leads from files of the output to files, `gone` are files that
    were taken down: all by their names in the output."""
    return "\n".join(SERVERS[server](site, dict(sorted((redirects or {}).items())), sorted(gone))) + "\n"


def _nginx(site: Site, redirects: Mapping[str, str], gone: Collection[str]) -> Iterator[str]:
    base = _base(site)
    yield "# For nginx: include this file in the server's block that names the address and, as root, the live release."
    yield "# What a location says replaces all that the server says: each says everything."
    yield from ("server_tokens off;", "absolute_redirect off;", "index index.html;", "etag on;", "gzip on;")
    yield f"gzip_vary on;\ngzip_types {' '.join(_TEXTS)} application/json application/manifest+json;"
    yield f"charset utf-8;\ncharset_types {' '.join(_TEXTS)};"
    yield f"error_page 404 {base}/404.html;\nerror_page 403 =404 {base}/404.html;"
    yield f"default_type {UNKNOWN};\ntypes {{"
    yield from (f"  {_plain(ending)} {ending[1:]};" for ending in _SINGLE)
    yield "}"
    yield from _nginx_headers(Kind.PAGE, site, "")
    for ending in _DOUBLE:
        yield f'location ~ "^{re.escape(base)}/.+{re.escape(ending)}$" {{\n  types {{ }}'
        yield f"  default_type {_plain(ending)};"
        yield from (*_nginx_headers(Kind.FEED, site, "  "), "}")
    for kind in Kind:
        if kind is not Kind.PAGE:
            yield f'location ~ "^{re.escape(base)}/{kind.value}$" {{'
            yield from (*_nginx_headers(kind, site, "  "), "}")
    for old, new in _moved(site, redirects):
        yield f'location = "{_escaped(old)}" {{ return 301 {new}; }}'
    for path in (path for name in gone for path in _paths(site, name)):
        yield f'location = "{_escaped(path)}" {{ error_page 410 @gone; return 410; }}'
    if gone:
        yield f"location @gone {{ try_files $uri ${{uri}}index.html {base}/404.html =410; }}"


def _plain(ending: str) -> str:
    """A media type without its charset, which nginx would not know again."""
    return TYPES[ending].partition(";")[0]


def _nginx_headers(kind: Kind, site: Site, indent: str) -> Iterator[str]:
    for name, value in headers(kind, site).items():
        yield f'{indent}add_header {name} "{value}" always;'
    if onion := onion_location(kind, site):
        yield f'{indent}add_header Onion-Location "{onion}$request_uri" always;'


def _caddy(site: Site, redirects: Mapping[str, str], gone: Collection[str]) -> Iterator[str]:
    base, others = re.escape(_base(site)), [kind for kind in Kind if kind is not Kind.PAGE]
    yield "# For Caddy: import this file in the site's block that names the address and, as root, the live release."
    yield "encode zstd gzip\nroute {\n  header -Server"
    yield from _caddy_headers(Kind.PAGE, site, "")
    for ending in (*_DOUBLE, *_SINGLE):  # set last, after Caddy's own, of which the first counts
        yield f'  @{ending} path *{ending}\n  header @{ending} {{\n    Content-Type "{TYPES[ending]}"\n    defer\n  }}'
    for kind in reversed(others):  # what is said last counts
        yield f'  @{kind.name.lower()} path_regexp "^{base}/{kind.value}$"'
        yield from _caddy_headers(kind, site, f"@{kind.name.lower()} ")
    if onion := onion_location(Kind.PAGE, site):
        files = "|".join(kind.value for kind in others if not onion_location(kind, site))
        yield f'  @pages not path_regexp "^{base}/(?:{files})$"\n  header @pages Onion-Location "{onion}{{uri}}"'
    yield from (f'  redir "{_escaped(old)}" {new} 301' for old, new in _moved(site, redirects))
    yield from (f'  error "{_escaped(path)}" 410' for name in gone for path in _paths(site, name))
    # By itself it would lead from `index.html`, which links name, to its folder.
    yield "  @folder {\n    not path */\n    file {path}/index.html\n  }\n  redir @folder {path}/ 301"
    yield "  file_server {\n    disable_canonical_uris\n  }\n}\nhandle_errors {\n  header -Server"
    yield from _caddy_headers(Kind.PAGE, site, "")
    if onion:
        yield f'  header Onion-Location "{onion}{{http.request.orig_uri}}"'
    yield f'  header Content-Type "{HTML}"\n  header -Content-Disposition'
    # What stands where something was taken down says so.
    yield "  @gone {\n    expression {err.status_code} == 410\n    file {path} {path}index.html\n  }"
    yield "  handle @gone {\n    rewrite * {http.matchers.file.relative}\n    file_server\n  }"
    yield f"  handle {{\n    rewrite * {_base(site)}/404.html\n    file_server\n  }}\n}}"


def _caddy_headers(kind: Kind, site: Site, which: str) -> Iterator[str]:
    """What a class is told; of all but pages, what differs from these. Nothing is taken away: Caddy would do all of it
    when it writes the answer, and what is said first would count."""
    page = {} if kind is Kind.PAGE else headers(Kind.PAGE, site)
    yield f"  header {which}{{"
    yield from (f'    {name} "{value}"' for name, value in headers(kind, site).items() if page.get(name) != value)
    yield "  }"


def _netlify(site: Site, redirects: Mapping[str, str], gone: Collection[str]) -> Iterator[str]:
    """Netlify's; a redirect takes the place of the page that stands in for it only where it is forced."""
    yield from (*_lines(site), "", "# The file _redirects, for Netlify:")
    yield from (f"{quote(old)} {new} 301!" for old, new in _moved(site, redirects))


def _cloudflare(site: Site, redirects: Mapping[str, str], gone: Collection[str]) -> Iterator[str]:
    """Cloudflare's, which takes so many redirects: pages stand in for the others."""
    yield from (*_lines(site), "", "# The file _redirects, for Cloudflare Pages:")
    yield from [f"{quote(old)} {new} 301" for old, new in _moved(site, redirects)][:_MOST]


def headers_file(site: Site) -> bytes:
    """The file _headers, which Netlify, Cloudflare Pages and some others read from a release, and do not serve."""
    return "".join(f"{line}\n" for line in _lines(site)).encode()


def _lines(site: Site) -> Iterator[str]:
    """The file _headers. Hosts differ in what they make of a header that two rules name, so none is named twice for a
    file: all get the same policy, in which what differs among pages is left to the policy that pages carry."""
    base = _base(site)
    common = headers(Kind.VERIFY, site) | {"Cross-Origin-Resource-Policy": "cross-origin"}
    del common["Cache-Control"]  # by themselves these hosts have caches ask each time
    yield f"# The file _headers, for Netlify and Cloudflare Pages:\n{base}/*"
    yield from (f"  {name}: {value}" for name, value in common.items())
    for folder in ("css", "js"):
        yield f"{base}/{site.static}/{folder}/*\n  Cache-Control: {caching(Kind.HASHED)}"
    yield f"{base}/images/*\n  Cache-Control: public, max-age=86400"  # some are not named by their bytes
    yield f"{base}/sw.js\n  Cache-Control: {caching(Kind.WORKER)}"
    for prefix in ("", "/:language"):
        yield f"{base}{prefix}/months/*\n  Content-Disposition: attachment"


def _base(site: Site) -> str:
    """The path below which the site is, without a slash at its end."""
    return urlsplit(site.url).path.rstrip("/")


def _paths(site: Site, name: str) -> list[str]:
    """The paths at which a file is asked for: a folder's page also at the folder's."""
    names = [name, name.removesuffix("index.html")] if f"/{name}".endswith("/index.html") else [name]
    return [f"{_base(site)}/{each}" for each in names]


def _moved(site: Site, redirects: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """From which path each redirect leads to which, the latter as it is written in an answer."""
    for old, new in redirects.items():
        yield from ((path, quote(f"{_base(site)}/{new}")) for path in _paths(site, old))


def _escaped(path: str) -> str:
    return re.sub(r'(["\\\\])', r"\\\1", path)


SERVERS = {"nginx": _nginx, "caddy": _caddy, "netlify": _netlify, "cloudflare": _cloudflare}
