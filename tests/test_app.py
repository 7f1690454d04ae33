"""The parts put together: how the desk's own topics are learnt, and when they cannot be."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest

from bot.analysis import Analysis
from bot.app import desk, desk_and_examiner, doubts, topics, versions, writer
from bot.channels import Channel
from bot.config import Config, TopicSetting, WatchlistSetting, load_config
from bot.errors import ConfigError, ModelError
from bot.events import Event, silent
from bot.hours import Span
from bot.nlp.background import FILE
from bot.nlp.keywords import KeywordClassifier, PlainReader, plain_reading
from bot.nlp.watchdog import WatchedReader
from bot.topics import with_topics
from bot.vocabulary import index_reading
from bot.watchlists import DIGEST, judge
from tests.line import TriggerClassifier
from tests.makers import SENSES, a_feed, a_vector, a_vocabulary, an_article, scores

GOLD = TopicSetting("gold", "Gold", ("Gold up", "Gold mine sold", "Old gold mine", "Gold at a record", "Gold loans"))
RAIN = TopicSetting("rain", "Rain", ("Rain today", "No rain", "Rain or sun", "More rain", "Rain in Kochi"))
OTHERS = ("News", "More news", "A mine", "A new mine", "Cricket", "Films", "Rain")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two topics, and a model in whose folder there is a background."""
    np.savez_compressed(tmp_path / FILE, vectors=np.array([a_vector(text) for text in OTHERS], np.float16))
    lists = (WatchlistSetting("gold", "topic:gold>=0.6", (), "", 4),)
    return Config("config.yaml", "#desk", (a_feed(),), lists, "", topics=(GOLD, RAIN), model=str(tmp_path))


def test_topics_are_learnt_with_the_model_s_vectors_in_the_order_of_the_settings(config: Config) -> None:
    gold, rain = topics(config, TriggerClassifier(senses=SENSES), silent)
    assert (gold.name, rain.name) == ("gold", "rain")
    assert (gold.quality.examples, gold.quality.background) == (5, len(OTHERS))
    told = with_topics(scores(embedding=a_vector("Gold, and again gold")), [gold, rain]).labels
    assert (told["gold"], told["rain"]) == (True, False)


def test_a_desk_has_the_topics_that_its_classifier_taught(config: Config) -> None:
    assert [topic.name for topic in desk(config, TriggerClassifier(senses=SENSES)).topics] == ["gold", "rain"]


def test_a_desk_has_the_settings_of_channels_and_of_each_watchlist_when_it_wants_to_be_heard(config: Config) -> None:
    calm, night = Channel("#desk", most=3), Span(time(22), time(7))
    lists = tuple(replace(one, quiet=night, deliver=DIGEST) for one in config.watchlists)
    at = desk(replace(config, channels=(calm,), watchlists=lists))
    assert [(watchlist.quiet, watchlist.deliver) for watchlist in at.watchlists] == [(night, DIGEST)]
    assert (at.settings_of("#desk"), at.settings_of("#steel")) == (calm, Channel("#steel"))


def test_without_a_classifier_queries_may_name_the_topics_and_none_is_learnt(config: Config) -> None:
    at = desk(config)
    assert ([watchlist.name for watchlist in at.watchlists], at.topics) == (["gold"], ())
    with pytest.raises(ConfigError, match=r"config\.yaml:4: watchlist gold: there is no topic 'gold'"):
        desk(replace(config, topics=()))


def test_without_topics_the_classifier_is_not_asked(config: Config) -> None:
    classifier = TriggerClassifier(senses=SENSES)
    assert topics(replace(config, topics=()), classifier, silent) == ()
    assert classifier.texts == []


def test_when_rules_stand_in_for_the_model_the_topics_are_silent_and_that_is_told(config: Config) -> None:
    told: list[Event] = []
    assert topics(config, KeywordClassifier(a_vocabulary()), told.append) == ()
    (event,) = told
    assert (event.name, event.fields["instead"]) == ("topics_failed", "they stay silent")
    assert "gold, rain" in str(event.fields["error"])


def test_a_model_without_vectors_is_refused_with_what_to_do(config: Config) -> None:
    with pytest.raises(ConfigError, match="topics need a model with vectors, and triggers 1 has none — leave out"):
        topics(config, TriggerClassifier(), silent)


def test_a_model_without_a_background_is_refused_with_the_file_that_is_missing(config: Config, tmp_path: Path) -> None:
    (tmp_path / FILE).unlink()
    with pytest.raises(ModelError, match=f"background {tmp_path / FILE} cannot be loaded"):
        topics(config, TriggerClassifier(senses=SENSES), silent)


@pytest.mark.parametrize(("steps", "reader"), [(("follow",), WatchedReader), (("collect", "deliver"), PlainReader)])
def test_a_worker_that_reads_no_articles_loads_no_model(config: Config, steps: tuple[str, ...], reader: type) -> None:
    at, reading = desk_and_examiner(replace(config, writer="no/such/model"), silent, steps)
    assert (reading.classifier.name, reading.writer, at.topics) == ("rules", None, ())
    assert type(reading.reader) is reader


