"""files that the jobs make of documents, and offices' own Word forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rendering',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('fiscal_year', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('ending', sa.Text(), nullable=False),
    sa.Column('font', sa.Text(), nullable=False),
    sa.Column('paper', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', 'cancelled', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('problem', sa.JSON(), nullable=False),
    sa.Column('asked_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.Text(), nullable=True),
    sa.Column('lease_until', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'asked_by_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_rendering_organisation_id_asked_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_rendering_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rendering')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_rendering_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'key', name=op.f('uq_rendering_organisation_id_key'))
    )
    op.create_index('ix_rendering_organisation_id_fiscal_year_state', 'rendering', ['organisation_id', 'fiscal_year', 'state'])
    op.create_index('ix_rendering_state_asked_at', 'rendering', ['state', 'asked_at'])
    op.create_table('word_template',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_at', tracker.models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_user_id', sa.Integer(), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id', 'by_user_id'], ['user_account.organisation_id', 'user_account.id'], name=op.f('fk_word_template_organisation_id_by_user_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_word_template_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_word_template')),
    sa.UniqueConstraint('organisation_id', 'id', name=op.f('uq_word_template_organisation_id_id')),
    sa.UniqueConstraint('organisation_id', 'kind', name=op.f('uq_word_template_organisation_id_kind'))
    )


def downgrade() -> None:
    op.drop_table('word_template')
    op.drop_index('ix_rendering_state_asked_at', table_name='rendering')
    op.drop_index('ix_rendering_organisation_id_fiscal_year_state', table_name='rendering')
    op.drop_table('rendering')
