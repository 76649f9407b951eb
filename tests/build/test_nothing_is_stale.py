"""Dependencies that are easily forgotten: after each of these changes a build leaves what a clean build would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.build.builders import Builder, Outcome
from tests.build.edits import change_fields
from tests.build.small_site import DAY, make_site
from tests.support import NOW, ROOT, add_tiny_articles, difference, edit, modes, tree

pytestmark = pytest.mark.skipif(os.name != "posix", reason="builds in copies of one process")


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    made = Builder()
    yield made
    made.close()


class Trial:
    """A site, built; `check` builds it again, upon that and from nothing."""

    def __init__(self, site: Path, builder: Builder) -> None:
        self.site, self.builder = site, builder
        self.articles = site / "content/articles/2026/11"

    def build(self, **more: object) -> None:
        done = self.builder.build(self.site, **more)
        assert done.status == 0, done.printed

    def check(self, **more: object) -> None:
        clean = self.site.parent / "clean"
        shutil.rmtree(clean, ignore_errors=True)
        done = self.builder.build(self.site, **more)
        reference = self.builder.build(self.site, output=str(clean), cache=False, **more)
        assert (done.status, done.problems) == (reference.status, reference.problems)
        if reference.status == 0:
            assert difference(tree(self.site / "output"), tree(clean)) == []
            assert difference(modes(self.site / "output"), modes(clean)) == []

    @contextmanager
    def session(self) -> Iterator[Callable[[Path, str, str], Outcome]]:
        """A session that has built: `follow(path, old, new)` edits a file and answers what it did upon that."""

        def follow(path: Path, old: str, new: str) -> Outcome:
            edit(path, old, new)
            self.builder.ask({"changed": [str(path)]})
            done = self.builder.wait()
            assert done.status == 0, done.printed
            return done

        self.builder.build(self.site, kind="session")
        try:
            yield follow
        finally:
            self.builder.ask({"over": True})

    def write(self, name: str, text: str) -> None:
        (self.site / name).parent.mkdir(parents=True, exist_ok=True)
        (self.site / name).write_text(text, encoding="utf-8")

    def configure(self, line: str) -> None:
        with (self.site / "pelicanconf.py").open("a", encoding="utf-8") as settings:
            settings.write(f"{line}\n")

    def print(self, piece: str, template: str = "components/frame.html", where: str = "{% macro frame() %}") -> None:
        """Have every page print something, or the pages of one template."""
        edit(self.site / "theme/templates" / template, where, f"{where}{piece}")

    def add_article(self) -> None:
        shutil.copy(self.articles / "opinion.md", self.articles / "new-article.md")


@pytest.fixture
def trial(builder: Builder, tmp_path: Path) -> Trial:
    return Trial(make_site(tmp_path / "site"), builder)


@pytest.fixture
def alone(builder: Builder, tmp_path: Path) -> Trial:
    """A site without anybody else's plugin: a session of it need not look at everything after each edit."""
    return Trial(make_site(tmp_path / "site", plugin=False), builder)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("JINJA_GLOBALS = {'own': 'one'}", "JINJA_GLOBALS = {'own': 'two'}"),
        ("own = date(2021, 1, 1)", "own = date(2022, 1, 1)"),
        ("own = Path('one')", "own = Path('two')"),
        ("own = {'a': {}, 'b': 1}", "own = {'a': {'b': 1}}"),
        ("own = [{1, 2}, {3}]", "own = [{1}, {2, 3}]"),
    ],
    ids=["global", "date", "path", "nested", "sets"],
)
def test_a_setting_of_any_kind_that_templates_print(trial: Trial, first: str, second: str) -> None:
    trial.configure("from pathlib import Path\n" + first.replace("own =", "OWN ="))
    trial.print("{{ OWN }}" if "own =" in first else "{{ own }}")
    trial.build()
    trial.configure(second.replace("own =", "OWN ="))
    trial.check()


def test_a_filter_of_the_settings(trial: Trial) -> None:
    trial.configure("JINJA_FILTERS = {'marked': lambda text: f'({text})'}")
    trial.print("{{ 'text' | marked }}")
    trial.build()
    trial.configure("JINJA_FILTERS = {'marked': lambda text: f'[{text}]'}")
    trial.check()


def test_a_filter_that_calls_another_module(trial: Trial) -> None:
    trial.write("plugins/helper.py", "def mark(text):\n    return f'({text})'\n")
    trial.configure("import sys\nsys.path.insert(0, 'plugins')\nfrom helper import mark\n")
    trial.configure("JINJA_FILTERS = {'marked': lambda text: mark(text)}")
    trial.print("{{ 'text' | marked }}")
    trial.build()
    trial.write("plugins/helper.py", "def mark(text):\n    return f'[{text}]'\n")
    trial.check()


@pytest.mark.parametrize("name", ["theme/static/.htaccess", "theme/static/.well-known/x.txt"])
def test_a_hidden_file_of_the_theme(trial: Trial, name: str) -> None:
    trial.build()
    for text in ("one", "two"):
        trial.write(name, text)
        trial.check()


