"""versions of evidence, calendar feeds, earlier names of divisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_feed',
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('created_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('revoked_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_calendar_feed_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'division_id'], ['division.organisation_id', 'division.id'], name=op.f('fk_calendar_feed_organisation_id_division_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_calendar_feed_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_calendar_feed_organisation_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash'))
    )
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_feed_organisation_id_division_id'), ['organisation_id', 'division_id'], unique=False)
    op.create_table('division_name',
    sa.Column('division_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'division_id'], ['division.organisation_id', 'division.id'], name=op.f('fk_division_name_organisation_id_division_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_division_name_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_division_name')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_division_name_organisation_id_id'))
    )
    with op.batch_alter_table('division_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_division_name_organisation_id_division_id'), ['organisation_id', 'division_id'], unique=False)
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('newer_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_evidence_organisation_id_newer_id'), ['organisation_id', 'newer_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_evidence_organisation_id_newer_id'), 'evidence', ['organisation_id', 'newer_id'], ['organisation_id', 'id'])


def downgrade() -> None:
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_evidence_organisation_id_newer_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_evidence_organisation_id_newer_id'))
        batch_op.drop_column('newer_id')

    with op.batch_alter_table('division_name', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_division_name_organisation_id_division_id'))

    op.drop_table('division_name')
    with op.batch_alter_table('calendar_feed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calendar_feed_organisation_id_division_id'))

    op.drop_table('calendar_feed')
