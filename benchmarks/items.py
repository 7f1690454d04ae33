"""The items that are measured on: the project's own training texts, cut to titles with summaries, as RSS files."""

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

TOPICS = Path(__file__).parent.parent / "models" / "topics"
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    summary: str
    relevant: bool


def items(count: int, share: float, seed: int = 7) -> list[Item]:
    """`count` items of which `share` are relevant; texts repeat (with a number in the title) when there are too few."""
    rows = [
        json.loads(line) for path in sorted(TOPICS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]
    chance = random.Random(seed)
    found = [Item(r["title"], r["text"][:300], bool(r["labels"]["relevant"])) for r in rows if r["text"]]
    yes, no = [i for i in found if i.relevant], [i for i in found if not i.relevant]
    wanted = round(count * share)
    picked = [yes[n % len(yes)] for n in range(wanted)] + [no[n % len(no)] for n in range(count - wanted)]
    chance.shuffle(picked)
    return [Item(f"{i.title} ({n})", i.summary, i.relevant) for n, i in enumerate(picked)]


def write_feeds(found: list[Item], folder: Path, size: int = 50) -> list[Path]:
    """RSS files of `size` items each."""
    paths = []
    for at in range(0, len(found), size):
        path = folder / f"feed-{at // size}.rss"
        path.write_text(_rss(found[at : at + size], at), "utf-8")
        paths.append(path)
    return paths


def _rss(lot: list[Item], at: int) -> str:
    entries = "".join(
        f"<item><title>{escape(item.title)}</title><link>https://bench.example/{n}</link>"
        f"<description>{escape(item.summary)}</description>"
        f"<pubDate>{format_datetime(START + timedelta(minutes=n))}</pubDate></item>"
        for n, item in enumerate(lot, at)
    )
    return f'<rss version="2.0"><channel><title>Bench {at}</title>{entries}</channel></rss>'
