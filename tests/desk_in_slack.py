"""A desk that people use from Slack: files, store and line of its own for each test, over one connection to the fake Slack."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from bot import app
from bot.actions import Action
from bot.articles import Article
from bot.config import load_config
from bot.events import Event, Tell
from bot.interactive.clerk import Clerk, clerk_of
from bot.live import Live
from bot.nlp.keywords import PlainReader
from tests.fake_slack import ASHA, DESK_GROUP, TEST_APP_TOKEN, FakeSlack
from tests.line import Line, store_at
from tests.makers import NOW, an_article

Json = dict[str, Any]
CONFIG = """\
channel: {channel}
ops: {{channel: {ops}}}
interactive: {{editors: [{editors}]}}
watchlists:
  - name: tariffs
    query: tariff
  - name: shrimp  # ours
    query: prawns
feeds:
  - url: https://a.example/rss
    outlet: A
"""
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_APP_TOKEN": TEST_APP_TOKEN}
NUMBERS = count(1)


def flat(value: Any) -> str:
    """All the words of blocks, in order."""
    if isinstance(value, Mapping):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        people = [f"<{value[key]}>" for key in ("user_id", "channel_id") if key in value]
        return "".join([*own, *people, *(flat(inside) for inside in value.values() if not isinstance(inside, str))])
    return "".join(map(flat, value)) if isinstance(value, list) else ""


@dataclass
class SlackDesk:
    slack: FakeSlack
    folder: Path
    line: Line
    live: Live
    clerk: Clerk
    channel: str
    ops: str

    def tell(self, *articles: Article) -> None:
        """What the line makes of them, delivered."""
        self.line.collected(*articles)
        pipeline = self.live.pipeline
        while pipeline.analyze():
            pass
        pipeline.follow(NOW)
        while pipeline.deliver(NOW):
            pass

    def card(self, article: Article | None = None) -> Json:
        self.tell(article or an_article())
        return self.slack.seen(self.channel)[-1]

    def said(self, user: str = ASHA, after: int = 0) -> str:
        """What this person alone is told here at last, once it is there."""

        def answers() -> list[str]:
            told = [flat(m.get("blocks")) or str(m["text"]) for m in self.whispers(user)[after:]]
            return [words for words in told if words != "Looking…"]

        return self.slack.until(answers)[-1]

    def whispers(self, user: str = ASHA) -> list[Json]:
        return [m for m in self.slack.ephemerals(user) if m["channel"] == self.channel]

    def press(self, card: Json, action: str, *, user: str = ASHA) -> str:
        before = len(self.whispers(user))
        self.slack.click(card, action, user=user)
        return self.said(user, before)

    def choose(self, card: Json, action: str, value: str, *, user: str = ASHA) -> str:
        before = len(self.whispers(user))
        self.slack.choose(card, action, value, user=user)
        return self.said(user, before)

    def ask(self, words: str, *, user: str = ASHA) -> str:
        before = len(self.whispers(user))
        self.slack.command("/tariffwatch", words, user=user, channel=self.channel)
        return self.said(user, before)

    def thread(self, card: Json) -> list[str]:
        return [flat(m["blocks"]) for m in self.slack.thread(self.channel, card["ts"])[1:]]

    def config(self) -> str:
        return (self.folder / "config.yaml").read_text("utf-8")

    def notices(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the ops channel is told, the oldest first."""
        found = [alert for alert in reversed(self.line.store.alerts()) if alert.channel == self.ops]
        return [(alert.message.headline, alert.message.lines) for alert in found]

    def kept(self) -> list[Action]:
        return self.line.store.actions()


def heard_by(slack: FakeSlack, line: Line) -> Tell:
    """Keeps what is told, and wakes who waits for something in Slack."""

    def tell(event: Event) -> None:
        line.events.append(event)
        with slack._answered:
            slack._answered.notify_all()

    return tell


@contextmanager
def a_desk_in_slack(
    slack: FakeSlack, folder: Path, editors: str = DESK_GROUP, tokens: Mapping[str, str] = TOKENS
) -> Iterator[SlackDesk]:
    number = next(NUMBERS)
    channel, ops = f"C{number:09d}1", f"C{number:09d}2"
    (folder / "config.yaml").write_text(CONFIG.format(channel=channel, ops=ops, editors=editors), "utf-8")
    environ = {**tokens, "SLACK_API_URL": slack.url}
    settings = load_config(folder / "config.yaml", environ)
    line = Line(store_at(folder / "tariffwatch.db"), desk=app.desk(settings))
    pipeline = line.pipeline
    pipeline.sink = app.sink(settings, None, buttons=True)
    app.keep_versions(settings, line.store, NOW)
    live = Live(pipeline, settings, environ, lambda: NOW, heard_by(slack, line))
    live.takers.append(app.taker(pipeline, app.Redactor(settings.secrets), buttons=True))
    clerk = clerk_of(
        live, lambda: pipeline.examiner, lambda: (PlainReader().read, PlainReader().read), lambda: NOW, Lock()
    )
    yield SlackDesk(slack, folder, line, live, clerk, channel, ops)
    clerk.end()
    line.store.close()
