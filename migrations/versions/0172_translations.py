"""Articles that are translations of each other

Revision ID: 0172
Revises: 0171
"""
import sqlalchemy as sa
from alembic import op

revision = '0172'
down_revision = '0171'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('article_translations',
    sa.Column('article_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('group_id', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_translations_article_id_articles')),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_translations'))
    )
    with op.batch_alter_table('article_translations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_translations_group_id'), ['group_id'], unique=False)


def downgrade():
    with op.batch_alter_table('article_translations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_article_translations_group_id'))

    op.drop_table('article_translations')
