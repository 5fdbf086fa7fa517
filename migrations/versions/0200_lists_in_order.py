"""Sections, tags and names know when their stories were first published

Revision ID: 0200
Revises: 0180
"""
import sqlalchemy as sa
from alembic import op

revision = '0200'
down_revision = '0180'
branch_labels = None
depends_on = None

TABLES = {'revision_sections': 'section_id', 'revision_tags': 'tag_id', 'revision_bylines': 'person_id'}

# What a text that was published is filed under repeats the article's ``first_live_from``: set when it is published,
# when that instant is moved, and when it is filed anew. A SQLite batch operation that copies one of these tables, or
# ``articles`` or ``publications``, loses its triggers: such a migration must create them again.
_OWN = (
    "SELECT articles.first_live_from FROM publications JOIN articles ON articles.id = publications.article_id "
    "WHERE publications.revision_id = NEW.revision_id LIMIT 1"
)
PUBLISHED = [
    f"UPDATE {table} SET first_live_from = (SELECT first_live_from FROM articles WHERE id = NEW.article_id) "
    "WHERE revision_id = NEW.revision_id"
    for table in TABLES
]
MOVED = [
    f"UPDATE {table} SET first_live_from = NEW.first_live_from "
    "WHERE revision_id IN (SELECT revision_id FROM publications WHERE article_id = NEW.id)"
    for table in TABLES
]
TRIGGERS = [
    ('publications_dated', 'INSERT', 'publications', PUBLISHED),
    ('articles_dated', 'UPDATE OF first_live_from', 'articles', MOVED),
    *(
        (
            f'{table}_dated',
            'INSERT',
            table,
            [
                f"UPDATE {table} SET first_live_from = ({_OWN}) "
                "WHERE revision_id = NEW.revision_id AND position = NEW.position"
            ],
        )
        for table in TABLES
    ),
]


def upgrade():
    for table, key in TABLES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('first_live_from', sa.DateTime(timezone=True), nullable=True))
            batch_op.drop_index(batch_op.f(f'ix_{table}_{key}'))
            batch_op.create_index(
                batch_op.f(f'ix_{table}_{key}_first_live_from'), [key, 'first_live_from'], unique=False
            )
        op.execute(
            f"UPDATE {table} SET first_live_from = ("
            "SELECT articles.first_live_from FROM publications JOIN articles ON articles.id = publications.article_id "
            f"WHERE publications.revision_id = {table}.revision_id LIMIT 1)"
        )
    for name, moment, table, acts in TRIGGERS:
        _create(name, moment, table, acts)


def downgrade():
    for name, _moment, table, _acts in TRIGGERS:
        _drop(name, table)
    for table, key in TABLES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f'ix_{table}_{key}_first_live_from'))
            batch_op.create_index(batch_op.f(f'ix_{table}_{key}'), [key], unique=False)
            batch_op.drop_column('first_live_from')


def _create(name, moment, table, acts):
    body = "; ".join(acts) + ";"
    if op.get_bind().dialect.name != 'postgresql':
        op.execute(f"CREATE TRIGGER {name} AFTER {moment} ON {table} BEGIN {body} END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} AFTER {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _drop(name, table):
    if op.get_bind().dialect.name != 'postgresql':
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")
