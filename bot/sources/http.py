"""HttpFetcher: polite GETs over httpx2, many hosts at once and one request at a time for each."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from queue import SimpleQueue

import httpcore2
import httpx2

from bot.feeds import BUSY, FIRST_RETRY, LONGEST_VALIDATOR, Fetched, FetchRequest, Site, by_host, host, spacing
from bot.sources.freshness import fresh_for, retry_after
from bot.sources.guard import Guard, LookUp, Refused, addresses
from bot.sources.text import clean, line
from bot.sources.turns import Turns

MOST_HEADERS = 64 * 1024  # bytes, and 32 more a line, as HTTP/2 counts
MOST_REDIRECTS = 5
MOST_CODINGS = 2
DEADLINE = timedelta(seconds=30)
MOST_BYTES = 15 * 1024 * 1024
ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
}
CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
CHALLENGES = (b"_cf_chl_opt", b"cf-browser-verification")
GUARDS = (b"challenge-platform/h/", b"/_Incapsula_Resource")  # stand in good pages too; a challenge holds little else
SHORT = 20_000  # bytes
GIVE_UP = ("dns", "connect", "timeout", "blocked", "http_429", "http_503")  # true of all pages of a host
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = (301, 308)


class _FetchError(Exception):
    """Ends one fetch; its text is the `error` of what was fetched."""


class HttpFetcher:
    """`deadline` is for one request from name lookup to last byte, redirects included; `most_bytes` counts decoded ones.

    `pause` tells how long to leave a host alone between two requests, `site` for which hosts a Retry-After counts. `allow`
    are addresses and networks that may be asked though the guard would refuse them.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        concurrency: int = 16,
        deadline: timedelta = DEADLINE,
        most_bytes: int = MOST_BYTES,
        pause: Callable[[str], timedelta] = spacing,
        site: Site = host,
        allow: Sequence[str] = (),
        look_up: LookUp = addresses,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._concurrency, self._deadline, self._most_bytes = concurrency, deadline, most_bytes
        self._turns = Turns(pause, site)
        self._tls = httpx2.create_ssl_context(trust_env=False)
        self._guard = Guard(allow, look_up)

    def fetch(self, requests: Sequence[FetchRequest]) -> Iterator[Fetched]:
        """Each answer as soon as it is complete, so that a slow host keeps none of the others waiting."""
        if not requests:
            return
        done: SimpleQueue[Fetched | None] = SimpleQueue()
        with ThreadPoolExecutor(1, "fetch") as thread:
            running = thread.submit(self._run, requests, done)
            while (fetched := done.get()) is not None:
                yield fetched
            running.result()

    def _run(self, requests: Sequence[FetchRequest], done: SimpleQueue[Fetched | None]) -> None:
        try:
            asyncio.run(self._all(requests, done))
        finally:
            done.put(None)

    async def _all(self, requests: Sequence[FetchRequest], done: SimpleQueue[Fetched | None]) -> None:
        free, began = asyncio.Semaphore(self._concurrency), time.monotonic()
        # A thread for each host, or a few names that nobody answers for would keep the others waiting.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self._concurrency, "look-up"))
        async with httpx2.AsyncClient(
            headers=self._headers,
            transport=_GuardedTransport(self._tls, self._guard),
            trust_env=False,
            timeout=self._deadline.total_seconds(),
        ) as client:
            client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            async with asyncio.TaskGroup() as tasks:
                for queue in by_host(requests):
                    tasks.create_task(self._in_turn(client, queue, free, done, began))

    async def _in_turn(
        self,
        client: httpx2.AsyncClient,
        queue: Sequence[FetchRequest],
        free: asyncio.Semaphore,
        done: SimpleQueue[Fetched | None],
        began: float,
    ) -> None:
        given_up = ""
        for request in queue:
            if given_up and request.accept == "page":  # nobody's only source, so not worth a deadline each
                done.put(Fetched(request.url, error=given_up))
                continue
            async with self._turns.turn(request.url), free:
                waited = timedelta(seconds=time.monotonic() - began)
                fetched = replace(self._held(request) or await self._one(client, request), waited=waited)
            given_up = given_up or (fetched.error if fetched.error.startswith(GIVE_UP) else "")
            done.put(fetched)

    def _held(self, request: FetchRequest) -> Fetched | None:
        """In place of an answer, where the site has asked to be left alone."""
        wait = self._turns.held(request.url)
        words = f"held: the site asked to be left alone for another {wait.total_seconds():.0f} s"
        return Fetched(request.url, retry_after=wait, error=words) if wait else None

    async def _one(self, client: httpx2.AsyncClient, request: FetchRequest) -> Fetched:
        began = time.monotonic()
        fetched = await self._in_time(client, request)
        if fetched.status in BUSY:
            self._turns.hold(fetched.final_url, max(fetched.retry_after or FIRST_RETRY, timedelta(0)))
        return replace(fetched, took=timedelta(seconds=time.monotonic() - began))

    async def _in_time(self, client: httpx2.AsyncClient, request: FetchRequest) -> Fetched:
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await self._followed(client, request)
        except TimeoutError:
            error = f"timeout: no complete answer within {self._deadline.total_seconds():g} s"
        except (_FetchError, Refused) as failure:
            error = str(failure)
        except Exception as failure:  # whatever is wrong with one address, it must not take the other answers along
            error = _words(failure)
        return Fetched(request.url, error=line(clean(error)))  # a server's words stand in it

    async def _followed(self, client: httpx2.AsyncClient, request: FetchRequest) -> Fetched:
        url, permanent = httpx2.URL(request.url), True
        for hop in range(MOST_REDIRECTS + 1):
            if url.scheme not in ("http", "https") or not url.host:
                raise _FetchError(f"refused: {_shown(url)} is not an http or https address")
            # Validators as bytes, because they go back exactly as they came.
            headers = {name.encode(): value.encode("latin-1", "ignore") for name, value in request.headers.items()}
            headers[b"Accept"] = ACCEPT[request.accept].encode()
            async with client.stream("GET", url, headers=headers) as response:
                if response.status_code not in REDIRECTS:
                    answer = await self._answer(request, response)
                    return replace(answer, moved_to=answer.final_url.partition("#")[0]) if hop and permanent else answer
                permanent = permanent and response.status_code in PERMANENT
                url = _target(response)
        raise _FetchError(f"redirect: more than {MOST_REDIRECTS} redirects, the last to {_shown(url)}")

    async def _answer(self, request: FetchRequest, response: httpx2.Response) -> Fetched:
        if sum(len(name) + len(value) + 32 for name, value in response.headers.raw) > MOST_HEADERS:
            raise _FetchError("protocol: more than 64 kB of headers")
        body = b"" if response.status_code == 304 else await self._body(response)
        headers = response.headers
        error = _refusal(request, response, body)
        return Fetched(
            request.url,
            response.status_code,
            b"" if error else body,
            str(response.url.copy_with(userinfo=b"")),
            headers.get("content-type", ""),
            _validator(response, b"etag"),
            _validator(response, b"last-modified"),
            retry_after(headers.get_list("retry-after"), headers.get("date", ""), datetime.now(UTC)),
            fresh_for(
                headers.get("cache-control", ""),
                headers.get("expires", ""),
                headers.get("date", ""),
                datetime.now(UTC),
            ),
            error,
            size=response.num_bytes_downloaded,
        )

    async def _body(self, response: httpx2.Response) -> bytes:
        codings = [coding.strip().lower() for coding in response.headers.get("content-encoding", "").split(",")]
        if len(codings) > MOST_CODINGS or not CODINGS.issuperset(codings):
            raise _FetchError(f"protocol: Content-Encoding {', '.join(codings)[:60]} was not asked for")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._most_bytes:
                raise _FetchError(f"too_large: more than {self._most_bytes / 1024 / 1024:.0f} MB")
        return bytes(body)


