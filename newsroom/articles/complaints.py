"""Pydantic's findings as sentences for reporters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from newsroom.articles.frontmatter import FrontMatter
from newsroom.articles.schema import Fields
from newsroom.errors import did_you_mean


def complaints(error: ValidationError, model: type[Fields], front: FrontMatter) -> Iterator[tuple[int, str, str]]:
    """Each finding as (line, message, remedy)."""
    for detail in error.errors(include_url=False):
        location = [str(part) for part in detail["loc"]]
        yield (_line(location, front), *_sentence(detail, location, model, front))


def _line(location: list[str], front: FrontMatter) -> int:
    while location:
        if (name := ".".join(location)) in front.lines:
            return front.lines[name]
        location = location[:-1]
    return 1


def _sentence(detail: ErrorDetails, location: list[str], model: type[Fields], front: FrontMatter) -> tuple[str, str]:
    name = " ".join(part for part in location[:-1] if not part.isdigit())
    last = location[-1]
    if not last.isdigit() or detail["type"] == "extra_forbidden":
        name = f"{name} {last}".strip()
    owner = _owner(model, location[:-1])
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return _missing(name, location, owner, front)
    if kind == "extra_forbidden":
        known = owner.model_fields if owner else {}
        return f"unknown field {name!r}", did_you_mean(location[-1], known, f"the fields are {', '.join(known)}")
    if kind == "value_error":
        message, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return f"{name} {message}", remedy
    if kind == "literal_error":
        choices = [choice.strip("'") for choice in detail["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        if not isinstance(value, str):
            return f"{name} must be one of {', '.join(choices)}, not {_shape(value)}", "choose one of them"
        remedy = did_you_mean(value, choices, "choose one of them")
        return f"{name} {value!r} is not one of {', '.join(choices)}", remedy
    return _wrong_type(detail, name)


def _wrong_type(detail: ErrorDetails, name: str) -> tuple[str, str]:
    kind, value = detail["type"], detail["input"]
    if kind in ("string_too_short", "too_short"):
        return f"{name} is empty", "write it, or delete the line"
    if kind == "string_type":
        return f"{name} must be text, not {_shape(value)}", "write one text after the colon"
    if kind in ("tuple_type", "list_type"):
        return f"{name} must be a list, not {_shape(value)}", "write one '- …' line for each"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{name} must be a group of fields, not {_shape(value)}", "write its fields indented under it"
    if kind == "greater_than_equal":
        return f"{name} {value!r} is not a whole number from {detail['ctx']['ge']}", "write a number such as 1"
    if kind == "int_parsing":
        return f"{name} {value!r} is not a whole number", "write a number such as 1"
    if kind.startswith("int_"):
        return f"{name} must be a whole number, not {_shape(value)}", "write a number such as 1"
    return f"{name} {value!r} is not valid", "correct it"


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "a group of fields"
    return "a list" if isinstance(value, list) else f"the text {value!r}"


def _missing(name: str, location: list[str], owner: type[Fields] | None, front: FrontMatter) -> tuple[str, str]:
    field = owner.model_fields.get(location[-1]) if owner else None
    remedy = f"write {location[-1]}: {field.description if field else ''}"
    state = "is empty" if ".".join(location) in front.lines else "is missing"
    return f"{name} {state}", remedy


def _owner(model: type[Fields], location: list[str]) -> type[Fields] | None:
    """The group of fields that a location such as ["hero"] or ["corrections", "0"] lies in."""
    owner: type[Fields] | None = model
    for part in location:
        if owner is None or part.isdigit():
            continue
        field = owner.model_fields.get(part)
        owner = _group(field.annotation) if field else None
    return owner


def _group(annotation: Any) -> type[Fields] | None:
    if isinstance(annotation, type) and issubclass(annotation, Fields):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if found := _group(argument):
            return found
    return None
