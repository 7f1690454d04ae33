"""Turns: whose request may go to a host now. One at a time and a pause apart, whichever thread or round it comes from."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from threading import Lock

from bot.feeds import Site, host, is_local

LOOK_AGAIN = 0.1  # seconds, while another request is under way


class Turns:
    """`pause` tells how long a host is left alone after a request. A site that asked to be left alone is, until then."""

    def __init__(self, pause: Callable[[str], timedelta], site: Site) -> None:
        self._pause, self._site, self._lock = pause, site, Lock()
        self._free: dict[str, float] = {}  # by host, when the next may go; for ever while one is under way
        self._held: dict[str, float] = {}  # by site

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        name = host(url)
        while (wait := self._take(name)) > 0:
            await asyncio.sleep(wait)
        try:
            yield
        finally:
            self._leave(name, time.monotonic() + self._pause(url).total_seconds())

    def hold(self, url: str, wait: timedelta) -> None:
        if is_local(url):
            return
        with self._lock:
            self._held[self._site(url)] = time.monotonic() + wait.total_seconds()

    def held(self, url: str) -> timedelta:
        """How long the site of `url` is still to be left alone."""
        with self._lock:
            return timedelta(seconds=max(self._held.get(self._site(url), 0.0) - time.monotonic(), 0.0))

    def _take(self, name: str) -> float:
        """0 for who may go now; else how long to sleep before asking again."""
        with self._lock:
            wait = self._free.get(name, 0.0) - time.monotonic()
            if wait > 0:
                return min(wait, LOOK_AGAIN) if math.isinf(wait) else wait
            self._free[name] = math.inf
            return 0.0

    def _leave(self, name: str, free: float) -> None:
        with self._lock:
            self._free[name] = free
            now = time.monotonic()
            self._free = {name: at for name, at in self._free.items() if at > now}
            self._held = {name: at for name, at in self._held.items() if at > now}
