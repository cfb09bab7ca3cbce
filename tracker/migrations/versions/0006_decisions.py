"""decisions that can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('decision',
    sa.Column('deed', sa.Enum('start', 'report_stuck', 'submit', 'withdraw', 'approve', 'send_back', 'reopen', 'lose_evidence', 'move_due_day', 'cancel', 'release', 'restore', name='deed', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=False),
    sa.Column('tasks', sa.JSON(), nullable=False),
    sa.Column('attempts', sa.JSON(), nullable=False),
    sa.Column('mail_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_decision_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'mail_id'], ['outgoing_mail.organisation_id', 'outgoing_mail.id'], name=op.f('fk_decision_organisation_id_mail_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_decision_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_decision_organisation_id_id'))
    )
    op.create_index(op.f('ix_decision_organisation_id_by_user_id_at'), 'decision', ['organisation_id', 'by_user_id', 'at'])


def downgrade() -> None:
    op.drop_table('decision')
