"""Purchases with Stars: orders, payments, Telegram's list of transactions; Premium and debts of players."""

import sqlalchemy as sa
from alembic import op

from db.types import CreditsColumn, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "star_transaction",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("charge_id", sa.String(length=255), nullable=False),
        sa.Column("is_incoming", sa.Boolean(), nullable=False),
        sa.Column("stars", sa.BigInteger(), nullable=False),
        sa.Column("partner", sa.String(length=24), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.String(length=128), nullable=True),
        sa.Column("period_seconds", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_transaction")),
        sa.UniqueConstraint(
            "charge_id", "is_incoming", name=op.f("uq_star_transaction_charge_id_is_incoming")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.String(length=16), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("credits", CreditsColumn(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("paid_at", UtcTime(), nullable=True),
        sa.CheckConstraint("product IN ('credits', 'premium')", name=op.f("ck_purchase_product_known")),
        sa.CheckConstraint("stars > 0", name=op.f("ck_purchase_stars_positive")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_purchase_player_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("payload", name=op.f("uq_purchase_payload")),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_player_id_id", "purchase", ["player_id", "id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("charge_id", sa.String(length=255), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=True),
        sa.Column("player_id", sa.BigInteger(), nullable=True),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("product", sa.String(length=16), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("credits", CreditsColumn(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("is_renewal", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_reconciled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("paid_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("hold_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("back_entry_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('credited', 'frozen', 'refunding', 'refunded', 'reclaimed')",
            name=op.f("ck_payment_state_known"),
        ),
        sa.ForeignKeyConstraint(["back_entry_id"], ["entry.id"], name=op.f("fk_payment_back_entry_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_payment_entry_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_payment_hold_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_payment_player_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_payment_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("back_entry_id", name=op.f("uq_payment_back_entry_id")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_payment_charge_id")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_payment_entry_id")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_payment_hold_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_payment_open_state",
        "payment",
        ["state", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('frozen', 'refunding')"),
        postgresql_where=sa.text("state IN ('frozen', 'refunding')"),
    )
    op.create_index("ix_payment_player_id_id", "payment", ["player_id", "id"], unique=False)
    op.add_column("player", sa.Column("premium_until", UtcTime(), nullable=True))
    op.add_column("player", sa.Column("premium_charge_id", sa.String(length=255), nullable=True))
    op.add_column(
        "player", sa.Column("premium_canceled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "player", sa.Column("debt_credits", CreditsColumn(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("player", "debt_credits")
    op.drop_column("player", "premium_canceled")
    op.drop_column("player", "premium_charge_id")
    op.drop_column("player", "premium_until")
    op.drop_index("ix_payment_player_id_id", table_name="payment")
    op.drop_index(
        "ix_payment_open_state",
        table_name="payment",
        sqlite_where=sa.text("state IN ('frozen', 'refunding')"),
        postgresql_where=sa.text("state IN ('frozen', 'refunding')"),
    )
    op.drop_table("payment")
    op.drop_index("ix_purchase_player_id_id", table_name="purchase")
    op.drop_table("purchase")
    op.drop_table("star_transaction")
