"""The pages without a browser: a room over any store, and what is answered there."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from bot.desk import Desk
from bot.ports import Store
from bot.web.pages import site
from bot.web.room import Room
from bot.web.server import Answers, application, serving
from tests.makers import HOUR, NOW, a_desk

LOCAL = ("127.0.0.1", 0)
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    headers: Mapping[str, str]  # names in small letters


def a_room(store: Store, desk: Desk | None = None, **changes: Any) -> Room:
    """An hour after NOW; nobody reads for people there."""
    at = desk or a_desk()
    given: dict[str, Any] = {
        "desk": lambda: at,
        "seed": (),
        "clock": lambda: NOW + HOUR,
        "examiner": lambda: None,
        "model": lambda: "a model",
    }
    return Room(store=store, **(given | changes))


def asked(room: Room, path: str, *, form: Mapping[str, str] | None = None, method: str = "", **headers: str) -> Answer:
    """What the pages of the room answer: to a GET, or to a form that is sent from a page of theirs. Names of `headers` are
    written with _ for -."""
    given = {"Host": "127.0.0.1"} | {name.replace("_", "-"): value for name, value in headers.items()}
    body = urlencode(form) if form is not None else None
    if body is not None:
        given = OURS | {"Content-Type": "application/x-www-form-urlencoded"} | given
    with serving(application(Answers(list, list, bytes), room.token, site(room)), LOCAL) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method or ("GET" if body is None else "POST"), path, body, given)
        answer = connection.getresponse()
        told = Answer(answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()})
        connection.close()
    return told
