"""The guard: which addresses may be connected to, and that nothing is sent to the others."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import Any

import httpcore2
import pytest

from bot.feeds import Fetched, FetchRequest
from bot.sources import guard
from bot.sources.guard import Guard, networks, refusal
from bot.sources.http import HttpFetcher
from tests.harness.feed_server import AGENT, Site, get, moved, reply, served

PUBLIC = "93.184.216.34"


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as site:
        yield site


class Names:
    """A resolver that gives the answers it was told, one after the other, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def listening(*addresses: str) -> Iterator[int]:
    """One port of several addresses of this machine."""
    with ExitStack() as open_:
        port = 0
        for address in addresses:
            port = open_.enter_context(socket.create_server((address, port))).getsockname()[1]
        yield port


@contextmanager
def deaf(address: str, port: int = 0) -> Iterator[int]:
    """A port whose queue is full, so that whoever connects hears nothing."""
    with socket.create_server((address, port), backlog=0) as server, ExitStack() as open_:
        for _ in range(3):
            caller = open_.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def connected(addresses: Sequence[str], port: int, **how: Any) -> socket.socket:
    """The socket, closed by then, that a guard connected for a name with these addresses."""

    async def look_up(host: str, asked: int) -> Sequence[str]:
        assert (host, asked) == ("a.example", port)
        return addresses

    async def connect() -> socket.socket:
        stream = await Guard(["127.0.0.0/8"], look_up).connect_tcp("a.example", port, **how)
        own: socket.socket = stream.get_extra_info("socket")
        copy = own.dup()
        await stream.aclose()
        return copy

    return asyncio.run(connect())


def asked(url: str, names: Names, allow: Sequence[str] = ()) -> Fetched:
    (fetched,) = HttpFetcher(AGENT, allow=allow, look_up=names).fetch([FetchRequest(url, {})])
    return fetched


@pytest.mark.fault("X09")
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("0.0.0.0", "reserved"),  # noqa: S104  refused, and not listened at
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("169.254.1.1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("192.0.0.192", "metadata"),
        ("100.64.0.1", "carrier's private"),
        ("192.0.2.1", "reserved"),
        ("198.18.0.1", "reserved"),
        ("198.51.100.7", "reserved"),
        ("203.0.113.7", "reserved"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("192.88.99.1", "tunnel"),
        ("::1", "loopback"),
        ("::", "reserved"),
        ("::7f00:1", "reserved"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "metadata"),
        ("fe80::1", "link-local"),
        ("fe80::1%lo", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:0:10.0.0.1", "reserved"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("64:ff9b:1::a00:1", "tunnel"),
        ("2002:a9fe:a9fe::", "tunnel"),
        ("2001:0:53aa:64c::f5ff:fffe", "tunnel"),
        ("2001:db8::1", "reserved"),
        ("3fff::1", "reserved"),
        ("100::1", "reserved"),
    ],
)
def test_what_is_not_on_the_public_internet_is_refused(address: str, kind: str) -> None:
    assert refusal(address) == f"{kind} address {address} — allow it with polling.allow"


REST = ":ffff:ffff:ffff:ffff:ffff:ffff:ffff"


@pytest.mark.fault("X09")
@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        ("0.0.0.0", "0.255.255.255", "reserved"),  # noqa: S104  as above
        ("10.0.0.0", "10.255.255.255", "private"),
        ("100.64.0.0", "100.127.255.255", "carrier's private"),
        ("127.0.0.0", "127.255.255.255", "loopback"),
        ("169.254.0.0", "169.254.255.255", "link-local"),
        ("172.16.0.0", "172.31.255.255", "private"),
        ("192.0.0.0", "192.0.0.255", "reserved"),
        ("192.0.2.0", "192.0.2.255", "reserved"),
        ("192.88.99.0", "192.88.99.255", "tunnel"),
        ("192.168.0.0", "192.168.255.255", "private"),
        ("198.18.0.0", "198.19.255.255", "reserved"),
        ("198.51.100.0", "198.51.100.255", "reserved"),
        ("203.0.113.0", "203.0.113.255", "reserved"),
        ("224.0.0.0", "239.255.255.255", "multicast"),
        ("240.0.0.0", "255.255.255.255", "reserved"),
        ("::1", "::1", "loopback"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "tunnel"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "tunnel"),
        ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"),
        ("2002::", f"2002{REST}", "tunnel"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "reserved"),
        ("4000::", f"fbff{REST}", "reserved"),
        ("fc00::", f"fdff{REST}", "private"),
        ("fd00:ec2::", "fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff", "metadata"),
        ("fe80::", f"febf{REST}", "link-local"),
        ("fec0::", f"feff{REST}", "private"),
        ("ff00::", f"ffff{REST}", "multicast"),
    ],
)
def test_a_range_is_refused_from_its_first_address_to_its_last(first: str, last: str, kind: str) -> None:
    inside, outside = (ip_address(first), ip_address(last)), []
    if int(inside[0]):
        outside.append(inside[0] - 1)
    if int(inside[1]) + 1 < 2 ** inside[1].max_prefixlen:
        outside.append(inside[1] + 1)
    assert {refusal(str(address)).partition(" address ")[0] for address in inside} == {kind}
    assert kind not in {refusal(str(address)).partition(" address ")[0] for address in outside}


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        PUBLIC,
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ],
)
def test_what_is_may_be_asked(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.fault("X09")
def test_what_is_allowed_may_be_asked_and_its_neighbours_may_not() -> None:
    allowed = networks(("10.20.0.0/16", "127.0.0.1", "fd12::/16"))
    for address in ("10.20.3.4", "127.0.0.1", "::ffff:127.0.0.1", "fd12::1"):
        assert refusal(address, allowed) == ""
    for address in ("10.21.0.1", "127.0.0.2", "fd13::1", "::1"):
        assert refusal(address, allowed) != ""


@pytest.mark.fault("X09")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "①②⑦.⓪.⓪.①"]
)
def test_however_an_address_of_this_machine_is_written_nothing_reaches_it(site: Site, host: str) -> None:
    fetched = get(site.url("/rss", host), allow=())
    assert fetched.error.startswith("refused: ")
    assert site.asked == []


