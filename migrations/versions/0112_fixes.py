"""Articles remember their newest live fix"""

import sqlalchemy as sa
from alembic import op

revision = '0112'
down_revision = '0111'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('articles', sa.Column('fixed', sa.Integer(), nullable=True))


def downgrade():
    op.drop_column('articles', 'fixed')
