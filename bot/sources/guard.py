"""The guard of everything that is fetched: a name is looked up here, and only to a number that may be asked is connected."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore2

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
HEAD_START = 3.0  # seconds that an address has before the next one of the same name is tried

# `ipaddress` calls several of these global, and another set in each version of Python.
_REFUSED = tuple(
    (kind, tuple(map(ip_network, networks)))
    for kind, networks in (
        ("metadata", ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::/32")),
        ("loopback", ("127.0.0.0/8", "::1")),
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
        ("link-local", ("169.254.0.0/16", "fe80::/10")),
        ("carrier's private", ("100.64.0.0/10",)),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        ("tunnel", ("192.88.99.0/24", "2002::/16", "2001::/32", "64:ff9b:1::/48")),
        ("reserved", ("0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
                      "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20")),
    )
)  # fmt: skip
_WORLD = ip_network("2000::/3")  # all of IPv6 that is given out for the world to reach
_NAT64 = ip_network("64:ff9b::/96")


class Refused(Exception):  # noqa: N818  as in bot.errors, the name says what happened
    """Nothing was sent; the text says which address it is about."""


class Guard(httpcore2.AsyncNetworkBackend):
    """Looks up, checks every number that the name has, and connects to one of those it has checked. So a second look-up
    with another answer gains nothing, and redirects and pages come this way like all else."""

    def __init__(self, allowed: Iterable[str], look_up: LookUp) -> None:
        self._allowed, self._look_up = networks(allowed), look_up
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        *others, last = await self._checked(host, port)
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, HEAD_START, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        found = await self._look_up(host, port)
        if not found:
            raise socket.gaierror(f"{host} has no address")
        for address in found:
            if why := refusal(address, self._allowed):
                raise Refused(f"refused: {why}")
        return found


async def addresses(host: str, port: int) -> Sequence[str]:
    """By the system's own resolver, which reads 127.1 and 0x7f000001 as it would when connecting."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def networks(allowed: Iterable[str]) -> tuple[Network, ...]:
    return tuple(map(ip_network, allowed))


def refusal(address: str, allowed: Sequence[Network] = ()) -> str:
    """Why nobody's feed is to be fetched from this numeric address, and what to do; "" when it may be."""
    told = ip_address(address)
    real = _within(told)
    if any(one in network for network in allowed for one in (told, real)):
        return ""
    kind = _kind(real)
    return f"{kind} address {address} — allow it with polling.allow" if kind else ""


def _kind(address: Address) -> str:
    for kind, refused in _REFUSED:
        if any(address in network for network in refused):
            return kind
    return "reserved" if isinstance(address, IPv6Address) and address not in _WORLD else ""


def _within(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to where the network translates it."""
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
