"""What was answered under which Idempotency-Key"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "remembered_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_out", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_remembered_requests_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_requests")),
        sa.UniqueConstraint("user_id", "path", "key", name=op.f("uq_remembered_requests_user_id_path_key")),
    )
    with op.batch_alter_table("remembered_requests") as batch_op:
        batch_op.create_index(batch_op.f("ix_remembered_requests_begun_at"), ["begun_at"], unique=False)


def downgrade():
    with op.batch_alter_table("remembered_requests") as batch_op:
        batch_op.drop_index(batch_op.f("ix_remembered_requests_begun_at"))
    op.drop_table("remembered_requests")
