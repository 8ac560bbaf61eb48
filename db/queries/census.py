"""Statements of the census: what the books say about every update, question, charge and message. Read only."""

from sqlalchemy import text

UPDATES = text("SELECT update_id, state, error FROM inbox ORDER BY id")
QUESTIONS = text(
    "SELECT t.id, t.telegram_chat_id AS chat, t.message_id AS message, p.telegram_id AS player, t.text, t.state, "
    "t.reason, t.is_free, t.price, h.state AS hold, h.amount AS held, t.entry_id AS entry, e.cause, "
    "m.taken, k.n AS ticket, k.round_id AS round, k.price AS ticket_price, k.roll FROM turn t "
    "JOIN player p ON p.id = t.player_id LEFT JOIN hold h ON h.id = t.hold_id "
    "LEFT JOIN entry e ON e.id = t.entry_id LEFT JOIN ticket k ON k.entry_id = t.entry_id "
    "LEFT JOIN (SELECT entry_id, CAST(SUM(amount) AS BIGINT) AS taken FROM transfer GROUP BY entry_id) m "
    "ON m.entry_id = t.entry_id ORDER BY t.id"
)
ENTRIES = text(
    "SELECT e.id, e.kind, e.cause, p.telegram_id AS player, "
    "CAST(SUM(CASE WHEN m.credit_id = a.id THEN m.amount WHEN m.debit_id = a.id THEN -m.amount ELSE 0 END) AS BIGINT) "
    "AS change FROM entry e JOIN player p ON p.id = e.player_id "
    "JOIN account a ON a.kind = 'player' AND a.owner_id = p.id JOIN transfer m ON m.entry_id = e.id "
    "GROUP BY e.id, e.kind, e.cause, p.telegram_id ORDER BY e.id"
)
NOTICES = text(
    "SELECT o.id, o.key, o.notice, o.is_money, o.state, o.error, c.telegram_id AS chat, o.message_id AS message "
    "FROM outbox o JOIN chat c ON c.id = o.chat_id ORDER BY o.id"
)
WALLETS = text(
    "SELECT p.telegram_id AS player, a.balance, a.held FROM player p "
    "JOIN account a ON a.kind = 'player' AND a.owner_id = p.id ORDER BY p.id"
)
BUTTONS = text("SELECT token, action, pressed FROM button")
CHATS = text(
    "SELECT c.telegram_id AS chat, COALESCE(h.telegram_id, c.telegram_id) AS home FROM chat c "
    "LEFT JOIN chat h ON h.id = c.merged_into"
)
TICKETS = text("SELECT round_id AS round, n FROM ticket ORDER BY round_id, n")

# What still has to be done, refunds included; each row names one thing and what keeps it.
OPEN = text(
    "SELECT 'update' AS what, update_id AS id, lane AS about, state, lease_owner AS owner, lease_until AS until "
    "FROM inbox WHERE state = 'waiting' UNION ALL "
    "SELECT 'turn', id, reason, state, lease_owner, lease_until FROM turn "
    "WHERE state IN ('waiting', 'reserved') UNION ALL "
    "SELECT 'refund', round_id, 'to player ' || player_id, 'owed', NULL, NULL FROM refund_due "
    "WHERE entry_id IS NULL UNION ALL "
    "SELECT 'message', id, notice, state, lease_owner, lease_until FROM outbox WHERE state = 'waiting' "
    "ORDER BY 1, 2"
)
OPEN_IN_CHAT = text(
    "SELECT 'update' AS what FROM inbox WHERE state = 'waiting' AND update_id < :below UNION ALL "
    "SELECT 'turn' FROM turn WHERE state IN ('waiting', 'reserved') AND telegram_chat_id = :chat UNION ALL "
    "SELECT 'message' FROM outbox o JOIN chat c ON c.id = o.chat_id "
    "WHERE o.state = 'waiting' AND c.telegram_id = :chat LIMIT 1"
)
"""Whether anything has still to be done of a chat, or of any update below a number."""
