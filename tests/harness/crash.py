"""The crash driver: the real daemon, killed again and again, between real feeds and a Slack that remembers all it was told.

    python -m tests.harness.crash --rounds 300 --seed 1

In each round the outlets have news, and the daemon is started and killed: by itself at one of the points of `crash_points.py`, or
from outside at any time. Some 75 rounds are one desk, whose store begins as that of an older version. In the end it runs until
nothing is left to do, and is judged: by what the feeds have shown, by what its store holds, and by what stands in Slack.
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.errors import StoreError
from bot.stores import sqlite
from bot.stores.migrations import migrate, versions
from bot.stores.sql import SqlStore, open_store
from tests.fake_slack import SCOPES, TEST_TOKEN, FakeSlack
from tests.harness.crash_daemon import FOLLOWED, Orders, start
from tests.harness.crash_judge import Batch, judge, posted
from tests.harness.crash_news import OUTLETS, Newsroom, published
from tests.harness.crash_points import NAMED, POINTS, Point

DESK, DIGEST = "C0000DESK1", "C0000DIGE1"
STEP, DAY = timedelta(hours=2), timedelta(days=1)  # from one start to the next
MORNING = 8  # when digests are due
PATIENCE = 30.0  # seconds for a daemon to come to its point
LONGEST = 4.0  # seconds until a kill from outside
AT_RANDOM, AT_STOP = "at random", "at random, asked to end"
OUTSIDE = 10 * [AT_RANDOM] + 5 * [AT_STOP]  # of a desk
BLIND = ("root claimed", "root answered", "reply claimed", "reply answered", "edit answered", "lost", AT_RANDOM)
OLD = -3  # the version of the store that a desk begins with
QUIET = 6  # starts in which a desk has to come to rest
CONFIG = """
channel: {desk}
polling: {{allow: [127.0.0.1], every: 1s}}
log: {{format: json}}
reminders: {{days: [7, 1]}}
channels:
  - {{channel: {digest}, digest: {{daily: "{morning:02}:00"}}}}
watchlists:
  - {{name: duties, query: tariff, channels: [{desk}, {digest}]}}
