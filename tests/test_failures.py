"""A build that fails says why, ends with status 1, and leaves the last good output as it was."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import SITES, Built, build, copy_site, edit, invoke, own_theme, pelican, problems, run, times, tree

HEADLINE = "content/articles/2026/01/headline-one.md"


def content_problem(site: Path) -> str:
    edit(site / HEADLINE, "category: First section", "category: Frist section")
    return f"{HEADLINE}:4: category 'Frist section' is not a section; did you mean 'First section'?"


def template_error(site: Path) -> str:
    edit(own_theme(site) / "templates" / "components" / "byline.html", "name.role", "name.rolle")
    return "theme/templates/components/byline.html:5: the template fails ("


def template_that_does_not_parse(site: Path) -> str:
    edit(own_theme(site) / "templates" / "article.html", "{% block main %}", "{% blok main %}")
    return "theme/templates/article.html:"


def missing_template(site: Path) -> str:
    (own_theme(site) / "templates" / "category.html").unlink()
    return "theme/templates/category.html:1: "


def missing_plugin(site: Path) -> str:
    edit(site / "pelicanconf.py", '["newsroom.plugin"]', '["newsroom.plugin", "no_such_plugin"]')
    return "no_such_plugin"


def plugin_that_raises(site: Path) -> str:
    (site / "raising.py").write_text("def register():\n    raise RuntimeError('register() raised this')\n")
    edit(site / "pelicanconf.py", '["newsroom.plugin"]', '["newsroom.plugin", "raising"]')
    return "register() raised this"


def earlier_plugin_that_raises(site: Path) -> str:
    (site / "raising.py").write_text("def register():\n    raise RuntimeError('register() raised this')\n")
    edit(site / "pelicanconf.py", '["newsroom.plugin"]', '["raising", "newsroom.plugin"]')
    return "register() raised this"


def plugin_that_fails_late(site: Path) -> str:
    (site / "late.py").write_text(
        "from pelican import signals\n\n\ndef fail(*_):\n    raise RuntimeError('a signal raised this')\n\n\n"
        "def register():\n    signals.article_generator_finalized.connect(fail)\n"
    )
    edit(site / "pelicanconf.py", '["newsroom.plugin"]', '["newsroom.plugin", "late"]')
    return "a signal raised this"


def plugin_that_logs_an_error(site: Path) -> str:
    (site / "late.py").write_text(
        "import logging\n\nfrom pelican import signals\n\n\ndef fail(*_):\n"
        "    logging.getLogger('pelican.late').error('a plugin logged this')\n\n\n"
        "def register():\n    signals.article_generator_finalized.connect(fail)\n"
    )
    edit(site / "pelicanconf.py", '["newsroom.plugin"]', '["newsroom.plugin", "late"]')
    return "a plugin logged this"


def missing_catalog(site: Path) -> str:
    (own_theme(site) / "translations" / "en" / "LC_MESSAGES" / "messages.po").unlink()
    return "theme/translations/en/LC_MESSAGES/messages.po:1: the catalog is missing; add it, or the language's .po file"


def missing_style_sheet(site: Path) -> str:
    (own_theme(site) / "static" / "css" / "components" / "byline.css").unlink()
    return "the style sheet 'components/byline.css' is not there; add it"


def missing_theme(site: Path) -> str:
    (site / "theme").unlink()
    return "theme"


def settings_that_do_not_parse(site: Path) -> str:
    edit(site / "pelicanconf.py", 'DEFAULT_LANG = "en"', 'DEFAULT_LANG = "en')
    return "pelicanconf.py"


def settings_that_raise(site: Path) -> str:
    edit(site / "pelicanconf.py", 'DEFAULT_LANG = "en"', "DEFAULT_LANG = no_such_name")
    return "no_such_name"


def unknown_setting(site: Path) -> str:
    edit(site / "pelicanconf.py", '"sections":', '"publish_too": "x", "sections":')
    return "pelicanconf.py:16: NEWSROOM: unknown setting 'publish_too'; did you mean 'publish_to'?"


FAULTS = [
    content_problem,
    template_error,
    template_that_does_not_parse,
    missing_template,
    missing_plugin,
    plugin_that_raises,
    earlier_plugin_that_raises,
    plugin_that_fails_late,
    plugin_that_logs_an_error,
    missing_catalog,
    missing_style_sheet,
    missing_theme,
    settings_that_do_not_parse,
    settings_that_raise,
    unknown_setting,
]
COMMANDS = {
    "build": lambda site: invoke(site, "build"),
    "pelican": lambda site: pelican(site, "output"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_failed_build_says_why_and_leaves_the_output_untouched(
    minimal_copy: Path, fault: Callable[[Path], str], command: str
) -> None:
    (minimal_copy / "output").mkdir()
    (minimal_copy / "output" / ".ledger.json").write_text('{"index.html": ""}')
    (minimal_copy / "output" / "index.html").write_text("the last good output")
    before = tree(minimal_copy / "output"), times(minimal_copy / "output")
    sentence = fault(minimal_copy)
    done: subprocess.CompletedProcess[str] = COMMANDS[command](minimal_copy)
    assert done.returncode == 1
    assert sentence in " ".join((done.stdout + done.stderr).split())
    assert (tree(minimal_copy / "output"), times(minimal_copy / "output")) == before
    assert not list(minimal_copy.glob(".output*")), "the folder in which it was put together is left"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_failure_of_build_is_counted_and_placed(minimal_copy: Path, fault: Callable[[Path], str]) -> None:
    fault(minimal_copy)
    done = invoke(minimal_copy, "build")
    assert len(problems(done.stderr)) >= 1, done.stderr
    assert done.stderr.splitlines()[-1].endswith("nothing was written, the last output is as it was.")


def test_quiet_pelican_fails_too(minimal_copy: Path) -> None:
    plugin_that_logs_an_error(minimal_copy)
    done = run(minimal_copy, "pelican", "content", "-s", "pelicanconf.py", "-o", "output", "-q")
    assert done.returncode == 1
    assert not (minimal_copy / "output").exists()


def test_the_site_builds_again_once_the_mistake_is_mended(minimal: Built, minimal_copy: Path) -> None:
    written = (minimal_copy / HEADLINE).read_text()
    content_problem(minimal_copy)
    assert invoke(minimal_copy, "build").returncode == 1
    (minimal_copy / HEADLINE).write_text(written)
    assert tree(build(minimal_copy).output) == tree(minimal.output)


def invalid_site(to: Path) -> Path:
    """The invalid site with the mistakes that cannot be committed."""
    site = copy_site("invalid", to)
    articles = site / "content" / "articles" / "2026" / "01"
    with open(articles / "huge.md", "wb") as file:
        file.truncate(50_000_000)
    (articles / "linked-out.md").symlink_to("/etc/passwd")
    article = (articles / "good.md").read_text(encoding="utf-8")
    (articles / "byte-order-mark.md").write_bytes(b"\xef\xbb\xbf" + article.encode())
    (articles / "latin-1.md").write_bytes(article.encode() + "caf\u00e9\n".encode("latin-1"))
    (articles / "control.md").write_bytes(article.encode() + b"\x07\n")
    return site


@pytest.mark.parametrize("command", COMMANDS)
def test_all_problems_of_all_files_are_reported_in_one_run(tmp_path: Path, command: str) -> None:
    site = invalid_site(tmp_path / "site")
    (site / "output").mkdir()
    (site / "output" / "index.html").write_text("the last good output")
    before = tree(site / "output"), times(site / "output")
    done = COMMANDS[command](site)
    expected = (SITES / "invalid" / "problems.txt").read_text(encoding="utf-8").splitlines()
    assert problems(done.stderr) == expected
    assert done.returncode == 1
    if command == "build":
        assert done.stderr.endswith(f"\n{len(expected)} problems; nothing was written, the last output is as it was.\n")
    assert (tree(site / "output"), times(site / "output")) == before


def test_a_drafts_problems_are_notes_that_stop_no_build(minimal_copy: Path) -> None:
    draft = (minimal_copy / HEADLINE).read_text().replace("category", "status: draft\ncategory").replace("one", "TK")
    (minimal_copy / "content/articles/2026/01/draft.md").write_text(draft)
    built = build(minimal_copy)
    assert "note: content/articles/2026/01/draft.md:2: title: 'TK' is left in the text; " in built.printed
    assert not (built.output / "2026/01/draft.html").exists()
