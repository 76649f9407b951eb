"""Front matter: the YAML between the `---` lines, with the line of every field.

Every scalar is read as text, so that `title: 2021` is a headline and `no` is not a truth value; the schema
gives the types. Anchors and repeated keys are mistakes here, not features.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

FENCE = "---"
# libyaml reads 15 times faster than PyYAML's own code. The two differ about odd line ends and byte-order marks, about
# `? key`, tags, anchors, the head of block texts and `?` in flow lists; and only the latter survives deep nesting.
_LOADER = getattr(yaml, "CSafeLoader", None)
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
    r"|^(?:---|\.\.\.|%| {30}| *- +- +-)"
    r"|(?:^|[\s,:\[{?-])(?:\?(?:\s|$)|[!&]\S|[|>](?![+-]?\n))",
    re.MULTILINE,
)
_WORDS = r"""(?:[^\[\]{}?"'#\\\n]|"[^"\[\]{}?\\\n]*"|'[^'\[\]{}?\\\n]*')"""
_FLOW = re.compile(rf"\{{{_WORDS}*+\}}|\[(?:{_WORDS}|\{{{_WORDS}*+\}})*+\]")


@dataclass
class FrontMatter:
    """`data` as written; `lines` maps `hero.alt` or `tags.0` to its line; `faults` are (line, message, remedy)."""

    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1  # the line of the file on which the body begins
    faults: list[tuple[int, str, str]] = field(default_factory=list)


def split(text: str) -> FrontMatter:
    """Part front matter and body, and read the former."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return _fault(1, "the file does not begin with front matter", "put the fields between two lines of ---")
    closing = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if closing is None:
        return _fault(1, "the front matter has no end", "put a line of --- under its last field")
    tabs = [n for n, line in enumerate(lines[1:closing], 2) if "\t" in line]
    if tabs:
        return _fault(tabs[0], "there is a tab in the front matter", "use spaces instead")
    result = _read("\n".join(lines[1:closing]))
    result.body = "\n".join(lines[closing + 1 :])
    result.body_line = closing + 2
    return result


def _fault(line: int, message: str, remedy: str) -> FrontMatter:
    return FrontMatter(faults=[(line, message, remedy)])


def _read(text: str) -> FrontMatter:
    try:
        if _has_alias(text):
            return _fault(2, "the front matter uses a YAML alias (*)", "write the value out, or quote the text")
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        unclosed = _is_unclosed(error)
        mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
        remedy = "close the quotation mark or bracket" if unclosed else _yaml_remedy(error)
        return _fault((mark.line if mark else 0) + 2, f"this is not YAML ({error.problem})", remedy)
    except yaml.YAMLError as error:
        return _fault(2, f"this is not YAML ({str(error).splitlines()[0]})", "remove the character")
    except RecursionError:
        return _fault(2, "the front matter is nested too deeply", "write plain fields")
    if node is None:
        return FrontMatter()
    if not isinstance(node, yaml.MappingNode):
        return _fault(2, "the front matter is not a list of fields", "write one 'name: value' a line")
    result = FrontMatter()
    result.data = _mapping(node, "", result)
    return result


def _compose(text: str) -> yaml.Node | None:
    if _LOADER and is_ordinary(text):
        try:
            return yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError:
            pass  # the other loader says it in the words that reporters get
    return yaml.compose(text, Loader=yaml.SafeLoader)


def is_ordinary(text: str) -> bool:
    """Whether YAML holds nothing that the two loaders understand differently."""
    if _ODD.search(text):
        return False
    return not re.search(r"[\[{]", _FLOW.sub("", text) if "[" in text or "{" in text else "")


def _has_alias(text: str) -> bool:
    """Whether YAML's `*name` stands where a value is; headlines may hold a `*`."""
    return "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))


def _is_unclosed(error: yaml.MarkedYAMLError) -> bool:
    """Whether something was opened, on the line of the error's context, and never closed."""
    context, problem = error.context or "", error.problem or ""
    return ("quoted scalar" in context and "end of stream" in problem) or "flow " in context


def _yaml_remedy(error: yaml.MarkedYAMLError) -> str:
    if "mapping values" in (error.problem or ""):
        return "put the text in quotes if it contains a colon"
    return "put the text in quotes, and indent lists with spaces"


def _value(node: yaml.Node, name: str, result: FrontMatter) -> Any:
    result.lines[name] = node.start_mark.line + 2
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, name, result)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{name}.{n}", result) for n, item in enumerate(node.value)]
    return node.value


def _mapping(node: yaml.MappingNode, prefix: str, result: FrontMatter) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 2
        if not isinstance(key_node, yaml.ScalarNode):
            result.faults.append((line, "a field's name is not text", "write 'name: value'"))
            continue
        key = str(key_node.value)
        name = f"{prefix}.{key}" if prefix else key
        if key in data:
            result.faults.append((line, f"the field {key!r} stands twice", "keep one of them"))
            continue
        data[key] = _value(value, name, result)
        result.lines[name] = line
    return data