def test_a_hidden_template(trial: Trial) -> None:
    trial.write("theme/templates/.extra.html", "one")
    trial.print("{% include '.extra.html' %}")
    trial.build()
    trial.write("theme/templates/.extra.html", "two")
    trial.check()


@pytest.mark.parametrize("name", ["logo", "icon"])
def test_a_setting_that_names_a_missing_file_of_the_theme(trial: Trial, name: str) -> None:
    trial.build()
    trial.configure(f"NEWSROOM['{name}'] = 'images/missing.png'")
    trial.check()


def test_a_symbolic_link_to_a_folder(trial: Trial) -> None:
    trial.build()
    (trial.articles / "linked").symlink_to(trial.site / "theme", target_is_directory=True)
    trial.check()


def test_what_pelican_knows_of_all_articles(trial: Trial) -> None:
    trial.print("{{ articles | length }}")
    trial.build()
    trial.add_article()
    trial.check()


def test_a_template_that_is_used_only_later_and_prints_what_pelican_knows(trial: Trial) -> None:
    trial.print("{{ articles | length }}", "contact.html", "{% block main %}")
    contact = trial.site / "content/pages/contact.md"
    change_fields(contact, "status", "draft")
    trial.build()
    change_fields(contact, "status", None)
    trial.check()
    trial.add_article()
    trial.check()


def test_what_another_plugin_puts_into_the_context(trial: Trial) -> None:
    trial.print("{{ titles | length }}")
    trial.build()
    trial.add_article()
    trial.check()


@pytest.mark.parametrize("aliases", [("/old.html", "/old.html/older/"), ("/old.html/older/", "/old.html")])
def test_an_alias_whose_file_was_a_folder_or_is_to_be_one(trial: Trial, aliases: tuple[str, str]) -> None:
    for alias in aliases:
        change_fields(trial.articles / "opinion.md", "aliases", [alias])
        trial.check()


def test_drafts_of_one_address_in_a_preview(trial: Trial) -> None:
    for name in ("one", "two"):
        shutil.copy(trial.articles / "quokkadraft.md", trial.articles / f"{name}.md")
        change_fields(trial.articles / f"{name}.md", "slug", "opinion")
        change_fields(trial.articles / f"{name}.md", "aliases", None)
    trial.check(drafts=True)
    for name in ("one", "two", "opinion"):
        for field in ("title", "summary"):
            change_fields(trial.articles / f"{name}.md", field, f"Another {field} of {name}")
            trial.check(drafts=True)


def test_folders_of_the_output_that_were_closed_or_deleted_by_hand(trial: Trial) -> None:
    trial.build()
    (trial.site / "output/topics").chmod(0o700)
    shutil.rmtree(trial.site / "output/series/example-series")
    for path in (trial.site / "content/articles").rglob("*.md"):
        change_fields(path, "series", None)
    trial.check()


def test_a_folder_of_the_output_that_was_closed_when_nothing_is_remembered(trial: Trial) -> None:
    trial.build()
    (trial.site / "output/topics").chmod(0o700)
    shutil.rmtree(trial.site / ".cache")
    trial.check()


def test_an_edited_text_is_neither_checked_nor_related_with_everything_again(alone: Trial) -> None:
    alone.build()
    for old, new in (("\nText of", "\nOther text of"), ("\nOther text of", "\nText of")):
        edit(alone.articles / "recent.md", old, new)
        done = alone.builder.build(alone.site)
        assert "2026/11/recent.html" in done.written
        assert "  check " not in done.printed, done.printed
        alone.check()


def test_a_draft_with_a_mistake_that_is_published_as_it_is(alone: Trial) -> None:
    path = alone.articles / "quokkadraft.md"
    assert change_fields(path, "summary", None)
    alone.build()
    edit(path, "status: draft", "status: published")
    done = alone.builder.build(alone.site)
    assert done.status == 1, done.printed
    alone.check()


def test_a_file_with_two_names_that_is_edited_in_a_session(alone: Trial) -> None:
    (alone.articles / "twin.md").symlink_to("recent.md")
    with alone.session() as follow:
        follow(alone.articles / "recent.md", "\nText of", "\nOther text of")
        assert "Other text of" in (alone.site / "output/2026/11/twin.html").read_text(encoding="utf-8")
    alone.check()


def test_a_file_that_becomes_another_name_of_one_in_a_session(alone: Trial) -> None:
    path, twin = alone.articles / "recent.md", alone.articles / "twin.md"
    shutil.copy(path, twin)
    with alone.session() as follow:
        os.link(path, alone.site / "link")
        os.replace(alone.site / "link", twin)
        follow(twin, "\nText of", "\nOther text of")
        follow(path, "\nOther text of", "\nAnother text of")
        assert "Another text of" in (alone.site / "output/2026/11/twin.html").read_text(encoding="utf-8")
    alone.check()


def test_articles_that_grow_a_year_older(alone: Trial) -> None:
    """Their pages say so; nothing else has to be planned again."""
    first = NOW + 400 * DAY
    alone.build(SOURCE_DATE_EPOCH=first)
    later = {"SOURCE_DATE_EPOCH": first + 366 * DAY}
    done = alone.builder.build(alone.site, **later)
    assert "2025/03/part-one.html" in done.written
    assert "  check " not in done.printed, done.printed
    alone.check(**later)


