"""Sites: for which hosts a server's Retry-After counts. By the public suffix list that comes with tld; nothing is downloaded."""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

from tld import get_fld

from bot.feeds import Site, host


def sites(apart: Collection[str] = ()) -> Site:
    """The registrable domain of an address, "tumblr.com" for all of its blogs; its host where there is none. At a host that
    stands `apart` each address counts by itself, as its feeds come from many servers behind it."""

    @lru_cache(4096)
    def site(url: str) -> str:
        if (name := host(url)) in apart:
            return url
        return get_fld(f"http://{name}/", fail_silently=True, search_private=False) or _by_rule(name)

    return site


def _by_rule(name: str) -> str:
    """Of an ending that is not in the list the last word is public; a number has no ending."""
    try:
        ip_address(name)
    except ValueError:
        return ".".join(name.split(".")[-2:])
    return name
