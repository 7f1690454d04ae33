"""What tests run the program against: servers and a Slack that behave as badly as asked, a clock that is set by hand, a line of
plain plugs, and months in a minute. How a case is added: docs/harness.md."""

from tests.fake_slack import FakeSlack
from tests.harness.clock import Clock
from tests.harness.feed_server import Site, bomb, get, moved, reply, reset, served
from tests.harness.simulation import Spell, Troubles, simulate
from tests.line import Line, store_at

__all__ = [
    "Clock",
    "FakeSlack",
    "Line",
    "Site",
    "Spell",
    "Troubles",
    "bomb",
    "get",
    "moved",
    "reply",
    "reset",
    "served",
    "simulate",
    "store_at",
]
