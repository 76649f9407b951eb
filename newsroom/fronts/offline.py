"""sw.js: what browsers run beside the site's pages (a service worker), to keep those that were read.

A site that does not want this publishes a file that ends it, for browsers that know one from before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

from newsroom.errors import BuildFailed, Problem
from newsroom.files import digest
from newsroom.fronts import addresses
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Output

_SHELL, _VERSION = "const SHELL = [];", 'const VERSION = "";'


def worker_file(shared: Mapping[str, Shared]) -> Iterator[Output]:
    """The file, where the theme has it. Raises BuildFailed for one without the lines that are filled in here."""
    first = next(iter(shared.values()))
    theme, keeps = first.views.config.theme, bool(first.site.worker)
    path = theme / "worker" / ("keep.js" if keeps else "forget.js")
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        data = (_filled(text, shared, f"{theme.name}/worker/{path.name}") if keeps else text).encode()
        yield Output(addresses.WORKER, "", bytes.fromhex(digest(data)), partial(bytes, data))


def _filled(text: str, shared: Mapping[str, Shared], shown: str) -> str:
    """The text with the files that kept pages need. They are fetched anew when one has another name, or when there is
    something else to tell of where the site is."""
    first = next(iter(shared.values()))
    newsroom = first.views.config.newsroom
    shell = [*(each.site.blocked for each in shared.values()), first.stylesheet, *filter(None, [first.script])]
    version = digest(json.dumps([shell, newsroom.mirrors, newsroom.onion]).encode())[:8]
    for line, value in ((_SHELL, shell), (_VERSION, version)):
        if line not in text:
            raise BuildFailed([Problem(shown, 1, f"the line {line!r} is not there", "add it for the build to fill in")])
        text = text.replace(line, f"{line.partition(' = ')[0]} = {json.dumps(value)};", 1)
    return text
