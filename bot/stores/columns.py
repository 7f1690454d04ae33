"""Column types: how times, durations, embeddings and nested records are kept in any SQL database, and read back equal."""

import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from sys import intern
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from sqlalchemy import JSON, BigInteger, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SCALARS = (str, int, float, bool, NoneType)


class UtcTime(TypeDecorator[datetime]):
    """Microseconds since 1970 as an integer: exact, sortable, and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone: the store keeps aware times only")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Duration(TypeDecorator[timedelta]):
    """Microseconds as an integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else value * MICROSECOND


class Floats(TypeDecorator[tuple[float, ...]]):
    """A vector as little-endian float32 bytes: a fifth of its JSON, and all the precision a model gives."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[float, ...] | None, dialect: Dialect) -> bytes:
        return struct.pack(f"<{len(value or ())}f", *(value or ()))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> tuple[float, ...]:
        return struct.unpack(f"<{len(value or b'') // 4}f", value or b"")


class Packed(TypeDecorator[Any]):
    """A record or tuple as JSON, by its type: `Packed(Message)`, `Packed(tuple[str, ...])`."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind  # part of the type's cache key
        self._unpack = unpacker(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> object:
        return pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self._unpack(value)


def pack(value: object) -> object:
    """JSON for a value made of records, tuples, dicts, aware times, days and scalars."""
    if isinstance(value, SCALARS):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: pack(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form here: add one to pack and unpacker")


@cache
def unpacker(kind: Any) -> Callable[[Any], Any]:
    """What turns JSON made by `pack` back into a `kind`. A field that the JSON lacks, being younger, takes its default.

    Made once a type, because stories are read back by the thousand.
    """
    if kind in SCALARS:
        return _same
    if kind in (date, datetime):
        read: Callable[[str], date] = kind.fromisoformat
        return read
    if get_origin(kind) is UnionType:
        return _optional_unpacker(get_args(kind))
    if get_origin(kind) is tuple:
        return _tuple_unpacker(get_args(kind))
    if get_origin(kind) is dict:
        value = unpacker(get_args(kind)[1])
        return lambda data: {key: value(item) for key, item in data.items()}
    if is_dataclass(kind):
        return _record_unpacker(cast(type, kind))
    raise TypeError(f"{kind} has no JSON form here: add one to pack and unpacker")


def _same(data: Any) -> Any:
    return data


def _optional_unpacker(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    """For `X | None`; no other union has a form that tells which it is."""
    (kind,) = (k for k in kinds if k is not NoneType)
    value = unpacker(kind)
    return lambda data: None if data is None else value(data)


def _tuple_unpacker(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    parts = [unpacker(kind) for kind in kinds if kind is not Ellipsis]
    if kinds[-1] is not Ellipsis:
        return lambda data: tuple(part(item) for part, item in zip(parts, data, strict=True))
    if kinds == (str, Ellipsis):  # stories are kept by the thousand, and name the same things
        return lambda data: tuple(map(intern, data))
    return tuple if parts == [_same] else lambda data: tuple(map(parts[0], data))


def _record_unpacker(kind: type) -> Callable[[Any], Any]:
    parts: dict[str, Callable[[Any], Any]] = {}

    def read(data: Any) -> Any:
        if not parts:  # made with the first record, because a record may hold others of its own kind
            parts.update({name: unpacker(hint) for name, hint in get_type_hints(kind).items()})
        return kind(**{name: part(data[name]) for name, part in parts.items() if name in data})

    return read
