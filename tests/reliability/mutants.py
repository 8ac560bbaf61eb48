"""Mistakes that somebody might make, each as a change of the sources, and tests that must fail of it."""

from typing import NamedTuple


class Change(NamedTuple):
    """A text that a file has once, and what stands there instead."""

    file: str
    text: str
    instead: str = ""


class Mutant(NamedTuple):
    """A mistake, and tests of which one at least must fail."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


_UNCONDITIONAL = (
    Change(
        "db/queries/books.py",
        "    .where(_whose, account.c.balance - account.c.held >= _amount)\n",
        "    .where(_whose)\n",
    ),
    Change(
        "db/queries/books.py",
        """== bindparam("of_owner"),
        account.c.balance - account.c.held >= _amount,
""",
        '== bindparam("of_owner"),\n',
    ),
)
_UNCHECKED = (
    Change(
        "db/models/books.py",
        """    CheckConstraint("balance IS NULL OR balance >= 0", name="balance_not_negative"),
    CheckConstraint("held >= 0 AND (held = 0 OR held <= balance)", name="held_within_balance"),
""",
    ),
    Change(
        "migrations/versions/0001_books.py",
        """        sa.CheckConstraint("balance IS NULL OR balance >= 0", name=op.f("ck_account_balance_not_negative")),
        sa.CheckConstraint(
            "held >= 0 AND (held = 0 OR held <= balance)", name=op.f("ck_account_held_within_balance")
        ),
""",
    ),
)
_SPENT_TWICE = (
    "tests/integration/test_ledger.py::test_a_wallet_that_holds_too_little_changes_nothing[sqlite]",
    "tests/integration/test_ledger.py::test_t46_fifty_payments_at_once_spend_a_balance_exactly[sqlite]",
    "tests/integration/test_wallet.py::test_t46_fifty_holds_at_once_never_pass_the_balance[sqlite]",
)

MUTANTS = (
    Mutant(
        "a cause is booked twice",
        (
            Change(
                "db/models/books.py",
                """Column("kind", String(32), nullable=False),
    Column("cause", String(200), nullable=False, unique=True),
""",
                """Column("kind", String(32), nullable=False),
    Column("cause", String(200), nullable=False),
""",
            ),
            Change(
                "migrations/versions/0001_books.py",
                '        sa.UniqueConstraint("cause", name=op.f("uq_entry_cause")),\n',
            ),
            Change(
                "db/queries/books.py",
                """.on_conflict_do_nothing(index_elements=["cause"])
    .returning(entry.c.id)""",
                """.on_conflict_do_nothing()
    .returning(entry.c.id)""",
            ),
        ),
        ("tests/integration/test_ledger.py::test_a_cause_is_booked_once[sqlite]",),
    ),
    Mutant("money is spent that isn't there", _UNCONDITIONAL, _SPENT_TWICE),
    Mutant(
        "money is spent that isn't there, and no CHECK sees it", _UNCONDITIONAL + _UNCHECKED, _SPENT_TWICE
    ),
    Mutant(
        "the webhook acknowledges before it stores",
        (
            Change(
                "bot/web.py",
                "import hmac\n",
                """import asyncio
import hmac
""",
            ),
            Change(
                "bot/web.py",
                "        await self._intake.take(update)\n",
                "        self.storing = asyncio.ensure_future(self._intake.take(update))\n",
            ),
        ),
        ("tests/unit/test_webhook_order.py",),
    ),
    Mutant(
        "the poller moves its offset before it stores",
        (
            Change(
                "bot/polling.py",
                """            await self._intake.store(updates)
            self._offset = updates[-1].update_id + 1
""",
                """            self._offset = updates[-1].update_id + 1
            await self._intake.store(updates)
""",
            ),
        ),
        ("tests/unit/test_polling.py::test_the_offset_stays_while_the_database_is_away",),
    ),
    Mutant(
        "a worker ends a turn that he has lost",
        (
            Change(
                "db/queries/turns.py",
                '& (turn.c.lease_token == bindparam("token"))',
                '& (bindparam("token") > 0)',
            ),
        ),
        ("tests/integration/test_workers.py::test_t60_a_stale_worker_changes_nothing[sqlite]",),
    ),
    Mutant(
        "a hold is taken twice",
        (
            Change(
                "db/queries/books.py",
                '.where(hold.c.id == bindparam("hold_id"), hold.c.state == HoldState.PLACED)',
                '.where(hold.c.id == bindparam("hold_id"))',
            ),
        ),
        (
            "tests/integration/test_wallet.py::test_a_hold_ends_once[sqlite-capture-capture]",
            "tests/integration/test_wallet.py::test_ends_of_one_hold_at_the_same_time_count_once[sqlite]",
        ),
    ),
    Mutant(
        "a message is taken twice",
        (
            Change("db/models/chats.py", '    UniqueConstraint("telegram_chat_id", "message_id"),\n'),
            Change(
                "migrations/versions/0001_books.py",
                """        sa.UniqueConstraint(
            "telegram_chat_id", "message_id", name=op.f("uq_turn_telegram_chat_id_message_id")
        ),
""",
            ),
        ),
        ("tests/integration/test_turns.py::test_t02_the_same_message_again_is_taken_once[sqlite]",),
    ),
    Mutant(
        "two tickets may have one number",
        (
            Change(
                "db/models/pots.py",
                """    Column("round_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
""",
                """    Column("round_id", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
""",
            ),
            Change(
                "migrations/versions/0001_books.py",
                '        sa.PrimaryKeyConstraint("round_id", "n", name=op.f("pk_ticket")),\n',
            ),
        ),
        ("tests/integration/test_refused_twice.py",),
    ),
    Mutant(
        "one message may have two tickets",
        (
            Change(
                "db/models/pots.py",
                'Column("entry_id", BigInteger, ForeignKey("entry.id"), nullable=False, unique=True)',
                'Column("entry_id", BigInteger, ForeignKey("entry.id"), nullable=False)',
            ),
            Change(
                "migrations/versions/0001_books.py",
                '        sa.UniqueConstraint("entry_id", name=op.f("uq_ticket_entry_id")),\n',
            ),
        ),
        ("tests/integration/test_refused_twice.py",),
    ),
    Mutant(
        "a button works twice",
        (
            Change(
                "services/buttons.py", "    if row.used_at is not None:\n", "    if row.pressed == token:\n"
            ),
            Change(
                "db/queries/turns.py",
                '.where(button.c.sibling == bindparam("of_sibling"), button.c.used_at.is_(None))',
                '.where(button.c.sibling == bindparam("of_sibling"))',
            ),
        ),
        ("tests/integration/test_guard.py",),
    ),
    Mutant(
        "a budget has no end",
        (
            Change(
                "db/queries/books.py",
                '    where=budget.c.spent + _spend.excluded.spent <= bindparam("most"),\n',
            ),
        ),
        ("tests/integration/test_grants.py::test_a_budget_is_never_passed_by_many_at_once[sqlite]",),
    ),
)
