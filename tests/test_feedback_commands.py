"""feedback report, add and export on the store of a desk."""

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.actions import NOT_RELEVANT, RELEVANT, WRONG_TOPIC
from bot.analysis import Why
from bot.articles import article_id
from bot.evaluation import read_labelled
from bot.feeds import FeedState
from bot.nlp.keywords import PlainReader
from bot.ports import Store
from bot.stories import Story
from tests.line import store_at
from tests.makers import FEED, NOW, a_member, an_action, an_analysis, an_article

DESK = """\
channel: "#trade"
store: sqlite:///desk.db
watchlists:
  - name: tariffs
    query: tariff
feeds:
  - url: https://a.example/feed
    outlet: A
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    (tmp_path / "config.yaml").write_text(DESK, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.app.quick_readers", lambda config: (PlainReader().read, PlainReader().read))
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        monkeypatch.delenv(name)
    store = store_at(tmp_path / "desk.db")
    yield store
    store.close()


def feedback(words: str) -> Result:
    return CliRunner().invoke(cli.app, ["feedback", *shlex.split(words)])


def told(store: Store, *names: str, title: str = "Tariff on Indian steel") -> None:
    """Articles that were analysed, each in a story of its own."""
    articles = [an_article(name, title=title, text="") for name in names]
    why = (Why("tariffs", ("tariff",)), Why("one that is gone", ("tariff",)))
    store.save_feed(FeedState(FEED), articles)
    store.save_analyses([(article, an_analysis(article.id, "relevant", why=why)) for article in articles])
    store.save_follow(names, [Story(name, NOW, NOW, (a_member(name),)) for name in names], [])


def answered(store: Store, kind: str, *names: str, user: str = "U1", reason: str = "") -> None:
    for name in names:
        store.save_action(an_action(kind, user, reason=reason, article_id=name, story_id=name, alert_id=""))


def many(store: Store) -> None:
    """Six wrong articles with a word of their own, and nine right ones."""
    wrong, right = [f"n{n}" for n in range(6)], [f"y{n}" for n in range(9)]
    told(store, *wrong, title="Tariff row in cricket")
    told(store, *right)
    answered(store, NOT_RELEVANT, *wrong, reason=WRONG_TOPIC)
    answered(store, RELEVANT, *right)


def test_without_an_answer_a_report_says_how_to_answer(store: Store) -> None:
    done = feedback("report --since 2026-03-01")
    assert (done.exit_code, done.stdout) == (
        0,
        "Nobody has answered since 2026-03-01. Answer with the buttons of a card, or with"
        " `tariffwatch feedback add URL --relevant` (or `--not-relevant`).\n",
    )


def test_a_report_suggests_a_query_that_can_be_tried_as_it_stands(store: Store) -> None:
    many(store)
    shown = feedback("report").stdout
    assert "15 answers by 1 person on 15 articles\nAll: 9 of 15 relevant, 60% (36% to 80%)\n" in shown
    (line,) = [line.strip() for line in shown.splitlines() if line.startswith("  tariffwatch backtest")]
    tried = CliRunner().invoke(cli.app, shlex.split(line)[1:])
    assert "tariffs: 9 hits" in tried.stdout
    assert "6 hits of it are lost, 0 gained" in tried.stdout


def test_a_report_is_told_of_one_watchlist_and_in_json(store: Store) -> None:
    many(store)
    assert len(json.loads(feedback("report --json").stdout)["watchlists"]) == 2
    found = json.loads(feedback("report --watchlist tariffs --json").stdout)
    assert (found["answers"], [share["name"] for share in found["watchlists"]]) == (15, ["tariffs"])
    assert [one["change"] for one in found["suggestions"]] == ['NOT title:"tariff row"']
    assert "there is no watchlist 'tarifs' — did you mean tariffs?" in str(
        feedback("report --watchlist tarifs").exception
    )


@pytest.mark.parametrize("where", ["https://a.example/a1", "a1"])
def test_an_article_is_answered_by_its_link_or_its_id(store: Store, where: str) -> None:
    told(store, "a1")
    done = feedback(f"add {where} --not-relevant --reason old --by asha")
    assert (done.exit_code, done.stdout) == (0, "not relevant, says asha: Tariff on Indian steel\n")
    (answer,) = store.answers()
    action = answer.action
    assert (action.kind, action.reason, action.user, action.article_id, action.story_id, action.channel) == (
        NOT_RELEVANT,
        "old",
        "asha",
        "a1",
        "a1",
        "",
    )


def test_another_address_of_the_same_article_will_do(store: Store) -> None:
    told(store, name := article_id("https://a.example/a1"))
    feedback("add http://www.a.example/a1/ --relevant")
    assert [action.article_id for action in store.actions()] == [name]


def test_a_second_answer_of_the_same_person_is_kept_beside_the_first_and_counts_instead(store: Store) -> None:
    told(store, "a1")
    feedback("add a1 --not-relevant")
    feedback("add a1 --relevant")
    assert len(store.actions()) == 2
    shown = feedback("report").stdout
    assert "All: 1 of 1 relevant" in shown


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("add https://a.example/zz --relevant", "the store has no analysed article of https://a.example/zz"),
        ("add a1 --relevant --reason old", "a reason belongs to --not-relevant"),
        ("add a1 --not-relevant --reason dull", "dull is no reason; take one of wrong_topic, duplicate, old, spam"),
        ("add a1", "Missing option"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_what_to_do(store: Store, words: str, problem: str) -> None:
    told(store, "a1")
    done = feedback(words)
    said = " ".join(f"{done.output} {done.exception}".split())
    assert done.exit_code != 0
    assert problem in said
    assert store.actions() == []


def test_an_answer_makes_no_store_where_there_is_none(store: Store, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(DESK.replace("desk.db", "none.db"), "utf-8")
    assert "there is no store yet" in str(feedback("add a1 --relevant").exception)
    assert feedback("report").exit_code == 0
    assert not (tmp_path / "none.db").exists()


def test_answers_are_exported_as_items_that_eval_reads_without_those_on_which_people_differ(
    store: Store, tmp_path: Path
) -> None:
    told(store, "a1")
    told(store, "b1", title="Tariff on tea")
    answered(store, RELEVANT, "a1", "b1")
    answered(store, NOT_RELEVANT, "b1", user="U2")
    done = feedback("export out.jsonl")
    assert done.stderr == (
        "left out, because people differ: Tariff on tea — https://a.example/b1\n"
        "1 items, 1 left out because people differ\n"
    )
    (item,) = read_labelled((tmp_path / "out.jsonl").read_text("utf-8").splitlines(), "out.jsonl")
    assert (item["title"], item["labels"]["relevant"], item["labels"]["tariff_threat"]) == (
        "Tariff on Indian steel",
        1,
        "?",
    )
