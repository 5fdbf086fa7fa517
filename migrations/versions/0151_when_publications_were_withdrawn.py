"""An index of withdrawals, so that a feed finds those of late without reading every publication

Revision ID: 0151
Revises: 0150
Create Date: 2026-11-24
"""
from alembic import op

revision = '0151'
down_revision = '0150'
branch_labels = None
depends_on = None


def upgrade():
    op.create_index('ix_publications_withdrawn_at', 'publications', ['withdrawn_at'])


def downgrade():
    op.drop_index('ix_publications_withdrawn_at', table_name='publications')
