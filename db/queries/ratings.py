"""Statements about ratings of duels, and the leaderboard of a week."""

from sqlalchemy import bindparam, select

from db.models.duels import rating
from db.queries import upsert

RATINGS = select(rating).where(rating.c.player_id.in_(bindparam("player_ids", expanding=True)))
_new = upsert.insert(rating).values(
    player_id=bindparam("player_id"),
    rating=bindparam("rating"),
    deviation=bindparam("deviation"),
    volatility=bindparam("volatility"),
    duels=1,
    changed_at=bindparam("at"),
)
SET_RATING = _new.on_conflict_do_update(
    index_elements=["player_id"],
    set_={name: _new.excluded[name] for name in ("rating", "deviation", "volatility", "changed_at")}
    | {"duels": rating.c.duels + 1},
)
