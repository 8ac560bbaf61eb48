"""/deposit: what credits cost in Telegram Stars; a button for each package brings its invoice."""

from telegram import InlineKeyboardButton

from handlers.context import App
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, on_command
from handlers.rule_facts import rule_facts
from services.breaks import check_break
from services.orders import ACTION, check_sold


async def deposit_screen(look: Look) -> Screen:
    """Draw what can be bought, a button for each package.

    Raises:
        StarsOff: nothing is sold here.
        OnBreak: not to the reader now.
    """
    check_sold(look.rules.purchases)
    check_break(look.reader.player, look.services.clock.now())
    return Screen(await _text(look), rows(*await _buttons(look)))


async def _text(look: Look) -> str:
    overview, sold = await look.overview(), look.rules.purchases
    key = "deposit.screen" if look.has_pot else "deposit.screen_no_pot"
    facts = rule_facts(look.rules, look.words)
    text = look.words(key, balance=overview.balance, refund=sold.refund_within, **facts)
    lines = [
        look.words("deposit.package", stars=stars, credits=bought)
        for stars, bought in look.rules.purchases.packages
    ]
    owed = [look.words("deposit.debt", debt=debt)] if (debt := look.reader.player.debt_credits) else []
    return "\n\n".join([text, "\n".join(lines), *owed])


async def _buttons(look: Look) -> list[list[InlineKeyboardButton]]:
    packages, thread = look.rules.purchases.packages, look.reader.thread_id
    tokens = await look.offer(
        {f"{ACTION}:{stars}": {"stars": stars, "thread": thread} for stars, _ in packages}
    )
    named = [
        (look.words.plain("button.package", stars=stars, credits=bought), tokens[f"{ACTION}:{stars}"])
        for stars, bought in packages
    ]
    return [[act(name, token)] for name, token in named]


def register(application: App) -> None:
    """Listen to /deposit; its buttons act."""
    application.add_handler(on_command("deposit", deposit_screen, is_private=True))
