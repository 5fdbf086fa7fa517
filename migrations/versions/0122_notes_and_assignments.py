"""Desk notes on an article, and who is in charge of it until when"""

import sqlalchemy as sa
from alembic import op

revision = '0122'
down_revision = '0121'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('desk_notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_desk_notes_article_id_articles')),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_desk_notes_created_by_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_notes')),
    sa.UniqueConstraint('public_id', name=op.f('uq_desk_notes_public_id'))
    )
    with op.batch_alter_table('desk_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_desk_notes_article_id'), ['article_id'], unique=False)

    op.create_table('assignments',
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_assignments_article_id_articles')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_assignments_user_id_users')),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_assignments'))
    )
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignments_user_id'), ['user_id'], unique=False)


def downgrade():
    op.drop_table('assignments')
    op.drop_table('desk_notes')
