"""What a printed name is of, its picture, and the name that unsigned stories carry"""

import sqlalchemy as sa
from alembic import op

revision = '0121'
down_revision = '0120'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=10), server_default='person', nullable=False))
        batch_op.add_column(sa.Column('picture', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('house', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_column('house')
        batch_op.drop_column('picture')
        batch_op.drop_column('kind')
