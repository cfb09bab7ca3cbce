"""report edits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('report_edit',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('cell', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('proposal', sa.Text(), nullable=False),
    sa.Column('sources', sa.Text(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_report_edit_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'item_id'], ['plan_item.organisation_id', 'plan_item.id'], name=op.f('fk_report_edit_organisation_id_item_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_report_edit_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_edit')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_report_edit_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'item_id', 'cell', name=op.f('uq_report_edit_organisation_id_item_id_cell'))
    )
    op.create_table('readiness_answer',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('subjects', sa.JSON(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_readiness_answer_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'plan_id'], ['plan.organisation_id', 'plan.id'], name=op.f('fk_readiness_answer_organisation_id_plan_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_readiness_answer_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_readiness_answer')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_readiness_answer_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'plan_id', 'code', name=op.f('uq_readiness_answer_organisation_id_plan_id_code'))
    )


def downgrade() -> None:
    op.drop_table('readiness_answer')
    op.drop_table('report_edit')
