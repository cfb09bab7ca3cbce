"""sessions that end when they are not used, and addresses that wait to be confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('address_change',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('expires_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('used_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_address_change_organisation_id_user_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_address_change_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_change')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_address_change_organisation_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_address_change_token_hash'))
    )
    op.create_index(op.f('ix_address_change_organisation_id_user_id'), 'address_change', ['organisation_id', 'user_id'])
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('seen_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('confirmed_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('device', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.drop_column('device')
        batch_op.drop_column('confirmed_at')
        batch_op.drop_column('seen_at')
    op.drop_index(op.f('ix_address_change_organisation_id_user_id'), table_name='address_change')
    op.drop_table('address_change')
