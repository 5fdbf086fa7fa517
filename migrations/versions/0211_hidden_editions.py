"""Editions that the public history leaves out

Revision ID: 0211
Revises: 0210
"""
import sqlalchemy as sa
from alembic import op

import cms.db

revision = '0211'
down_revision = '0210'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('publications', sa.Column('hidden_at', cms.db.UTCDateTime(), nullable=True))


def downgrade():
    op.drop_column('publications', 'hidden_at')
