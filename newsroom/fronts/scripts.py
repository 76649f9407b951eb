"""The script: main.js names the modules, one for each behaviour; readers get one file with a hashed name."""

from __future__ import annotations

import re
from pathlib import Path

from newsroom.errors import BuildFailed, Problem
from newsroom.files import hashed_name

_IMPORT = re.compile(r'^import "\./([\w.-]+)";$', re.MULTILINE)
_MODULE = re.compile(r"^[ \t]*(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)


def bundle_scripts(theme: Path) -> tuple[str, bytes, set[Path]]:
    """The name (`js/site.HASH.js`) and bytes of the one script, and the files it is made of; "" for a theme without.
    Raises BuildFailed for a missing module, and for an import or export that is not understood.

    Each module becomes a block, so that their names stay apart; browsers open scripts from a disk only if they are
    no modules to them.
    """
    folder = theme / "static" / "js"
    main = folder / "main.js"
    if not main.is_file():
        return "", b"", set()
    problems: list[Problem] = []
    parts = {main}

    def part(match: re.Match[str]) -> str:
        path = folder / match[1]
        if not path.is_file():
            line = text.count("\n", 0, match.start()) + 1
            problems.append(Problem(f"{theme.name}/static/js/main.js", line, f"{match[1]!r} is not there", "add it"))
            return ""
        parts.add(path)
        return f"{{\n{path.read_text(encoding='utf-8')}}}"

    text = main.read_text(encoding="utf-8")
    whole = _COMMENT.sub("", _IMPORT.sub(part, text))
    if left := _MODULE.search(whole):
        remedy = 'write import "./name.js"; alone on a line of main.js, and no export'
        problems.append(Problem(f"{theme.name}/static/js/main.js", 1, f"{left[0].strip()!r} is not understood", remedy))
    if problems:
        raise BuildFailed(problems)
    data = f'"use strict";\n{whole}'.encode()
    return hashed_name("js/site.js", data), data, parts
