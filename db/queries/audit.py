"""Statements of the audit: every one looks for rows that must not be, and returns the first of them."""

from sqlalchemy import text

from db.queries import audit_duels, pots

# Each finds rows that break a promise; the columns name the row and what is wrong with it.
CHECKS = {
    "every cached balance equals its transfers": text(
        "SELECT a.id AS account, a.kind, a.owner_id AS owner, a.balance, COALESCE(s.total, 0) AS transfers "
        "FROM account a LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM ("
        "SELECT credit_id AS account_id, amount FROM transfer UNION ALL "
        "SELECT debit_id AS account_id, -amount FROM transfer) moved GROUP BY account_id) s ON s.account_id = a.id "
        "WHERE a.balance IS NOT NULL AND a.balance <> COALESCE(s.total, 0) ORDER BY a.id LIMIT 1"
    ),
    "no player and no pot is below zero": text(
        "SELECT id AS account, kind, balance, held FROM account "
        "WHERE balance < 0 OR held < 0 OR held > balance ORDER BY id LIMIT 1"
    ),
    "every held amount equals its placed holds": text(
        "SELECT a.id AS account, a.held, COALESCE(h.total, 0) AS holds FROM account a "
        "LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM hold WHERE state = 'placed' GROUP BY account_id) h "
        "ON h.account_id = a.id WHERE a.held <> COALESCE(h.total, 0) ORDER BY a.id LIMIT 1"
    ),
    "every entry moves something": text(
        "SELECT e.id AS entry, e.kind FROM entry e WHERE NOT EXISTS "
        "(SELECT 1 FROM transfer t WHERE t.entry_id = e.id) ORDER BY e.id LIMIT 1"
    ),
    "every transfer belongs to an entry and two accounts": text(
        "SELECT t.id AS transfer FROM transfer t LEFT JOIN entry e ON e.id = t.entry_id "
        "LEFT JOIN account d ON d.id = t.debit_id LEFT JOIN account c ON c.id = t.credit_id "
        "WHERE e.id IS NULL OR d.id IS NULL OR c.id IS NULL OR t.amount <= 0 OR t.debit_id = t.credit_id "
        "ORDER BY t.id LIMIT 1"
    ),
    "every placed hold belongs to a turn, a refund or a duel under way": text(
        "SELECT h.id AS hold FROM hold h WHERE h.state = 'placed' "
        "AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.hold_id = h.id AND t.state = 'reserved') "
        "AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.hold_id = h.id AND p.state = 'refunding') "
        "AND NOT EXISTS (SELECT 1 FROM duel g WHERE g.hold_id = h.id "
        "AND g.state IN ('sending', 'playing', 'waiting')) "
        "ORDER BY h.id LIMIT 1"
    ),
    "every payment is booked as it stands": text(
        "SELECT p.id AS payment, p.state, p.entry_id AS entry, p.back_entry_id AS back, h.state AS hold "
        "FROM payment p LEFT JOIN hold h ON h.id = p.hold_id WHERE p.entry_id IS NULL "
        "OR (p.state IN ('refunded', 'reclaimed')) <> (p.back_entry_id IS NOT NULL) "
        "OR (p.state = 'refunding' AND COALESCE(h.state, 'placed') <> 'placed') "
        "OR (p.state = 'refunded' AND COALESCE(h.state, 'captured') <> 'captured') ORDER BY p.id LIMIT 1"
    ),
    "what is kept apart is what the payments say that are": text(
        "SELECT a.id AS account, COALESCE(s.total, 0) AS holds, p.apart FROM account a "
        "CROSS JOIN (SELECT COALESCE(SUM(t.amount), 0) AS apart FROM payment p "
        "JOIN transfer t ON t.entry_id = p.entry_id "
        "WHERE p.state = 'frozen' OR (p.state = 'refunding' AND p.hold_id IS NULL)) p "
        "LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM (SELECT credit_id AS account_id, amount "
        "FROM transfer UNION ALL SELECT debit_id AS account_id, -amount FROM transfer) moved GROUP BY account_id) s "
        "ON s.account_id = a.id WHERE a.kind = 'suspense' AND COALESCE(s.total, 0) <> p.apart LIMIT 1"
    ),
    "every line of the list of Stars is in the books": text(
        "SELECT s.id AS line, s.is_incoming, p.id AS payment, p.state FROM star_transaction s "
        "LEFT JOIN payment p ON p.charge_id = s.charge_id WHERE s.partner = 'invoice_payment' AND (p.id IS NULL "
        "OR (NOT s.is_incoming AND p.state NOT IN ('refunded', 'reclaimed'))) ORDER BY s.id LIMIT 1"
    ),
    "every payment moved what it bought, and back": text(
        "SELECT p.id AS payment, p.credits, i.amount AS booked, o.amount AS back FROM payment p "
        "JOIN (SELECT entry_id, SUM(amount) AS amount FROM transfer GROUP BY entry_id) i ON i.entry_id = p.entry_id "
        "LEFT JOIN (SELECT entry_id, SUM(amount) AS amount FROM transfer GROUP BY entry_id) o "
        "ON o.entry_id = p.back_entry_id "
        "WHERE (p.product = 'credits' AND i.amount <> p.credits) OR COALESCE(o.amount, i.amount) <> i.amount "
        "ORDER BY p.id LIMIT 1"
    ),
    "every debt is what the books say": text(
        "SELECT p.id AS player, p.debt_credits AS debt, COALESCE(d.owed, 0) AS booked FROM player p "
        "LEFT JOIN (SELECT e.player_id, SUM(CASE WHEN t.debit_id = a.id THEN t.amount ELSE -t.amount END) AS owed "
        "FROM transfer t JOIN account a ON a.kind = 'debt' AND a.id IN (t.debit_id, t.credit_id) "
        "JOIN entry e ON e.id = t.entry_id GROUP BY e.player_id) d ON d.player_id = p.id "
        "WHERE p.debt_credits < 0 OR p.debt_credits <> COALESCE(d.owed, 0) ORDER BY p.id LIMIT 1"
    ),
    "every paid answer is captured and booked, every other is not": text(
        "SELECT t.id AS turn, t.state, h.state AS hold, t.entry_id AS entry FROM turn t "
        "JOIN hold h ON h.id = t.hold_id "
        "WHERE (t.state = 'settled' AND (h.state <> 'captured' OR t.entry_id IS NULL)) "
        "OR (t.state = 'released' AND (h.state NOT IN ('released', 'expired') OR t.entry_id IS NOT NULL)) "
        "OR (t.state = 'reserved' AND h.state <> 'placed') ORDER BY t.id LIMIT 1"
    ),
    "every captured hold equals what its entry took": text(
        "SELECT t.id AS turn, h.amount AS hold, SUM(m.amount) AS taken FROM turn t JOIN hold h ON h.id = t.hold_id "
        "JOIN transfer m ON m.entry_id = t.entry_id WHERE t.state = 'settled' "
        "GROUP BY t.id, h.amount HAVING SUM(m.amount) <> h.amount ORDER BY t.id LIMIT 1"
    ),
    "no player has two turns under way": text(
        "SELECT player_id AS player, COUNT(*) AS turns FROM turn WHERE state = 'reserved' "
        "GROUP BY player_id HAVING COUNT(*) > 1 ORDER BY player_id LIMIT 1"
    ),
    "every pot has one open round": text(
        "SELECT p.id AS pot, COUNT(r.id) AS open_rounds FROM pot p "
        "LEFT JOIN round r ON r.pot_id = p.id AND r.state = 'open' GROUP BY p.id HAVING COUNT(r.id) <> 1 "
        "ORDER BY p.id LIMIT 1"
    ),
    "the rounds of a pot are numbered without gaps": text(
        "SELECT pot_id AS pot, COUNT(*) AS rounds, MAX(k) AS last FROM round GROUP BY pot_id "
        "HAVING COUNT(*) <> MAX(k) OR MIN(k) <> 1 ORDER BY pot_id LIMIT 1"
    ),
    "the tickets of a round are numbered without gaps": text(
        "SELECT r.id AS round, r.tickets, COUNT(t.n) AS found, MAX(t.n) AS last FROM round r "
        "LEFT JOIN ticket t ON t.round_id = r.id GROUP BY r.id, r.tickets "
        "HAVING COUNT(t.n) <> r.tickets OR COALESCE(MAX(t.n), 0) <> r.tickets ORDER BY r.id LIMIT 1"
    ),
    "every ticket has its paid message": text(
        "SELECT t.round_id AS round, t.n FROM ticket t LEFT JOIN entry e ON e.id = t.entry_id "
        "WHERE e.id IS NULL OR e.kind <> 'message' OR e.player_id <> t.player_id ORDER BY t.round_id, t.n LIMIT 1"
    ),
    "every player's tickets are counted": text(
        "SELECT p.round_id AS round, p.player_id AS player, p.tickets, COUNT(t.n) AS found FROM round_player p "
        "LEFT JOIN ticket t ON t.round_id = p.round_id AND t.player_id = p.player_id "
        "GROUP BY p.round_id, p.player_id, p.tickets HAVING COUNT(t.n) <> p.tickets ORDER BY p.round_id LIMIT 1"
    ),
    "every won round paid its prize once": text(
        "SELECT r.id AS round, r.prize, SUM(m.amount) AS paid FROM round r "
        "LEFT JOIN entry e ON e.round_id = r.id AND e.kind = 'win' LEFT JOIN transfer m ON m.entry_id = e.id "
        "WHERE r.outcome = 'won' GROUP BY r.id, r.prize HAVING COALESCE(SUM(m.amount), -1) <> r.prize "
        "ORDER BY r.id LIMIT 1"
    ),
    "every pot holds what came in since its rounds began": text(
        "SELECT r.id AS round, r.carried_in, p.fed, a.balance FROM round r "
        "JOIN account a ON a.kind = 'pot' AND a.owner_id = r.pot_id "
        "LEFT JOIN (SELECT round_id, SUM(fed_credits) AS fed FROM round_player GROUP BY round_id) p "
        "ON p.round_id = r.id WHERE r.state = 'open' AND a.balance <> r.carried_in + COALESCE(p.fed, 0) "
        "ORDER BY r.id LIMIT 1"
    ),
    "every refunded round owes each player what he put in, and no other round owes anything": text(
        "SELECT p.round_id AS round, p.player_id AS player, p.fed_credits AS put_in, d.amount AS owed "
        "FROM round_player p JOIN round r ON r.id = p.round_id "
        "LEFT JOIN refund_due d ON d.round_id = p.round_id AND d.player_id = p.player_id "
        "WHERE COALESCE(d.amount, 0) <> CASE WHEN r.outcome = 'refunded' THEN p.fed_credits ELSE 0 END "
        "ORDER BY p.round_id, p.player_id LIMIT 1"
    ),
    "every refunded round set aside what it owes, once": text(
        "SELECT r.id AS round, COALESCE(d.owed, 0) AS owed, COALESCE(m.taken, 0) AS set_aside FROM round r "
        "LEFT JOIN (SELECT round_id, SUM(amount) AS owed FROM refund_due GROUP BY round_id) d ON d.round_id = r.id "
        "LEFT JOIN (SELECT e.round_id, SUM(t.amount) AS taken FROM entry e JOIN transfer t ON t.entry_id = e.id "
        "WHERE e.kind = 'refund_owed' GROUP BY e.round_id) m ON m.round_id = r.id "
        "WHERE COALESCE(d.owed, 0) <> COALESCE(m.taken, 0) ORDER BY r.id LIMIT 1"
    ),
    "every paid refund has its entry": text(
        "SELECT d.round_id AS round, d.player_id AS player, d.amount AS owed, d.entry_id AS entry "
        "FROM refund_due d LEFT JOIN entry e ON e.id = d.entry_id AND e.kind = 'refund' "
        "AND e.round_id = d.round_id AND e.player_id = d.player_id "
        "LEFT JOIN (SELECT entry_id, SUM(amount) AS paid FROM transfer GROUP BY entry_id) m ON m.entry_id = e.id "
        "WHERE d.entry_id IS NOT NULL AND COALESCE(m.paid, 0) <> d.amount ORDER BY d.round_id, d.player_id LIMIT 1"
    ),
    "every entry of a refund was owed, once": text(
        "SELECT e.id AS entry, e.round_id AS round, e.player_id AS player FROM entry e "
        "LEFT JOIN refund_due d ON d.entry_id = e.id WHERE e.kind = 'refund' AND d.entry_id IS NULL "
        "ORDER BY e.id LIMIT 1"
    ),
    "the refund account holds what is still owed": text(
        "SELECT a.id AS account, COALESCE(s.total, 0) AS holds, d.owed FROM account a "
        "CROSS JOIN (SELECT COALESCE(SUM(amount), 0) AS owed FROM refund_due WHERE entry_id IS NULL) d "
        "LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM (SELECT credit_id AS account_id, amount "
        "FROM transfer UNION ALL SELECT debit_id AS account_id, -amount FROM transfer) moved GROUP BY account_id) s "
        "ON s.account_id = a.id WHERE a.kind = 'refund' AND COALESCE(s.total, 0) <> d.owed LIMIT 1"
    ),
    "the pot of a group's former chat is empty": text(
        "SELECT p.id AS pot, a.balance FROM pot p JOIN chat c ON c.id = p.chat_id "
        "JOIN account a ON a.kind = 'pot' AND a.owner_id = p.id "
        "WHERE c.merged_into IS NOT NULL AND a.balance <> 0 ORDER BY p.id LIMIT 1"
    ),
    "every answered message is one of its chat": text(
        "SELECT telegram_chat_id AS chat, message_id AS message, COUNT(*) AS turns FROM turn "
        "GROUP BY telegram_chat_id, message_id HAVING COUNT(*) > 1 LIMIT 1"
    ),
    **audit_duels.CHECKS,
}

