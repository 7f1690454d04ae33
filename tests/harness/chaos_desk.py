"""The desk of the chaos driver: its settings, how its processes are started, and the account that is taken of it in the end."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import yaml

from bot.alerts import EDIT, SENDING, UNKNOWN
from bot.demo import SHIPPED
from bot.stores.sql import SqlStore
from tests.fake_slack import TEST_TOKEN
from tests.harness.chaos_judge import Account, Queued
from tests.harness.chaos_news import Press
from tests.harness.chaos_store import Server

DUTIES = ("C0000DESK1", "C0000DESK2")  # want every duty
TOPICS = ("C0000DESK3", "C0000DESK4")  # want what the shipped watchlists find, each what some of them do
FAR_EVERY, NEAR_EVERY = "10m", "5s"
TOLD = ("lease_lost", "job_failed", "queue_failed", "queue_recovered", "tick_failed", "sent_blindly")  # worth a count


class Process(Protocol):
    """What a `subprocess.Popen` is to us."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...


Start = Callable[[tuple[str, ...]], Process]  # of the words of a command
Starting = Callable[[Path, dict[str, str]], Start]  # in a folder, with an environment


def settings(press: Press) -> str:
    """The shipped watchlists, each for a channel of its own, and one that wants every duty."""
    shipped = yaml.safe_load(SHIPPED.read_text("utf-8"))["watchlists"]
    lists = [one | {"channels": [TOPICS[n % len(TOPICS)]]} for n, one in enumerate(shipped)]
    feeds = [
        {"url": outlet.url, "outlet": f"Outlet {path[1:]}", "backlog": "all", "pages": False}
        | ({"every": NEAR_EVERY} if outlet.near else {})
        for path, outlet in press.outlets.items()
    ]
    return yaml.safe_dump(
        {
            "channel": DUTIES[0],
            "polling": {"allow": ["127.0.0.0/8"], "every": FAR_EVERY},
            "reminders": {"days": []},
            "log": {"format": "json"},
            "watchlists": [{"name": "duties", "query": "tariff", "channels": list(DUTIES)}, *lists],
            "feeds": feeds,
        },
        sort_keys=False,
    )


def account(store: SqlStore, server: Server, press: Press, messages: Sequence[dict[str, Any]]) -> Account:
    counts = store.counts()
    left = {name: counts[name] for name in ("unread", "unfollowed", f"alerts_{SENDING}", f"alerts_{UNKNOWN}")}
    outbox = "SELECT id, channel, created, seq, role, state FROM alerts ORDER BY seq"
    return Account(
        served=dict(press.shown),
        stored=[(link, title) for link, title in server.run("SELECT url, title FROM articles")],
        moves=server.moves,
        analysed=server.analysed,
        queued=[Queued(*row) for row in server.run(outbox)],
        posted=[(m["channel"], m["metadata"]["event_payload"]["id"]) for m in messages],
        asked=tuple(press.asked),
        left={**left, "jobs": server.jobs, "items that nobody was shown": press.waiting},
    )


def told(folder: Path) -> Counter[str]:
    """How often the processes said so."""
    found: Counter[str] = Counter()
    for path in folder.glob("log*"):
        for line in path.read_text("utf-8", "replace").splitlines():
            with suppress(ValueError):
                event = json.loads(line)
                found[str(event.get("event"))] += 1
                found["read"] += event.get("articles", 0) if event.get("event") == "analyzed" else 0
    return found


def figures(kept: Account, said: Counter[str]) -> dict[str, int]:
    roles = Counter(alert.role for alert in kept.queued)
    channels = Counter(channel for channel, _ in kept.posted)
    return {
        "requests for feeds": len(kept.asked),
        "feeds asked": len({one.url for one in kept.asked}),
        "articles": len(kept.stored),
        "analyses": len(kept.analysed),
        "analyses that a kill undid": max(said["read"] - len(kept.analysed), 0),
        "alerts": len(kept.queued) - roles[EDIT],
        "edits": roles[EDIT],
        **{f"posts in {channel}": posts for channel, posts in sorted(channels.items())},
        **{f"{name} told": said[name] for name in TOLD if said[name]},
    }


def environment(store: str, slack: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
        "DATABASE_URL": store,
        "SLACK_BOT_TOKEN": TEST_TOKEN,
        "SLACK_API_URL": slack,
    }


def real(folder: Path, environment: dict[str, str]) -> Start:
    """The very commands, each a process of its own."""
    numbers = count(1)

    def start(words: tuple[str, ...]) -> Process:
        with (folder / f"log{next(numbers)}").open("w") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", *words], cwd=folder, env=environment, stdout=log, stderr=log
            )

    return start
