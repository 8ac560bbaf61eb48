"""The verdict: Telegram's journal held against the books, promise by promise."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from bot.chaos.diary import Ordered
from bot.chaos.evidence import Check, Evidence, Finding, lost, twice, wrong
from bot.chaos.money import MONEY_CHECKS
from bot.playground.models import Message
from services.census import QuestionRow

ENDED = frozenset({"settled", "released", "declined", "asking"})
TAKEN, GONE = "acknowledged", frozenset({"expired", "dropped"})


def judge(evidence: Evidence) -> list[Finding]:
    """Return every promise that was broken; none in a good run."""
    return [finding for check in CHECKS for finding in check(evidence)]


def every_update_is_in_the_books(evidence: Evidence) -> Iterator[Finding]:
    """Look for updates that Telegram counts as taken and the inbox doesn't count as done."""
    deliveries = evidence.telegram.journal.deliveries
    taken = {one.update_id for one in deliveries if one.outcome == TAKEN}
    for one in deliveries:
        if one.outcome in GONE:
            yield lost(f"update {one.update_id} was {one.outcome} by Telegram before anybody took it")
    rows = {row.update_id: row for row in evidence.census.updates}
    for number in range(evidence.first_update_id, evidence.telegram.updates.next_id):
        row = rows.get(number)
        if number not in taken:
            yield lost(f"update {number} was never acknowledged")
        elif row is None:
            yield lost(f"update {number} was acknowledged and is not in the inbox")
        elif row.state != "done":
            yield lost(f"update {number} is {row.state}: {row.error}")


def every_question_is_one_turn(evidence: Evidence) -> Iterator[Finding]:
    """Look for questions without a turn, with two, or with one that has not ended; and turns of nobody's."""
    counts = Counter((row.chat, row.message) for row in evidence.census.questions)
    known = set()
    for asked in evidence.diary.asked:
        place = (asked.chat, asked.message)
        known.add(place)
        row = evidence.questions.get(place)
        about = f"the question {asked.text!r} (update {asked.update_id})"
        if row is None:
            yield lost(f"{about} has no turn")
        elif counts[place] > 1:
            yield twice(f"{about} has {counts[place]} turns")
        elif row.state not in ENDED:
            yield lost(f"{about} is still {row.state} as turn {row.id}")
        elif row.text != asked.text or row.player != asked.player:
            yield wrong(f"{about} became turn {row.id} of player {row.player}: {row.text!r}")
    for row in evidence.census.questions:
        if (row.chat, row.message) not in known:
            yield twice(f"turn {row.id} belongs to no question: chat {row.chat}, message {row.message}")


def every_turn_was_answered(evidence: Evidence) -> Iterator[Finding]:
    """Look for ended turns of which the outbox says nothing to the player."""
    keys = {row.key for row in evidence.census.notices}
    keys |= {f"ask:{key.split(':')[1]}" for key in keys if key.startswith("ask:")}
    for row in evidence.census.questions:
        if row.state in ENDED and not _words_of(row) & keys:
            yield lost(f"turn {row.id} is {row.state} ({row.reason}), and its player was never told")


def _words_of(row: QuestionRow) -> set[str]:
    """Return the keys of which one must be in the outbox."""
    match row.state, row.reason:
        case "settled", _:
            return {f"answer:{row.id}:0"}
        case "released", _:
            return {f"released:{row.id}"}
        case ("asking", _) | ("declined", "cancelled" | "expired"):
            return {f"ask:{row.id}"}
        case _:
            return {f"declined:{row.id}", f"refused:{row.chat}:{row.message}"}


def every_notice_has_arrived(evidence: Evidence) -> Iterator[Finding]:
    """Look for outgoing messages that were not sent, or that no message in Telegram's chats stands for.

    The books don't say under which of its ids a group that has moved was written to: a number is looked for in both,
    and may be claimed as often as it is there.
    """
    senders: defaultdict[tuple[int, int | None], list[int]] = defaultdict(list)
    for row in evidence.census.notices:
        about = f"notice {row.id} ({row.notice}, {row.key})"
        if row.state != "sent":
            yield lost(f"{about} is {row.state}: {row.error}")
        elif (there := _count(evidence, row.chat, row.message)) == 0:
            yield lost(f"{about} counts as sent, but chat {row.chat} has no message {row.message}")
        elif len(others := senders[_home(evidence, row.chat), row.message]) >= there:
            yield lost(f"{about} and notice {others[0]} claim the same message")
        senders[_home(evidence, row.chat), row.message].append(row.id)


