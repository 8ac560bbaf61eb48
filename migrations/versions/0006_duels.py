"""Quiz duels: questions with their wordings and pools, question sets, duels with answers, challenges, ratings."""

import sqlalchemy as sa
from alembic import op

from db.types import CreditsColumn, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("difficulty", sa.String(length=8), nullable=False),
        sa.Column("licence", sa.String(length=64), nullable=False),
        sa.Column("right_option", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('active', 'replaced', 'withdrawn')", name=op.f("ck_question_state_known")
        ),
        sa.CheckConstraint("right_option BETWEEN 0 AND 3", name=op.f("ck_question_right_option_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sqlite_strict=True,
    )
    op.create_index("ix_question_category_state", "question", ["category", "state"], unique=False)
    op.create_index(
        "uq_question_active_key",
        "question",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "question_pack",
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("question_keys", sa.JSON(), nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("category", "language", name=op.f("pk_question_pack")),
        sqlite_strict=True,
    )
    op.create_table(
        "question_pool",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("question_ids", sa.JSON(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_pool")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_question_pool_current",
        "question_pool",
        ["category", "language"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "question_set",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("question_ids", sa.JSON(), nullable=False),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["question_pool.id"], name=op.f("fk_question_set_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_set")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_question_set_open_category",
        "question_set",
        ["category", "id"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "question_text",
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_text_question_id")),
        sa.PrimaryKeyConstraint("question_id", "language", name=op.f("pk_question_text")),
        sqlite_strict=True,
    )
    op.create_table(
        "rating",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rating", sa.Double(), nullable=False),
        sa.Column("deviation", sa.Double(), nullable=False),
        sa.Column("duels", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_rating_player_id")),
        sa.PrimaryKeyConstraint("player_id", name=op.f("pk_rating")),
        sqlite_strict=True,
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("rival_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_challenge_chat_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_challenge_player_id")),
        sa.ForeignKeyConstraint(["rival_id"], ["player.id"], name=op.f("fk_challenge_rival_id")),
        sa.ForeignKeyConstraint(["set_id"], ["question_set.id"], name=op.f("fk_challenge_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("set_id", name=op.f("uq_challenge_set_id")),
        sa.UniqueConstraint("token", name=op.f("uq_challenge_token")),
        sqlite_strict=True,
    )
    op.create_table(
        "duel",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stake", CreditsColumn(), nullable=False),
        sa.Column("bounty", CreditsColumn(), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("shown_by", sa.String(length=32), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("time_ms", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("was_down", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opponent_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("returned", CreditsColumn(), nullable=True),
        sa.Column("why", sa.String(length=16), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("back_entry_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("outcome IN ('won', 'lost', 'tie')", name=op.f("ck_duel_outcome_known")),
        sa.CheckConstraint(
            "state IN ('sending', 'playing', 'waiting', 'settled', 'refunded', 'void')",
            name=op.f("ck_duel_state_known"),
        ),
        sa.CheckConstraint("opponent_id <> id", name=op.f("ck_duel_opponent_is_another")),
        sa.CheckConstraint("stake > 0", name=op.f("ck_duel_stake_positive")),
        sa.ForeignKeyConstraint(["back_entry_id"], ["entry.id"], name=op.f("fk_duel_back_entry_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_duel_chat_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_duel_entry_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_duel_hold_id")),
        sa.ForeignKeyConstraint(["opponent_id"], ["duel.id"], name=op.f("fk_duel_opponent_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_duel_player_id")),
        sa.ForeignKeyConstraint(["set_id"], ["question_set.id"], name=op.f("fk_duel_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duel")),
        sa.UniqueConstraint("back_entry_id", name=op.f("uq_duel_back_entry_id")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_duel_entry_id")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_duel_hold_id")),
        sa.UniqueConstraint("opponent_id", name=op.f("uq_duel_opponent_id")),
        sa.UniqueConstraint("set_id", "player_id", name=op.f("uq_duel_set_id_player_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_duel_open_set_id",
        "duel",
        ["set_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
        postgresql_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
    )
    op.create_index("ix_duel_player_id_id", "duel", ["player_id", "id"], unique=False)
    op.create_index(
        "ix_duel_playing_shown_by",
        "duel",
        ["shown_by"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'playing')"),
        postgresql_where=sa.text("state IN ('sending', 'playing')"),
    )
    op.create_index(
        "ix_duel_settled_ended_at",
        "duel",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("state = 'settled'"),
        postgresql_where=sa.text("state = 'settled'"),
    )
    op.create_index(
        "uq_duel_open_player",
        "duel",
        ["player_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
        postgresql_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
    )
    op.create_table(
        "duel_answer",
        sa.Column("duel_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.CheckConstraint("option BETWEEN 0 AND 3", name=op.f("ck_duel_answer_option_known")),
        sa.CheckConstraint("position BETWEEN 0 AND 4", name=op.f("ck_duel_answer_position_known")),
        sa.ForeignKeyConstraint(["duel_id"], ["duel.id"], name=op.f("fk_duel_answer_duel_id")),
        sa.PrimaryKeyConstraint("duel_id", "position", name=op.f("pk_duel_answer")),
        sqlite_strict=True,
    )
    op.create_table(
        "question_report",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("duel_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('withdrawn', 'kept')", name=op.f("ck_question_report_decision_known")
        ),
        sa.ForeignKeyConstraint(["duel_id"], ["duel.id"], name=op.f("fk_question_report_duel_id")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_question_report_player_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_report_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_report")),
        sa.UniqueConstraint(
            "question_id", "player_id", name=op.f("uq_question_report_question_id_player_id")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_question_report_open",
        "question_report",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.add_column("player", sa.Column("frozen_at", UtcTime(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("player", "frozen_at")
    op.drop_index(
        "ix_question_report_open",
        table_name="question_report",
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.drop_table("question_report")
    op.drop_table("duel_answer")
    op.drop_index(
        "uq_duel_open_player",
        table_name="duel",
        sqlite_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
        postgresql_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
    )
    op.drop_index(
        "ix_duel_settled_ended_at",
        table_name="duel",
        sqlite_where=sa.text("state = 'settled'"),
        postgresql_where=sa.text("state = 'settled'"),
    )
    op.drop_index(
        "ix_duel_playing_shown_by",
        table_name="duel",
        sqlite_where=sa.text("state IN ('sending', 'playing')"),
        postgresql_where=sa.text("state IN ('sending', 'playing')"),
    )
    op.drop_index("ix_duel_player_id_id", table_name="duel")
    op.drop_index(
        "ix_duel_open_set_id",
        table_name="duel",
        sqlite_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
        postgresql_where=sa.text("state IN ('sending', 'playing', 'waiting')"),
    )
    op.drop_table("duel")
    op.drop_table("challenge")
    op.drop_table("rating")
    op.drop_table("question_text")
    op.drop_index(
        "ix_question_set_open_category",
        table_name="question_set",
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.drop_table("question_set")
    op.drop_index(
        "uq_question_pool_current",
        table_name="question_pool",
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_table("question_pool")
    op.drop_table("question_pack")
    op.drop_index(
        "uq_question_active_key",
        table_name="question",
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.drop_index("ix_question_category_state", table_name="question")
    op.drop_table("question")
