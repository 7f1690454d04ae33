"""FileFetcher reads file:// addresses; SchemeFetcher sends each request to the fetcher for its kind of address."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.feeds import Fetched, FetchRequest
from bot.ports import Fetcher

MOST_BYTES = 15 * 1024 * 1024


class FileFetcher:
    """A file has no validators: whether it changed is told by the hash of what it holds."""

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        for request in requests:
            yield _read(request.url)


class SchemeFetcher:
    """Files first, which are there at once; only feeds may be files, for these stand in the configuration."""

    def __init__(self, http: Fetcher, file: Fetcher) -> None:
        self._http, self._file = http, file

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        files = [r for r in requests if r.accept == "feed" and r.url.lower().startswith("file:")]
        yield from self._file.fetch(files)
        yield from self._http.fetch([request for request in requests if request not in files])


def _read(url: str) -> Fetched:
    try:
        path = _path(url)
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        return Fetched(url, error=f"file: {error}")
    if len(body) > MOST_BYTES:
        return Fetched(url, error=f"too_large: {path} has more than {MOST_BYTES // 1024 // 1024} MB")
    return Fetched(url, body=body, final_url=url, error="" if body.strip() else f"empty: {path} holds nothing")


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"{url} names the host {parts.netloc}; write file:///absolute/path for a file on this machine")
    return Path(unquote(parts.path))
