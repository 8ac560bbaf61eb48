"""Statements of challenges in groups: posted, found, and left alone."""

from sqlalchemy import bindparam, insert, select

from db.models.duels import challenge, question_set
from db.models.people import player

ADD = (
    insert(challenge)
    .values(
        {
            name: bindparam(name)
            for name in (
                "token",
                "set_id",
                "chat_id",
                "thread_id",
                "player_id",
                "message_id",
                "created_at",
                "expires_at",
            )
        }
    )
    .returning(challenge.c.id)
)
UNANSWERED = (
    select(challenge.c.id)
    .where(
        challenge.c.player_id == bindparam("of_player"),
        challenge.c.rival_id.is_(None),
        challenge.c.expires_at > bindparam("now", type_=challenge.c.expires_at.type),
    )
    .limit(1)
)
"""A player's challenge that nobody has accepted and somebody still may."""

_VIEW = (
    select(
        challenge.c.id,
        challenge.c.chat_id,
        challenge.c.player_id,
        challenge.c.rival_id,
        challenge.c.message_id,
        challenge.c.expires_at,
        question_set.c.category,
        player.c.name,
        player.c.alias,
        player.c.hidden,
    )
    .join(question_set, question_set.c.id == challenge.c.set_id)
    .join(player, player.c.id == challenge.c.player_id)
)
OF_TOKEN = _VIEW.where(challenge.c.token == bindparam("of_token"))
OF_ID = _VIEW.where(challenge.c.id == bindparam("of_challenge"))
