"""Live settings: config.yaml and the folder watchlists, taken anew while the daemon runs — whole, or not at all; and beside
them the files that hold secrets."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from bot.app import desk, doubts, keep_versions
from bot.config import Config, config_of, with_credentials
from bot.config_files import ConfigFiles, read_again
from bot.credentials import Credentials, read_credentials
from bot.desk import Desk
from bot.dry_run import DryRun, changes, dry_run, told
from bot.errors import ConfigError, TariffwatchError
from bot.events import Event, Tell
from bot.messages import counted
from bot.pipeline import Pipeline
from bot.ports import Clock
from bot.versions import Version

PAST = 200  # articles of a dry run
PATIENCE = 10.0  # seconds that it may take


@dataclass(slots=True)
class Live:
    """`settings` are those that hold. `look` is called again and again, `reload` when somebody says so."""

    pipeline: Pipeline
    settings: Config
    environ: Mapping[str, str]
    clock: Clock
    tell: Tell
    seconds: Callable[[], float] = time.monotonic
    seen: str = ""  # what the files held at the last look
    refused: str = ""  # what they held when they were refused: one content is told once
    busy: Lock = field(default_factory=Lock)
    writing: Lock = field(default_factory=Lock)  # for who changes the files: one at a time, wherever they sit
    takers: list[Callable[[Config], object]] = field(default_factory=list)  # who shows secrets to Slack, or hides them
    held: Credentials | None = None  # what the environment and its files held at the last look
    unread: str = ""  # what was wrong with them, as it was told
    beside: bool = False  # a worker: what is to be told people and written down is the desk's
    learns: bool = True  # whether it reads articles, and so needs the topics

    def look(self) -> None:
        """Takes what has changed once it is the same in two looks: a file may be half written."""
        with self.busy:
            self._look_at_secrets()
            found = self._read()
            mark = _mark(found)
            steady, self.seen = mark == self.seen, mark
            if mark == _mark(self.settings.files):
                self.refused = ""
            elif steady and mark != self.refused:
                self._take(found)

    def reload(self) -> None:
        """Takes what there is at once, changed or not."""
        with self.busy:
            self._look_at_secrets(at_once=True)
            self._take(self._read())

    def _look_at_secrets(self, *, at_once: bool = False) -> None:
        """By themselves: what Slack refuses must not wait for a config.yaml that is wrong as well. Where they cannot be read,
        those before go on."""
        found, wrong = read_credentials(self.environ)
        steady, self.held = found == self.held, found
        words = "\n".join(map(str, wrong))
        if not (steady or at_once) or (wrong and words == self.unread):
            return
        if wrong:
            self.tell(Event("secrets_refused", {"error": words}))
        else:
            self._hold(with_credentials(self.settings, found))
            if self.unread:
                self.refused = ""  # settings that were refused for their sake are looked at again
        self.unread = words

    def _hold(self, settings: Config) -> None:
        """They hold from now on. With another secret what was refused may be allowed."""
        if settings.secrets != self.settings.secrets:
            for take in self.takers:
                take(settings)
            self.pipeline.store.unpark()
            self.tell(Event("secrets_taken", {}))
        self.settings = settings  # last: what fails on the way is done again

    def _read(self) -> ConfigFiles | ConfigError:
        """From the places that were read at the start: should a file vanish, the daemon must not go on with the shipped one."""
        assert self.settings.files is not None
        try:
            return read_again(self.settings.files)
        except ConfigError as error:
            return error

    def _take(self, found: ConfigFiles | ConfigError) -> None:
        """The model stays the one that is loaded, and the topics are learnt with that."""
        mark, known = _mark(found), _mark(self.settings.files)
        try:
            if isinstance(found, ConfigError):
                raise found
            settings = replace(config_of(found, self.environ), model=self.settings.model)
            at = desk(settings, self.pipeline.examiner.classifier if self.learns else None, self.tell)
            run = None if self.beside else self._dry_run(at)
        except Exception as error:  # whatever it is, the old set goes on
            self._refuse(
                mark, str(error) if isinstance(error, TariffwatchError) else f"{type(error).__name__}: {error}"
            )
            return
        before, self.pipeline.desk = self.pipeline.desk, at
        self._hold(settings)
        self.refused = ""
        self._taken(before, run, again=mark == known)

    def _dry_run(self, at: Desk) -> DryRun:
        pipeline, end = self.pipeline, self.seconds() + PATIENCE
        read = pipeline.examiner.plain.read
        return dry_run(pipeline.store.recent(PAST), pipeline.desk, at, read, lambda: self.seconds() < end)

    def _refuse(self, mark: str, words: str) -> None:
        self.tell(Event("reload_refused", {"error": words}))
        if mark != self.refused and not self.beside:
            now = self.clock()
            heading = "Settings refused: those before go on"
            self.pipeline.notice(heading, _in_lines(words), f"refused {mark} {now.isoformat()}", now)
        self.refused = mark

    def _taken(self, before: Desk, run: DryRun | None, *, again: bool) -> None:
        pipeline, now = self.pipeline, self.clock()
        at = pipeline.desk
        if run is None:
            self.tell(Event("reloaded", {"feeds": len(at.feeds), "watchlists": len(at.watchlists)}))
            return
        pipeline.store.unpark()  # what was refused may now be allowed
        lines = _lines(run, before, at, keep_versions(self.settings, pipeline.store, now))
        warnings = [f"warning: {doubt}" for doubt in doubts(self.settings, at)]
        self.tell(Event("reloaded", {"feeds": len(at.feeds), "watchlists": len(at.watchlists), "moved": lines}))
        if not again:
            heading = f"Settings taken: {counted(len(at.feeds), 'feed')}, {counted(len(at.watchlists), 'watchlist')}"
            notes = [*(lines or ["No watchlist is other than before."]), *warnings]
            pipeline.notice(heading, notes, f"taken {_mark(self.settings.files)} {now.isoformat()}", now)


def _lines(run: DryRun, before: Desk, after: Desk, versions: Iterable[Version]) -> list[str]:
    """What became of the watchlists, with who wrote it so where that is known."""
    by = {version.name: version.who for version in versions}
    moved = changes(before.watchlists, after.watchlists)
    return [told(run, what, name) + (f"; by {by[name]}" if by.get(name) else "") for what, name in moved]


def _in_lines(words: str) -> list[str]:
    """Without the query and the caret under it, which need letters of one width."""
    return re.sub(r"\n {4}.*\n +\^", "", words).splitlines()


def _mark(found: ConfigFiles | ConfigError | None) -> str:
    """What tells one content from another."""
    return found.digest if isinstance(found, ConfigFiles) else str(found)
