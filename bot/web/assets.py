"""Assets: the style, the scripts and the icon of the pages, each at an address that changes with its bytes."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def assets() -> Mapping[str, bytes]:
    """The bytes of each by its name: nothing else is ever read for a request."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


@cache
def address(name: str) -> str:
    """Where a page finds it: "/static/style.css?v=3f6a0c1b9d2e"."""
    return f"/static/{name}?v={_mark(name)}"


def _mark(name: str) -> str:
    return hashlib.sha256(assets()[name]).hexdigest()[:12]


def routes() -> list[Route]:
    return [Route("/static/{name}", _asset)]


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in assets():
        raise HTTPException(404)
    same = request.query_params.get("v") == _mark(name)
    headers = {"Cache-Control": FOR_EVER if same else "no-cache"}
    return Response(assets()[name], headers=headers, media_type=TYPES[Path(name).suffix])
