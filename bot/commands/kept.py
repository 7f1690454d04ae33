"""The store as commands that only look see it: none is made where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ports import Store


@contextmanager
def kept(store_url: str) -> "Iterator[Store | None]":
    """The store, or None where there is none yet."""
    from bot.stores.sql import open_store, there

    if not there(store_url):
        yield None
        return
    store = open_store(store_url)
    try:
        yield store
    finally:
        store.close()