feeds:
"""


@dataclass(slots=True)
class Result:
    """`kills` by point, `missed` where a round did not come to it. `faults` in words, one a line; all else are counts."""

    kills: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    cards: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return self.kills.total() + self.missed.total()

    def add(self, other: "Result") -> None:
        self.kills.update(other.kills)
        self.missed.update(other.missed)
        self.items.update(other.items)
        self.cards.update(other.cards)
        self.faults += other.faults


class Desk:
    """A folder with settings and a store, its feeds and its Slack. `ahead` is how far all their clocks are before ours; `blind`:
    whether its app may not read what is written in a channel."""

    def __init__(self, folder: Path, seed: int, *, blind: bool = False) -> None:
        self.folder, self.blind, self.ahead = folder, blind, timedelta(0)
        self._chance = random.Random(seed)
        self.newsroom = Newsroom(seed, self.clock)
        scopes = [scope for scope in SCOPES if not (blind and scope.endswith(":history"))]
        self.slack = FakeSlack(scopes=scopes, now=lambda: self.clock().timestamp())
        self.result = Result()

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def path(self) -> Path:
        return self.folder / "tariffwatch.db"

    @contextmanager
    def open(self) -> Iterator["Desk"]:
        with published(self.newsroom) as base, self.slack:
            feeds = (f"  - {{url: '{base}/{name}', outlet: {name}, backlog: all, pages: false}}\n" for name in OUTLETS)
            settings = CONFIG.format(desk=DESK, digest=DIGEST, morning=MORNING) + "".join(feeds)
            (self.folder / "config.yaml").write_text(settings, "utf-8")
            (self.folder / "backups").mkdir()
            old_store(self.path)
            yield self

    def start(self, point: str = "", hit: int = 1, words: tuple[str, ...] = ("run",)) -> BaseProcess:
        environment = {"SLACK_BOT_TOKEN": TEST_TOKEN, "SLACK_API_URL": self.slack.url}
        return start(Orders(self.folder, environment, self.ahead, point, hit, words))

    # a round

    def round(self, name: str) -> None:
        """News, a start, and a kill where `name` says."""
        point = NAMED.get(name)
        self.ahead += self._until(MORNING) if point and point.morning else STEP
        self.newsroom.publish()
        struck = self._at(point) if point else self._from_outside(stop=name == AT_STOP)
        (self.result.kills if struck else self.result.missed)[name] += 1
        if self.blind or (point and point.resting):
            self.rest()
        if self.blind:
            return
        if twice := [one for one, there in posted(self.slack.messages).items() if len(there) > 1]:
            self.result.faults.append(f"doubled: {twice} by round {self.result.rounds}, {name}")

    def _until(self, hour: int) -> timedelta:
        now = self.clock()
        return now.replace(hour=hour, minute=1) + DAY - now

    def _at(self, point: Point) -> bool:
        """Whether it came to the point."""
        if point.fault:
            self.slack.fail(point.fault, code="not_in_channel", retry_after="1")
        if point.command:
            return self._beside(point)
        process = self.start(point.name, self._chance.choice((1, 1, 2)) if point.often else 1)
        process.join(PATIENCE)
        return self._ended(process, point.name)

    def _beside(self, point: Point) -> bool:
        """The process that is killed at the point works beside the daemon, which is killed too."""
        process = self.start()
        process.join(self._chance.uniform(0.5, LONGEST))
        other = self.start(point.name, words=point.command)
        other.join(PATIENCE)
        self._ended(process, point.name)
        return self._ended(other, point.name)

    def _from_outside(self, *, stop: bool) -> bool:
        process = self.start()
        process.join(self._chance.uniform(0, LONGEST))
        if stop:
            process.terminate()
            process.join(self._chance.uniform(0, 0.3))
        return self._ended(process, AT_RANDOM, kill=True)

    def _ended(self, process: BaseProcess, name: str, *, kill: bool = False) -> bool:
        """Whether a SIGKILL ended it: its own, or with `kill` ours."""
        own = process.exitcode
        process.kill()
        process.join()
        if own not in (None, 0, -signal.SIGKILL, -signal.SIGTERM):
            self.result.faults.append(f"ended with code {own} in round {self.result.rounds + 1}, {name}")
        return own == -signal.SIGKILL or (kill and own is None)

    # and after all of them

    def rest(self) -> None:
        """Runs until nothing is left to do, and is asked to end."""
        for _ in range(QUIET):
            self.ahead += STEP
            self.newsroom.read.clear()
            process = self.start()
            with closing(SqlStore(sqlite.engine(self.path), str(self.path))) as store:
                idle = self._idle(store, process)
                process.terminate()
                process.join(PATIENCE)
                self.result.faults += self._unread(store)
                left = sum(store.counts()[f"alerts_{state}"] for state in ("queued", "sending", "unknown", "parked"))
            if process.exitcode != 0 or not idle:
                self.result.faults.append(f"did not rest: code {process.exitcode} after round {self.result.rounds}")
            if idle and not left:
                return
        self.result.faults.append(f"{left} alerts wait in vain after round {self.result.rounds}")

    def _idle(self, store: SqlStore, process: BaseProcess) -> bool:
        """Waits until all that was published is read, and what can be told is told."""
        until = time.monotonic() + 3 * PATIENCE
        while process.exitcode is None and time.monotonic() < until:
            process.join(0.1)
            with suppress(StoreError):  # it is not migrated yet
                counts = store.counts()
                busy = counts["unread"] + counts["unfollowed"] + counts["alerts_sending"]
                if self.newsroom.read == set(OUTLETS) and not busy and not store.due_alerts(self.clock(), 1):
                    return True
        return False

    def _unread(self, store: SqlStore) -> Iterator[str]:
        """What feeds show, and the store has not or otherwise."""
        for link, title in self.newsroom.shown.items():
            article = store.article(link)
            if article is None or article.title != title:
                yield f"lost: {link} ({title}) is not in the store after round {self.result.rounds}"

    def judged(self) -> Result:
        self.rest()
        with closing(open_store(f"sqlite:///{self.path}", check=True)) as store:
            store.refuse_damage(thorough=True)
            verdict = judge(store, self.newsroom.shown, self.slack.messages, (DESK, DIGEST), list(self._followed()))
        self.result.items, self.result.cards = verdict.items, verdict.cards
        self.result.faults += verdict.faults
        if self.blind and verdict.cards["blind"] > self.result.kills.total():
            self.result.faults.append(
                f"doubled: {verdict.cards['blind']} cards after {self.result.kills.total()} kills"
            )
        return self.result

    def _followed(self) -> Iterator[Batch]:
        for line in (self.folder / FOLLOWED).read_text("utf-8").splitlines():
            at, ids = json.loads(line)
            yield datetime.fromisoformat(at), ids


def old_store(path: Path) -> None:
    engine = sqlite.engine(path)
    sqlite.prepare(engine)
    with engine.execution_options(**sqlite.WRITING).begin() as connection:
        migrate(connection, versions()[OLD])
    engine.dispose()


def drive(plan: Sequence[str], seed: int, *, blind: bool = False) -> Result:
    """One desk through the rounds of the plan, judged. That of one with faults is left for who looks for their cause."""
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    with Desk(folder, seed, blind=blind).open() as desk:
        for name in plan:
            desk.round(name)
        result = desk.judged()
    if result.faults:
        (folder / "slack.json").write_text(json.dumps(desk.slack.messages), "utf-8")
        result.faults.append(f"see {folder}")
    else:
        shutil.rmtree(folder)
    return result


def plans(rounds: int, chance: random.Random) -> Iterator[list[str]]:
    """For each desk. Every point comes once, after those that must come before it; the first is the migration of its store."""
    while rounds > 0:
        turns = [[point.after, point.name] if point.after else [point.name] for point in POINTS]
        turns += [[name] for name in OUTSIDE]
        chance.shuffle(turns)
        plan = ["migration", *(name for turn in turns for name in turn if name != "migration")][:rounds]
        rounds -= len(plan)
        yield plan


def table(result: Result) -> Iterator[str]:
    width = max(len(name) for name in (*NAMED, AT_STOP))
    for name in (one for one in (*NAMED, AT_RANDOM, AT_STOP) if result.kills[one] or result.missed[one]):
        missed = f", {result.missed[name]} not reached" if result.missed[name] else ""
        yield f"{name:<{width}} {result.kills[name]:>4}{missed}"
    yield f"{result.rounds} rounds, {result.kills.total()} kills"
    yield ", ".join(f"{count:,} {what}" for what, count in result.items.items()) + " items"
    yield ", ".join(f"{count:,} {what}" for what, count in sorted(result.cards.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument(
        "--blind", type=int, default=20, help="rounds of one more desk, whose app may not read its channels"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began, chance = time.monotonic(), random.Random(asked.seed)
    result, blind = Result(), Result()
    for plan in plans(asked.rounds, chance):
        result.add(drive(plan, chance.randrange(1_000_000)))
        print(f"{result.rounds} rounds after {time.monotonic() - began:.0f} s, {len(result.faults)} faults", flush=True)
    if asked.blind:
        blind = drive(chance.choices(BLIND, k=asked.blind), chance.randrange(1_000_000), blind=True)
    for title, one in (("history readable", result), ("history unreadable", blind)):
        print(f"\n{title}", *table(one), sep="\n")
    print(*result.faults, *blind.faults, f"{len(result.faults) + len(blind.faults)} faults", sep="\n")
    return 1 if result.faults or blind.faults else 0


if __name__ == "__main__":
    sys.exit(main())
