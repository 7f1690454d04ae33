"""Credentials: what the environment tells of Slack, HTTP and the database. They stand in no file of settings and in no repr."""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import ConfigError
from bot.store_url import passwords, unusable

SLACK_API = "https://slack.com/api/"
_TOKEN = re.compile(r"(xoxe\.)?xox[bp]-[\w.-]+", re.ASCII)
_APP_TOKEN = re.compile(r"xapp-[\w.-]+", re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_MOST_BYTES = 10_000
_SHORTEST = 16  # characters of a token that people make up
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Empty where the environment names none. `warnings` are for people."""

    slack_token: str = field(repr=False)
    slack_app_token: str = field(repr=False)
    slack_webhook: str = field(repr=False)
    slack_api_url: str
    http_token: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must not be seen. Of a webhook the path too, as some libraries show it without the host."""
        path = urlsplit(self.slack_webhook).path
        slack = (self.slack_token, self.slack_app_token, self.slack_webhook, path)
        known = (*slack, self.http_token, self.database_url, *passwords(self.database_url))
        return tuple(secret for secret in known if len(secret) > 1)


def read_credentials(environ: Mapping[str, str]) -> tuple[Credentials, list[ConfigError]]:
    """The credentials, and all that is wrong with them; then they are not to be used."""
    read = _Environment(environ)
    credentials = Credentials(
        slack_token=read.token("SLACK_BOT_TOKEN"),
        slack_app_token=read.app_token("SLACK_APP_TOKEN"),
        slack_webhook=read.webhook("SLACK_WEBHOOK_URL"),
        slack_api_url=read.api_url("SLACK_API_URL"),
        http_token=read.http_token("TARIFFWATCH_HTTP_TOKEN"),
        database_url=read.database_url("DATABASE_URL"),
        warnings=tuple(read.warnings),
    )
    return credentials, read.problems


def database_url(environ: Mapping[str, str]) -> str:
    """The URL of the database alone, should all else be wrong; "" for none. Raises ConfigError when it is wrong itself."""
    read = _Environment(environ)
    url = read.database_url("DATABASE_URL")
    if read.problems:
        raise read.problems[0]
    return url


class _Environment:
    """Reads one variable after the other and remembers what was wrong. No message repeats a value."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[ConfigError] = []
        self.warnings: list[str] = []

    def token(self, name: str) -> str:
        token = self._secret(name)
        if token and not _TOKEN.fullmatch(token):
            self._complain(f"{name} is no bot token", "it begins with xoxb- and is found under OAuth & Permissions")
        return token

    def app_token(self, name: str) -> str:
        token = self._secret(name)
        if token and not _APP_TOKEN.fullmatch(token):
            self._complain(f"{name} is no app token", "it begins with xapp- and is made under App-Level Tokens")
        return token

    def webhook(self, name: str) -> str:
        url = self._secret(name)
        if url and not _safe(url):
            self._complain(f"{name} is no webhook", "it begins with https://hooks.slack.com/services/")
        return url

    def http_token(self, name: str) -> str:
        token = self._secret(name)
        if token and len(token) < _SHORTEST:
            self._complain(
                f"{name} can be guessed", f"write {_SHORTEST} characters or more, as `openssl rand -hex 32` does"
            )
        return token

    def database_url(self, name: str) -> str:
        url = self._secret(name)
        if url and (wrong := unusable(url)):
            self._complain(f"{name} {wrong[0]}", wrong[1])
            return ""
        return url

    def api_url(self, name: str) -> str:
        url = self._environ.get(name, SLACK_API).strip()
        if not _safe(url):
            self._complain(f"{name} must be an https URL", f"remove it to use {SLACK_API}")
        return url if url.endswith("/") else f"{url}/"

    def _secret(self, name: str) -> str:
        """The variable itself, or the content of the file that NAME_FILE names; "" for neither."""
        if name in self._environ and f"{name}_FILE" in self._environ:
            self._complain(f"both {name} and {name}_FILE are set", "remove one of them")
            return ""
        if f"{name}_FILE" in self._environ:
            return self._from_file(f"{name}_FILE")
        return self._filled(name, self._environ[name]) if name in self._environ else ""

    def _from_file(self, name: str) -> str:
        path = Path(self._environ[name].strip())
        if not path.name:
            self._complain(f"{name} names no file", "set it, or remove it")
            return ""
        try:
            with path.open("rb") as file:
                text = file.read(_MOST_BYTES).decode()
            mode = path.stat().st_mode
        except UnicodeDecodeError:
            self._complain(f"{name}: {path} holds no text", "write the secret into it, and nothing else")
            return ""
        except OSError as error:
            self._complain(f"{name}: cannot read {path}: {error.strerror}", "check the path and its owner")
            return ""
        if mode & stat.S_IROTH:
            self.warnings.append(f"{name}: everybody on this machine can read {path} — chmod 600 {path}")
        return self._filled(name, text)

    def _filled(self, name: str, value: str) -> str:
        value = value.strip()
        if not value:
            self._complain(f"{name} is empty", "set it, or remove it")
        elif not _PRINTABLE.fullmatch(value):
            self._complain(f"{name} holds spaces, lines or signs that no secret has", "copy it again")
            return ""
        return value

    def _complain(self, problem: str, hint: str) -> None:
        self.problems.append(ConfigError(problem, where="environment", hint=hint))


def _safe(url: str) -> bool:
    """Whether a secret may travel there: over TLS, or not beyond this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))
