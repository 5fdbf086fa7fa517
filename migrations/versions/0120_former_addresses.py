"""Where the former addresses of sections, tags and people lead"""

import sqlalchemy as sa
from alembic import op

revision = '0120'
down_revision = '0115'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('forwards',
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('former', sa.String(length=500), nullable=False),
    sa.Column('target', sa.String(length=16), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'former', name=op.f('pk_forwards'))
    )
    with op.batch_alter_table('forwards', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_forwards_target'), ['target'], unique=False)


def downgrade():
    op.drop_table('forwards')
