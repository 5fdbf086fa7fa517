"""Standing pages

Revision ID: 0171
Revises: 0170
"""
import sqlalchemy as sa
from alembic import op

revision = '0171'
down_revision = '0170'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('standing_pages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body_html', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_pages')),
    sa.UniqueConstraint('slug', name=op.f('uq_standing_pages_slug'))
    )


def downgrade():
    op.drop_table('standing_pages')
