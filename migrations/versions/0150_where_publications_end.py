"""An index of where publications end, so that the next instant at which anything ends is one look

Revision ID: 0150
Revises: 0142
Create Date: 2026-11-24
"""
from alembic import op

revision = '0150'
down_revision = '0142'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_publications_live_until', 'publications', ['live_until'])


def downgrade():
    op.drop_index('ix_publications_live_until', table_name='publications')
