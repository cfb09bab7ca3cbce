"""plan documents that are kept and not read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plan_attachment',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_plan_attachment_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_plan_attachment_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_attachment')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_plan_attachment_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'sha256', name=op.f('uq_plan_attachment_organisation_id_sha256'))
    )


def downgrade() -> None:
    op.drop_table('plan_attachment')
