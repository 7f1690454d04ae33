"""Migrations: numbered steps, run by Alembic inside the program, that bring any older database to today's tables."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def migrate(connection: Connection, version: str = "head") -> None:
    """Brings the schema to a version, the newest, within the connection's transaction: all steps happen or none."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def unknown_versions(connection: Connection) -> set[str]:
    """The schema versions of the database that this program does not have, being older."""
    return set(schema(connection)) - set(versions())


def schema(connection: Connection) -> list[str]:
    """The versions that the database's tables are at: one; none where no migration was run."""
    return list(MigrationContext.configure(connection).get_current_heads())


def versions() -> list[str]:
    """Every schema there ever was, the eldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.stores:migrations")  # found in a wheel as in a checkout
    return config
