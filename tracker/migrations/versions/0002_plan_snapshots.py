"""plan snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_snapshot',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'plan_id'], ['plan.organisation_id', 'plan.id'], name=op.f('fk_plan_snapshot_organisation_id_plan_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_plan_snapshot_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_snapshot')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_plan_snapshot_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'plan_id', 'number', name=op.f('uq_plan_snapshot_organisation_id_plan_id_number'))
    )


def downgrade() -> None:
    op.drop_table('plan_snapshot')
