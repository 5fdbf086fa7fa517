"""Preview links"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "preview_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_preview_links_article_id_articles")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_preview_links_revision_id_revisions")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_preview_links_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_preview_links_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_preview_links_public_id")),
    )
    with op.batch_alter_table("preview_links") as batch_op:
        batch_op.create_index(batch_op.f("ix_preview_links_article_id"), ["article_id"], unique=False)


def downgrade():
    with op.batch_alter_table("preview_links") as batch_op:
        batch_op.drop_index(batch_op.f("ix_preview_links_article_id"))
    op.drop_table("preview_links")
