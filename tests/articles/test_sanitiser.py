"""Raw HTML: nothing that runs, loads, posts, moves or restyles survives, whatever the spelling."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.articles.body import make_body
from newsroom.articles.links import finish
from newsroom.articles.schema import Picture
from tests.articles.reading import SOURCE

ATTACKS = r"""<b onclick=alert(1)>x</b>
<script>alert(1)</script>
<SCRIPT SRC=//evil.test/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<img src=x onerror=alert(1) alt=x>
<img src="x` `<script>alert(1)</script>"` ` alt=x>
<IMG SRC="jav&#x09;ascript:alert(1);" alt=x>
<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1) alt=x>
<img src=data:image/svg+xml;base64,PHN2Zy8+ alt=x>
<svg onload=alert(1)></svg>
<svg><script>alert(1)</script></svg>
<svg><animate xlink:href=#x attributeName=href values=javascript:alert(1) /><a id=x><text>x</text></a></svg>
<math><a xlink:href="javascript:alert(1)">x</a></math>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<a href="javascript:alert(1)">x</a>
<a href=" javascript:alert(1)">x</a>
<a href="JaVaScRiPt&colon;alert(1)">x</a>
<a href="java&NewLine;script:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="blob:https://site.test/x">x</a>
<a href="https://site.test/" target=_blank ping=//evil.test download onclick=alert(1)>x</a>
<body onload=alert(1)>
<div style="background:url(javascript:alert(1))">x</div>
<p style="position:fixed">x</p>
<style>@import '//evil.test/x.css';</style>
<link rel=stylesheet href=//evil.test/x.css>
<meta http-equiv=refresh content="0;url=//evil.test">
<base href=//evil.test/>
<form action=//evil.test><input name=q autofocus onfocus=alert(1)></form>
<button formaction=javascript:alert(1)>x</button>
<object data=//evil.test/x.swf></object><embed src=//evil.test/x.swf>
<video src=//evil.test/x onerror=alert(1)><source onerror=alert(1)></video><audio src=//evil.test/x autoplay></audio>
<picture><source srcset=//evil.test/x.jpg><img src=x alt=x srcset=//evil.test/y.jpg></picture>
<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>
<noscript><p title="</noscript><img src=x onerror=alert(1) alt=x>"></noscript>
<template><img src=x onerror=alert(1)></template>
<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>
<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?xml-stylesheet href="javascript:alert(1)"?>
<table background=javascript:alert(1)><tr><td background=javascript:alert(1)>x</td></tr></table>
<marquee onstart=alert(1)>x</marquee><isindex type=image src=1 onerror=alert(1)>
<p id=x class="site-header evil" data-x=1 aria-hidden=true hidden contenteditable tabindex=1>x</p>
[x](javascript:alert(1))
[x](<javascript:alert(1)>)
[x](JAVASCRIPT:alert(1) "title")
[x][evil]\n\n[evil]: javascript:alert(1)
<javascript:alert(1)>
<https://site.test/" onmouseover="alert(1)>
![x](data:image/png;base64,AAAA)
![x](x"onerror="alert(1).jpg)
![x" onerror="alert(1)](x.jpg)
[x](y.md){: onclick=alert(1) style="color:red" href=javascript:alert(1) }
![x](x.jpg)\nCredit: <script>alert(1)</script>" onload="alert(1)\nLicence: http://x.example/"><script>alert(1)</script>
![x](x.jpg)\nCredit: " onload="alert(1)\nLicence: javascript:alert(1)
![x](x.jpg){: onerror=alert(1) srcset="//evil.test/x 2x" }
## x {: onclick=alert(1) style=x }
/// video | <script>alert(1)</script>\njavascript:alert(1)\n///
/// pullquote | <img src=x onerror=alert(1) alt=x>\n<script>alert(1)</script>\n///
/// factbox | <svg onload=alert(1)>\n    attrs: {onclick: alert(1), style: x}\n\n<script>alert(1)</script>\n///
/// html | script\nalert(1)\n///
```html {onclick=alert(1)}\n<script>alert(1)</script>\n```
x[^1]\n\n[^1]: <script>alert(1)</script><img src=x onerror=alert(1) alt=x>
| <script>alert(1)</script> |\n|---|\n| <svg onload=alert(1)> |
<div markdown="1" onclick=alert(1)>\n\n<script>alert(1)</script>\n\n</div>
<p title='"><script>alert(1)</script>'>x</p>
<a title="'><img src=x onerror=alert(1)>" href="x.md">x</a>""".splitlines()

REFUSED = frozenset(
    "script style iframe form svg math meta base link object embed input button textarea select video audio source "
    "picture template noscript body html head title marquee xmp plaintext frame frameset applet".split()
)
ALLOWED = frozenset(
    "id class lang dir title href hreflang src alt width height loading decoding colspan rowspan scope start reversed "
    "datetime cite open tabindex rel".split()
)
SCHEMES = ("http:", "https:", "mailto:", "tel:", "//")


class Offences(HTMLParser):
    """Collects everything in a page that must not be there."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in REFUSED:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ALLOWED or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "cite"):
                self._address(name, value or "")
            if name == "class" and "evil" in (value or ""):
                self.found.append(f"class {value}")

    def _address(self, name: str, value: str) -> None:
        bare = "".join(value.split()).lower()
        scheme = bare.partition("/")[0].partition("#")[0].partition("?")[0]
        if ":" in scheme and not bare.startswith(SCHEMES):
            self.found.append(f"{name} {value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"instruction {data}")


def published(markdown: str, lang: str) -> str:
    """What readers would get of a text, whatever the checks say of it."""
    page = make_body(markdown, 1, SOURCE, lang)[0].html
    words = ("<script>", '"><script>', "javascript:alert(1)", "javascript:alert(1)")
    return finish(page, lang, "..", lambda source: source, lambda at, _: (Picture(at, 1, 1, "image/png"), words))


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_dangerous_survives(attack: str, lang: str) -> None:
    assert not Offences(published(attack.replace("\\n", "\n"), lang)).found


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 26


@given(st.text(alphabet=st.sampled_from("<>/\"'= \n`&;:#()[]!{}|aonjscriptlert1"), max_size=120))
@settings(deadline=None)
def test_no_spelling_gets_through(text: str) -> None:
    assert not Offences(published(text, "en")).found


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_in_code_is_text(attack: str) -> None:
    text = attack.replace("\\n", " ")
    page = published(f"````\n{text}\n````", "en")
    assert not Offences(page).found
    assert page.startswith("<pre><code>")


def test_english_typography_makes_no_markup_of_text() -> None:
    page = published('"&lt;script&gt;alert(1)&lt;/script&gt;" -- `<b>`', "en")
    assert "<script" not in page
    assert "<b>" not in page
