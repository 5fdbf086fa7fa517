"""Former addresses, and where each leads

Revision ID: 0142
Revises: 0141
"""
import sqlalchemy as sa
from alembic import op

revision = '0142'
down_revision = '0141'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('redirects',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('former', sa.String(length=500), nullable=False),
    sa.Column('target', sa.String(length=2000), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.Column('last_hit_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_redirects_created_by_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redirects')),
    sa.UniqueConstraint('former', name=op.f('uq_redirects_former')),
    sa.UniqueConstraint('public_id', name=op.f('uq_redirects_public_id'))
    )
    with op.batch_alter_table('redirects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redirects_target'), ['target'], unique=False)


def downgrade():
    with op.batch_alter_table('redirects', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redirects_target'))

    op.drop_table('redirects')
