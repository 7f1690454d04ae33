"""Every error the program raises on purpose, in one tree.

TariffwatchError
├── ConfigError        config.yaml or the environment is wrong: says file, line, what to do
│   └── QueryError     a watchlist query is wrong: carries the column and what was expected
├── ParseError         bytes that are no feed
├── ModelError         a model is missing, damaged or refuses to load
├── StoreError         the database is unreachable, newer than the program, or read-only
│   └── LeaseLost      what was worked on is another worker's by now, or has changed: nothing of it was written
├── UnknownStory       no story or article goes by what was asked for
└── DeliveryError      a sink did not take a message
    ├── SinkBusy       asked to wait: nothing was posted, try again after `wait`
    ├── SinkDown       surely not posted, try again later
    ├── ChannelRefused this channel will not take it: park the channel
    ├── SinkRefused    the whole sink will not (token revoked, scope missing): park everything
    ├── MessageRefused the message itself is refused: send it simpler, then give up on it
    ├── RootGone       the message that this one answers or edits is not there: post it by itself, or let it be
    └── OutcomeUnknown it may have been posted: look before sending again
"""

from datetime import timedelta

SHOWN = 100  # characters of a query


class TariffwatchError(Exception):
    """Base of all errors a user can cause or cure; its text is fit to be shown as it is."""


class ConfigError(TariffwatchError):
    """A setting is wrong. `where` is "file:line" where known; `hint` says what to do."""

    def __init__(self, problem: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(": ".join(part for part in (where, problem) if part) + (f" — {hint}" if hint else ""))
        self.problem, self.where, self.hint = problem, where, hint


class QueryError(ConfigError):
    """A watchlist query cannot be read. `column` counts characters from 0 in the query's text; of a long one only what
    stands around it is shown."""

    def __init__(self, problem: str, *, query: str, column: int, hint: str = "") -> None:
        start = max(column - SHOWN // 2, 0) if len(query) > SHOWN else 0
        before, after = "… " if start else "", " …" if len(query) > start + SHOWN else ""
        shown = f"{before}{query[start : start + SHOWN]}{after}"
        super().__init__(f"{problem}\n    {shown}\n    {' ' * (column - start + len(before))}^", hint=hint)
        self.column, self.query = column, query


class ParseError(TariffwatchError):
    """The bytes are not a feed in any form that we read."""


class ModelError(TariffwatchError):
    """A spaCy pipeline or classifier is missing or unusable."""


class StoreError(TariffwatchError):
    """The database cannot be used."""


class LeaseLost(StoreError):
    """What was done came too late: another worker has it now, or what it was done by has changed."""


class UnknownStory(TariffwatchError):
    """Nothing in the store goes by that name."""

    def __init__(self, which: str) -> None:
        super().__init__(
            f"no story is known by {which!r} — `tariffwatch stories` lists them; give an id, or an article's address"
        )


class DeliveryError(TariffwatchError):
    """A sink did not confirm a message. `code` is the sink's own word for it."""

    def __init__(self, problem: str, *, code: str = "") -> None:
        super().__init__(problem)
        self.code = code


class SinkBusy(DeliveryError):
    """Nothing was posted; the sink names the time to wait."""

    def __init__(self, problem: str, *, wait: timedelta, code: str = "") -> None:
        super().__init__(problem, code=code)
        self.wait = wait


class SinkDown(DeliveryError):
    """Nothing was posted (no connection, service unavailable)."""


class ChannelRefused(DeliveryError):
    """The channel is missing, archived, or the bot is not in it."""


class SinkRefused(DeliveryError):
    """The credentials or permissions are not accepted, for any channel."""


class MessageRefused(DeliveryError):
    """The layout of this message is not accepted."""


class RootGone(DeliveryError):
    """Nothing was posted: the message to answer or to edit is gone, or can no longer be edited, or never was this sink's."""


class OutcomeUnknown(DeliveryError):
    """The request went out and no answer can be trusted."""
