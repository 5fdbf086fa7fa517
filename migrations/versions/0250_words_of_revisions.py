"""How many words a revision's text has, counted when it is saved; none of one saved before

Revision ID: 0250
Revises: 0241
"""
import sqlalchemy as sa
from alembic import op

revision = '0250'
down_revision = '0241'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('revisions', sa.Column('words', sa.Integer(), nullable=True))


def downgrade():
    op.drop_column('revisions', 'words')
