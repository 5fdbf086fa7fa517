"""Legal holds"""

import sqlalchemy as sa
from alembic import op

revision = '0113'
down_revision = '0112'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'holds',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('article_id', sa.Integer(), nullable=False),
        sa.Column('holder_id', sa.Integer(), nullable=True),
        sa.Column('holder_name', sa.String(length=200), nullable=False),
        sa.Column('reason', sa.String(length=1000), nullable=False),
        sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_holds_article_id_articles')),
        sa.ForeignKeyConstraint(['holder_id'], ['users.id'], name=op.f('fk_holds_holder_id_users')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_holds')),
    )
    op.create_index(op.f('ix_holds_article_id_lifted_at'), 'holds', ['article_id', 'lifted_at'])


def downgrade():
    op.drop_index(op.f('ix_holds_article_id_lifted_at'), 'holds')
    op.drop_table('holds')
