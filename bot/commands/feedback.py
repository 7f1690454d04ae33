"""feedback report, add, export: what people say of the alerts, and what follows from it."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.kept import kept
from bot.errors import ConfigError
from bot.terminal import ConfigPath, print_rows, settings_of, writer

if TYPE_CHECKING:
    from bot.actions import Action, Answer
    from bot.config import Config
    from bot.feedback import Report
    from bot.ports import Store

CONSOLE = "console"  # who answers where nobody is named
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Only what was answered since."),
]


def feedback_report(
    since: Since = None,
    watchlist: Annotated[str, typer.Option("--watchlist", metavar="NAME", help="Only what this one told.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Tell how much of what was told was wanted, and suggest changes.

    Precision by watchlist, topic and outlet, reasons, and exclusions and thresholds with what they would have changed.
    Nothing is applied.
    """
    from bot import feedback_lines

    settings = settings_of(config)
    told = _report(settings, _answers(settings, since), watchlist)
    if as_json:
        print(feedback_lines.as_json(told))
    elif not told.answers:
        print(feedback_lines.EMPTY.format(since=f" since {since.date()}" if since else ""))
    else:
        _print_report(told)


def _answers(settings: "Config", since: datetime | None) -> "list[Answer]":
    with kept(settings.store) as store:
        return store.answers(since.replace(tzinfo=UTC) if since else None) if store else []


def _report(settings: "Config", answers: "list[Answer]", name: str) -> "Report":
    from bot.app import desk, quick_readers
    from bot.feedback import report

    at = desk(settings)
    if name:
        _must_know(name, [*(w.name for w in at.watchlists), *(n for a in answers for n in a.watchlists)], settings)
        answers = [replace(answer, watchlists=(name,)) for answer in answers if name in answer.watchlists]
    wanted = [watchlist for watchlist in at.watchlists if name in ("", watchlist.name)]
    topics = [topic.name for topic in settings.topics]
    return report(answers, wanted, at.vocabulary, quick_readers(settings)[0], topics)


def _must_know(name: str, known: list[str], settings: "Config") -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(dict.fromkeys(known))}"
        raise ConfigError(f"there is no watchlist {name!r}", where=settings.file, hint=hint)


def _print_report(told: "Report") -> None:
    """The command that tries a suggestion stands in one line, to be copied."""
    from bot import feedback_lines

    print("\n".join(feedback_lines.summary(told)))
    for name, rows in feedback_lines.parts(told):
        print_rows(rows, name)
    for one in told.suggestions:
        print_rows(feedback_lines.suggested(one), f"Suggested for {one.watchlist}: {one.change}")
        print(f"  {feedback_lines.trial(one)}")


def feedback_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of an article that the store has, or its id.")],
    relevant: Annotated[bool, typer.Option("--relevant/--not-relevant", help="What you say of it.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Why not: wrong_topic, duplicate, old or spam.", show_default=False)
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")] = CONSOLE,
    config: ConfigPath = None,
) -> None:
    """Say whether an article was wanted, as the buttons of its card do. A later answer of the same person replaces it."""
    from bot.actions import REASONS

    if reason and reason not in REASONS:
        raise typer.BadParameter(f"{reason} is no reason; take one of {', '.join(REASONS)}")
    if reason and relevant:
        raise typer.BadParameter("a reason belongs to --not-relevant")
    settings = settings_of(config)
    with kept(settings.store) as store:
        if store is None:
            raise ConfigError(
                f"{settings.store_name}: there is no store yet", hint="let `tariffwatch run` make it first"
            )
        action = _answer(store, url, relevant, reason, by)
        store.save_action(action)
        article = store.article(action.article_id)
    print(f"{action.kind.replace('_', ' ')}, says {by}: {article.title if article else url}")


def _answer(store: "Store", url: str, relevant: bool, reason: str, by: str) -> "Action":
    from bot.actions import NOT_RELEVANT, RELEVANT, Action, action_id
    from bot.app import clock
    from bot.articles import article_id

    article = store.article(url) or store.article(article_id(url))
    if article is None or store.analysis(article.id) is None:
        hint = "give the link of a card, or the id that `tariffwatch backtest --json` tells"
        raise ConfigError(f"the store has no analysed article of {url}", hint=hint)
    now, story = clock(), store.story_of(article.id)
    name = action_id("\x1f".join((CONSOLE, by, article.id, now.isoformat())))
    kind = RELEVANT if relevant else NOT_RELEVANT
    about = {"story_id": story.id if story else "", "article_id": article.id}
    return Action(name, now, by, by, "", kind, reason, **about)


def feedback_export(
    out: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Where to write; - for standard output.")],
    since: Since = None,
    config: ConfigPath = None,
) -> None:
    """Write the answers as labelled items, which `eval` measures by and `train` learns from.

    A label that the answers do not settle is "?". Articles on which people differ are left out, and told.
    """
    from bot.feedback import training_items

    items, disputed = training_items(_answers(settings_of(config), since))
    with writer(out) as sink:
        for item in items:
            print(json.dumps(item, ensure_ascii=False), file=sink)
    for seen in disputed:
        print(f"left out, because people differ: {seen.title} — {seen.url}", file=sys.stderr)
    print(f"{len(items)} items, {len(disputed)} left out because people differ", file=sys.stderr)
