"""recorded results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recorded_result',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('results', sa.JSON(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'item_id'], ['plan_item.organisation_id', 'plan_item.id'], name=op.f('fk_recorded_result_organisation_id_item_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_recorded_result_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recorded_result')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_recorded_result_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'item_id', name=op.f('uq_recorded_result_organisation_id_item_id'))
    )


def downgrade() -> None:
    op.drop_table('recorded_result')
