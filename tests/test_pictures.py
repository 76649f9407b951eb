"""Photographs on pages: the right file for every screen, what they say of themselves, and what other sites show."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from newsroom.errors import Problem
from newsroom.site import Site
from tests.articles import sites
from tests.browsing import browser, hosted
from tests.images.samples import clouds, encode
from tests.images.test_embedded import KHMER, xmp
from tests.pages import Page, pages
from tests.support import Built, build, copy_site, edit, invoke, own_theme, problems

__all__ = ["browser"]
HEAD = "---\ntitle: A title\ndate: 2026-01-02\ncategory: politics\nauthors: [writer]\nsummary: A summary.\n"
WORDS = (
    '<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">Two example people</rdf:li>'
    f'<rdf:li xml:lang="km">{KHMER}</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Example caption</rdf:li></rdf:Alt></dc:description>'
    "<dc:creator><rdf:Seq><rdf:li>Quokka Owner</rdf:li></rdf:Seq></dc:creator>"
    '<photoshop:Credit>Example Agency</photoshop:Credit><cc:license rdf:resource="https://licence.example/by"/>'
)
SHOWN = "articles/2026/01/x.md"


def photo(words: str = "", size: tuple[int, int] = (60, 40)) -> bytes:
    return encode(clouds(size), "JPEG", **({"xmp": xmp(words)} if words else {}))


def article(hero: str = "", body: str = "Text.", more: str = "") -> str:
    return f"{HEAD}{more}{hero}---\n\n{body}\n"


def said(folder: Path, text: str, words: str = "") -> list[str]:
    """What a build complains of, for an article with the photo a.jpg."""
    sites.write(folder, {f"content/{SHOWN}": text, "content/articles/2026/01/a.jpg": photo(words)})
    return sites.problems(folder)


def test_a_hero_that_nobody_describes_or_credits_is_an_error_at_its_line(tmp_path: Path) -> None:
    assert said(tmp_path, article("hero:\n  image: a.jpg\n")) == [
        "content/articles/2026/01/x.md:7: the hero has no alt text, and the picture's file holds none; "
        "say in hero.alt what it shows",
        "content/articles/2026/01/x.md:7: the hero has no credit, and the picture's file holds none; "
        "say in hero.credit who made it",
    ]


def test_a_portrait_needs_them_as_well(tmp_path: Path) -> None:
    author = "---\nname: A writer\nphoto:\n  image: p.jpg\n  credit: Somebody\n---\n\nBiography.\n"
    sites.write(tmp_path, {"content/authors/writer.md": author, "content/authors/p.jpg": photo()})
    assert said(tmp_path, article()) == [
        "content/authors/writer.md:3: the photo has no alt text, and the picture's file holds none; "
        "say in photo.alt what it shows"
    ]


def test_what_the_photo_says_is_enough(tmp_path: Path) -> None:
    assert said(tmp_path, article("hero: {image: a.jpg}\n", "![](a.jpg)"), WORDS) == []


def test_a_picture_in_the_text_needs_an_alt_text_from_somewhere(tmp_path: Path) -> None:
    assert said(tmp_path, article(body="First.\n\n![](a.jpg)\nCredit: Somebody")) == [
        "content/articles/2026/01/x.md:11: the picture 'a.jpg' has no alt text; say between the [ ] what it shows"
    ]


def test_a_picture_in_the_text_needs_a_credit_from_somewhere(tmp_path: Path) -> None:
    assert said(tmp_path, article(body="First.\n\n![A](a.jpg)")) == [
        "content/articles/2026/01/x.md:11: the picture 'a.jpg' has no credit, and its file holds none; "
        "write 'Credit: …' on a line of its own right below it"
    ]
    without = WORDS.replace("photoshop:Credit", "photoshop:City")
    assert len(said(tmp_path, article(body="![A](a.jpg)"), without)) == 1
    assert said(tmp_path, article(body="![A](a.jpg)"), WORDS) == []


def test_the_pictures_of_a_page_an_author_and_a_list_need_one_as_well(tmp_path: Path) -> None:
    files = {
        "pages/about.md": "---\ntitle: A title\nsummary: A summary.\n---\n\n![A](/articles/2026/01/a.jpg)\n",
        "authors/writer.md": "---\nname: A writer\n---\n\n![A](/articles/2026/01/a.jpg)\n",
        "fronts/sections/politics.md": "---\n---\n\n![A](/articles/2026/01/a.jpg)\n",
    }
    sites.write(tmp_path, {f"content/{name}": text for name, text in files.items()})
    wanted = [
        f"content/{name}:{text[: text.index('!')].count(chr(10)) + 1}: the picture '/articles/2026/01/a.jpg' has no "
        "credit, and its file holds none; write 'Credit: …' on a line of its own right below it"
        for name, text in sorted(files.items())
    ]
    assert said(tmp_path, article()) == wanted
    assert said(tmp_path, article(), WORDS) == []


def test_a_caption_of_the_photo_must_not_repeat_the_alt_text_in_the_text(tmp_path: Path) -> None:
    repeats = [
        "content/articles/2026/01/x.md:9: the alt text of 'a.jpg' repeats its caption; "
        "say in the [ ] what the picture shows"
    ]
    assert said(tmp_path, article(body="![Example caption.](a.jpg)"), WORDS) == repeats
    assert said(tmp_path, article(body="![](a.jpg)\nTwo example people"), WORDS) == repeats
    assert said(tmp_path, article(body="![Example caption.](a.jpg)\nAnother one."), WORDS) == []


def test_a_caption_never_serves_as_an_alt_text(tmp_path: Path) -> None:
    caption = re.sub("<Iptc4xmpCore.*Accessibility>", "", WORDS)
    (problem,) = said(tmp_path, article("hero: {image: a.jpg}\n"), caption)
    assert "has no alt text" in problem


def test_an_alt_text_of_the_photo_must_not_repeat_the_caption(tmp_path: Path) -> None:
    hero = "hero:\n  image: a.jpg\n  caption: Two example people.\n"
    assert said(tmp_path, article(hero), WORDS) == [
        "content/articles/2026/01/x.md:7: the hero's alt text repeats its caption; say in alt what the picture shows"
    ]


def test_an_editor_is_told_what_is_the_photos_own_and_not_what_is_the_articles(tmp_path: Path) -> None:
    hero = "hero:\n  image: a.jpg\n  caption: Another caption\n"
    assert said(tmp_path, article(hero, "![](a.jpg)"), WORDS) == []
    assert sites.plan(tmp_path).site.notes == [
        "note: content/articles/2026/01/x.md:8: the picture 'a.jpg' itself says alt 'Two example people', "
        "credit 'Example Agency', licence 'https://licence.example/by'",
        "note: content/articles/2026/01/x.md:12: the picture 'a.jpg' itself says alt 'Two example people', "
        "caption 'Example caption', credit 'Example Agency', licence 'https://licence.example/by'",
    ]
    said(tmp_path, article(hero, "![A](a.jpg)\nA caption.\nCredit: S\nLicence: L"), WORDS)
    assert [each.partition(": the")[0] for each in sites.plan(tmp_path).site.notes] == [
        "note: content/articles/2026/01/x.md:8"
    ]


def test_an_editor_is_told_of_the_first_pictures_only(tmp_path: Path) -> None:
    assert said(tmp_path, article(body="![](a.jpg)\n\n" * 25), WORDS) == []
    *told, last = sites.plan(tmp_path).site.notes
    assert len(told) == 20
    assert last == "note: more pictures say something of themselves; 'python3 tasks.py check' names them"


def test_a_hero_of_a_file_that_is_no_picture_is_one_error(tmp_path: Path) -> None:
    sites.write(tmp_path, {f"content/{SHOWN}": article("hero: {image: a.svg}\n")})
    for data in (b"<svg onload='alert(1)'/>", b"", encode(clouds((40, 40)), "TIFF")):
        (tmp_path / "content/articles/2026/01/a.svg").write_bytes(data)
        (problem,) = sites.problems(tmp_path)
        assert problem.startswith("content/articles/2026/01/x.md:7: the picture 'a.svg' is ")


def test_a_photo_that_breaks_while_the_site_is_built_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = Site.check

    def checked(site: Site, every_note: bool = False) -> list[Problem]:
        found = check(site, every_note)
        (tmp_path / "content/articles/2026/01/a.jpg").write_bytes(b"another file")
        return found

    monkeypatch.setattr(Site, "check", checked)
    assert said(tmp_path, article("hero: {image: a.jpg}\n"), WORDS) == [
        "content/articles/2026/01/a.jpg:1: was changed while the site was built; build again"
    ]


@pytest.fixture(scope="module")
def pictured(once: Callable[..., Built]) -> Built:
    """The full site with large photographs, which say something of themselves, and a gallery."""

    def make(folder: Path) -> Built:
        site = copy_site("full", folder)
        for name in ("content/articles/2026/11/wide.jpg", "content/authors/portrait.jpg"):
            (site / name).write_bytes(photo(WORDS, (2400, 1800)))
        made = site / "content/articles/2026/11"
        gallery = (
            "/// gallery | Example caption of all\n![](i.jpg)\nExample caption\n\n![Another example](j.jpg)\n///\n"
        )
        for name, lang in (("told.md", ""), ("told.km.md", "")):
            text = HEAD.replace("2026-01-02", "2026-11-22 09:00").replace("politics", "first")
            text = text.replace("[writer]", "[first-person]")
            hero = "hero: {image: g.jpg, focus: 90% 10%}\n"
            (made / name).write_text(f"{text}{lang}{hero}---\n\n![](h.jpg)\n\n{gallery}", encoding="utf-8")
        for n, name in enumerate("ghij"):  # Chromium takes a wider file of a picture that it has loaded already
            (made / f"{name}.jpg").write_bytes(photo(WORDS, (2400 + n, 1600)))
        return build(site)

    return once("pictured", make)


@pytest.mark.parametrize(
    ("name", "alt"), [("2026/11/told.html", "Two example people"), ("km/2026/11/told.html", KHMER)]
)
def test_what_the_photo_says_stands_on_the_page_in_its_language(pictured: Built, name: str, alt: str) -> None:
    page = Page(pictured.output, name)
    assert page.find("//figure[@class='figure']//img").get("alt") == alt
    assert page.text("//figure[@class='figure']//span[@class='figure-credit']") == "Example Agency"
    assert page.find("//figure[@class='figure']//a[@rel='license']").get("href") == "https://licence.example/by"
    assert {each.get("alt") for each in page.tree.xpath("//div[@class='prose']//img")} == {alt, "Another example"}
    (graph,) = page.tree.xpath("//script[@type='application/ld+json']")
    images = next(each for each in json.loads(graph.text)["@graph"] if "image" in each)["image"]
    assert len(images) == 4
    for image in images:
        assert image["caption"] == "Example caption"
        assert (image["creditText"], image["license"]) == ("Example Agency", "https://licence.example/by")


@pytest.mark.parametrize("name", ["2026/11/told.html", "km/2026/11/told.html"])
def test_figures_of_the_text_say_whose_their_pictures_are(pictured: Built, name: str) -> None:
    page = Page(pictured.output, name)
    figures = page.tree.xpath("//div[@class='prose']//figure[not(@class)]")
    assert len(figures) == 3
    for figure in figures:
        (credit,) = figure.xpath("figcaption/span[@class='figure-credit']")
        (licence,) = figure.xpath("figcaption/a[@rel='license']")
        assert (credit.text_content(), licence.get("href")) == ("Example Agency", "https://licence.example/by")
        assert licence.text == page.find("//figure[@class='figure']//a[@rel='license']").text
        assert figure.xpath("figcaption")[0].text_content().strip().startswith("Example caption")


def test_a_page_tells_search_engines_whose_its_pictures_are(tmp_path: Path) -> None:
    page = "---\ntitle: A title\nsummary: A summary.\n---\n\n![A](/articles/2026/01/a.jpg)\nCredit: Somebody\n"
    sites.write(tmp_path, {"content/pages/about.md": page})
    said(tmp_path, article(), WORDS)
    values = sites.plan(tmp_path).site.plan["about.html"].make()
    assert not isinstance(values, bytes)
    (image,) = [each for each in json.loads(values["head"].json_ld)["@graph"] if each["@type"] == "ImageObject"]
    assert (image["creditText"], image["license"]) == ("Somebody", "https://licence.example/by")


def test_what_the_photo_says_stands_in_the_feeds(pictured: Built) -> None:
    for form in ("atom", "rss"):
        feed = pictured.text(f"feeds/all.{form}.xml")
        assert "<media:credit" in feed
        assert "Example Agency" in feed
        assert "<media:license>https://licence.example/by</media:license>" in feed
        assert "&lt;picture" not in feed
        text = unescape(feed)
        assert text.count('<span class="figure-credit">Example Agency</span>') >= 3
        assert text.count('<a class="figure-credit" rel="license" href="https://licence.example/by">Licence</a>') >= 3


def test_the_name_of_the_photos_owner_is_nowhere(pictured: Built) -> None:
    for path in pictured.output.rglob("*.*"):
        assert b"Quokka Owner" not in path.read_bytes(), path


def test_every_offered_file_has_the_width_and_the_form_that_is_said(pictured: Built) -> None:
    found = set()
    for page in pages(pictured.output).values():
        for source in page.tree.xpath("//picture/source"):
            for each in source.get("srcset").split(", "):
                url, width = each.split(" ")
                with Image.open((pictured.output / page.name).parent / url) as picture:
                    assert f"{picture.width}w" == width
                    assert f"image/{str(picture.format).lower()}" == source.get("type")
                    found.add(picture.format)
    assert found == {"AVIF", "WEBP"}


def test_no_file_is_published_that_no_page_names(pictured: Built) -> None:
    named = "".join(path.read_text("utf-8") for path in pictured.output.rglob("*.*ml"))
    for path in (pictured.output / "images").rglob("*.*"):
        assert path.name in named, path.name


def test_other_sites_are_shown_a_cut_of_the_hero_with_its_true_size(pictured: Built) -> None:
    page = Page(pictured.output, "2026/11/told.html")
    (address,) = page.meta("og:image")
    with Image.open(pictured.output / address.removeprefix("https://full.example/news/")) as picture:
        assert picture.size == (1200, 630)
        assert picture.format == "JPEG"
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == (["1200"], ["630"])
    assert page.meta("twitter:card") == ["summary_large_image"]
    assert page.meta("og:image:alt") == ["Two example people"]


@pytest.mark.parametrize("name", ["2026/11/opinion.html", "km/2026/11/recent.html"])
def test_an_article_without_a_picture_has_a_card_drawn(pictured: Built, name: str) -> None:
    page = Page(pictured.output, name)
    (address,) = page.meta("og:image")
    file, _, version = address.removeprefix("https://full.example/news/").partition("?")
    assert re.fullmatch("[0-9a-f]{8}", version)
    with Image.open(pictured.output / file) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert page.meta("og:image:type") == ["image/png"]
    assert page.meta("og:image:alt") == page.meta("og:title")


def test_another_headline_draws_another_card_under_a_new_address(tmp_path: Path) -> None:
    site = copy_site("minimal", tmp_path / "site")
    first = build(site)
    (name,) = [
        path.relative_to(first.output).as_posix()
        for path in first.output.rglob("20*/*/*.html")
        if "index" not in path.name
    ][:1]
    (before,), drawn = (
        Page(first.output, name).meta("og:image"),
        {path: path.read_bytes() for path in (first.output / "images/cards").rglob("*.png")},
    )
    (source,) = [path for path in (site / "content/articles").rglob("*.md") if path.stem in name][:1]
    edit(source, "title: ", "title: Changed ")
    second = build(site)
    (after,) = Page(second.output, name).meta("og:image")
    assert before.partition("?")[0] == after.partition("?")[0]
    assert before != after
    assert [path for path, data in drawn.items() if path.read_bytes() != data] != []


@pytest.mark.parametrize("name", ["social-card.svg", "fonts/headline.ttf"])
def test_a_broken_design_of_cards_is_said_before_anything_is_drawn(tmp_path: Path, name: str) -> None:
    site = copy_site("minimal", tmp_path / "site")
    (own_theme(site) / name).write_text("<svg", encoding="utf-8")
    done = invoke(site, "build")
    assert done.returncode == 1
    (problem,) = problems(done.stderr)
    assert problem.startswith(f"theme/{name}:1: is no ")
    assert problem.endswith("; see the newsroom's own theme")


def test_cards_can_be_switched_off(tmp_path: Path) -> None:
    site = copy_site("minimal", tmp_path / "site")
    edit(site / "pelicanconf.py", '"feed_authority"', '"social_cards": False, "feed_authority"')
    built = build(site)
    assert not (built.output / "images/cards").exists()
    assert "og:image" not in "".join(path.read_text("utf-8") for path in built.output.rglob("*.html"))


CHOICE = """
() => [...document.querySelectorAll('picture > img')].map(img => {
  const source = [...img.parentElement.querySelectorAll('source')].find(each => each.type === 'image/avif')
  const rule = source.sizes.split(',').map(each => each.trim()).find(each => {
    const condition = each.match(/^\\([^)]*\\)/)
    return !condition || matchMedia(condition[0]).matches
  }).replace(/^\\([^)]*\\)\\s*/, '')
  const probe = document.createElement('div')
  probe.style.position = 'absolute'
  probe.style.width = rule
  document.body.append(probe)
  const declared = probe.getBoundingClientRect().width
  probe.remove()
  return {srcset: source.srcset, declared, shown: img.getBoundingClientRect().width, loaded: img.currentSrc,
          slot: img.className || (img.closest('.gallery') ? 'gallery' : 'body')}
})
"""
LOAD_ALL = """
async () => {
  const all = [...document.querySelectorAll('picture > img')]
  for (const img of all) img.loading = 'eager'
  await Promise.all(all.map(img => img.decode()))
}
"""


def chosen(srcset: str, width: float, density: float) -> str:
    """The narrowest file that is sharp, or the widest."""
    files = [each.split(" ") for each in srcset.split(", ")]
    return next((url for url, wide in files if int(wide[:-1]) >= width * density), files[-1][0])


@pytest.mark.parametrize("density", [1, 2])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_each_slot_loads_the_file_that_is_planned_for_its_true_width(
    browser: Browser, pictured: Built, width: int, density: int
) -> None:
    slots = set()
    size: Any = {"width": width, "height": 900}
    with hosted(pictured) as address:
        for name in ("index.html", "2026/11/told.html", "authors/first-person/index.html", "sections/first/index.html"):
            with browser.new_context(viewport=size, device_scale_factor=density) as context:
                page = context.new_page()
                page.goto(address + name)
                page.evaluate(LOAD_ALL)
                found = page.evaluate(CHOICE)
            for each in found:
                slots.add(each["slot"])
                wanted = chosen(each["srcset"], each["declared"], density)
                assert each["loaded"].endswith(wanted.lstrip("./")), (name, each)
                assert each["loaded"].endswith(".avif")
                assert 0.99 < each["declared"] / each["shown"] < 1.2, (name, each)
    assert slots == {"lead-story-picture", "card-picture", "figure-picture", "body", "gallery"}


def test_a_card_for_other_sites_is_small(pictured: Built) -> None:
    for path in (pictured.output / "images/cards").rglob("*.png"):
        assert path.stat().st_size < 40_000


def test_an_old_browser_gets_one_picture_that_it_knows(pictured: Built) -> None:
    page = Page(pictured.output, "2026/11/told.html")
    for image in page.tree.xpath("//img"):
        assert image.get("src").endswith((".jpg", ".png"))
        data = ((pictured.output / page.name).parent / image.get("src")).read_bytes()
        assert Image.open(io.BytesIO(data)).format in ("JPEG", "PNG")
