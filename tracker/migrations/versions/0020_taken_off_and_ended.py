"""evidence taken off groups, and positions that ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('evidence_removal',
    sa.Column('evidence_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('quarter', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_evidence_removal_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'division_id'], ['division.organisation_id', 'division.id'], name=op.f('fk_evidence_removal_organisation_id_division_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'evidence_id'], ['evidence.organisation_id', 'evidence.id'], name=op.f('fk_evidence_removal_organisation_id_evidence_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'item_id'], ['plan_item.organisation_id', 'plan_item.id'], name=op.f('fk_evidence_removal_organisation_id_item_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_evidence_removal_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_removal')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_evidence_removal_organisation_id_id'))
    )
    with op.batch_alter_table('evidence_removal', schema=None) as batch_op:
        batch_op.create_index('ix_evidence_removal_organisation_id_evidence_id', ['organisation_id', 'evidence_id'], unique=False)


    op.add_column('position', sa.Column('ended_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('position', 'ended_on')
    op.drop_table('evidence_removal')
