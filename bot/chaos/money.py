"""The part of the verdict that is about credits: charges, tickets, gifts, grants, wins, and every balance."""

from collections import Counter
from collections.abc import Iterator

from bot.chaos.evidence import Check, Evidence, Finding, lost, twice, wrong
from bot.chaos.sights import Kind
from services.census import EntryRow, QuestionRow


def every_charge_is_booked_once(evidence: Evidence) -> Iterator[Finding]:
    """Look at paid turns: one entry of the held price, one ticket; and for entries without a turn."""
    entries = {row.id: row for row in evidence.census.entries if row.kind == "message"}
    owners = Counter(row.entry for row in evidence.census.questions if row.entry is not None)
    for row in evidence.census.questions:
        if row.is_paid:
            yield from _charge(row, entries)
        elif row.entry is not None or row.hold in ("placed", "captured"):
            yield twice(f"turn {row.id} is {row.state} with hold {row.hold} and entry {row.entry}")
    for number in entries:
        if owners[number] != 1:
            yield twice(f"entry {number} charges for {owners[number]} turns")


def _charge(row: QuestionRow, entries: dict[int, EntryRow]) -> Iterator[Finding]:
    about = f"turn {row.id} of player {row.player}"
    if row.entry not in entries or row.cause != f"turn:{row.id}":
        yield lost(f"{about} was answered and not charged: entry {row.entry}, cause {row.cause}")
    elif not row.price == row.held == row.taken == row.ticket_price == -entries[row.entry].change:
        prices = f"price {row.price}, held {row.held}, taken {row.taken}, ticket {row.ticket_price}"
        yield wrong(f"{about} has amounts that differ: {prices}, wallet {entries[row.entry].change}")
    elif row.hold != "captured" or row.ticket is None:
        yield lost(f"{about} has hold {row.hold} and ticket {row.ticket}")


def every_ticket_has_its_number(evidence: Evidence) -> Iterator[Finding]:
    """Look for gaps and doubles in the numbers of every round."""
    rounds: dict[int, list[int]] = {}
    for row in evidence.census.tickets:
        rounds.setdefault(row.round, []).append(row.n)
    for number, tickets in rounds.items():
        if sorted(tickets) != list(range(1, len(tickets) + 1)):
            yield wrong(
                f"the tickets of round {number} have gaps: {len(tickets)}, the last is {max(tickets)}"
            )


def every_receipt_was_shown(evidence: Evidence) -> Iterator[Finding]:
    """Hold the receipt lines in Telegram's chats against the paid turns, both ways."""
    paid = [row for row in evidence.census.questions if row.is_paid]
    private = {(row.chat, row.ticket, row.roll, row.price): row for row in paid}
    shown: Counter[int] = Counter()
    for sight in evidence.shown[Kind.RECEIPT]:
        if sight.roll is None:
            row = evidence.questions.get((sight.chat, sight.answers or 0))
        else:
            row = private.get((sight.chat, sight.ticket, sight.roll, sight.credits))
        if row is None or (row.ticket, row.price) != (sight.ticket, sight.credits):
            yield twice(f"a receipt is shown and not booked: {sight.text!r}, chat {sight.chat}")
        else:
            shown[row.id] += 1
    for row in paid:
        if shown[row.id] != 1:
            harm = twice if shown[row.id] else lost
            about = f"turn {row.id} ({row.price} credits, ticket {row.ticket}, player {row.player})"
            yield harm(f"{about} has {shown[row.id]} receipts in chat {row.chat}")


def every_movement_was_told(evidence: Evidence) -> Iterator[Finding]:
    """Hold gifts, daily grants and wins in Telegram's chats against the entries, both ways."""
    for kind, sign in ((Kind.GIFT, -1), (Kind.DAILY, 1), (Kind.WIN, 1)):
        entries = [row for row in evidence.census.entries if row.kind == kind]
        told = evidence.shown[kind]
        booked: Counter[tuple[int | None, int]] = Counter((row.player, sign * row.change) for row in entries)
        seen = Counter((sight.player, sight.credits) for sight in told)
        for player, amount in (booked - seen).elements():
            yield lost(f"a {kind} of {amount} of player {player} is booked and was never told")
        for who, amount in (seen - booked).elements():
            yield twice(f"a {kind} of {amount} of player {who} was told and is not booked")
        receipts = {row.id for row in entries}
        for sight in told:
            if sight.receipt is not None and sight.receipt not in receipts:
                yield wrong(f"receipt {sight.receipt} of a {kind} is no entry: {sight.text!r}")


def every_grant_came_once(evidence: Evidence) -> Iterator[Finding]:
    """Look for players with two welcomes, or two daily grants of one day."""
    given = Counter(
        (row.player, row.kind, row.cause.rpartition(":")[2])
        for row in evidence.census.entries
        if row.kind in ("welcome", "daily")
    )
    for (player, kind, of), count in given.items():
        if count > 1:
            yield twice(f"player {player} got {count} {kind} grants ({of})")


def every_gift_was_wanted(evidence: Evidence) -> Iterator[Finding]:
    """Look for gifts whose button nobody pressed, and used buttons without their gift."""
    pressed = {one.token for one in evidence.diary.pressed}
    gifts = Counter(row.cause.partition(":")[2] for row in evidence.census.entries if row.kind == "gift")
    for token, count in gifts.items():
        if token not in pressed or count > 1:
            yield twice(f"button {token} gave {count} times, pressed: {token in pressed}")
    for button in evidence.census.buttons:
        if button.action == button.pressed == "gift" and not gifts[button.token]:
            yield lost(f"button {button.token} counts as pressed, and its gift is not booked")


def every_reset_was_wanted(evidence: Evidence) -> Iterator[Finding]:
    """Look for closed rounds that no admin closed, and used buttons that closed none."""
    pressed = {one.token for one in evidence.diary.pressed if one.player == evidence.admin}
    used = [row.token for row in evidence.census.buttons if row.action == row.pressed == "reset_carry"]
    done = [row for row in evidence.census.notices if row.notice == "reset_done"]
    if len(used) != len(done):
        harm = lost if len(done) < len(used) else twice
        yield harm(f"{len(used)} buttons count as having reset a pot, and {len(done)} rounds were closed")
    for token in used:
        if token not in pressed:
            yield wrong(f"button {token} has reset a pot, and no admin has pressed it")


def every_balance_can_be_recomputed(evidence: Evidence) -> Iterator[Finding]:
    """Add up what Telegram showed to each player and hold it against his wallet."""
    expected: Counter[int | None] = Counter()
    for kind, sign in ((Kind.RECEIPT, -1), (Kind.GIFT, -1), (Kind.WIN, 1), (Kind.DAILY, 1)):
        for sight in evidence.shown[kind]:
            expected[sight.player] += sign * sight.credits
    for wallet in evidence.census.wallets:
        due = evidence.welcome_credits + expected[wallet.player]
        if wallet.balance != due or wallet.held:
            has = f"{wallet.balance} and {wallet.held} held"
            yield wrong(f"player {wallet.player} has {has}; what Telegram showed gives {due}")


MONEY_CHECKS: tuple[Check, ...] = (
    every_charge_is_booked_once,
    every_ticket_has_its_number,
    every_receipt_was_shown,
    every_movement_was_told,
    every_grant_came_once,
    every_gift_was_wanted,
    every_reset_was_wanted,
    every_balance_can_be_recomputed,
)
