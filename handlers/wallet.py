"""What a player has and what his next message costs: /price, /balance, /me, /daily, /limit."""

from handlers.breaks import break_line
from handlers.context import App
from handlers.duel_week import rating_line
from handlers.limits import limit_screen
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.rule_facts import rule_facts
from handlers.shortcuts import shortcuts
from services.premium import has_premium


async def price_screen(look: Look) -> Screen:
    """Draw the price of the next message, with its chance and the house's share."""
    overview = await look.overview()
    facts = rule_facts(look.services.rules, look.words)
    facts |= {"price": overview.next_price, "chance_ppm": overview.chance_ppm}
    if overview.pot is None:
        text = look.words("price.screen_no_pot", **facts)
    else:
        text = look.words("price.screen", prize=overview.pot.prize, **facts)
    if overview.free_left:
        text += "\n\n" + look.words("price.free_left", n=overview.free_left)
    return Screen(text, shortcuts(look, "price"))


async def balance_screen(look: Look) -> Screen:
    """Draw the balance, and what of it is held."""
    overview = await look.overview()
    text = look.words("balance.screen", balance=overview.balance, price=overview.next_price)
    if overview.held:
        text += "\n" + look.words("balance.held", held=overview.held)
    return Screen(text, shortcuts(look, "balance"))


async def me_screen(look: Look) -> Screen:
    """Draw the player at a glance."""
    overview = await look.overview()
    facts: dict[str, object] = {
        "name": look.reader.name,
        "balance": overview.balance,
        "held": overview.held,
        "paid_today": overview.paid_today,
        "paid_total": overview.paid_total,
        "price": overview.next_price,
        "wins": overview.wins,
    }
    if overview.pot is None:
        text = look.words("me.screen_no_pot", **facts)
    else:
        text = look.words("me.screen", tickets=overview.pot.own_tickets, **facts)
    rating = await rating_line(look)
    text += f"\n{rating}" if rating else ""
    return Screen(text + _purchases(look) + break_line(look), shortcuts(look, "me"))


def _purchases(look: Look) -> str:
    """Return lines that tell until when the reader has Premium, and what he owes."""
    player, lines = look.reader.player, []
    if has_premium(player, look.services.clock.now()):
        lines.append(look.words("me.premium", until=player.premium_until))
    if player.debt_credits:
        lines.append(look.words("me.debt", debt=player.debt_credits))
    return "".join(f"\n{line}" for line in lines)


async def daily_screen(look: Look) -> None:
    """Give the day's credits; what was given is told by the outbox."""
    reader = look.reader
    await look.services.daily(player_id=reader.player_id, chat_id=reader.chat_id, thread_id=reader.thread_id)


def register(application: App) -> None:
    """Listen to the commands of the wallet and their buttons."""
    application.add_handler(on_command("price", price_screen))
    application.add_handler(on_button("price", price_screen))
    application.add_handler(on_command("balance", balance_screen, is_private=True))
    application.add_handler(on_button("balance", balance_screen, is_private=True))
    application.add_handler(on_command("me", me_screen, is_private=True))
    application.add_handler(on_command("daily", daily_screen, is_private=True))
    application.add_handler(on_command("limit", limit_screen, is_private=True))
