"""Pulls, and the outbox rows that are their receipts"""

import sqlalchemy as sa
from alembic import op

revision = '0115'
down_revision = '0114'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'pulls',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('article_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by_name', sa.String(length=200), nullable=False),
        sa.Column('taken', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_pulls_article_id_articles')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pulls')),
        sa.UniqueConstraint('public_id', name=op.f('uq_pulls_public_id')),
    )
    op.create_index(op.f('ix_pulls_article_id'), 'pulls', ['article_id'])
    op.add_column('outbox', sa.Column('pull', sa.String(length=16), nullable=True))
    op.create_index(op.f('ix_outbox_pull'), 'outbox', ['pull'])


def downgrade():
    op.drop_index(op.f('ix_outbox_pull'), 'outbox')
    op.drop_column('outbox', 'pull')
    op.drop_index(op.f('ix_pulls_article_id'), 'pulls')
    op.drop_table('pulls')
