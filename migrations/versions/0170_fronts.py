"""Fronts arranged by hand, and the banner

Revision ID: 0170
Revises: 0151
"""
import sqlalchemy as sa
from alembic import op

revision = '0170'
down_revision = '0151'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('fronts',
    sa.Column('key', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('arranged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('arranged_by', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_fronts'))
    )
    op.create_table('front_slots',
    sa.Column('front_key', sa.String(length=16), nullable=False),
    sa.Column('place', sa.String(length=24), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_front_slots_article_id_articles')),
    sa.ForeignKeyConstraint(['front_key'], ['fronts.key'], name=op.f('fk_front_slots_front_key_fronts')),
    sa.PrimaryKeyConstraint('front_key', 'place', 'position', name=op.f('pk_front_slots'))
    )
    with op.batch_alter_table('front_slots', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_front_slots_article_id'), ['article_id'], unique=False)
    op.create_table('banners',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('link', sa.String(length=2000), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_banners'))
    )


def downgrade():
    op.drop_table('banners')
    with op.batch_alter_table('front_slots', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_front_slots_article_id'))

    op.drop_table('front_slots')
    op.drop_table('fronts')
