"""Forms: what a page sends, as names and values. The door has read it by the time a page is asked."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

LARGEST = 65_536  # bytes of a form
MOST_FIELDS = 200


def form(request: Request) -> Mapping[str, str]:
    """Of a name that comes twice the last value. What is no form is empty."""
    body: bytes = getattr(request.state, "body", b"")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # UnicodeDecodeError is one
        return {}
    return dict(pairs)
