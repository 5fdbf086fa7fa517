"""Where what was brought in came from

Revision ID: 0240
Revises: 0220
"""
import sqlalchemy as sa
from alembic import op

revision = '0240'
down_revision = '0220'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('origins',
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('key', sa.String(length=500), nullable=False),
    sa.Column('target', sa.String(length=80), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source', 'kind', 'key', name=op.f('pk_origins'))
    )
    with op.batch_alter_table('origins', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_origins_target'), ['target'], unique=False)


def downgrade():
    with op.batch_alter_table('origins', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_origins_target'))

    op.drop_table('origins')
