"""Where the crash driver kills the daemon: every point by name, with what is done by then, and how it is brought there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from bot import alerts as outbox
from tests.slack.web import Kind

# When a method is called, when all of its first transaction is done and not committed, when it is committed, and when the method
# is over; and of what Slack is asked meanwhile: when half of the request is out, and when its answer has come and was not read.
Moment = Literal["called", "uncommitted", "committed", "over", "half asked", "answered"]
Which = Callable[..., bool]  # of the arguments of the method


@dataclass(frozen=True, slots=True)
class Point:
    """`method` is "module:name" or "module:class.name". `after` is the point at which the daemon has to be killed just before;
    `fault`, how the fake Slack answers the next post; `often`: each round passes it more than once; `resting`: the desk comes to
    rest before there is other news; `stop`: the daemon is asked to end once it has posted; `morning`: it is started next morning;
    `command`: another process beside it that is killed too."""

    name: str
    words: str
    method: str
    moment: Moment
    which: Which = lambda *_, **__: True
    after: str = ""
    fault: Kind | None = None
    often: bool = False
    resting: bool = False
    stop: bool = False
    morning: bool = False
    command: tuple[str, ...] = ()


STORE, SINK = "bot.stores.sql:SqlStore.", "bot.sinks.slack:SlackSink."
TOLD = {
    outbox.ROOT: ("send", lambda sink, message, channel, thread="", **_: not thread and message.kind == "new"),
    outbox.REPLY: ("send", lambda sink, message, channel, thread="", **_: bool(thread)),
    outbox.EDIT: ("edit", lambda *_, **__: True),
}


def saved(state: str, role: str = "", tries: int = 0) -> Which:
    def which(store: Any, alert: outbox.Alert, *_: Any) -> bool:
        return alert.state == state and role in ("", alert.role) and alert.tries >= tries

    return which


def some(store: Any, given: Any, *_: Any, **__: Any) -> bool:
    return bool(given)


def articles(store: Any, state: Any, given: Any, *_: Any, **__: Any) -> bool:
    return bool(given)


def told(store: Any, followed: Any, stories: Any, alerts: Any, *_: Any, **__: Any) -> bool:
    return bool(followed and alerts)


def reminded(store: Any, followed: Any, stories: Any, alerts: Any, *_: Any, **__: Any) -> bool:
    return bool(alerts) and alerts[0].message.kind == "reminder"


def _delivery(role: str) -> Iterator[Point]:
    """From the claim to the mark, of a card, a reply and an edit each."""
    method, which = TOLD[role]
    claim, mark = saved(outbox.SENDING, role), saved(outbox.SENT, role)
    steps: tuple[tuple[str, str, str, Moment, Which], ...] = (
        ("claim", "it is claimed, not committed", f"{STORE}save_alert", "uncommitted", claim),
        (
            "claimed",
            "it is on its way by our account, and Slack was not asked",
            f"{STORE}save_alert",
            "committed",
            claim,
        ),
        ("half asked", "half of the request is out", f"{SINK}{method}", "half asked", which),
        ("answered", "Slack has it and said so, and nobody has read that", f"{SINK}{method}", "answered", which),
        ("mark", "it is marked as sent, not committed", f"{STORE}save_alert", "uncommitted", mark),
        ("marked", "it is sent by our account too", f"{STORE}save_alert", "committed", mark),
    )
    for name, words, where, moment, one in steps:
        yield Point(f"{role} {name}", words, where, moment, one, often=True)


POINTS = (
    Point("start", "the lock is held, and the store not opened", f"{STORE}prepare", "called"),
    Point("migration", "an older store is migrated, not committed", f"{STORE}prepare", "uncommitted"),
    Point("migrated", "the store is there, and nothing was done with it", f"{STORE}prepare", "committed"),
    Point("versions", "the watchlists are written down, not committed", f"{STORE}save_versions", "uncommitted"),
    Point("recovery", "what was on its way is to be looked up, not committed", f"{STORE}recover", "uncommitted",
          after="reply answered"),
    Point("recovered", "what was on its way is to be looked up", f"{STORE}recover", "committed", after="edit answered"),
    Point("unparked", "what was parked is queued again", f"{STORE}unpark", "committed", after="parked"),
    Point("poll", "that feeds are asked is written down, not committed", f"{STORE}save_states", "uncommitted", some),
    Point("polling", "that feeds are asked is written, and none was", f"{STORE}save_states", "committed", some, resting=True),
    Point("served", "a feed has come, and was not parsed", "bot.sources.worker:WorkerParser.parse", "called", resting=True),
    Point("parsed", "a feed is parsed, and nothing of it kept", f"{STORE}save_feed", "called", articles, resting=True),
    Point("feed", "a feed and its items are written, not committed", f"{STORE}save_feed", "uncommitted", articles, resting=True),
    Point("collected", "a feed and its items are in the store", f"{STORE}save_feed", "committed", articles, resting=True),
    Point("read", "articles are read, and nothing of that kept", f"{STORE}save_analyses", "called", some),
    Point("analyses", "what was read is written, not committed", f"{STORE}save_analyses", "uncommitted", some),
    Point("analysed", "what was read is in the store, and nobody followed it", f"{STORE}save_analyses", "committed", some),
    Point("follow", "stories, measures and alerts are made, and nothing kept", f"{STORE}save_follow", "called", told),
    Point("stories", "stories, measures and alerts are written, not committed", f"{STORE}save_follow", "uncommitted", told),
    Point("followed", "stories, measures and alerts are in the store", f"{STORE}save_follow", "committed", told),
    Point("reminder", "reminders are queued, not committed", f"{STORE}save_follow", "uncommitted", reminded,
          after="collected"),
    Point("reminded", "reminders are queued", f"{STORE}save_follow", "committed", reminded,
          after="collected"),
    Point("digest", "a digest and what is in it are written, not committed", f"{STORE}save_digest", "uncommitted", morning=True),
    Point("digested", "a digest is queued", f"{STORE}save_digest", "committed", morning=True),
    Point("digest answered", "Slack has a digest and said so, and nobody has read that", f"{SINK}send", "answered",
          lambda sink, message, *_, **__: message.kind == "digest", morning=True),
    *_delivery(outbox.ROOT),
    *_delivery(outbox.REPLY),
    *_delivery(outbox.EDIT),
    Point("look-up", "after a card that came, Slack has told its history, and nobody has read that", f"{SINK}find", "answered",
          after="root answered"),
    Point("found", "a card that came is found, and that is not written down", f"{SINK}find", "over", after="root answered"),
    Point("found reply", "a reply that came is found, and that is not written down", f"{SINK}find", "over",
          after="reply answered"),
    Point("absent", "a card that never came is looked for in vain, and that is not written down", f"{SINK}find", "over",
          after="root claimed"),
    Point("sent anew", "a card that never came is made, and Slack's answer not read", f"{SINK}send", "answered",
          TOLD[outbox.ROOT][1], after="root claimed"),
    Point("lost", "the answer was lost, which is written, not committed", f"{STORE}save_alert", "uncommitted",
          saved(outbox.UNKNOWN, tries=1), fault="500"),
    Point("unknown", "the answer was lost, which is written down", f"{STORE}save_alert", "committed",
          saved(outbox.UNKNOWN, tries=1), fault="500"),
    Point("busy", "Slack wants to be left alone, which is written, not committed", f"{STORE}save_alert", "uncommitted",
          saved(outbox.QUEUED), fault="busy"),
    Point("parked", "Slack refuses the channel, which is written down", f"{STORE}save_alert", "committed", saved(outbox.PARKED),
          fault="code"),
    Point("tidying", "what is old is forgotten, not committed", f"{STORE}prune", "uncommitted"),
    Point("fold", "the -wal file is to be emptied", f"{STORE}fold", "called"),
    Point("folded", "the -wal file is empty", f"{STORE}fold", "over"),
    Point("stopping", "it is asked to end, and its ticks are at work", "bot.engines.scheduler:SchedulerEngine._settle", "called",
          stop=True),
    Point("stopped", "its ticks have ended, and the store is not closed", f"{STORE}close", "called", stop=True),
    Point("closed", "the store is closed, and the lock is held", f"{STORE}close", "over", stop=True),
    Point("backup", "a backup is copied, and has no name yet", "bot.stores.copies:_move", "called",
          command=("backup", "backups")),
)  # fmt: skip
NAMED = {point.name: point for point in POINTS}
