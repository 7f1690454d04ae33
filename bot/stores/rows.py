"""Records to rows and back, and the one way in which rows are written: by key, in place."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, RowMapping, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.actions import Action, Answer
from bot.analysis import Analysis
from bot.articles import Article
from bot.feeds import FeedState, due_at
from bot.measures import Measure, State
from bot.members import Member
from bot.stories import Merge, Story

INSERTS: Any = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}  # which have one thing that `sqlalchemy.insert` has not
Row = dict[str, Any]
Record = TypeVar("Record")


def row(record: Any) -> Row:
    """Field by field, for records whose table has a column for each."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def record(kind: type[Record], row: RowMapping) -> Record:
    """The record of a row that may have more columns than the record has fields."""
    return kind(**{field.name: row[field.name] for field in fields(kind)})  # type: ignore[arg-type]  # always a dataclass


def feed_row(state: FeedState) -> Row:
    return row(state) | {"due": due_at(state)}


def analysis_row(analysis: Analysis) -> Row:
    scores = analysis.scores
    bare = replace(analysis, scores=replace(scores, embedding=()))
    return {"article_id": analysis.article_id, "by": scores.by, "analysis": bare, "embedding": scores.embedding}


def analysis(row: RowMapping) -> Analysis:
    bare: Analysis = row["analysis"]
    return replace(bare, scores=replace(bare.scores, embedding=row["embedding"]))


def deadline_rows(analysis: Analysis) -> list[Row]:
    """None for an article that no desk wants."""
    told = analysis.deadlines if analysis.wanted else ()
    return [
        {"article_id": analysis.article_id, "position": position, "day": deadline.day, "deadline": deadline}
        for position, deadline in enumerate(told)
    ]


def hit_rows(article: Article, analysis: Analysis) -> list[Row]:
    day = article.published.astimezone(UTC).date()
    names = dict.fromkeys(why.watchlist for why in analysis.why)
    return [{"article_id": article.id, "watchlist": name, "day": day} for name in names]


def story_row(story: Story) -> Row:
    kept = "id", "started", "updated", "told", "splits", "doubts"
    return {name: getattr(story, name) for name in kept}


def story(row: RowMapping, members: Sequence[Member], merges: Sequence[Merge]) -> Story:
    return Story(
        row["id"],
        row["started"],
        row["updated"],
        tuple(members),
        row["told"],
        tuple(merges),
        row["splits"],
        row["doubts"],
    )


def merge_rows(story: Story) -> list[Row]:
    return [{"into": story.id, "position": position, **row(merge)} for position, merge in enumerate(story.merges)]


def member_rows(story: Story) -> list[Row]:
    return [
        {
            "article_id": member.article_id,
            "story_id": story.id,
            "position": position,
            "member": member,
        }
        for position, member in enumerate(story.members)
    ]


def measure_row(measure: Measure) -> Row:
    columns = row(measure)
    del columns["states"]
    return columns


def measure(row: RowMapping, states: Sequence[State]) -> Measure:
    return Measure(**row, states=tuple(states))


def state_rows(measure: Measure) -> list[Row]:
    return [
        {"measure_id": measure.id, "position": position, **row(state)} for position, state in enumerate(measure.states)
    ]


def action_row(action: Action, about: Answer | None) -> Row:
    """`about` is what an answer is about; None for all other actions, and for what is about nothing that is known."""
    return row(action) | {
        "article": about.article if about else None,
        "analysis": about.analysis if about else None,
        "watchlists": about.watchlists if about else (),
    }


def answer(row: RowMapping) -> Answer | None:
    """None where the answer came when its article was gone."""
    if row["article"] is None:
        return None
    return Answer(record(Action, row), row["article"], row["analysis"], row["watchlists"])


def put(connection: Connection, key: Column[str], rows: Sequence[Row]) -> None:
    """Writes rows by their key, the last of each: known ones in place, with what refers to them left as it is. In the order of
    the keys, so that several who write at once wait for each other in one direction only."""
    by_key = {row[key.name]: row for row in sorted(rows, key=lambda row: row[key.name])}
    known = set(connection.scalars(select(key).where(key.in_(by_key))))
    new = add(connection, key, [row for name, row in by_key.items() if name not in known])
    old = [row | {"known": name} for name, row in by_key.items() if name not in new]
    if old:
        connection.execute(update(key.table).where(key == bindparam("known")), old)


def add(connection: Connection, key: Column[str], rows: Sequence[Row]) -> set[str]:
    """Adds rows, but for those whose key is there by then, which another may have written just now; returns the keys added."""
    if not rows:
        return set()
    query = INSERTS[connection.dialect.name](key.table).on_conflict_do_nothing(index_elements=[key])
    return set(connection.scalars(query.returning(key), rows))
