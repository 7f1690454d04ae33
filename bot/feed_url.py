"""The URL of a feed: which ones are taken, and when two lead to the same feed."""

import re
from urllib.parse import SplitResult, urlsplit

_NOT_IN_A_URL = re.compile(r"[\s\x00-\x20\x7f\"<>\\^`{|}]")
_WEB_PORTS = {"http": 80, "https": 443}
_OTHER_SERVICES = frozenset({3306, 5432, 6379, 9200, 11211, 27017})


def problem_with(url: str, schemes: tuple[str, ...] = ("https", "http", "file")) -> tuple[str, str] | None:
    """What is wrong with `url` and what to do, or None. Never repeats the URL, which may carry a password."""
    if strange := _NOT_IN_A_URL.search(url):
        return f"holds {strange[0]!r}, which no URL may", "write it percent-encoded: %20 for a space, %22 for a quote"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"is no URL: {error}", "copy it again from the browser"
    if parts.scheme not in schemes:
        return "is no URL that can be polled", f"it must begin with {', '.join(f'{s}://' for s in schemes)}"
    if "@" in parts.netloc:
        return "carries a user name or password", "remove what stands before the @"
    return _file_problem(parts) if parts.scheme == "file" else _web_problem(parts, port)


def _file_problem(parts: SplitResult) -> tuple[str, str] | None:
    if parts.netloc not in ("", "localhost") or not re.match(r"/[^/]", parts.path):
        return "names no file on this machine", "write the whole path: file:///home/desk/feed.xml"
    return None


def _web_problem(parts: SplitResult, port: int | None) -> tuple[str, str] | None:
    if not parts.hostname:
        return "names no host", f"write {parts.scheme}://host/path"
    if port is not None and ((port < 1024 and port not in _WEB_PORTS.values()) or port in _OTHER_SERVICES):
        return f"asks at port {port}, where no feeds are served", "use port 80, 443, or one of a web server's own"
    return None


def same_feed(url: str) -> str:
    """Equal for two URLs that differ only in how scheme, host, default port or fragment are written."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").rstrip(".")
    shown = "" if port in (None, _WEB_PORTS.get(parts.scheme)) else f":{port}"
    return parts._replace(netloc=host + shown, path=parts.path or "/", fragment="").geturl()
