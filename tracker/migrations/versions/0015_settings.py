"""who approves a division's reports, and the organisation's logo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('approver',
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('position_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'division_id'], ['division.organisation_id', 'division.id'], name=op.f('fk_approver_organisation_id_division_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'position_id'], ['position.organisation_id', 'position.id'], name=op.f('fk_approver_organisation_id_position_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_approver_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approver')),
    sa.UniqueConstraint('organisation_id', 'division_id', name=op.f('uq_approver_organisation_id_division_id')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_approver_organisation_id_id'))
    )
    op.create_index(op.f('ix_approver_organisation_id_position_id'), 'approver', ['organisation_id', 'position_id'])
    op.add_column('organisation', sa.Column('logo', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('organisation', 'logo')
    op.drop_index(op.f('ix_approver_organisation_id_position_id'), table_name='approver')
    op.drop_table('approver')
