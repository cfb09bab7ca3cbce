"""where journals were cut."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('journal_checkpoint',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('sealed_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seal', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_journal_checkpoint_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_checkpoint')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_journal_checkpoint_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_journal_checkpoint_organisation_id_number'))
    )


def downgrade() -> None:
    op.drop_table('journal_checkpoint')
