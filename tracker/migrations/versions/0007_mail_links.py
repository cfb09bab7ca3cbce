"""mail links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_link',
    sa.Column('position_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('subjects', sa.JSON(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('created_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('opened_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('renewed', sa.Boolean(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('colleague_name', sa.Text(), nullable=True),
    sa.Column('colleague_address', sa.Text(), nullable=True),
    sa.Column('mail_id', sa.Integer(), nullable=True),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('by_link_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_link_id'], ['mail_link.organisation_id', 'mail_link.id'], name=op.f('fk_mail_link_organisation_id_by_link_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_mail_link_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'mail_id'], ['outgoing_mail.organisation_id', 'outgoing_mail.id'], name=op.f('fk_mail_link_organisation_id_mail_id')),
    sa.ForeignKeyConstraint(['organisation_id', 'position_id'], ['position.organisation_id', 'position.id'], name=op.f('fk_mail_link_organisation_id_position_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_mail_link_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_link')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_mail_link_organisation_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_mail_link_token_hash'))
    )
    with op.batch_alter_table('mail_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mail_link_organisation_id_by_link_id'), ['organisation_id', 'by_link_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_link_organisation_id_mail_id'), ['organisation_id', 'mail_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_link_organisation_id_position_id_created_at'), ['organisation_id', 'position_id', 'created_at'], unique=False)
    op.create_table('link_press',
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('leads_to', sa.Text(), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'link_id'], ['mail_link.organisation_id', 'mail_link.id'], name=op.f('fk_link_press_organisation_id_link_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_link_press_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link_press')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_link_press_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'link_id', 'key', name=op.f('uq_link_press_organisation_id_link_id_key'))
    )
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.add_column(sa.Column('by_link_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_submission_organisation_id_by_link_id'), 'mail_link', ['organisation_id', 'by_link_id'], ['organisation_id', 'id'])


def downgrade() -> None:
    with op.batch_alter_table('submission', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_submission_organisation_id_by_link_id'), type_='foreignkey')
        batch_op.drop_column('by_link_id')

    op.drop_table('link_press')
    with op.batch_alter_table('mail_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_link_organisation_id_position_id_created_at'))
        batch_op.drop_index(batch_op.f('ix_mail_link_organisation_id_mail_id'))
        batch_op.drop_index(batch_op.f('ix_mail_link_organisation_id_by_link_id'))

    op.drop_table('mail_link')