class _GuardedTransport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport over connections that the guard makes, for which it has no argument."""

    def __init__(self, tls: ssl.SSLContext, guard: Guard) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls, network_backend=guard, max_connections=None, keepalive_expiry=5.0
        )


def _target(response: httpx2.Response) -> httpx2.URL:
    location = response.headers.get("location", "").strip()
    if not location:
        raise _FetchError(f"redirect: status {response.status_code} without a Location")
    # Joining drops userinfo, so credentials in a feed's address never follow to another host.
    target = response.url.join(location)
    if response.url.scheme == "https" and target.scheme == "http":
        raise _FetchError(
            f"redirect: leads from https to {_shown(target)}, which anybody on the way can read and change"
        )
    return target


def _refusal(request: FetchRequest, response: httpx2.Response, body: bytes) -> str:
    """The error of a complete answer, "" when it is good."""
    status = response.status_code
    signs = CHALLENGES if len(body) > SHORT else CHALLENGES + GUARDS
    if response.headers.get("cf-mitigated", "") == "challenge" or any(sign in body[:SHORT] for sign in signs):
        return "blocked: the site answers robots with a challenge page; ask it for access, or use another feed"
    if status == 304:
        return "" if request.headers else "protocol: status 304 to a request without conditions"
    if status not in (200, 203, 204):
        return f"http_{status}: {response.reason_phrase or 'no reason given'}"
    return "" if body.strip() else f"empty: status {status} with nothing in it"


def _validator(response: httpx2.Response, name: bytes) -> str | None:
    value = next((value for key, value in response.headers.raw if key.lower() == name), b"")
    return value.decode("latin-1") if 0 < len(value) <= LONGEST_VALIDATOR else None


def _words(failure: Exception) -> str:
    """Our class and the library's words. The cause says more than the wrapper does."""
    causes = list(_causes(failure))
    kinds = (
        ("dns", socket.gaierror), ("tls", ssl.SSLError), ("timeout", httpx2.TimeoutException),
        ("connect", httpx2.ConnectError), ("reset", httpx2.NetworkError), ("protocol", httpx2.ProtocolError),
        ("protocol", httpx2.DecodingError), ("reset", OSError),
    )  # fmt: skip
    kind = next((name for name, type_ in kinds for cause in causes if isinstance(cause, type_)), "refused")
    if kind == "protocol" and "without sending" in str(failure):
        kind = "reset"
    return f"{kind}: {next((str(cause) for cause in reversed(causes) if str(cause)), type(failure).__name__)}"


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        failure = failure.__cause__ or failure.__context__


def _shown(url: httpx2.URL) -> str:
    return str(url.copy_with(userinfo=b""))[:300]