def test_a_headline_that_a_session_changed_and_nobody_did_afterwards(alone: Trial) -> None:
    alone.build()
    path = alone.articles / "recent.md"
    was = path.read_bytes()
    with alone.session() as follow:
        follow(path, "title: Example recent headline", "title: Another headline")
    path.write_bytes(was)
    alone.check()


# What another version of this program does otherwise: file, old, new.
VERSIONS: Mapping[str, tuple[str, str, str]] = {
    "whitespace": ("fronts/plugin.py", '"trim_blocks": True', '"trim_blocks": False'),
    "words": ("fronts/interface.py", "Markup(self._translations.gettext(message))", 'Markup("Word")'),
    "related": ("fronts/related.py", "MOST, LEAST = 6, 4", "MOST, LEAST = 2, 1"),
    "markdown": ("articles/markdown.py", '"Back to the text"', '"Up"'),
    "pictures": ("images/render.py", '"quality": 82', '"quality": 12'),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_another_version_of_this_program(trial: Trial, tmp_path: Path, version: str) -> None:
    trial.build()
    name, old, new = VERSIONS[version]
    shutil.copytree(ROOT / "newsroom", tmp_path / "newer/newsroom", ignore=shutil.ignore_patterns("__pycache__"))
    edit(tmp_path / "newer/newsroom" / name, old, new)
    trial.check(kind="process", PYTHONPATH=str(tmp_path / "newer"))


def test_a_text_that_is_edited_in_a_session_which_found_nothing_to_do_at_first(alone: Trial) -> None:
    alone.build()
    with alone.session() as follow:
        done = follow(alone.articles / "recent.md", "\nText of", "\nOther text of")
    assert "2026/11/recent.html" in done.written
    alone.check()


def test_a_headline_by_which_others_found_it_when_a_session_found_nothing_to_do_at_first(alone: Trial) -> None:
    add_tiny_articles(alone.site, 20)
    january = alone.site / "content/articles/2024/01"
    for name in ("tiny-12.md", "tiny-16.md"):
        assert change_fields(january / name, "title", "Pangolin marathon trophy")
    alone.build()
    with alone.session() as follow:
        done = follow(january / "tiny-16.md", "Pangolin marathon trophy", "Other")
    assert "2024/01/tiny-12.html" in done.written
    alone.check()


def test_a_text_that_is_edited_in_a_session_has_nothing_made_that_does_not_print_it(alone: Trial) -> None:
    with alone.session() as follow:
        done = follow(alone.articles / "everything.md", "The first paragraph", "The very first paragraph")
        assert done.rendered == len(done.written)
        done = follow(alone.site / "content/articles/2025/03/part-one.md", "\nExample text", "\nOther text")
        assert (done.rendered, done.written) == (1, ("2025/03/part-one.html",))
    alone.check()


def test_the_card_of_a_headline_that_is_edited_in_a_session_is_drawn_again(alone: Trial) -> None:
    edit(alone.site / "pelicanconf.py", '["social_cards"] = False', '["social_cards"] = True')
    with alone.session() as follow:
        done = follow(alone.articles / "recent.md", "title: Example recent headline", "title: Another headline")
    assert "images/cards/2026/11/recent.png" in done.written
    assert not {name for name in done.written if name.startswith("images/")} - {"images/cards/2026/11/recent.png"}
    alone.check()


def test_a_headline_that_is_edited_in_a_session_is_followed_by_all_that_print_it_and_no_more(alone: Trial) -> None:
    names = ["Example recent headline", "Another headline"]
    with alone.session() as follow:
        for old, new in (names, reversed(names)):
            done = follow(alone.articles / "recent.md", f"title: {old}", f"title: {new}")
            assert {"2026/11/recent.html", "index.html", "feeds/all.atom.xml"} <= set(done.written), done.printed
            assert "  read " not in done.printed, "a whole build"
    alone.check()


def test_a_session_whose_output_was_deleted_writes_all_of_it(alone: Trial) -> None:
    with alone.session() as follow:
        shutil.rmtree(alone.site / "output")
        follow(alone.articles / "recent.md", "\nText of", "\nOther text of")
    alone.check()


def test_a_page_of_another_plugin_that_prints_texts_in_a_session(trial: Trial) -> None:
    edit(
        trial.site / "plugins/titles.py", '"{{ titles }}"', '"{% for each in articles %}{{ each.content }}{% endfor %}"'
    )
    with trial.session() as follow:
        follow(trial.articles / "recent.md", "\nText of", "\nOther text of")
        assert "Other text of" in (trial.site / "output/titles.html").read_text(encoding="utf-8")
    trial.check()


def test_an_embargo_that_ends_and_begins_again(trial: Trial) -> None:
    for day in (date(2026, 11, 22), date(2026, 11, 24), date(2026, 12, 2), date(2026, 11, 22)):
        trial.check(SOURCE_DATE_EPOCH=int((day - date(1970, 1, 1)).total_seconds()))
