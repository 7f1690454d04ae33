"""The clerk: takes what people did in Slack, has it done, and answers them. An act that comes twice is done once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from bot.actions import MUTE_STORY, MUTES, UNMUTE_STORY, Action
from bot.backtest import Read
from bot.errors import DeliveryError, QueryError, TariffwatchError
from bot.events import Event
from bot.examination import Examiner
from bot.interactive import answers, trial
from bot.interactive.acts import Asked, Person, Press
from bot.interactive.blocks import Block, said
from bot.interactive.changes import Changes, mark
from bot.interactive.drafts import Draft, draft_in, wrong
from bot.interactive.editors import Editors
from bot.interactive.form import MOST_TYPED, Form, View, notice, window
from bot.interactive.hands import Hands
from bot.interactive.questions import Questions, Told, told
from bot.interactive.web import SlackWeb
from bot.live import Live
from bot.ports import Clock
from bot.sinks import card

QUICK, SLOW = 3, 2  # hands
REMEMBERED = 1_000  # acts, of which a second delivery does nothing
LOOKING, SAVING = "Looking…", "Saving…"
AGAIN = "This was sent already. /tariffwatch watch list shows what became of it."
SLOW_WORDS = ("why",)
BUSY = "Too much is asked at the moment. Please try again in a minute."
TAKEN = "there is a watchlist of that name already — change it with /tariffwatch watch edit, or choose another name"
WHICH = "Which one? Write its name behind it: /tariffwatch watch edit shrimp. /tariffwatch watch list names them."
NOT_HERE = "This channel hears nothing of the desk: ask in the channel of the card."
HELP = """\
/tariffwatch why https://… — why an article was told or not, and what would have told it
/tariffwatch watch list — the watchlists; watch add, watch edit NAME, watch undo NAME change them (editors)
/tariffwatch mute https://… — no more of that article's story in this channel; unmute https://… takes it back (editors)
/tariffwatch digest now — the digest of this channel, out of turn (editors)
/tariffwatch ledger steel — which trade measures are in force, pending, threatened
/tariffwatch status — how feeds and deliveries are doing"""


def clerk_of(
    live: Live,
    eyes: Callable[[], Examiner],
    readers: Callable[[], tuple[Read, Read]],
    clock: Clock,
    reading: Lock,
) -> "Clerk":
    """With hands of its own. `eyes`, `readers` and `reading` as in `Questions`."""
    settings = live.settings
    slack = SlackWeb(settings.slack_token, settings.slack_api_url)
    return Clerk(
        live=live,
        slack=slack,
        questions=Questions(live, eyes, readers, clock, reading),
        changes=Changes(live, clock),
        clock=clock,
        quick=Hands(QUICK, live.tell),
        slow=Hands(SLOW, live.tell),
        editors=Editors(slack.members),
    )


@dataclass(slots=True)
class Clerk:
    """`quick` do what a look into the store answers, `slow` what reads articles. What comes in is taken by `take_…`, which
    never wait."""

    live: Live
    slack: SlackWeb
    questions: Questions
    changes: Changes
    clock: Clock
    quick: Hands
    slow: Hands
    editors: Editors
    patience: float = 2.0  # seconds of the three that Slack gives for a receipt
    seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def take_press(self, press: Press) -> None:
        if self._new(press.key):
            self.quick.give(partial(self._told, press.answer_to, partial(self._pressed, press)))

    def first_word(self, asked: Asked) -> str:
        """What the person sees at once, if anything."""
        return LOOKING if asked.word in SLOW_WORDS else ""

    def take_asked(self, asked: Asked) -> None:
        hands = self.slow if asked.word in SLOW_WORDS else self.quick
        if self._new(asked.key) and not hands.give(partial(self._told, asked.answer_to, partial(self._asked, asked))):
            self._answer(asked.answer_to, told(BUSY))

    def wrong_with(self, form: Form) -> dict[str, str]:
        """What is wrong with each field: known at once, so that the window can show it."""
        if not form.seen and self.questions.present(form.draft.name):
            return {"name": TAKEN}
        return wrong(form.draft, self.questions.compiled)

    def take_try(self, form: Form) -> None:
        if self._new(f"try {form.key}"):
            self.quick.give(partial(self._try, form))

    def take_saved(self, form: Form) -> View:
        """The window as it is to look: what became of it where that is known soon, else that it is under way."""
        if not self._new(f"save {form.key}"):
            return notice(AGAIN)
        outcome: Future[View] = Future()
        if not self.quick.give(partial(self._save, form, outcome)):
            return window(form, said(BUSY))
        wait([outcome], self.patience)
        return notice(SAVING) if outcome.cancel() else outcome.result()

    def end(self) -> None:
        self.quick.end()
        self.slow.end()

    def _new(self, key: str) -> bool:
        with self.lock:
            known = key in self.seen
            self.seen[key] = None
            while len(self.seen) > REMEMBERED:
                self.seen.popitem(last=False)
        return not known

    def _told(self, answer_to: str, work: Callable[[], Told | None]) -> None:
        """Does it, and says what came of it to the person who asked."""
        try:
            answer = work()
        except TariffwatchError as error:
            answer = told(str(error))
        except Exception as error:
            self._answer(answer_to, told(failure(error)))
            raise
        if answer:
            self._answer(answer_to, answer)

    def _answer(self, answer_to: str, answer: Told) -> None:
        try:
            self.slack.answer(answer_to, *answer)
        except DeliveryError as error:
            self.live.tell(Event("slack_answer_failed", {"error": str(error)}))

    def _refusal(self, by: Person) -> str:
        return self.editors.refusal(by.id, self.live.settings.editors, self.clock())

    # what is pressed

    def _pressed(self, press: Press) -> Told | None:
        store = self.live.pipeline.store
        alert = store.alert(answers.alert_of(press))
        if alert is None:
            return told(answers.GONE)
        if press.action == card.WHY:
            self._answer(press.answer_to, told(LOOKING))
            why = partial(self._told, press.answer_to, partial(self.questions.why_card, alert))
            return None if self.slow.give(why) else told(BUSY)
        done = store.actions(story_id=alert.story_id)
        action = answers.action_of(press, alert, answers.kind_of(press, done, alert), self.clock())
        if action.kind in MUTES:
            over = press.ts if action.kind == UNMUTE_STORY else ""
            return self._muting(press.by, action, press.channel, press.root, over)
        return told(answers.thanks(action, done)) if self._keep(action) else None

    def _muting(self, by: Person, action: Action, channel: str, root: str, over: str = "") -> Told | None:
        """`root` is the ts of the story's card, and `over` that of a note to be written anew."""
        if refused := self._refusal(by):
            return told(refused)
        muted, mute = self.questions.muted(action.story_id, action.channel), action.kind == MUTE_STORY
        if mute == bool(muted):
            return told(answers.MUTED_ALREADY if mute else answers.NOT_MUTED)
        fresh = [self._keep(one) for one in ([action] if mute else answers.of_each(action, muted))]
        if not any(fresh):
            return None
        words, note = answers.note(action)
        if over:
            self.slack.edit(channel, over, words, note)
        else:
            self.slack.reply(channel, root, words, note)
        return None

    def _keep(self, action: Action) -> bool:
        fresh = self.live.pipeline.store.save_action(action)
        if fresh:
            words = {"kind": action.kind, "user": action.user, "channel": action.channel, "story": action.story_id}
            self.live.tell(Event("action_kept", words))
        return fresh

    # what is asked

    def _asked(self, asked: Asked) -> Told | None:
        match asked.word:
            case "why":
                return self.questions.why_url(asked.rest)
            case "watch":
                return self._watch(asked)
            case "mute" | "unmute":
                return self._mute(asked)
            case "digest":
                return self._digest(asked)
            case "ledger":
                return self.questions.ledger(asked.rest)
            case "status":
                return self.questions.status()
        return told(HELP)

    def _mute(self, asked: Asked) -> Told | None:
        """Of the story of an article that this channel was told."""
        channel = answers.channel_of(asked, self.live.pipeline.desk)
        if not channel:
            return told(NOT_HERE)
        alert = self.questions.card_of(asked.rest, channel)
        if alert is None:
            return told(answers.NO_CARD)
        kind = MUTE_STORY if asked.word == "mute" else UNMUTE_STORY
        action = answers.asked_action(asked, alert, kind, self.clock())
        return self._muting(asked.by, action, asked.channel, alert.receipt) or told(answers.DONE)

    def _digest(self, asked: Asked) -> Told:
        """It is told to the whole channel, and what waited for the next one is told by it: so it takes an editor."""
        channel = answers.channel_of(asked, self.live.pipeline.desk)
        if asked.rest.lower() != "now":
            return told(HELP)
        if not channel:
            return told(NOT_HERE)
        refused = self._refusal(asked.by)
        return told(refused or self.changes.digest(channel, asked.by, asked.key))

    def _watch(self, asked: Asked) -> Told | None:
        word, _, rest = asked.rest.partition(" ")
        name = rest.strip()
        if word not in ("add", "edit", "undo"):
            return self.questions.watchlists() if word in ("", "list") else told(HELP)
        if refused := self._refusal(asked.by):
            return told(refused)
        if word != "add" and not name:
            return told(WHICH)
        if word == "undo":
            return told(self.changes.undo(name, asked.by, asked.key, asked.channel))
        return self._open(asked, name if word == "edit" else "")

    def _open(self, asked: Asked, name: str) -> Told | None:
        """The window; of a new one, without a name."""
        entry = self.changes.present(name) if name else ""
        draft = draft_in(entry) if entry else Draft("", "")
        if name != draft.name:
            known = ", ".join(one.name for one in self.live.pipeline.desk.watchlists)
            return told(f"There is no watchlist {name}. Known are {known}.")
        if len(draft.query) > MOST_TYPED:
            return told(f"The query of {name} is longer than a field of Slack takes: change it in its file.")
        seen = mark(entry) if entry else ""
        self.slack.open(asked.trigger, window(Form(draft, seen, asked.channel, asked.by)))
        return None

    # what is filled in

    def _try(self, form: Form) -> None:
        try:
            self.questions.compiled(form.draft)
        except QueryError as error:
            self._renew(form, window(form, trial.failed(str(error))), form.state)
            return
        seen = self._renew(form, window(form, said(trial.LOOKING)), form.state)
        if not self.slow.give(partial(self._tried, form, seen)):
            self._renew(form, window(form, said(BUSY)), seen)

    def _tried(self, form: Form, seen: str) -> None:
        try:
            below = trial.trial(self.questions.backtested(form.draft))
        except Exception as error:
            self._renew(form, window(form, trial.failed(failure(error))), seen)
            raise
        self._renew(form, window(form, below), seen, below)

    def _save(self, form: Form, outcome: "Future[View]") -> None:
        try:
            words, saved = self._saved(form)
        except Exception as error:
            self._finish(form, outcome, failure(error), saved=False)
            raise
        self._finish(form, outcome, words, saved=saved)

    def _finish(self, form: Form, outcome: "Future[View]", words: str, *, saved: bool) -> None:
        """What was typed is not lost where it cannot be saved. Who waits for the outcome does so for a while only."""
        view = notice(words) if saved else window(form, trial.failed(words))
        if outcome.set_running_or_notify_cancel():
            outcome.set_result(view)
        else:
            self._renew(form, view, "", said(words))

    def _saved(self, form: Form) -> tuple[str, bool]:
        """What became of it, in words, and whether it was saved."""
        if refused := self._refusal(form.by):
            return refused, False
        try:
            return self.changes.save(form.draft, form.seen, form.by, form.key, form.channel), True
        except TariffwatchError as error:
            return str(error), False

    def _renew(self, form: Form, view: View, seen: str, otherwise: Sequence[Block] = ()) -> str:
        """The window anew. Where it was closed meanwhile, what it would have said is told in the channel, to the person alone; a
        newer look of it stays."""
        try:
            return self.slack.renew(form.view, view, seen)
        except DeliveryError as error:
            if error.code == "not_found" and otherwise:
                self.slack.whisper(form.channel, form.by.id, f"Of {form.draft.name}", otherwise)
            elif error.code not in ("not_found", "hash_conflict"):
                self.live.tell(Event("slack_answer_failed", {"error": str(error)}))
        return ""


def failure(error: Exception) -> str:
    """Of what nobody foresaw. Its own words may hold what is nobody's business."""
    return f"That did not work ({type(error).__name__}). The log of the desk says more."
