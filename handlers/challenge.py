"""Challenges in groups: the post with its button, and what whoever follows its link sees in private."""

from typing import Final

from telegram import InlineKeyboardButton

from handlers.duel_screens import category_name, stake_button, stake_facts
from handlers.keyboards import rows
from handlers.navigation import Look, Screen
from handlers.report import name_of
from handlers.rule_facts import duel_facts
from handlers.words import Html
from services.duels.start import DuelsOff

LINK: Final = "duel_"
"""Begins the argument of a challenge's link; its token follows."""


async def post_screen(look: Look, category: str, message_id: int) -> Screen:
    """Post a challenge and draw it, in the message ``message_id``.

    Raises:
        DuelsOff, OnBreak, InDebt, PlayerFrozen, TooYoung, InsufficientFunds: the player can't duel (now).
        ChallengeOpen, NoNewQuestions: nor can this be posted.
        ExpiredButton: there is no such category.
    """
    name, reader = category_name(look, category), look.reader
    posted = await look.services.post_challenge(
        player_id=reader.player_id,
        chat_id=reader.chat_id,
        thread_id=reader.thread_id,
        message_id=message_id,
        category=category,
    )
    text = look.words(
        "challenge.post",
        name=Html(name_of(posted.who.facts(), look.words)),
        category=name,
        until=posted.expires_at,
        commitment=posted.commitment.hex(),
        **duel_facts(look.rules.duels),
    )
    link = f"https://t.me/{look.bot_name}?start={LINK}{posted.token}"
    return Screen(text, rows([InlineKeyboardButton(look.words.plain("button.accept_duel"), url=link)]))


async def invitation_screen(look: Look, token: str) -> Screen:
    """Draw what accepting a challenge means, or playing one's own, with the stake's button.

    Raises:
        DuelsOff: the operator switched duels off.
        ChallengeOver: it has ended, or somebody else accepted it.
    """
    if not look.rules.duels.enabled:
        raise DuelsOff
    found = await look.services.challenge(token=token, player_id=look.reader.player_id)
    key = "challenge.yours" if found.is_own else "challenge.accept"
    head = look.words(key, name=Html(name_of(found.who.facts(), look.words)))
    category = category_name(look, found.category)
    text = f"{head}\n\n" + look.words("duel.stake", category=category, **stake_facts(look))
    return Screen(text, rows([await stake_button(look, {"challenge": token})]))
