"""Changes: a watchlist that people write or take back from Slack or the page, put into the file where it stands — checked with
all the others first, and nothing is written when the settings would not load with it."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.actions import Action, action_id
from bot.app import desk, keep_versions
from bot.config import as_written, config_of
from bot.config_files import FOLDER, ConfigFiles, read_again
from bot.digests import ASKED, next_digest
from bot.errors import ConfigError
from bot.interactive.acts import Person
from bot.interactive.drafts import Draft, entry_of
from bot.live import Live
from bot.ports import Clock
from bot.terminal import replace_file, unwritable
from bot.undo import undo
from bot.versions import Version, difference, latest, moved
from bot.watchlist_text import entry_in, with_watchlist

COMES_AGAIN = timedelta(days=1)  # for so long what is asked may be delivered once more
DONE = "This was done already."
ADD, EDIT, UNDO, DIGEST = "watch_add", "watch_edit", "watch_undo", "digest_now"  # kinds of actions


@dataclass(frozen=True, slots=True)
class Seat:
    """Where people sit who write watchlists. `file` takes what is new, `who` is how a version names them, and `whole`: whether
    their form shows every channel, those that are written by their names too."""

    name: str
    file: str
    who: str
    whole: bool


SLACK = Seat("Slack", f"{FOLDER}/slack.yaml", "{name} ({id})", whole=False)
PAGE = Seat("the page", f"{FOLDER}/page.yaml", "page: {name}", whole=True)


def mark(entry: str) -> str:
    """What tells one text of an entry from another."""
    return hashlib.sha256(entry.encode()).hexdigest()[:16]


@dataclass(slots=True)
class Changes:
    """One change at a time. Raises ConfigError, whose words are for the person."""

    live: Live
    clock: Clock
    seat: Seat = SLACK

    def present(self, name: str) -> str:
        """The entry of the watchlist of that name as it stands; "" where there is none."""
        return self._place(self._files(), name)[1]

    def save(self, draft: Draft, seen: str, by: Person, key: str, channel: str) -> str:
        """`seen` is the mark of the entry that the person had before them, "" of a new one. Returns what became of it."""
        with self.live.writing:
            if self._known(key):
                return DONE
            files = self._files()
            path, present = self._place(files, draft.name)
            if (mark(present) if present else "") != seen:
                raise ConfigError(f"{draft.name} was changed meanwhile", hint="open it again, and nothing is lost")
            entry = entry_of(present, draft, whole=self.seat.whole)
            if entry == present:
                return f"Nothing about {draft.name} was changed."
            self._write(files, path, draft.name, entry, by)
            kind = EDIT if present else ADD
            return self._done(kind, draft.name, by, key, channel)

    def undo(self, name: str, by: Person, key: str, channel: str) -> str:
        with self.live.writing:
            if self._known(key):
                return DONE
            files, store, now = self._files(), self.live.pipeline.store, self.clock()
            with suppress(ConfigError):  # what does not load is what undo is for
                keep_versions(config_of(files, self.live.environ), store, now)
            plan = undo(name, None, store.versions(name), files, self.live.environ, self._who(by), now)
            _replace(plan.path.resolve(), plan.data)
            store.save_versions([plan.version])
            return self._done(UNDO, name, by, key, channel)

    def digest(self, channel: str, by: Person, key: str) -> str:
        """What the channel's next digest would tell, now; of one that has none, what there is."""
        pipeline, now = self.live.pipeline, self.clock()
        if not pipeline.store.save_action(Action(_id(key), now, by.id, by.name, channel, DIGEST)):
            return DONE
        found = next_digest(pipeline.store, pipeline.seed, pipeline.desk.settings_of(channel), ASKED, now)
        pipeline.store.save_digest(found.alert, found.told)
        return "The digest is on its way to this channel."

    def _known(self, key: str) -> bool:
        """Whether it was done, before a restart perhaps."""
        done = self.live.pipeline.store.actions(since=self.clock() - COMES_AGAIN)
        return any(action.id == _id(key) for action in done)

    def _files(self) -> ConfigFiles:
        assert self.live.settings.files is not None
        return read_again(self.live.settings.files)

    def _write(self, files: ConfigFiles, path: str, name: str, entry: str, by: Person) -> None:
        data = next((file.data for file in files.all if file.name == path), b"")
        longer = with_watchlist(data, name, entry, path).encode()
        store, now = self.live.pipeline.store, self.clock()
        try:
            after = config_of(files.with_file(path, longer), self.live.environ)
            desk(after)
        except ConfigError as error:
            raise ConfigError(f"nothing was saved: with it the settings would not load\n{error}") from error
        with suppress(ConfigError):
            keep_versions(config_of(files, self.live.environ), store, now)
        _replace(Path(path).resolve(), longer)
        fresh = moved(store.versions(name), [one for one in as_written(after) if one.name == name], now)
        store.save_versions([replace(version, who=self._who(by)) for version in fresh])

    def _done(self, kind: str, name: str, by: Person, key: str, channel: str) -> str:
        """The action kept, the running desk told, and the ops channel."""
        pipeline, now = self.live.pipeline, self.clock()
        versions = pipeline.store.versions(name)
        version = latest(versions)[name]
        note = f"{name}, version {version.number}"
        pipeline.store.save_action(Action(_id(key), now, by.id, by.name, channel, kind, note=note))
        earlier = next((one for one in versions if one.number == version.number - 1), None)
        heading = f"Watchlist {name} {version.what} by {by.name} from {self.seat.name}"
        pipeline.notice(heading, difference(earlier, version), f"{name} {version.number}", now)
        self.live.reload()
        return _words(version, taken=self._taken(version))

    def _taken(self, version: Version) -> bool:
        """Whether the running desk goes by it."""
        there = any(one.name == version.name and one.entry == version.entry for one in self.live.settings.watchlists)
        return there if version.entry else not there

    def _who(self, by: Person) -> str:
        return self.seat.who.format(name=by.name, id=by.id)

    def _place(self, files: ConfigFiles, name: str) -> tuple[str, str]:
        """The file, and the entry in it: where it stands, else where new ones go."""
        for file in files.all:
            if entry := entry_in(file.data, name, file.name):
                return file.name, entry
        return files.long(self.seat.file), ""


def _id(key: str) -> str:
    return action_id(f"slack\x1f{key}")


def _replace(path: Path, data: bytes) -> None:
    """With its folder, where that is not there yet."""
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    replace_file(path, data)


def _words(version: Version, *, taken: bool) -> str:
    what = "removed, as it was before" if not version.entry else f"saved in {version.file} as version {version.number}"
    since = (
        "The desk goes by it from now on."
        if taken
        else "The running desk refused the settings: see the ops channel, or its log."
    )
    return f"{version.name} is {what}. {since}"
