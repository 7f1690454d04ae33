"""When an alert is wanted, and what finds a channel's alerts of a day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("due", sa.BigInteger))
    for name in ("created", "sent_at"):
        op.create_index(f"ix_alerts_channel_{name}", "alerts", ["channel", name])
