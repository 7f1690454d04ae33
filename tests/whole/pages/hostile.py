"""Hostile: articles that try to get out of the page that shows them, worded so that the desk wants them.

Some come as a feed, and are cleaned at the border; some as if no border were there.
"""

from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from bot.articles import Article
from bot.demo import NOW
from bot.feeds import Feed

SCRIPT = "<script>document.title='owned'</script>"
IMAGE = '"><img src=x onerror="document.title=\'owned\'">'
TITLES = (
    f"US to raise tariff on Indian steel pipes to 31% {SCRIPT}",
    f"India to fight US duty of 17% on brass fittings {IMAGE}",
    "US to impose 29% tariff on Indian leather shoes {{ 7 * 7 }} {% raw %} ${7*7} '-alert(1)-'",
    "Trump threatens 45% tariff on Indian generics \u202e%05 ot ciffat\u202c \u2066hidden\u2069",
    f"India–US talks on 19% tariff for carpets of Bhadohi {'very ' * 400}long",
    "US to double tariff on Indian diamonds to 52% 💎🚨 🇮🇳🇺🇸 " + "Z" + "\u0335\u0321\u035c" * 30,
    "US tariff of 22% on Indian almonds &lt;b onmouseover=alert(1)&gt;bold&lt;/b&gt; <svg/onload=alert(1)>",
    "US raises tariff on Indian rice to 33% <div hx-get=https://evil.example/ hx-trigger=load>x</div>",
)
URLS = (
    "javascript:document.title='owned'",
    "https://evil.example/\"onmouseover=\"document.title='owned'",
    "data:text/html,<script>document.title='owned'</script>",
    "https://evil.example/a?b=<script>&c='\"",
)
OUTLET = "Evil <b>Post</b> \"' & Sons"
FEED = "https://evil.example/feed"


def feed(folder: Path) -> Feed:
    """As RSS in a file, its titles escaped twice, so that markup is left after one reading."""
    items = "".join(
        f"<item><title>{escape(escape(title))}</title><link>https://evil.example/{n}</link>"
        f"<description>{escape(title)}. Officials in Washington and New Delhi said so on Friday.</description>"
        f"<pubDate>Fri, 20 Nov 2026 {10 + n}:00:00 GMT</pubDate></item>"
        for n, title in enumerate(TITLES)
    )
    path = folder / "hostile.rss"
    path.write_text(f"<rss version='2.0'><channel><title>Evil</title>{items}</channel></rss>", "utf-8")
    return Feed(path.as_uri(), OUTLET, backlog=-1, pages=False)


def articles() -> list[Article]:
    """As no border would let them in."""
    return [
        Article(
            id=f"{n:032x}",
            url=URLS[n % len(URLS)],
            title=title.replace("US ", f"Washington {n} ", 1),
            text=f"{title}\n\nThe tariff on goods of India goes up, officials in Washington said. {SCRIPT} {IMAGE}",
            outlet=OUTLET,
            feed_url=FEED,
            official=False,
            published=NOW - timedelta(hours=2 + n),
            first_seen=NOW,
            author=f"{SCRIPT}{IMAGE}",
        )
        for n, title in enumerate(TITLES)
    ]
