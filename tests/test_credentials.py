"""Secrets come from the environment, are never shown, and are refused when they cannot work."""

from pathlib import Path

import pytest

from bot.credentials import read_credentials

TOKEN = "xoxb-1234-5678-abcDEF"
APP_TOKEN = "xapp-1-A0-2-abcDEF"
WEBHOOK = "https://hooks.slack.com/services/T000/B000/abcDEF123"


def problems(environ: dict[str, str]) -> list[str]:
    return [str(problem) for problem in read_credentials(environ)[1]]


def secret_file(folder: Path, content: bytes, mode: int = 0o600) -> str:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_nothing_in_the_environment_is_no_problem() -> None:
    credentials, wrong = read_credentials({"HOME": "/root"})
    assert (credentials.slack_token, credentials.slack_webhook, wrong) == ("", "", [])
    assert credentials.slack_api_url == "https://slack.com/api/"
    assert credentials.secrets == ()


@pytest.mark.fault("X18")
def test_blanks_and_line_ends_around_a_secret_are_dropped(tmp_path: Path) -> None:
    environ = {
        "SLACK_BOT_TOKEN": f" {TOKEN}\n",
        "SLACK_WEBHOOK_URL_FILE": secret_file(tmp_path, f"{WEBHOOK}\r\n".encode()),
    }
    credentials, wrong = read_credentials(environ)
    assert (credentials.slack_token, credentials.slack_webhook, wrong) == (TOKEN, WEBHOOK, [])
    assert credentials.warnings == ()


@pytest.mark.fault("S30")
def test_no_secret_shows_in_the_repr_and_each_is_listed_for_redaction() -> None:
    credentials, _ = read_credentials(
        {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_WEBHOOK_URL": WEBHOOK}
    )
    assert "xoxb" not in repr(credentials)
    assert "xapp" not in repr(credentials)
    assert "services" not in repr(credentials)
    assert credentials.secrets == (TOKEN, APP_TOKEN, WEBHOOK, "/services/T000/B000/abcDEF123")


@pytest.mark.fault("X18", "S30")
@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is empty"),
        ({"SLACK_BOT_TOKEN": " \n"}, "SLACK_BOT_TOKEN is empty"),
        ({"SLACK_BOT_TOKEN": "xapp-1-A1-2-secret"}, "SLACK_BOT_TOKEN is no bot token"),
        ({"SLACK_APP_TOKEN": TOKEN}, "SLACK_APP_TOKEN is no app token"),
        ({"SLACK_BOT_TOKEN": "xoxb-1 secret"}, "spaces"),
        ({"SLACK_BOT_TOKEN": "xoxb-sécret"}, "signs that no secret has"),
        ({"SLACK_BOT_TOKEN": TOKEN, "SLACK_BOT_TOKEN_FILE": "/x"}, "both SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE"),
        ({"SLACK_BOT_TOKEN_FILE": "/no/such/file"}, "cannot read /no/such/file: No such file"),
        ({"SLACK_BOT_TOKEN_FILE": ""}, "SLACK_BOT_TOKEN_FILE names no file"),
        ({"SLACK_WEBHOOK_URL": "http://hooks.slack.com/services/secret"}, "SLACK_WEBHOOK_URL is no webhook"),
        ({"SLACK_WEBHOOK_URL": "secret"}, "SLACK_WEBHOOK_URL is no webhook"),
        ({"TARIFFWATCH_HTTP_TOKEN": "secret"}, "TARIFFWATCH_HTTP_TOKEN can be guessed"),
        ({"SLACK_API_URL": "http://slack.example/api/"}, "SLACK_API_URL must be an https URL"),
        ({"SLACK_API_URL": ""}, "SLACK_API_URL must be an https URL"),
    ],
)
def test_a_secret_that_cannot_work_is_refused_without_showing_it(environ: dict[str, str], words: str) -> None:
    told = problems(environ)
    assert len(told) == 1
    assert told[0].startswith("environment: ")
    assert words in told[0]
    assert "secret" not in told[0].replace("no secret has", "")
    assert " — " in told[0]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems({"SLACK_BOT_TOKEN": "", "SLACK_WEBHOOK_URL": "", "SLACK_API_URL": "x"})) == 3


@pytest.mark.fault("X18")
@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00"])
def test_a_secret_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    assert len(problems({"SLACK_BOT_TOKEN_FILE": secret_file(tmp_path, content)})) == 1


@pytest.mark.fault("X18")
def test_a_secret_file_that_everybody_can_read_brings_a_warning(tmp_path: Path) -> None:
    environ = {"SLACK_BOT_TOKEN_FILE": secret_file(tmp_path, TOKEN.encode(), 0o644)}
    credentials, wrong = read_credentials(environ)
    assert (credentials.slack_token, wrong) == (TOKEN, [])
    assert len(credentials.warnings) == 1
    assert "chmod 600" in credentials.warnings[0]


def test_slack_on_this_machine_may_be_asked_without_tls() -> None:
    credentials, wrong = read_credentials({"SLACK_API_URL": "http://127.0.0.1:8123/api"})
    assert (credentials.slack_api_url, wrong) == ("http://127.0.0.1:8123/api/", [])
