"""What was typed into stories that were never saved

Revision ID: 0210
Revises: 0200
"""
import sqlalchemy as sa
from alembic import op

import cms.db

revision = '0210'
down_revision = '0200'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('unsaved_stories',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=16), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('saved_at', cms.db.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_unsaved_stories_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unsaved_stories')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_unsaved_stories_user_id_key')),
    )


def downgrade():
    op.drop_table('unsaved_stories')
