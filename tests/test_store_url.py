"""The URL of a store: which ones are taken, and that nobody is shown a password."""

import pytest

from bot.store_url import passwords, shown, unusable


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db/desk",
        "postgres://desk:secret@db:5433/desk?sslmode=verify-full",
        "postgresql:///desk?host=/run/postgresql",
        "postgresql://desk:%40%2F%3F@[::1]:5432/desk",
    ],
)
def test_a_database_on_a_server_is_taken(url: str) -> None:
    assert unusable(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db",
        "postgresql://db/",
        "postgresql://db/desk/more",
        "postgresql://db:port/desk",
        "postgresql://db/desk#hunter2",
        "mysql://db/desk",
        "postgresql+asyncpg://db/desk",
        "postgresql://desk:hunter2?@db/desk",
        "postgresql://desk:hunter2/@db/desk",
    ],
)
def test_what_names_no_database_is_refused_and_not_repeated(url: str) -> None:
    problem = unusable(url)
    assert problem == ("names no database", "write it like postgresql://user@host:5432/tariffwatch")


@pytest.mark.parametrize("url", ["postgresql://desk:a@hunter2@db/desk", "postgresql://desk:12/hunter2@db"])
def test_a_password_that_reaches_into_the_host_is_refused(url: str) -> None:
    problem = unusable(url)
    assert problem is not None
    assert "%40" in problem[1]


@pytest.mark.fault("X18", "S30")
def test_a_password_is_known_as_it_is_written_and_as_it_is_meant_and_never_shown() -> None:
    url = "postgres://desk:hunter%212@db:5433/desk?password=other&sslpassword=third&sslmode=require"
    assert passwords(url) == ("hunter%212", "hunter!2", "other", "third")
    assert shown(url) == "postgresql://desk@db:5433/desk"
    assert passwords("postgresql://desk@db/desk") == ()
    assert shown("postgresql:///desk?host=/run/postgresql") == "postgresql:///desk"
    assert shown("sqlite:////var/lib/desk.db") == "/var/lib/desk.db"
