"""stages and pauses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organisation', sa.Column('stages', sa.JSON(), nullable=True))
    op.create_table('pause',
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('position_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('created_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_pause_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'position_id'], ['position.organisation_id', 'position.id'], name=op.f('fk_pause_organisation_id_position_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_pause_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pause')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_pause_organisation_id_id'))
    )
    op.create_index(op.f('ix_pause_organisation_id_until_on'), 'pause', ['organisation_id', 'until_on'])


def downgrade() -> None:
    op.drop_table('pause')
    op.drop_column('organisation', 'stages')
