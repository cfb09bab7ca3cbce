"""publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('publication',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=False),
    sa.Column('withdrawn_by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_publication_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'report_id'], ['report.organisation_id', 'report.id'], name=op.f('fk_publication_organisation_id_report_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'withdrawn_by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_publication_organisation_id_withdrawn_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_publication_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_publication_organisation_id_id'))
    )
    with op.batch_alter_table('publication', schema=None) as batch_op:
        batch_op.create_index('uq_publication_report_id', ['organisation_id', 'report_id'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))


def downgrade() -> None:
    op.drop_table('publication')
