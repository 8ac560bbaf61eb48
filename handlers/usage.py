"""/usage: what a player used today and in all; /usage all: what all together asked of the model, for operators."""

from typing import Final

from handlers.context import App
from handlers.navigation import Look, Screen, on_command
from services.usage import ModelUse, Usage

_ALL: Final = ("all",)


async def usage_screen(look: Look) -> Screen:
    """Draw what the reader used, or for an operator who asks so, what all did."""
    if look.arguments == _ALL and look.reader.user.id in look.services.operator_ids:
        return await _of_all(look)
    used = await look.services.usage(player_id=look.reader.player_id)
    lines = [_day(look, used), _in_all(look, used)]
    if used.model_total.messages:
        lines.append(_model(look, "usage.model", used.model_today, used.model_total))
    if used.credits_left is not None:
        lines.append(look.words("usage.credits_left", left=used.credits_left))
    if used.tokens_left is not None:
        lines.append(look.words("usage.tokens_left", left=used.tokens_left))
    return Screen("\n".join([look.words("usage.title"), "", *lines]))


def _day(look: Look, used: Usage) -> str:
    facts = {"free": used.free_today, "paid": used.paid_today, "spent": used.spent_today}
    return look.words("usage.today", left=used.free_left, **facts)


def _in_all(look: Look, used: Usage) -> str:
    facts = {"free": used.free_total, "paid": used.paid_total, "spent": used.spent_total}
    return look.words("usage.total", **facts)


def _model(look: Look, key: str, today: ModelUse, total: ModelUse) -> str:
    return look.words(key, today=today.tokens, total=total.tokens)


async def _of_all(look: Look) -> Screen:
    used = await look.services.usage_of_all()
    lines = [
        look.words(f"usage.all_{span}", messages=one.messages, tokens=one.tokens, cost=one.micros)
        for span, one in (("today", used.today), ("week", used.week))
    ]
    lines += [
        look.words(
            "usage.all_player", player=player, messages=one.messages, tokens=one.tokens, cost=one.micros
        )
        for player, one in used.most
    ]
    return Screen("\n".join([look.words("usage.all_title"), "", *lines]))


def register(application: App) -> None:
    """Listen to /usage."""
    application.add_handler(on_command("usage", usage_screen, is_private=True))
