"""Statements of the audit about duels: each looks for rows that must not be, and returns the first of them."""

from sqlalchemy import select, text

from db.models.duels import duel, duel_answer, question_set
from db.models.questions import question, question_pool, question_text

CHECKS = {
    "every duel's hold stands as the duel does": text(
        "SELECT d.id AS duel, d.state, d.outcome, d.stake, h.state AS hold, h.amount FROM duel d "
        "LEFT JOIN hold h ON h.id = d.hold_id WHERE h.id IS NULL OR h.amount <> d.stake OR h.state <> CASE "
        "WHEN d.state IN ('sending', 'playing', 'waiting') THEN 'placed' "
        "WHEN d.outcome IN ('won', 'lost') THEN 'captured' ELSE 'released' END ORDER BY d.id LIMIT 1"
    ),
    "every duel has one ending, and only then": text(
        "SELECT d.id AS duel, d.state, d.outcome, d.opponent_id AS opponent, d.returned FROM duel d "
        "WHERE (d.state = 'settled') <> (d.outcome IS NOT NULL) "
        "OR (d.state = 'settled') <> (d.opponent_id IS NOT NULL) "
        "OR (d.state = 'void') <> (d.why IS NOT NULL) "
        "OR (d.state IN ('sending', 'playing', 'waiting')) <> (d.ended_at IS NULL) "
        "OR (d.ended_at IS NULL) <> (d.returned IS NULL) ORDER BY d.id LIMIT 1"
    ),
    "every settled duel has another player's of the same set, with the other outcome": text(
        "SELECT d.id AS duel, d.outcome, o.id AS opponent, o.outcome AS theirs FROM duel d "
        "LEFT JOIN duel o ON o.id = d.opponent_id WHERE d.state = 'settled' AND (o.id IS NULL OR o.state <> 'settled' "
        "OR COALESCE(o.opponent_id, 0) <> d.id OR o.set_id <> d.set_id OR o.player_id = d.player_id "
        "OR COALESCE(o.outcome, '') <> CASE d.outcome WHEN 'won' THEN 'lost' WHEN 'lost' THEN 'won' ELSE 'tie' END) "
        "ORDER BY d.id LIMIT 1"
    ),
    "every duel was won by the better result": text(
        "SELECT d.id AS duel, d.outcome, d.score, d.time_ms, o.score AS their_score, o.time_ms AS their_time_ms "
        "FROM duel d JOIN duel o ON o.id = d.opponent_id WHERE d.state = 'settled' AND d.outcome <> CASE "
        "WHEN d.score = 0 AND o.score = 0 THEN 'tie' "
        "WHEN d.score > o.score THEN 'won' WHEN d.score < o.score THEN 'lost' "
        "WHEN d.time_ms < o.time_ms THEN 'won' WHEN d.time_ms > o.time_ms THEN 'lost' ELSE 'tie' END "
        "ORDER BY d.id LIMIT 1"
    ),
    "every duel's result is that of its answers": text(
        "SELECT d.id AS duel, d.answered, d.score, d.time_ms, a.given, a.good, a.last FROM duel d "
        "LEFT JOIN (SELECT duel_id, COUNT(*) AS given, SUM(CASE WHEN is_right THEN 1 ELSE 0 END) AS good, "
        "MAX(at_ms) AS last, MAX(position) AS top FROM duel_answer GROUP BY duel_id) a ON a.duel_id = d.id "
        "WHERE d.answered <> COALESCE(a.given, 0) OR d.score <> COALESCE(a.good, 0) "
        "OR d.time_ms <> COALESCE(a.last, 0) OR COALESCE(a.top, -1) <> COALESCE(a.given, 0) - 1 ORDER BY d.id LIMIT 1"
    ),
    "every duel's entries are those of its ending": text(
        "SELECT d.id AS duel, d.state, d.outcome, e.kind, b.kind AS back FROM duel d "
        "LEFT JOIN entry e ON e.id = d.entry_id LEFT JOIN entry b ON b.id = d.back_entry_id "
        "WHERE COALESCE(e.kind, '') <> CASE d.outcome WHEN 'won' THEN 'duel_won' WHEN 'lost' THEN 'duel_lost' ELSE "
        "CASE WHEN d.state = 'refunded' AND d.returned > d.stake THEN 'duel_bonus' ELSE '' END END "
        "OR (d.back_entry_id IS NOT NULL AND COALESCE(b.kind, '') || COALESCE(d.outcome, '') <> 'duel_backlost') "
        "OR COALESCE(e.player_id, d.player_id) <> d.player_id OR COALESCE(b.player_id, d.player_id) <> d.player_id "
        "ORDER BY d.id LIMIT 1"
    ),
    "every duel took and returned what the books say": text(
        "SELECT d.id AS duel, d.stake, d.returned, COALESCE(m.taken, 0) AS taken, COALESCE(m.given, 0) AS given "
        "FROM duel d LEFT JOIN (SELECT f.id, "
        "SUM(CASE WHEN c.kind = 'house' THEN t.amount ELSE 0 END) AS taken, "
        "SUM(CASE WHEN s.kind IN ('house', 'promo') THEN t.amount ELSE 0 END) AS given FROM "
        "(SELECT id, entry_id FROM duel UNION ALL SELECT id, back_entry_id FROM duel) f "
        "JOIN transfer t ON t.entry_id = f.entry_id JOIN account s ON s.id = t.debit_id "
        "JOIN account c ON c.id = t.credit_id GROUP BY f.id) m ON m.id = d.id WHERE d.ended_at IS NOT NULL AND ("
        "COALESCE(m.taken, 0) <> CASE WHEN d.outcome IN ('won', 'lost') THEN d.stake ELSE 0 END "
        "OR d.returned <> COALESCE(m.given, 0) + CASE WHEN d.outcome IN ('won', 'lost') THEN 0 ELSE d.stake END) "
        "ORDER BY d.id LIMIT 1"
    ),
    "every entry of a duel belongs to one": text(
        "SELECT e.id AS entry, e.kind FROM entry e "
        "WHERE e.kind IN ('duel_won', 'duel_lost', 'duel_bonus', 'duel_back') AND NOT EXISTS "
        "(SELECT 1 FROM duel d WHERE d.entry_id = e.id) AND NOT EXISTS "
        "(SELECT 1 FROM duel d WHERE d.back_entry_id = e.id) ORDER BY e.id LIMIT 1"
    ),
    "no player has two duels under way": text(
        "SELECT player_id AS player, COUNT(*) AS duels FROM duel WHERE state IN ('sending', 'playing', 'waiting') "
        "GROUP BY player_id HAVING COUNT(*) > 1 ORDER BY player_id LIMIT 1"
    ),
    "no set is played by three, or by nobody with room for another": text(
        "SELECT q.id AS question_set, q.is_open, COUNT(d.id) AS players FROM question_set q "
        "LEFT JOIN duel d ON d.set_id = q.id AND d.state NOT IN ('refunded', 'void') GROUP BY q.id, q.is_open "
        "HAVING COUNT(d.id) > 2 OR (q.is_open AND COUNT(d.id) <> 1) ORDER BY q.id LIMIT 1"
    ),
}
SETS = (
    select(question_set, question_pool.c.question_ids.label("pool_ids"))
    .join(question_pool, question_pool.c.id == question_set.c.pool_id)
    .order_by(question_set.c.id)
)
QUESTIONS = select(question.c.id, question.c.key, question.c.digest, question.c.right_option).order_by(
    question.c.id
)
WORDS = select(question_text, question.c.right_option).join(
    question, question.c.id == question_text.c.question_id
)
ANSWERS = (
    select(duel_answer, question_set.c.question_ids)
    .join(duel, duel.c.id == duel_answer.c.duel_id)
    .join(question_set, question_set.c.id == duel.c.set_id)
    .order_by(duel_answer.c.duel_id, duel_answer.c.position)
)
