"""Scheduled publications keep the wall time and zone they were given"""

import sqlalchemy as sa
from alembic import op

revision = '0111'
down_revision = '0110'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('publications', sa.Column('wall_time', sa.String(length=40), nullable=True))
    op.add_column('publications', sa.Column('zone', sa.String(length=64), nullable=True))


def downgrade():
    op.drop_column('publications', 'zone')
    op.drop_column('publications', 'wall_time')