SUMS = text(
    "SELECT (SELECT COUNT(*) FROM account) AS accounts, (SELECT COUNT(*) FROM entry) AS entries, "
    "(SELECT COUNT(*) FROM transfer) AS transfers, (SELECT COUNT(*) FROM ticket) AS tickets, "
    "(SELECT COUNT(*) FROM round WHERE state = 'closed') AS closed_rounds, "
    "(SELECT COUNT(*) FROM duel WHERE ended_at IS NOT NULL) AS ended_duels"
)
TOTALS = text(
    "SELECT a.kind, COALESCE(SUM(s.total), 0) AS total FROM account a LEFT JOIN "
    "(SELECT account_id, SUM(amount) AS total FROM (SELECT credit_id AS account_id, amount FROM transfer UNION ALL "
    "SELECT debit_id AS account_id, -amount FROM transfer) moved GROUP BY account_id) s ON s.account_id = a.id "
    "GROUP BY a.kind ORDER BY a.kind"
)
ROUNDS = text(
    "SELECT r.id, r.k, r.secret, r.commitment, r.head, r.state, r.prize, c.anchor, c.top, p.key FROM round r "
    "JOIN chain c ON c.id = r.chain_id JOIN pot p ON p.id = r.pot_id ORDER BY r.id"
)
TICKETS_OF_ROUND = pots.TICKETS_OF_ROUND
