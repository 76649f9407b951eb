"""Taking an article down, in its front matter: whatever else stands in the file stays as it is."""

from __future__ import annotations

import json
import re
from datetime import datetime

from newsroom.articles.frontmatter import FENCE

# A field of the front matter with the lines that belong to it: what is indented, or a list's points.
_FIELD = r"^{}[ \t]*:[^\n]*\n(?:(?:[ \t]+\S|-[ \t])[^\n]*\n|[ \t\r]*\n(?=[ \t]))*"


def retract(text: str, when: datetime, notice: str) -> str:
    """The text of an article, retracted: `notice`, "" for none, is what readers find in its place. Raises ValueError,
    `message; remedy`, where the text has no front matter."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.split("\n")
    closing = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), 0)
    if lines[0].rstrip() != FENCE or not closing:
        raise ValueError("it has no front matter; put its fields between two lines of ---")
    front = "".join(f"{line}\n" for line in lines[1:closing])
    for name in ("status", "retraction"):
        front = re.sub(_FIELD.format(name), "", front, flags=re.MULTILINE)
    fields = ["status: retracted", "retraction:", f"  date: {when:%Y-%m-%d %H:%M}"]
    if notice:
        fields.append(f"  notice: {json.dumps(notice, ensure_ascii=False)}")  # YAML knows JSON's quotation marks
    front += "".join(f"{field}{end}" for field in fields)
    return f"{lines[0]}\n{front}" + "\n".join(lines[closing:])
