"""how the mail server treats us, and how late the jobs' clock has been."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tracker.models.base

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    relay = op.create_table('relay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('server', sa.Text(), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('since_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('paused_until', tracker.models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay'))
    )
    op.bulk_insert(relay, [{'id': 1, 'server': '', 'refusals': 0, 'answer': ''}])
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('latest_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('back_at', tracker.models.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('job_run', schema=None) as batch_op:
        batch_op.drop_column('back_at')
        batch_op.drop_column('latest_at')
    op.drop_table('relay')
