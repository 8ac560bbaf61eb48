"""Statements about ratings of duels, and the leaderboard of a week."""

from sqlalchemy import bindparam, desc, func, or_, select

from db.models.duels import DuelState, challenge, duel, rating
from db.models.people import chat, player
from db.queries import upsert

RATINGS = select(rating).where(rating.c.player_id.in_(bindparam("player_ids", expanding=True)))
_new = upsert.insert(rating).values(
    player_id=bindparam("player_id"),
    rating=bindparam("rating"),
    deviation=bindparam("deviation"),
    duels=1,
    changed_at=bindparam("at"),
)
SET_RATING = _new.on_conflict_do_update(
    index_elements=["player_id"],
    set_={name: _new.excluded[name] for name in ("rating", "deviation", "changed_at")}
    | {"duels": rating.c.duels + 1},
)

_net = func.sum(duel.c.returned - duel.c.stake).label("net")
_week = (
    select(player.c.id, player.c.name, player.c.alias, player.c.hidden, rating.c.rating)
    .add_columns(func.count().label("duels"), _net)
    .select_from(duel)
    .join(player, player.c.id == duel.c.player_id)
    .outerjoin(rating, rating.c.player_id == duel.c.player_id)
    .where(
        duel.c.state == DuelState.SETTLED,
        duel.c.ended_at >= bindparam("since", type_=duel.c.ended_at.type),
        player.c.frozen_at.is_(None),
    )
    .group_by(player.c.id, player.c.name, player.c.alias, player.c.hidden, rating.c.rating)
)
_in_group = (
    select(challenge.c.id)
    .join(chat, chat.c.id == challenge.c.chat_id)
    .where(
        challenge.c.set_id == duel.c.set_id,
        or_(chat.c.id == bindparam("of_chat"), chat.c.merged_into == bindparam("of_chat")),
    )
    .exists()
)
_ORDERS = {"net": (desc("net"), player.c.id), "rating": (rating.c.rating.desc().nulls_last(), player.c.id)}
BOARDS = {name: _week.order_by(*order).limit(bindparam("most")) for name, order in _ORDERS.items()}
BOARDS_OF_GROUP = {name: statement.where(_in_group) for name, statement in BOARDS.items()}
