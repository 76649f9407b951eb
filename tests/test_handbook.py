"""The handbook is the documentation: it must name what the program really has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from invoke import Collection

import tasks
from newsroom.articles.schema import (
    ArticleFields,
    AuthorFields,
    Correction,
    Fields,
    FrontFields,
    Hero,
    PageFields,
    Photo,
    Profile,
    Reply,
    Retraction,
    Sensitive,
    Series,
)

ROOT = Path(__file__).resolve().parent.parent
HANDBOOK = ROOT / "content/articles/2026/11"
MODELS = [
    ArticleFields,
    PageFields,
    AuthorFields,
    FrontFields,
    Hero,
    Correction,
    Reply,
    Retraction,
    Series,
    Sensitive,
    Photo,
    Profile,
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_handbook_explains_every_field(model: type[Fields]) -> None:
    reference = (HANDBOOK / "every-field-of-an-article.md").read_text(encoding="utf-8")
    assert [name for name in model.model_fields if not re.search(rf"\b{name}\b", reference)] == []


@pytest.mark.parametrize("page", ["README.md", "content/articles/2026/11/preview-and-publish.md"])
def test_every_command_is_documented(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    commands = Collection.from_module(tasks).task_names
    assert [name for name in commands if f"`{name}`" not in text] == []


def test_every_path_that_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:newsroom|theme|docs|content|requirements)/[\w./-]*\w)`?", text)
    assert named
    made_by_the_reader = {"content/articles/2026/11/my-first-article.md"}
    templates = {"theme/templates/components/NAME.html", "theme/static/css/components/NAME.css"}
    assert [path for path in named if not (ROOT / path).exists() and path not in made_by_the_reader | templates] == []
