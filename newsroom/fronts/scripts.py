"""The scripts: main.js names the modules, one for each behaviour; readers get one file with a hashed name.

What only one page needs is a script of its own, such as verify.js.
"""

from __future__ import annotations

import re
from pathlib import Path

from newsroom.errors import BuildFailed, Problem
from newsroom.files import hashed_name

_IMPORT = re.compile(r'^import "\./([\w.-]+)";$', re.MULTILINE)
_MODULE = re.compile(r"^[ \t]*(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)


def bundle_scripts(
    theme: Path, first: str = "main", name: str = "site", apart: bool = True
) -> tuple[str, bytes, set[Path]]:
    """The name (`js/site.HASH.js`) and bytes of the script that begins with `first`, and the files it is made of; ""
    for a theme without. Raises BuildFailed for a missing module, and for an import or export that is not understood.

    Each module becomes a block, so that their names stay apart; or all become one and share their names. Browsers open
    scripts from a disk only if they are no modules to them.
    """
    folder = theme / "static" / "js"
    main = folder / f"{first}.js"
    if not main.is_file():
        return "", b"", set()
    problems: list[Problem] = []
    parts = {main}

    def part(match: re.Match[str]) -> str:
        path = folder / match[1]
        if not path.is_file():
            line = text.count("\n", 0, match.start()) + 1
            problems.append(
                Problem(f"{theme.name}/static/js/{main.name}", line, f"{match[1]!r} is not there", "add it")
            )
            return ""
        parts.add(path)
        held = path.read_text(encoding="utf-8")
        return f"{{\n{held}}}" if apart else held

    text = main.read_text(encoding="utf-8")
    whole = _COMMENT.sub("", _IMPORT.sub(part, text))
    if left := _MODULE.search(whole):
        remedy = 'write import "./name.js"; alone on a line of main.js, and no export'
        problems.append(
            Problem(f"{theme.name}/static/js/{main.name}", 1, f"{left[0].strip()!r} is not understood", remedy)
        )
    if problems:
        raise BuildFailed(problems)
    data = (f'"use strict";\n{whole}' if apart else f'"use strict";\n{{\n{whole}}}\n').encode()
    return hashed_name(f"js/{name}.js", data), data, parts
