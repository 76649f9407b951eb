"""The command that looks at a site and says everything that is to be said, without building it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import SITES, build, copy_site, edit, invoke, make_picture, own_theme, times, tree

SAID = {"alt": "Example words", "caption": "Example caption", "credit": "Example agency"}
PRODUCTION = (SITES / "minimal/publishconf.py").read_text(encoding="utf-8")
WRONG = "content/articles/2026/11/recent.md"


def checked(site: Path) -> tuple[int, list[str]]:
    """The exit status of `check` and the lines that it prints."""
    done = invoke(site, "check")
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The full site, whose one photograph in a text says something of itself."""
    site = copy_site("full", tmp_path / "site")
    made = site / "content/articles/2026/11"
    make_picture(made / "unused.jpg", (300, 210), **SAID)
    with (made / "recent.md").open("a", encoding="utf-8") as file:
        file.write("\n![](unused.jpg)\n")
    return site


def line_of(site: Path, name: str, words: str) -> int:
    """The line of a file on which these words stand."""
    return (site / name).read_text(encoding="utf-8").split("\n").index(words) + 1


def test_a_site_without_mistakes_has_notes_only(site: Path) -> None:
    status, lines = checked(site)
    n = line_of(site, WRONG, "![](unused.jpg)")
    told = "alt 'Example words', caption 'Example caption', credit 'Example agency'"
    examples = [line for line in lines if line.startswith("warning: ")]
    assert examples
    assert all(line.endswith(" is still an example; set it in pelicanconf.py") for line in examples)
    assert lines == [
        f"note: {WRONG}:{n}: the picture 'unused.jpg' itself says {told}",
        *examples,
        f"Checked 18 articles: 0 problems, {1 + len(examples)} notes.",
    ]
    assert status == 0


def test_nothing_is_written_and_no_picture_is_made(site: Path) -> None:
    before = tree(site)
    assert checked(site)[0] == 0
    after = tree(site)
    new = {name for name in after if after[name] != before.get(name)}
    assert {Path(name).parts[0] for name in new} == {".cache"}
    assert not [name for name in new if b"ftypavif" in after[name]]


def test_a_build_says_its_mistakes_before_it_makes_a_picture(site: Path) -> None:
    edit(site / WRONG, "title: ", "titel: ")
    done = invoke(site, "build")
    assert done.returncode == 1
    assert f"{WRONG}:2: unknown field 'titel'" in done.stderr
    assert "Looking: " in done.stderr
    assert "Pictures: " not in done.stderr
    assert not [name for name, data in tree(site / ".cache").items() if b"ftypavif" in data]
    edit(site / WRONG, "titel: ", "title: ")
    assert "Pictures: " in invoke(site, "build").stderr


def test_a_check_leaves_the_last_output_and_the_next_build_as_they_would_be(site: Path) -> None:
    built = build(site)
    before = tree(site / "output"), times(site / "output")
    assert checked(site)[0] == 0
    assert (tree(site / "output"), times(site / "output")) == before
    assert " 0 files written, 0 removed" in build(site).printed
    assert tree(built.output) == before[0]


def test_a_draft_is_looked_at_and_stops_nothing(site: Path) -> None:
    edit(site / WRONG, "title: ", "status: draft\ntitle: TK ")
    status, lines = checked(site)
    n = line_of(site, WRONG, "status: draft") + 1
    assert f"note: {WRONG}:{n}: title: 'TK' is left in the text; write what is to come, or take it out" in lines
    assert status == 0


def test_all_problems_of_all_files_are_said_with_the_notes(tmp_path: Path) -> None:
    site = copy_site("invalid", tmp_path / "site")
    (site / "publishconf.py").write_text(PRODUCTION, encoding="utf-8")
    made = site / "content/articles/2026/01"
    make_picture(made / "photo.jpg", (40, 30), **SAID)
    good = (made / "good.md").read_text(encoding="utf-8")
    (made / "many.md").write_text(good + "\n![](photo.jpg)\n" * 30, encoding="utf-8")
    uncommitted = ("huge", "linked-out", "byte-order-mark", "latin-1", "control")
    expected = [
        line
        for line in (SITES / "invalid/problems.txt").read_text(encoding="utf-8").splitlines()
        if not any(f"/{name}.md" in line for name in uncommitted)
    ]
    status, lines = checked(site)
    assert status == 1
    assert lines[: len(expected)] == expected
    notes = lines[len(expected) : -1]
    assert all(line.startswith(("note: ", "warning: ")) for line in notes)
    assert sum("the picture 'photo.jpg' itself says" in line for line in notes) == 30
    articles = len(list((site / "content/articles").rglob("*.md")))
    assert lines[-1] == f"Checked {articles} articles: {len(expected)} problems, {len(notes)} notes."


def test_a_mistake_of_the_theme_hides_none_of_an_article(site: Path) -> None:
    template = own_theme(site) / "templates/article.html"
    template.write_text("{% if %}", encoding="utf-8")
    edit(site / WRONG, "title: ", "title: TK ")
    status, lines = checked(site)
    assert status == 1
    assert lines[0].startswith(f"{WRONG}:")
    assert lines[1].startswith("theme/templates/article.html:1: ")
    assert ": 2 problems, " in lines[-1]


def test_a_mistake_of_the_settings_is_said_alone(site: Path) -> None:
    edit(site / "pelicanconf.py", '"sections":', '"publish_too": "x", "sections":')
    status, (problem, last) = checked(site)
    assert problem.endswith(": NEWSROOM: unknown setting 'publish_too'; did you mean 'publish_to'?")
    assert (status, last) == (1, "The articles were not looked at: 1 problem.")
