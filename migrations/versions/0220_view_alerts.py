"""Being told of new stories in a kept view

Revision ID: 0220
Revises: 0211
"""
import sqlalchemy as sa
from alembic import op

revision = '0220'
down_revision = '0211'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('saved_views', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alert_since', sa.DateTime(timezone=True), nullable=True))
    op.create_table('view_alerts',
    sa.Column('view_id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_view_alerts_article_id_articles')),
    sa.ForeignKeyConstraint(['view_id'], ['saved_views.id'], name=op.f('fk_view_alerts_view_id_saved_views'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('view_id', 'article_id', name=op.f('pk_view_alerts'))
    )


def downgrade():
    op.drop_table('view_alerts')
    with op.batch_alter_table('saved_views', schema=None) as batch_op:
        batch_op.drop_column('alert_since')
