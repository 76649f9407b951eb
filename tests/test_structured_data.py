"""What machines read of a page: JSON-LD, Open Graph, canonical addresses, hreflang."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.pages import Page, file_of, pages
from tests.support import Built

SITE = "https://full.example/news"
URLS = {"real": "https://newsroom.example", "full": SITE, "minimal": "https://minimal.example"}
ARTICLE = re.compile(r"(km/)?\d{4}/\d{2}/(?!index)[a-z0-9-]+\.html")


def articles(built: Built) -> list[Page]:
    return [page for name, page in pages(built.output).items() if ARTICLE.fullmatch(name)]


def news(page: Page) -> dict:
    """The node that describes the article."""
    kinds = ("NewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "AdvertiserContentArticle")
    (node,) = (node for node in page.graph if node["@type"] in kinds)
    return node


def pixels(image: dict) -> tuple[int, ...]:
    return tuple(int(image[name].removesuffix(" px")) for name in ("width", "height"))


def test_json_ld_of_every_page_holds_no_type_or_property_that_schema_org_does_not_know(
    requires_schema_org: list[str], real: Built, full: Built, minimal: Built, tmp_path: Path
) -> None:
    """As TypeScript sees it, by the types that are generated from schema.org's vocabulary; nodes with a mistake show
    that it looks and would tell."""
    wrong = (
        {"@type": "NewsArticle", "headlin": "Example headline"},
        {"@type": "NewsArticle", "image": {"@type": "ImageObject", "width": 16}},
        {"@type": "NewsStory"},
    )
    graphs = [{"@context": "https://schema.org", "@graph": [each]} for each in wrong]
    names, kinds = ["wrong name", "wrong value", "wrong type"], set()
    for built in (real, full, minimal):
        for name, page in pages(built.output).items():
            if page.graph:
                graphs.append({"@context": "https://schema.org", "@graph": page.graph})
                names.append(f"{built.folder.name}/{name}")
                kinds |= {node["@type"] for node in page.graph}
    assert kinds >= {"NewsArticle", "OpinionNewsArticle", "BreadcrumbList", "WebSite", "ProfilePage"}
    lines = [f"export const page{n}: Graph = {json.dumps(graph)};" for n, graph in enumerate(graphs)]
    (tmp_path / "pages.ts").write_text("\n".join(['import type { Graph } from "schema-dts";', *lines]))
    (tmp_path / "node_modules").symlink_to(requires_schema_org[1])
    command = [requires_schema_org[0], "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "pages.ts"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False)
    found = re.findall(r"(?m)^pages\.ts\((\d+),.*", done.stdout)
    assert {names[int(line) - 2] for line in found} == {"wrong name", "wrong value", "wrong type"}, done.stdout


@pytest.fixture
def everything(full: Built) -> Page:
    return Page(full.output, "2026/11/everything.html")


def test_every_articles_json_ld_has_what_every_article_has(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    found = articles(any_site)
    assert found
    for page in found:
        node = news(page)
        assert node["headline"] == page.text("//h1[@class='headline-title']"), page.name
        assert node["description"] == page.text("//p[@class='headline-standfirst']")
        assert node["inLanguage"] == page.tree.get("lang")
        assert node["isAccessibleForFree"] is True
        assert node["articleSection"] == page.text("//header[@class='headline']//a[@class='kicker-section']")
        assert node["url"] == node["mainEntityOfPage"] == node["@id"] == page.canonical
        published, modified = (datetime.fromisoformat(node[name]) for name in ("datePublished", "dateModified"))
        assert published.tzinfo
        assert modified >= published
        assert {each["@type"] for each in node["author"]} <= {"Person", "Organization"}
        assert [each["name"] for each in node["author"]] == page.texts(
            "//div[@class='spread-margin']//a[@class='byline-name']"
        )
        for each in node["author"]:
            assert (any_site.output / file_of(each["url"], url)).is_file()
        publisher = node["publisher"]
        assert (publisher["@type"], publisher["url"]) == ("NewsMediaOrganization", f"{url}/")
        with Image.open(any_site.output / file_of(publisher["logo"]["url"], url)) as logo:
            assert pixels(publisher["logo"]) == logo.size
        for image in images_of(node):
            with Image.open(any_site.output / file_of(image["url"], url)) as picture:
                assert pixels(image) == picture.size
            assert image["caption"]
            assert image["creditText"]


def images_of(node: dict) -> list[dict]:
    """The pictures of an article; one alone is no list."""
    found = node.get("image", [])
    return found if isinstance(found, list) else [found]


def test_an_article_with_everything_says_everything(everything: Page) -> None:
    node = news(everything)
    assert node["@type"] == "AnalysisNewsArticle"
    assert node["headline"] == "Example headline with everything"
    assert node["description"] == "Example summary of the “article” that has everything."
    assert node["datePublished"] == "2026-11-10T09:30:00+07:00"
    assert node["dateModified"] == "2026-11-14T08:00:00+07:00"
    assert node["articleSection"] == "First section"
    assert node["keywords"] == ["Example topic", "Second topic"]
    assert node["dateline"] == "Example Town"
    assert node["citation"] == ["An example document", "An example person who spoke"]
    assert node["backstory"] == "Example account of the method."
    assert node["workTranslation"] == [
        {"@type": "NewsArticle", "@id": f"{SITE}/km/2026/11/everything.html", "inLanguage": "km"}
    ]
    assert node["isPartOf"] == {
        "@type": "CreativeWorkSeries",
        "name": "Example series",
        "url": f"{SITE}/series/example-series/",
    }
    assert node["position"] == 3


def test_authors_are_persons_or_organisations_with_their_other_places(everything: Page) -> None:
    assert news(everything)["author"] == [
        {
            "@type": "Person",
            "@id": f"{SITE}/authors/first-person/",
            "name": "First Person",
            "url": f"{SITE}/authors/first-person/",
            "sameAs": ["https://elsewhere.example/first"],
        },
        {
            "@type": "Organization",
            "@id": f"{SITE}/authors/some-organisation/",
            "name": "Some Organisation",
            "url": f"{SITE}/authors/some-organisation/",
            "sameAs": ["https://elsewhere.example/organisation"],
        },
    ]


def test_the_picture_has_caption_credit_and_licence(everything: Page, full: Built) -> None:
    image, *others = images_of(news(everything))
    assert image.pop("url").startswith(f"{SITE}/images/")
    assert image == {
        "@type": "ImageObject",
        "width": "1200 px",
        "height": "600 px",
        "caption": "Example caption of the hero.",
        "creditText": "Second Person / Some Organisation",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert [(each["caption"], each["creditText"]) for each in others] == [
        ("Example caption of a figure.", "Second Person / Some Organisation"),
        ("Example caption of the second.", "Second Person / Some Organisation"),
    ]
    assert [each.get("license") for each in others] == [None, "https://creativecommons.org/licenses/by/4.0/"]
    (named,) = images_of(news(Page(full.output, "km/2026/11/everything.html")))
    assert named["copyrightNotice"] == "Example licence"


def test_corrections_are_dated_comments(everything: Page) -> None:
    assert news(everything)["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "Example correction: one was two.",
            "datePublished": "2026-11-13T08:00:00+07:00",
        },
        {
            "@type": "CorrectionComment",
            "text": "Another example correction.",
            "datePublished": "2026-11-14T08:00:00+07:00",
        },
    ]


def test_a_translation_names_its_original_and_translator(full: Built) -> None:
    node = news(Page(full.output, "km/2026/11/everything.html"))
    assert node["translationOfWork"] == [
        {"@type": "NewsArticle", "@id": f"{SITE}/2026/11/everything.html", "inLanguage": "en"}
    ]
    assert node["translator"] == {"@type": "Person", "name": "Second Person"}
    assert node["articleSection"] == "ផ្នែកទីមួយ"
    assert node["keywords"] == ["ប្រធានបទ"]


def test_breadcrumbs_lead_from_the_front_to_the_article(everything: Page) -> None:
    items = everything.node("BreadcrumbList")["itemListElement"]
    assert [(each["position"], each["name"], each["item"]) for each in items] == [
        (1, "Full site", f"{SITE}/"),
        (2, "First section", f"{SITE}/sections/first/"),
        (3, "Example headline with everything", f"{SITE}/2026/11/everything.html"),
    ]


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("opinion", "OpinionNewsArticle", "Opinion"),
        ("interview", "NewsArticle", "Interview"),
        ("fact-check", "NewsArticle", "Fact check"),
        ("sponsored", "AdvertiserContentArticle", "Sponsored"),
    ],
)
def test_the_kind_of_a_text_is_told_to_machines_and_to_readers(full: Built, name: str, kind: str, label: str) -> None:
    page = Page(full.output, f"2026/11/{name}.html")
    assert news(page)["@type"] == kind
    assert page.text("//header//*[@class='kicker-label']") == label


def test_no_headline_can_end_the_script_element(full: Built) -> None:
    page = Page(full.output, "2026/11/markup.html")
    headline = "Headline </script><script>alert(1)</script> & <b>bold</b> “quoted”"
    assert news(page)["headline"] == headline
    assert page.text("//h1[@class='headline-title']") == headline
    assert page.text("//title") == f"{headline} – Full site"
    assert page.meta("og:title") == [headline]
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', full.text("2026/11/markup.html"))
    assert "<" not in script
    json.loads(script)
    for name, other in pages(full.output).items():
        assert other.tree.xpath("//script[not(@type) and not(@src)] | //b[text()='bold']") == [], name


def test_open_graph_tells_true_sizes_and_existing_addresses(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    for page in pages(any_site.output).values():
        for address, width, height, kind in zip(
            page.meta("og:image"),
            page.meta("og:image:width"),
            page.meta("og:image:height"),
            page.meta("og:image:type"),
            strict=True,
        ):
            with Image.open(any_site.output / file_of(address, url)) as picture:
                assert (int(width), int(height)) == picture.size, page.name
                assert picture.get_format_mimetype() == kind
            assert page.meta("twitter:image") == [address]
            assert page.meta("og:image:alt") == page.meta("twitter:image:alt")


def test_open_graph_of_an_article(everything: Page) -> None:
    expected = {
        "og:type": ["article"],
        "og:url": [f"{SITE}/2026/11/everything.html"],
        "og:title": ["Example headline with everything"],
        "og:description": ["Example summary of the “article” that has everything."],
        "og:site_name": ["Full site"],
        "og:locale": ["en_US"],
        "og:locale:alternate": ["km_KH"],
        "og:image:alt": ["A blue rectangle in a larger one."],
        "article:published_time": ["2026-11-10T09:30:00+07:00"],
        "article:modified_time": ["2026-11-12T10:00:00+07:00"],
        "article:author": [f"{SITE}/authors/first-person/", f"{SITE}/authors/some-organisation/"],
        "article:section": ["First section"],
        "article:tag": ["Example topic", "Second topic"],
        "twitter:card": ["summary_large_image"],
        "description": ["Example summary of the “article” that has everything."],
        "robots": ["max-image-preview:large"],
    }
    assert {name: everything.meta(name) for name in expected} == expected


def test_every_page_has_a_title_a_description_and_its_own_canonical_address(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    for name, page in pages(any_site.output).items():
        if page.tree.xpath("//meta[@http-equiv='refresh']"):
            continue
        assert page.text("//title")
        assert page.meta("description")[0]
        assert file_of(page.canonical, url) == name
        assert page.canonical.endswith("/") == name.endswith("index.html"), "one address for a folder's page"
        assert page.meta("og:url") == [page.canonical]
        assert page.meta("og:title")


def test_titles_of_pages_that_are_listed_are_unique(full: Built) -> None:
    titles = [page.text("//title") for page in pages(full.output).values() if page.meta("robots") != ["noindex"]]
    assert sorted(titles) == sorted(set(titles))


def test_hreflang_is_reciprocal_and_names_its_own_page(any_site: Built) -> None:
    held = [page for page in pages(any_site.output).values() if not page.tree.xpath("//meta[@http-equiv='refresh']")]
    by_address = {page.canonical: page for page in held}
    for page in by_address.values():
        if alternates := page.alternates:
            own = alternates[page.tree.get("lang")]
            assert own == page.canonical
            assert alternates["x-default"] == alternates["en"]
            for address in alternates.values():
                assert by_address[address].alternates == alternates, (page.name, address)


def test_translated_pages_have_hreflang_and_others_have_none(full: Built) -> None:
    for name in ("index.html", "2026/11/everything.html", "about.html", "sections/first/index.html"):
        english, khmer = Page(full.output, name), Page(full.output, f"km/{name}")
        assert set(english.alternates) == {"en", "km", "x-default"}, name
        assert english.alternates == khmer.alternates
    for name in ("2026/11/opinion.html", "page-1.html", "404.html", "series/example-series/index.html"):
        assert Page(full.output, name).alternates == {}, name


def test_hreflang_pairs_are_links_that_readers_see(any_site: Built) -> None:
    url = URLS[any_site.folder.name]
    for page in pages(any_site.output).values():
        other = {
            lang: address
            for lang, address in page.alternates.items()
            if lang not in ("x-default", page.tree.get("lang"))
        }
        for lang, address in other.items():
            links = page.tree.xpath("//a[@hreflang=$lang]/@href", lang=lang)
            targets = {((any_site.output / page.name).parent / link).resolve() for link in links}
            assert (any_site.output / file_of(address, url)).resolve() in targets, page.name


def test_pages_that_search_engines_must_not_list_say_so(full: Built) -> None:
    noindex = {name for name, page in pages(full.output).items() if page.meta("robots") == ["noindex"]}
    assert noindex == {
        "404.html",
        "km/404.html",
        "2019/old-address/index.html",
        "old/page.html",
        "who-we-are/index.html",
    }


def test_numbered_pages_name_their_neighbours(full: Built) -> None:
    newest, older = Page(full.output, "index.html"), Page(full.output, "page-2.html")
    chain = ["index.html", "page-2.html", "page-1.html"]
    for newer_name, older_name in pairwise(chain):
        assert (
            Page(full.output, newer_name).find("//nav[@class='pager']/a[@rel='next']").get("href").endswith(older_name)
        )
        assert (
            Page(full.output, older_name).find("//nav[@class='pager']/a[@rel='prev']").get("href").endswith(newer_name)
        )
    assert newest.text("//title") == "Full site"
    assert older.text("//title") == "Full site – Page 2 – Full site"


def test_the_authors_page_describes_the_author(full: Built) -> None:
    node = Page(full.output, "authors/first-person/index.html").node("ProfilePage")["mainEntity"]
    assert (node["@type"], node["name"], node["jobTitle"]) == ("Person", "First Person", "Example reporter")
    assert node["sameAs"] == ["https://elsewhere.example/first"]
    assert node["image"]["creditText"] == "Second Person / Some Organisation"


def test_the_front_describes_the_site_and_its_publisher(full: Built) -> None:
    page = Page(full.output, "index.html")
    assert page.node("WebSite")["name"] == "Full site"
    assert page.node("NewsMediaOrganization")["email"] == "newsroom@full.example"
    assert Page(full.output, "km/index.html").node("WebSite")["inLanguage"] == "km"


def test_stubs_lead_old_addresses_to_the_article(full: Built) -> None:
    for name, target in {
        "2019/old-address/index.html": "2026/11/everything.html",
        "old/page.html": "2026/11/everything.html",
        "who-we-are/index.html": "about.html",
    }.items():
        page = Page(full.output, name)
        assert page.canonical == f"{SITE}/{target}"
        content = page.find("//meta[@http-equiv='refresh']").get("content")
        folder = (full.output / name).parent
        assert (folder / content.removeprefix("0; url=")).resolve() == (full.output / target).resolve()
        assert (folder / page.find("//a").get("href")).resolve() == (full.output / target).resolve()
