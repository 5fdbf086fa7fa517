"""Publications of one article never overlap, whoever writes them"""

from alembic import op

revision = '0110'
down_revision = '0101'
branch_labels = None
depends_on = None

# A SQLite batch operation that copies ``publications`` loses these: such a migration must create them again.
_OVERLAPS = """
    NEW.cancelled_at IS NULL AND EXISTS (
        SELECT 1 FROM publications AS other
        WHERE other.article_id = NEW.article_id AND other.id IS NOT NEW.id AND other.cancelled_at IS NULL
          AND (NEW.live_until IS NULL OR other.live_from < NEW.live_until)
          AND (other.live_until IS NULL OR NEW.live_from < other.live_until)
    )
"""


def upgrade():
    if op.get_bind().dialect.name == 'postgresql':
        # A range of one id stands for the id, so that no extension is needed to compare it in a GiST index.
        op.execute(
            "ALTER TABLE publications ADD CONSTRAINT ex_publications_overlap EXCLUDE USING gist ("
            "int4range(article_id, article_id, '[]') WITH &&, tstzrange(live_from, live_until) WITH &&"
            ") WHERE (cancelled_at IS NULL)"
        )
        return
    for name, moment in _TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {name} AFTER {moment} ON publications WHEN {_OVERLAPS} "
            "BEGIN SELECT RAISE(ABORT, 'publications of one article overlap'); END"
        )


def downgrade():
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("ALTER TABLE publications DROP CONSTRAINT ex_publications_overlap")
        return
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")


_TRIGGERS = {
    'publications_overlap_insert': 'INSERT',
    'publications_overlap_update': 'UPDATE OF article_id, live_from, live_until, cancelled_at',
}
