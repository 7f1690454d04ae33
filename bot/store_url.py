"""The URL of a store: a file of SQLite's or a database of PostgreSQL's, and how it is shown to people: without a password."""

from urllib.parse import parse_qs, unquote, urlsplit

SERVERS = ("postgresql://", "postgres://")


def on_server(url: str) -> bool:
    """Whether a PostgreSQL server keeps it, and not a file."""
    return url.startswith(SERVERS)


def unusable(url: str) -> tuple[str, str] | None:
    """What is wrong with the URL of a database on a server, and what to do; None for nothing. Never repeats it."""
    try:
        parts = urlsplit(url)
        named = parts.port != 0 and parts.path.strip("/")
    except ValueError:
        named = ""
    if not on_server(url) or not named or "/" in named or parts.fragment:
        return "names no database", "write it like postgresql://user@host:5432/tariffwatch"
    if "@" in parts.path or parts.netloc.count("@") > 1:
        return "has two @", "write the one of the password as %40, and / ? # : likewise"
    return None


def passwords(url: str) -> tuple[str, ...]:
    """As they are written in the URL, and as they are meant."""
    parts = urlsplit(url)
    before = parts.netloc.rpartition("@")[0].partition(":")[2]
    written = (before, *(word for name, words in parse_qs(parts.query).items() if "password" in name for word in words))
    return tuple(dict.fromkeys(word for one in written for word in (one, unquote(one)) if word))


def shown(url: str) -> str:
    """Fit for people: no password, and no parameters, which may hold one."""
    if not on_server(url):
        return url.removeprefix("sqlite:///")
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    return f"postgresql://{name}{'@' if name else ''}{host}{parts.path}"
