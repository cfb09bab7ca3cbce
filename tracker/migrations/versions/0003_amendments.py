"""amendments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

MARKED = ('plan_item', 'plan_item_division', 'measure', 'step')


def upgrade() -> None:
    op.create_table('amendment',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('source_name', sa.Text(), nullable=False),
    sa.Column('source_sha256', sa.Text(), nullable=False),
    sa.Column('document_number', sa.Text(), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_amendment_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'plan_id'], ['plan.organisation_id', 'plan.id'], name=op.f('fk_amendment_organisation_id_plan_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_amendment_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_amendment')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_amendment_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'plan_id', 'number', name=op.f('uq_amendment_organisation_id_plan_id_number'))
    )
    for table in MARKED:
        op.add_column(table, sa.Column('removed_in', sa.Integer(), nullable=True))


def downgrade() -> None:
    for table in MARKED:
        op.drop_column(table, 'removed_in')
    op.drop_table('amendment')
