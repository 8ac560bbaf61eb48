"""The first schema: books, people, pots, turns, inbox and outbox; triggers keep the books append-only."""

import sqlalchemy as sa
from alembic import op

from db.types import CreditsColumn, Day, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("entry", "transfer", "ticket")
SYSTEM_ACCOUNTS = ((1, "house"), (2, "promo"), (3, "refund"), (4, "debt"), (5, "stars"), (6, "suspense"))


def upgrade() -> None:
    """Build it."""
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        _create_postgres_triggers()
    else:
        _create_sqlite_triggers()
    _add_system_accounts()


def downgrade() -> None:
    """Take it back."""
    op.drop_index(
        "uq_turn_under_way_player_id",
        table_name="turn",
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.drop_index(
        "uq_turn_album",
        table_name="turn",
        sqlite_where=sa.text("media_group_id IS NOT NULL"),
        postgresql_where=sa.text("media_group_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_turn_waiting_player_id_id",
        table_name="turn",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_turn_said_chat_id_player_id_id",
        table_name="turn",
        sqlite_where=sa.text("state = 'settled'"),
        postgresql_where=sa.text("state = 'settled'"),
    )
    op.drop_index(
        "ix_turn_reserved_lease_until",
        table_name="turn",
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.drop_index(
        "ix_turn_reserved_chat_id",
        table_name="turn",
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.drop_index(
        "ix_turn_free_player_id_day",
        table_name="turn",
        sqlite_where=sa.text("is_free"),
        postgresql_where=sa.text("is_free"),
    )
    op.drop_index(
        "ix_turn_asking_confirm_until",
        table_name="turn",
        sqlite_where=sa.text("state = 'asking'"),
        postgresql_where=sa.text("state = 'asking'"),
    )
    op.drop_table("turn")
    op.drop_index("ix_transfer_entry_id", table_name="transfer")
    op.drop_table("transfer")
    op.drop_table("ticket")
    op.drop_table("round_player")
    op.drop_index("ix_entry_player_id_id", table_name="entry")
    op.drop_table("entry")
    op.drop_index(
        "uq_round_open_pot_id",
        table_name="round",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("round")
    op.drop_table("chain")
    op.drop_table("pot")
    op.drop_index(
        "ix_outbox_waiting_chat_id_id",
        table_name="outbox",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_outbox_ended_at",
        table_name="outbox",
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.drop_table("outbox")
    op.drop_index(
        "ix_hold_placed_account_id",
        table_name="hold",
        sqlite_where=sa.text("state = 'placed'"),
        postgresql_where=sa.text("state = 'placed'"),
    )
    op.drop_table("hold")
    op.drop_index("ix_button_sibling", table_name="button")
    op.drop_index("ix_button_expires_at", table_name="button")
    op.drop_table("button")
    op.drop_table("player")
    op.drop_index(
        "ix_inbox_waiting_lane_id",
        table_name="inbox",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "ix_inbox_done_at",
        table_name="inbox",
        sqlite_where=sa.text("done_at IS NOT NULL"),
        postgresql_where=sa.text("done_at IS NOT NULL"),
    )
    op.drop_table("inbox")
    op.drop_table("chat")
    op.drop_table("budget")
    op.drop_index(
        "uq_account_system_kind",
        table_name="account",
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.drop_index("uq_account_kind_owner_id", table_name="account")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION potluck_refuse()")
        op.execute("DROP FUNCTION potluck_end_hold_once()")


def _add_system_accounts() -> None:
    for number, kind in SYSTEM_ACCOUNTS:
        op.execute(f"INSERT INTO account (id, kind) VALUES ({number}, '{kind}')")  # noqa: S608
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('account', 'id'), 100)")


def _create_sqlite_triggers() -> None:
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table in ("account", "hold"):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows stay'); END"
        )
    op.execute(
        "CREATE TRIGGER tr_hold_ends_once BEFORE UPDATE ON hold WHEN OLD.state <> 'placed' "
        "OR NEW.amount <> OLD.amount OR NEW.account_id <> OLD.account_id OR NEW.cause <> OLD.cause "
        "BEGIN SELECT RAISE(ABORT, 'a hold ends once'); END"
    )


def _create_postgres_triggers() -> None:
    op.execute(
        "CREATE FUNCTION potluck_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION potluck_end_hold_once() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF OLD.state <> 'placed' OR NEW.amount <> OLD.amount OR NEW.account_id <> OLD.account_id "
        "OR NEW.cause <> OLD.cause THEN RAISE EXCEPTION 'a hold ends once'; END IF; RETURN NEW; END $$"
    )
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_no_{event.lower()} BEFORE {event} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION potluck_refuse()"
            )
    for table in (*APPEND_ONLY, "account", "hold"):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION potluck_refuse()"
        )
    for table in ("account", "hold"):
        op.execute(
            f"CREATE TRIGGER tr_{table}_no_delete BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION potluck_refuse()"
        )
    op.execute(
        "CREATE TRIGGER tr_hold_ends_once BEFORE UPDATE ON hold "
        "FOR EACH ROW EXECUTE FUNCTION potluck_end_hold_once()"
    )


def _create_tables() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("balance", CreditsColumn(), nullable=True),
        sa.Column("held", CreditsColumn(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('player', 'pot')) = (balance IS NOT NULL)", name=op.f("ck_account_balance_cached")
        ),
        sa.CheckConstraint(
            "(kind IN ('player', 'pot')) = (owner_id IS NOT NULL)", name=op.f("ck_account_owner_given")
        ),
        sa.CheckConstraint(
            "kind IN ('player', 'pot', 'house', 'promo', 'refund', 'debt', 'stars', 'suspense')",
            name=op.f("ck_account_kind_known"),
        ),
        sa.CheckConstraint("balance IS NULL OR balance >= 0", name=op.f("ck_account_balance_not_negative")),
        sa.CheckConstraint(
            "held >= 0 AND (held = 0 OR held <= balance)", name=op.f("ck_account_held_within_balance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sqlite_strict=True,
    )
    op.create_index("uq_account_kind_owner_id", "account", ["kind", "owner_id"], unique=True)
    op.create_index(
        "uq_account_system_kind",
        "account",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )
    op.create_table(
        "budget",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("spent", CreditsColumn(), nullable=False),
        sa.CheckConstraint("spent >= 0", name=op.f("ck_budget_spent_not_negative")),
        sa.PrimaryKeyConstraint("kind", "day", name=op.f("pk_budget")),
        sqlite_strict=True,
    )
    op.create_table(
        "chat",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("reach", sa.String(length=16), server_default="ok", nullable=False),
        sa.Column("declined_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("kind IN ('private', 'group')", name=op.f("ck_chat_kind_known")),
        sa.CheckConstraint("reach IN ('ok', 'blocked', 'kicked')", name=op.f("ck_chat_reach_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
        sa.UniqueConstraint("telegram_id", name=op.f("uq_chat_telegram_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'parked')", name=op.f("ck_inbox_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("update_id", name=op.f("uq_inbox_update_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_inbox_done_at",
        "inbox",
        ["done_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NOT NULL"),
        postgresql_where=sa.text("done_at IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_waiting_lane_id",
        "inbox",
        ["lane", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "player",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=True),
        sa.Column("telegram_language", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("seed", sa.String(length=32), server_default="0", nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("welcomed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("day", Day(), nullable=False),
        sa.Column("window_key", sa.String(length=16), server_default="", nullable=False),
        sa.Column("paid_in_window", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_today", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent_today", CreditsColumn(), server_default=sa.text("0"), nullable=False),
        sa.Column("wins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("daily_day", Day(), nullable=True),
        sa.Column("daily_streak", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("guard_credits", CreditsColumn(), nullable=True),
        sa.Column("guard_next_credits", CreditsColumn(), nullable=True),
        sa.Column("guard_next_at", UtcTime(), nullable=True),
        sa.Column("day_cap_credits", CreditsColumn(), nullable=True),
        sa.Column("day_cap_next_credits", CreditsColumn(), nullable=True),
        sa.Column("day_cap_next_at", UtcTime(), nullable=True),
        sa.Column("minute_at", UtcTime(), nullable=True),
        sa.Column("minute_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("hinted_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "paid_in_window >= 0 AND spent_today >= 0", name=op.f("ck_player_counters_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player")),
        sa.UniqueConstraint("telegram_id", name=op.f("uq_player_telegram_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "button",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("sibling", sa.String(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("pressed", sa.String(length=32), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (pressed IS NULL)", name=op.f("ck_button_pressed_when_used")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_button_chat_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_button_player_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_button")),
        sqlite_strict=True,
    )
    op.create_index("ix_button_expires_at", "button", ["expires_at"], unique=False)
    op.create_index("ix_button_sibling", "button", ["sibling"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", CreditsColumn(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(state = 'placed') = (ended_at IS NULL)", name=op.f("ck_hold_ended_once")),
        sa.CheckConstraint(
            "state IN ('placed', 'captured', 'released', 'expired')", name=op.f("ck_hold_state_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_amount_positive")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hold_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("cause", name=op.f("uq_hold_cause")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_hold_placed_account_id",
        "hold",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("state = 'placed'"),
        postgresql_where=sa.text("state = 'placed'"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("notice", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_money", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'expired')", name=op.f("ck_outbox_state_known")
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_outbox_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_outbox_ended_at",
        "outbox",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_waiting_chat_id_id",
        "outbox",
        ["chat_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "pot",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_pot_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pot")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_pot_chat_id")),
        sa.UniqueConstraint("key", name=op.f("uq_pot_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "chain",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("pot_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.LargeBinary(length=32), nullable=False),
        sa.Column("top", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["pot_id"], ["pot.id"], name=op.f("fk_chain_pot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain")),
        sa.UniqueConstraint("pot_id", "number", name=op.f("uq_chain_pot_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "round",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("pot_id", sa.BigInteger(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("k", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tickets", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("carried_in", CreditsColumn(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("prize", CreditsColumn(), nullable=True),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(outcome = 'won') = (prize IS NOT NULL)", name=op.f("ck_round_prize_when_won")),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_round_closed_at_when_closed")
        ),
        sa.CheckConstraint("(state = 'open') = (outcome IS NULL)", name=op.f("ck_round_outcome_when_closed")),
        sa.CheckConstraint("outcome IN ('won', 'carried', 'refunded')", name=op.f("ck_round_outcome_known")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_round_state_known")),
        sa.ForeignKeyConstraint(["chain_id"], ["chain.id"], name=op.f("fk_round_chain_id")),
        sa.ForeignKeyConstraint(["pot_id"], ["pot.id"], name=op.f("fk_round_pot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("pot_id", "k", name=op.f("uq_round_pot_id_k")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_round_open_pot_id",
        "round",
        ["pot_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=True),
        sa.Column("round_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_entry_player_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_entry_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("cause", name=op.f("uq_entry_cause")),
        sqlite_strict=True,
    )
    op.create_index("ix_entry_player_id_id", "entry", ["player_id", "id"], unique=False)
    op.create_table(
        "round_player",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("pseudonym", sa.String(length=16), nullable=False),
        sa.Column("tickets", sa.BigInteger(), nullable=False),
        sa.Column("fed_credits", CreditsColumn(), nullable=False),
        sa.CheckConstraint("tickets >= 0 AND fed_credits >= 0", name=op.f("ck_round_player_not_negative")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_round_player_player_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_player_round_id")),
        sa.PrimaryKeyConstraint("round_id", "player_id", name=op.f("pk_round_player")),
        sa.UniqueConstraint("round_id", "pseudonym", name=op.f("uq_round_player_round_id_pseudonym")),
        sqlite_strict=True,
    )
    op.create_table(
        "ticket",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("pseudonym", sa.String(length=16), nullable=False),
        sa.Column("chat_msg", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=False),
        sa.Column("ppm", sa.Integer(), nullable=False),
        sa.Column("price", CreditsColumn(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("roll", sa.Integer(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.CheckConstraint("n >= 1", name=op.f("ck_ticket_n_from_one")),
        sa.CheckConstraint(
            "ppm BETWEEN 0 AND 1000000 AND roll BETWEEN 0 AND 999999", name=op.f("ck_ticket_millionths")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_ticket_entry_id")),
        sa.ForeignKeyConstraint(
            ["round_id", "player_id"],
            ["round_player.round_id", "round_player.player_id"],
            name=op.f("fk_ticket_round_id"),
        ),
        sa.PrimaryKeyConstraint("round_id", "n", name=op.f("pk_ticket")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ticket_entry_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("debit_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", CreditsColumn(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount_positive")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(["credit_id"], ["account.id"], name=op.f("fk_transfer_credit_id")),
        sa.ForeignKeyConstraint(["debit_id"], ["account.id"], name=op.f("fk_transfer_debit_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_transfer_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sqlite_strict=True,
    )
    op.create_index("ix_transfer_entry_id", "transfer", ["entry_id"], unique=False)
    op.create_table(
        "turn",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("telegram_chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("media_group_id", sa.String(length=64), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("always_paid", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("is_free", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("price", CreditsColumn(), nullable=True),
        sa.Column("confirmed_price", CreditsColumn(), nullable=True),
        sa.Column("confirm_until", UtcTime(), nullable=True),
        sa.Column("seed", sa.String(length=32), nullable=True),
        sa.Column("day", Day(), nullable=True),
        sa.Column("window_key", sa.String(length=16), nullable=True),
        sa.Column("hold_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("reserved_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'settled') = (answer IS NOT NULL)", name=op.f("ck_turn_answer_when_settled")
        ),
        sa.CheckConstraint(
            "state <> 'reserved' OR is_free = (hold_id IS NULL)", name=op.f("ck_turn_paid_is_held")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'asking', 'reserved', 'settled', 'released', 'declined')",
            name=op.f("ck_turn_state_known"),
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_turn_chat_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_turn_entry_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_turn_hold_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_turn_player_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_turn_entry_id")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_turn_hold_id")),
        sa.UniqueConstraint(
            "telegram_chat_id", "message_id", name=op.f("uq_turn_telegram_chat_id_message_id")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_turn_asking_confirm_until",
        "turn",
        ["confirm_until"],
        unique=False,
        sqlite_where=sa.text("state = 'asking'"),
        postgresql_where=sa.text("state = 'asking'"),
    )
    op.create_index(
        "ix_turn_free_player_id_day",
        "turn",
        ["player_id", "day"],
        unique=False,
        sqlite_where=sa.text("is_free"),
        postgresql_where=sa.text("is_free"),
    )
    op.create_index(
        "ix_turn_reserved_chat_id",
        "turn",
        ["chat_id"],
        unique=False,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.create_index(
        "ix_turn_reserved_lease_until",
        "turn",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
    op.create_index(
        "ix_turn_said_chat_id_player_id_id",
        "turn",
        ["chat_id", "player_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'settled'"),
        postgresql_where=sa.text("state = 'settled'"),
    )
    op.create_index(
        "ix_turn_waiting_player_id_id",
        "turn",
        ["player_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_turn_album",
        "turn",
        ["chat_id", "media_group_id"],
        unique=True,
        sqlite_where=sa.text("media_group_id IS NOT NULL"),
        postgresql_where=sa.text("media_group_id IS NOT NULL"),
    )
    op.create_index(
        "uq_turn_under_way_player_id",
        "turn",
        ["player_id"],
        unique=True,
        sqlite_where=sa.text("state = 'reserved'"),
        postgresql_where=sa.text("state = 'reserved'"),
    )
