"""The style sheet: main.css names the others in their visible order; readers get one file with a hashed name."""

from __future__ import annotations

import re
from pathlib import Path

from newsroom.errors import BuildFailed, Problem
from newsroom.files import hashed_name

_IMPORT = re.compile(r'^@import url\("([^"]+)"\)(?: layer\(([\w.-]+)\))?;$', re.MULTILINE)


def bundle(theme: Path) -> tuple[str, bytes]:
    """The name (`css/site.HASH.css`) and bytes of the one style sheet. Raises BuildFailed for a missing part."""
    folder = theme / "static" / "css"
    main = folder / "main.css"
    problems: list[Problem] = []

    def part(match: re.Match[str]) -> str:
        path = folder / match[1]
        if not path.is_file():
            line = text.count("\n", 0, match.start()) + 1
            shown = f"{theme.name}/static/css/main.css"
            problems.append(Problem(shown, line, f"the style sheet {match[1]!r} is not there", "add it"))
            return ""
        rules = path.read_text(encoding="utf-8")
        return f"@layer {match[2]} {{\n{rules}}}" if match[2] else rules

    text = main.read_text(encoding="utf-8")
    whole = _IMPORT.sub(part, text)
    if problems:
        raise BuildFailed(problems)
    data = whole.encode()
    return hashed_name("css/site.css", data), data
