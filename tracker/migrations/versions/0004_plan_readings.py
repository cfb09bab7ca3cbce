"""plan readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_reading',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('fiscal_year', sa.Integer(), nullable=True),
    sa.Column('decisions', sa.JSON(), nullable=False),
    sa.Column('created_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_plan_reading_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_plan_reading_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_reading')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_plan_reading_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'sha256', name=op.f('uq_plan_reading_organisation_id_sha256'))
    )


def downgrade() -> None:
    op.drop_table('plan_reading')
