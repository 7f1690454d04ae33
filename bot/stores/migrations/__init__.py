"""Migrations: numbered steps, run by Alembic inside the program, that bring any older database to today's tables."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Brings the schema to the newest version within the connection's transaction: all steps happen or none."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def unknown_versions(connection: Connection) -> set[str]:
    """The schema versions of the database that this program does not have, being older."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return set(MigrationContext.configure(connection).get_current_heads()) - known


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.stores:migrations")  # found in a wheel as in a checkout
    return config