def _home(evidence: Evidence, chat_id: int) -> int:
    return min(evidence.same_chat[chat_id])


def _count(evidence: Evidence, chat_id: int, message_id: int | None) -> int:
    """Return how many messages of the bot's have a number in a chat, which has had several ids if it has moved."""
    return sum(_message(evidence, one, message_id) is not None for one in evidence.same_chat[chat_id])


def _message(evidence: Evidence, chat_id: int, message_id: int | None) -> Message | None:
    chat = evidence.telegram.chats.get(chat_id)
    found = None if chat is None or message_id is None else chat.messages.get(message_id)
    return found if found is not None and found.sender is evidence.telegram.bot else None


def every_command_was_answered(evidence: Evidence) -> Iterator[Finding]:
    """Look for commands without an answer: a reply in groups; in private one that fits, each for one command."""
    replies = {(one.chat, one.answers) for one in evidence.said}
    private: defaultdict[tuple[int, str], list[Ordered]] = defaultdict(list)
    for ordered in evidence.diary.ordered:
        if ordered.chat == ordered.player:
            private[ordered.chat, ordered.answer].append(ordered)
        elif (ordered.chat, ordered.message) not in replies:
            yield _unanswered(ordered)
    for (chat, pattern), orders in private.items():
        yield from map(_unanswered, _without_answer(evidence, chat, pattern, orders))


def _without_answer(evidence: Evidence, chat: int, pattern: str, orders: list[Ordered]) -> Iterator[Ordered]:
    fits = re.compile(pattern)
    answers = [one.message for one in evidence.said_in.get(chat, ()) if fits.search(one.text)]
    for ordered in sorted(orders, key=lambda one: one.message):
        later = next((number for number in answers if number > ordered.message), None)
        if later is None:
            yield ordered
        else:
            answers.remove(later)


def _unanswered(ordered: Ordered) -> Finding:
    return lost(f"{ordered.text!r} of player {ordered.player} (update {ordered.update_id}) had no answer")


def every_press_did_something(evidence: Evidence) -> Iterator[Finding]:
    """Look for presses of which there is neither an effect nor a word."""
    buttons = {row.token: row for row in evidence.census.buttons}
    untold: defaultdict[str, list[int]] = defaultdict(list)
    for pressed in evidence.diary.pressed:
        if not (pressed.press.answer or {}).get("text"):
            untold[pressed.token].append(pressed.update_id)
    for token, update_ids in untold.items():
        row = buttons.get(token)
        if row is None:
            yield wrong(f"button {token} was pressed and is not in the books")
        elif len(update_ids) > (row.pressed == row.action):  # the first press acts; further ones are told so
            what = f"button {token} ({row.action}, pressed was {row.pressed})"
            yield lost(f"presses of {what} had no effect and no word: updates {update_ids}")


def every_move_came_to_one_chat(evidence: Evidence) -> Iterator[Finding]:
    """Look for groups whose old and new id are still two chats, and for others that are one."""
    for old, new in evidence.diary.moves:
        if old not in evidence.same_chat or new not in evidence.same_chat.get(old, ()):
            yield lost(f"group {old} became {new}, and the books know of two chats")
    moved = {one for pair in evidence.diary.moves for one in pair}
    for chat, ids in evidence.same_chat.items():
        if len(ids) > 1 and (chat not in moved or len(ids) > 2):
            yield wrong(f"chats {ids} are one in the books")


def the_audit_is_clean(evidence: Evidence) -> Iterator[Finding]:
    """Take over what the audit found."""
    yield from (wrong(f"audit: {line}") for line in evidence.audit)


CHECKS: tuple[Check, ...] = (
    every_update_is_in_the_books,
    every_question_is_one_turn,
    every_turn_was_answered,
    every_notice_has_arrived,
    every_command_was_answered,
    every_press_did_something,
    every_move_came_to_one_chat,
    *MONEY_CHECKS,
    the_audit_is_clean,
)
