"""No string of the interface is left in English where the site speaks Khmer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from newsroom.fronts.interface import LABELS
from tests.support import ROOT

KEYWORDS: dict = {"_": None, "gettext": None, "ngettext": (1, 2)}
SAYING = {"say", "gettext", "_"}


def in_templates() -> set[str]:
    """Every string that a template translates."""
    found = extract_from_dir(
        ROOT / "theme" / "templates",
        method_map=[("**.html", "jinja2")],
        options_map={"**.html": {"newstyle_gettext": "true", "silent": "false"}},
        keywords=KEYWORDS,
    )
    return {
        text
        for _, _, message, _, _ in found
        for text in (message if isinstance(message, tuple) else (message,))
        if text
    }


def in_code() -> set[str]:
    """Every string that the code translates: the first argument of `say("…")` and `gettext("…")`."""
    return {text for path in sorted((ROOT / "newsroom" / "fronts").rglob("*.py")) for text in _said(path)} | set(
        filter(None, LABELS.values())
    )


def _said(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if name in SAYING and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def catalog(lang: str) -> Catalog:
    with open(ROOT / "theme" / "translations" / lang / "LC_MESSAGES" / "messages.po", "rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def translated(lang: str) -> dict[str, tuple[str, ...]]:
    """Every string of a catalog, plurals too, with its translations."""
    found = {}
    for message in catalog(lang):
        ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        found |= {each: tuple(strings) for each in ids if each}
    return found


def test_the_interface_has_strings() -> None:
    assert "You may also like" in in_templates()
    assert {"Page not found", "Correction", "Opinion"} <= in_code()


def test_every_string_of_the_interface_is_translated_to_khmer() -> None:
    khmer = translated("km")
    assert sorted(text for text in in_templates() | in_code() if not all(khmer.get(text, ("",)))) == []


@pytest.mark.parametrize("lang", ["en", "km"])
def test_no_catalog_holds_a_string_that_nothing_uses(lang: str) -> None:
    assert sorted(translated(lang).keys() - in_templates() - in_code()) == []


def test_translations_keep_the_values_that_are_filled_in() -> None:
    for text, strings in translated("km").items():
        for string in strings:
            assert set(re.findall(r"%\(\w+\)s", string)) <= set(re.findall(r"%\(\w+\)s", text)) | {
                "%(count)s",
                "%(num)s",
            }
            assert string.count("%") == len(re.findall(r"%\(\w+\)s|%%", string)), string


def test_no_translation_is_fuzzy() -> None:
    assert [message.id for message in catalog("km") if message.id and message.fuzzy] == []
