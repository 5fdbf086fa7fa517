"""Erasures: who asked, who agreed, and what is gone"""

import sqlalchemy as sa
from alembic import op

revision = '0114'
down_revision = '0113'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('revisions', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'erasures',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('article', sa.String(length=16), nullable=False),
        sa.Column('revisions', sa.JSON(), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('asked_by', sa.Integer(), nullable=True),
        sa.Column('asked_by_name', sa.String(length=200), nullable=False),
        sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('agreed_by_name', sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(['asked_by'], ['users.id'], name=op.f('fk_erasures_asked_by_users')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
        sa.UniqueConstraint('public_id', name=op.f('uq_erasures_public_id')),
    )
    op.create_index(op.f('ix_erasures_article'), 'erasures', ['article'])


def downgrade():
    op.drop_index(op.f('ix_erasures_article'), 'erasures')
    op.drop_table('erasures')
    op.drop_column('revisions', 'erased_at')
