"""What the site prefers, by name"""

import sqlalchemy as sa
from alembic import op

revision = '0124'
down_revision = '0123'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('preferences',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_preferences'))
    )


def downgrade():
    op.drop_table('preferences')
