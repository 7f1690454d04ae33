"""Article pages: their text and their title."""

import pytest

from bot.feeds import Fetched
from bot.sources.page import TrafilaturaExtractor

PARAGRAPHS = (
    "The United States will charge an additional duty of 18 per cent on pumps and valves from India, the trade "
    "representative said on Wednesday, two points less than the office had proposed a month ago.",
    "Gearboxes, which exporters in Coimbatore had feared for most, are not on the list that was published in the "
    "evening. The duty takes effect on 15 December and covers 34 tariff lines.",
    "India’s commerce ministry said it would “study the notice” and kept open whether it would answer in kind. Exports "
    "of the goods concerned came to ₹11,800 crore last year.",
)
PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>Duty on pumps set at 18% | The Ledger</title>
<meta property="og:title" content="Duty on pumps set at 18%"></head><body>
<nav><a href="/">Home</a> <a href="/trade">Trade</a> <a href="/subscribe">Subscribe now</a></nav>
<article><h1>Duty on pumps set at 18%</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
<table><tr><td>8413.70</td><td>18</td></tr></table></article>
<section id="comments" class="comments"><p>First comment! Sell everything, I say, sell everything today.</p></section>
<footer>© The Ledger. All rights reserved. Terms of use.</footer></body></html>"""


def page(body: bytes | str = PAGE, content_type: str = "text/html; charset=utf-8", error: str = "") -> Fetched:
    body = body.encode() if isinstance(body, str) else body
    return Fetched("https://ledger.example/pumps", 200, body, content_type=content_type, error=error)


def test_the_text_of_a_page_is_its_paragraphs_and_nothing_around_them() -> None:
    text = TrafilaturaExtractor().extract(page())
    assert all(paragraph in text.split("\n") for paragraph in PARAGRAPHS)
    assert not any(word in text for word in ("Subscribe", "comment", "rights reserved", "8413.70"))


def test_the_title_is_the_one_that_the_page_gives_itself() -> None:
    assert TrafilaturaExtractor().title(page()) == "Duty on pumps set at 18%"


@pytest.mark.parametrize(
    "content_type", ["text/html", "", "text/html; charset=no-such-charset", "text/html; charset=ascii"]
)
def test_letters_survive_without_a_true_word_from_the_server(content_type: str) -> None:
    assert "₹11,800 crore" in TrafilaturaExtractor().extract(page(content_type=content_type))


def test_the_servers_word_on_the_encoding_counts() -> None:
    body = PAGE.replace("₹", "Rs ").replace('<meta charset="utf-8">', "").encode("cp1252")
    assert "“study the notice”" in TrafilaturaExtractor().extract(page(body, "text/html; charset=windows-1252"))


def test_invisible_characters_are_gone_from_text_and_title() -> None:
    found = page(PAGE.replace("pumps", "pu\u200bm\u202eps"))
    assert "pumps and valves" in TrafilaturaExtractor().extract(found)
    assert TrafilaturaExtractor().title(found) == "Duty on pumps set at 18%"


@pytest.mark.parametrize(
    "found",
    [
        page(""),
        page("no markup at all"),
        page("<html></html>"),
        page(b"%PDF-1.7 <</Type/Page>>", "application/pdf"),
        page(PAGE, error="http_403: Forbidden"),
        page(b"\x00\xff\xfe<\x00"),
        page("<html><body>" + "<p>x</p>" * 40_000),
        page("<html><body><p>" + "word " * 500_000),
        page("<html><body>" + "<div>" * 20_000),
    ],
    ids=["empty", "plain", "bare", "PDF", "failed", "binary", "tags", "large", "deep"],
)
@pytest.mark.timeout(5)
def test_a_page_that_yields_nothing_gives_nothing_and_soon(found: Fetched) -> None:
    assert TrafilaturaExtractor().extract(found) == ""
    assert TrafilaturaExtractor().title(found) == ""
