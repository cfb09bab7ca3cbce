"""signed scans, documents opened again, addresses and explanations a document, evidence that a person checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('publicity',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('addresses', sa.Text(), nullable=False),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_publicity_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'plan_id'], ['plan.organisation_id', 'plan.id'], name=op.f('fk_publicity_organisation_id_plan_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_publicity_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publicity')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_publicity_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'plan_id', 'document', name=op.f('uq_publicity_organisation_id_plan_id_document'))
    )
    op.create_table('report_scan',
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('storage_name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('added_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('removed_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.Column('removed_reason', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_report_scan_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'removed_by_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_report_scan_organisation_id_removed_by_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'report_id'], ['report.organisation_id', 'report.id'], name=op.f('fk_report_scan_organisation_id_report_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_report_scan_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_scan')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_report_scan_organisation_id_id'))
    )
    op.create_index(op.f('ix_report_scan_organisation_id_report_id'), 'report_scan', ['organisation_id', 'report_id'])
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reopened_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checked_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('checked_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_evidence_organisation_id_checked_by_id'), 'user_account', ['organisation_id', 'checked_by_id'], ['organisation_id', 'id'])
    # What was written of the annual report's place on the website moves; confirmations of personal data are
    # asked for again, file by file.
    op.execute(
        "INSERT INTO publicity (plan_id, document, addresses, explanation, at, by_user_id, organisation_id) "
        "SELECT plan_id, 'annual', text, '', at, by_user_id, organisation_id FROM readiness_answer WHERE code = 'website'"
    )
    op.execute("DELETE FROM readiness_answer WHERE code IN ('website', 'personal')")


def downgrade() -> None:
    op.execute(
        "INSERT INTO readiness_answer (plan_id, code, text, subjects, at, by_user_id, organisation_id) "
        "SELECT plan_id, 'website', addresses, '[]', at, by_user_id, organisation_id FROM publicity "
        "WHERE document = 'annual' AND addresses <> ''"
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_evidence_organisation_id_checked_by_id'), type_='foreignkey')
        batch_op.drop_column('checked_by_id')
        batch_op.drop_column('checked_at')
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_column('reopened_at')
    op.drop_index(op.f('ix_report_scan_organisation_id_report_id'), table_name='report_scan')
    op.drop_table('report_scan')
    op.drop_table('publicity')