def test_a_refused_feed_says_which_address_and_what_to_do(site: Site) -> None:
    assert get(site.url("/"), allow=()).error == "refused: loopback address 127.0.0.1 — allow it with polling.allow"


@pytest.mark.fault("X10")
def test_a_name_with_one_private_address_among_public_ones_is_refused(site: Site) -> None:
    fetched = asked(site.url("/rss", "a.example"), Names([PUBLIC, "10.0.0.1"]))
    assert fetched.error.startswith("refused: private address 10.0.0.1")


@pytest.mark.fault("X10")
def test_what_was_checked_is_what_is_connected_to_whatever_a_second_look_up_would_say(site: Site) -> None:
    site.answers["/rss"] = reply()
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    assert asked(site.url("/rss", "a.example"), names, allow=("127.0.0.1",)).error == ""
    assert names.asked == 1
    assert f"Host: a.example:{site.port}\r\n" in site.asked[0]


@pytest.mark.fault("X10", "X11")
def test_each_hop_of_a_redirect_is_looked_up_and_checked_anew(site: Site) -> None:
    site.answers["/1"] = moved(f"http://b.example:{site.port}/2")
    names = Names(["127.0.0.1"], ["192.168.0.1"])
    fetched = asked(site.url("/1", "a.example"), names, allow=("127.0.0.1",))
    assert fetched.error.startswith("refused: private address 192.168.0.1")
    assert len(site.asked) == 1


@pytest.mark.fault("X11")
@pytest.mark.parametrize("accept", ["feed", "page"])
def test_a_redirect_to_metadata_is_refused_for_feeds_and_pages_alike(site: Site, accept: str) -> None:
    site.answers["/1"] = moved("http://169.254.169.254/latest/meta-data/")
    assert get(site.url("/1"), accept=accept).error.startswith("refused: metadata address 169.254.169.254")


def test_where_one_address_of_a_name_does_not_answer_the_next_one_is_tried(site: Site) -> None:
    site.answers["/rss"] = reply()
    names = Names(["127.0.0.2", "127.0.0.1"])  # nobody listens at the first
    assert asked(site.url("/rss", "a.example"), names, allow=("127.0.0.0/8",)).error == ""


def test_the_first_address_that_answers_is_taken_and_two_that_do_not_are_passed_over() -> None:
    with listening("127.0.0.4", "127.0.0.5") as port:
        with connected(["127.0.0.4", "127.0.0.5"], port) as taken:
            assert taken.getpeername() == ("127.0.0.4", port)
        with connected(["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"], port) as taken:
            assert taken.getpeername() == ("127.0.0.4", port)


def test_an_address_that_keeps_silent_has_a_head_start_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HEAD_START", 0.1)
    names = ["127.0.0.2", "127.0.0.3"]
    with listening("127.0.0.3") as port, deaf("127.0.0.2", port), connected(names, port, timeout=20.0) as taken:
        assert taken.getpeername() == ("127.0.0.3", port)


def test_the_last_address_has_all_the_time_there_is_and_no_more() -> None:
    with deaf("127.0.0.2") as port, pytest.raises(httpcore2.ConnectTimeout):
        connected(["127.0.0.2"], port, timeout=0.1)


@pytest.mark.parametrize("addresses", [["127.0.0.3", "127.0.0.4"], ["127.0.0.3"]])
def test_whichever_address_is_taken_is_connected_to_as_asked_for(addresses: list[str]) -> None:
    how: Any = {"local_address": "127.0.0.9", "socket_options": [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]}
    with listening("127.0.0.3") as port, connected(addresses, port, **how) as taken:
        assert taken.getsockname()[0] == "127.0.0.9"
        assert taken.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_name_without_an_address_is_told() -> None:
    assert asked("http://a.example/", Names([])).error == "dns: a.example has no address"


@pytest.mark.fault("X13")
def test_a_proxy_in_the_environment_leads_nobody_around_the_guard(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", site.url("/"))
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert get(f"http://127.0.0.1:{other.getsockname()[1]}/", allow=()).error.startswith("refused: loopback")
    assert site.asked == []