def test_without_the_key_there_is_no_writer(config: Config) -> None:
    assert writer(config, silent) is None


def test_a_writer_that_cannot_be_loaded_is_told_and_the_desk_goes_on_without(config: Config, tmp_path: Path) -> None:
    told: list[Event] = []
    assert writer(replace(config, writer=str(tmp_path)), told.append) is None
    (event,) = told
    assert (event.name, event.fields["instead"]) == ("writer_failed", "the quotes stand alone")
    assert "summaries.writer" in str(event.fields["error"])


WRITTEN = """channel: "#desk"
feeds: [{url: "https://a.example/f", outlet: A}]
aliases:
  - name: OUR_PORTS
    terms: [Mundra, Nhava Sheva]
    not: [Mundra Solar]
    unless: [cricket]
watchlists:
  - name: ports
    query: >-
      $OUR_PORTS
      $TARIFF
mute:
  - name: sport
    query: "title:cricket"
"""


def loaded(folder: Path, text: str) -> Config:
    (folder / "config.yaml").write_text(text, "utf-8")
    return replace(load_config(folder / "config.yaml", {}), file="config.yaml")


def test_sets_of_the_desk_s_own_are_found_but_for_what_guards_them(tmp_path: Path) -> None:
    (ports,) = desk(loaded(tmp_path, WRITTEN)).watchlists

    def fires(text: str) -> bool:
        found = Analysis("a1", scores(), (), (), ())
        return judge(ports, an_article(title=text, text=""), index_reading(plain_reading(text)), found).fired

    assert fires("Tariff felt at Mundra")
    assert fires("Nhava Sheva and tariffs")
    assert not fires("Tariff for Mundra Solar")
    assert not fires("Tariff on cricket in Mundra")


def test_a_set_that_is_shipped_cannot_be_named_anew(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:4: \$INDIA is a set that is shipped — choose another name"):
        desk(loaded(tmp_path, WRITTEN.replace("OUR_PORTS", "INDIA")))


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("$TARIFF", "$TARIF", ["12:7: watchlist ports"]),
        ("$OUR_PORTS", "$OUR_PORT", ["11:7: watchlist ports"]),
        ("title:cricket", "tilte:cricket", ["15:13: mute sport"]),
        ("title:cricket", "title:cricket $IND", ["15:27: mute sport"]),
        ("$TARIFF\n", "$TARIFF (\n", ["12:16: watchlist ports"]),
    ],
)
def test_a_query_that_is_wrong_is_told_with_file_line_and_column(
    tmp_path: Path, old: str, new: str, places: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        desk(loaded(tmp_path, WRITTEN.replace(old, new)))
    assert [f"config.yaml:{place}" for place in places] == [
        line.rpartition(": ")[0] for line in str(caught.value).splitlines() if line.startswith("config")
    ]


def test_all_queries_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        desk(loaded(tmp_path, WRITTEN.replace("$TARIFF", "$NO").replace("title:", "titel:")))
    assert str(caught.value).count("config.yaml:") == 2


def test_doubts_are_told_with_the_line_of_the_query(tmp_path: Path) -> None:
    config = loaded(tmp_path, WRITTEN.replace("title:cricket", "INDIA"))
    told = "config.yaml:15: mute sport: INDIA is looked for as a word: did you mean $INDIA?"
    assert doubts(config, desk(config)) == [told]


def test_a_query_that_is_tried_in_the_place_of_a_watchlist_has_its_last_day_and_languages(tmp_path: Path) -> None:
    config = loaded(
        tmp_path, WRITTEN.replace("  - name: ports\n", "  - name: ports\n    until: 2026-12-31\n    languages: [en]\n")
    )
    tried, present = versions(config, desk(config), "ports", "tariff")
    assert present is not None
    assert (tried.query_text, tried.until, tried.languages) == ("tariff", date(2026, 12, 31), ("en",))
    assert (present.until, present.languages) == (tried.until, tried.languages)
    other, nothing = versions(config, desk(config), "", "tariff")
    assert (other.until, nothing) == (None, None)


def test_a_wrong_query_of_a_file_of_the_folder_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "sea.yaml").write_text("watchlists:\n  - name: sea\n    query: ((tea\n", "utf-8")
    with pytest.raises(ConfigError, match=r"watchlists/sea\.yaml:3:\d+: watchlist sea: "):
        desk(loaded(tmp_path, WRITTEN))
    (tmp_path / "watchlists" / "sea.yaml").write_text("aliases:\n  - {name: INDIA, terms: [b]}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"watchlists/sea\.yaml:2: \$INDIA is a set that is shipped"):
        desk(loaded(tmp_path, WRITTEN))
