"""What builds say: why each file was written, seconds and counts of each stage, a bar on a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.build.builders import Builder
from tests.build.edits import change_fields
from tests.build.small_site import make_site
from tests.support import edit, invoke

pytestmark = pytest.mark.skipif(os.name != "posix", reason="builds in copies of one process")
PAGE = "2026/11/opinion.html"
STAGES = "read pictures check relate compare write release keep other".split()


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    made = Builder()
    yield made
    made.close()


@pytest.fixture
def site(builder: Builder, tmp_path: Path) -> Path:
    made = make_site(tmp_path / "site", plugin=False)
    edit(made / "theme/templates/article.html", "{% block main %}", "{% block main %}{{ motto }}")
    assert builder.build(made).status == 0
    return made


def article(site: Path) -> Path:
    return site / "content/articles/2026/11/opinion.md"


def in_template(site: Path, piece: str) -> None:
    edit(site / "theme/templates/article.html", "{% block main %}", "{% block main %}" + piece)


REASONS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda site: edit(article(site), "\nText of", "\nOther text of"), "changed: article.body"),
    "headline": (
        lambda site: change_fields(article(site), "title", "Example of another opinion"),
        "changed: article.title, article.mail, head.title, head.properties, head.names, head.json_ld",
    ),
    "template": (lambda site: in_template(site, "<hr>"), "changed: templates/article.html"),
    "comment": (lambda site: in_template(site, "{# Why. #}"), "as before; made again, with the same bytes"),
    "setting": (
        lambda site: edit(site / "pelicanconf.py", "Example motto", "Another motto"),
        "changed: this program, or its settings",
    ),
    "by hand": (lambda site: (site / "output" / PAGE).write_text("by hand"), "was missing, or edited by hand"),
    "gone": (lambda site: (site / "output" / PAGE).unlink(), "was missing, or edited by hand"),
    "nothing": (lambda site: None, "as before; nothing that it is made of changed"),
}


@pytest.mark.parametrize("change", REASONS)
def test_a_build_says_why_it_wrote_a_page_or_did_not(builder: Builder, site: Path, change: str) -> None:
    make, why = REASONS[change]
    make(site)
    printed = builder.build(site, explain=f"output/{PAGE}").printed
    assert re.findall(r"(?m)^[^ \n]+\.(?:html|xml): .*$", printed) == [f"{PAGE}: {why}"]


def test_a_build_says_why_it_wrote_each_file_and_knows_no_others(builder: Builder, site: Path) -> None:
    edit(article(site).with_name("recent.md"), "\nText of", "\nOther text of")
    article(site).with_name("newest.md").write_bytes(article(site).read_bytes())
    change_fields(article(site).with_name("newest.md"), "slug", "newest")
    done = builder.build(site, explain="")
    said = dict(line.split(": ", 1) for line in done.printed.splitlines() if re.match(r"\S+: ", line))
    assert said.keys() >= set(done.written), done.printed
    assert said["2026/11/newest.html"] == "new"
    assert {said[name] for name in done.written if name.startswith("feeds/")} == {"its content changed"}
    done = builder.build(site, explain="no-page.html")
    assert "\nno-page.html: no file of the output is called so\n" in f"\n{done.printed}"


def test_a_verbose_build_counts_and_times_each_stage(builder: Builder, site: Path) -> None:
    edit(site / "theme/templates/base.html", "{{ frame() }}", "{{ frame() }}<hr>")
    edit(article(site), "\nText of", "\nOther text of")
    printed = builder.build(site).printed
    stages = re.findall(r"(?m)^  (\w+) +\d+\.\d\d s", printed)
    assert sorted(stages) == sorted(STAGES), printed
    assert re.search(r"(?m)^  read +\d+\.\d\d s  1 sources$", printed)
    assert re.search(r"(?m)^  write +\d+\.\d\d s  [1-9]\d* pages and files$", printed)


def test_a_build_on_a_terminal_draws_bars(site: Path) -> None:
    edit(article(site), "\nText of", "\nOther text of")
    done = invoke(site, "build", FORCE_COLOR="1", TTY_COMPATIBLE="1", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    printed = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", done.stderr)
    for stage in ("Reading", "Writing"):
        assert re.search(rf"{stage} +━+ +([1-9]\d*)/\1 ", printed), printed
