"""Which stories stand beside a story, and the words of headlines

Revision ID: 0180
Revises: 0172
"""
import sqlalchemy as sa
from alembic import op

revision = '0180'
down_revision = '0172'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('related_articles',
    sa.Column('article_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_related_articles_article_id_articles')),
    sa.ForeignKeyConstraint(['other_id'], ['articles.id'], name=op.f('fk_related_articles_other_id_articles')),
    sa.PrimaryKeyConstraint('article_id', 'place', name=op.f('pk_related_articles'))
    )
    with op.batch_alter_table('related_articles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_related_articles_other_id'), ['other_id'], unique=False)

    op.create_table('headline_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('word', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_headline_words')),
    sa.UniqueConstraint('word', name=op.f('uq_headline_words_word')),
    sqlite_autoincrement=True
    )


def downgrade():
    op.drop_table('headline_words')
    with op.batch_alter_table('related_articles', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_related_articles_other_id'))

    op.drop_table('related_articles')
