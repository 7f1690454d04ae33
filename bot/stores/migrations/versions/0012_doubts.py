"""Members of stories that are in doubt, what was taken out of a story, and which channels a merged one had told."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for table, name in (("stories", "doubts"), ("stories", "splits"), ("merges", "told")):
        op.add_column(table, sa.Column(name, sa.JSON, nullable=False, server_default="[]"))
