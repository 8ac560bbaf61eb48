"""How draws can be checked: /fair explains, /proof gives a closed round's file, /seed adds to the tickets."""

from pathlib import Path
from typing import Final, cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.context import App, Context, arguments
from handlers.files import send_file
from handlers.keyboards import GO, rows
from handlers.navigation import Look, Screen, acknowledge, look_of, on_button, on_command, pressed
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from handlers.words import Words
from services import verify_pot
from services.amounts import parse_round_no
from services.buttons import ExpiredButton
from services.gifts import PotsOff
from services.overview import PotView
from services.profile import NO_SEED

SEED_MOST: Final = 32
_CLEAR: Final = frozenset({"off", NO_SEED})
_SCRIPT: Final = Path(verify_pot.__file__)
_SCRIPT_BYTES: Final = _SCRIPT.read_bytes()


async def fair_screen(look: Look) -> Screen:
    """Draw how a draw works, with what is public of the running round."""
    pot = await _pot(look)
    text = look.words(
        "fair.screen", round_no=pot.round_no, commitment=pot.commitment.hex(), anchor=pot.anchor.hex()
    )
    return Screen(text, rows([look.go("button.script", "script")], [look.go("button.pot", "pot")]))


async def _pot(look: Look) -> PotView:
    pot = (await look.overview()).pot
    if pot is None:
        raise PotsOff
    return pot


async def on_script(update: Update, context: Context) -> None:
    """Send the script that checks proofs."""
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    await acknowledge(query)
    if isinstance(query.message, Message):
        await send_file(query.message, _SCRIPT.name, _SCRIPT_BYTES, look.words("fair.script"))


async def on_proof(update: Update, context: Context) -> None:
    """Send the proof of a closed round."""
    message = cast("Message", update.effective_message)
    look = await look_of(update, context, ())
    pot = await _pot(look)
    wanted = arguments(message)
    if not wanted:
        won = [look.go("button.round", "proof", win.round_no, round_no=win.round_no) for win in pot.last_wins]
        await answer(message, look.words("proof.how"), rows(won) if won else None)
        return
    await _send_proof(look, message, wanted)


async def on_proof_button(update: Update, context: Context) -> None:
    """Send the proof of the round that a button names."""
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    if not 1 <= len(look.arguments) <= 2 or not isinstance(query.message, Message):
        raise ExpiredButton
    await _send_proof(look, query.message, *look.arguments)
    await acknowledge(query)


async def _send_proof(look: Look, message: Message, wanted: str, former: str | None = None) -> None:
    """Send the proof of a round of the chat's pot, or of that of a chat that became part of it."""
    proof = await look.services.proof(
        chat_id=look.reader.chat_id,
        round_no=parse_round_no(wanted),
        former=None if former is None else parse_round_no(former),
    )
    caption = look.words("proof.caption", round_no=proof.round_no, tickets=proof.tickets)
    await send_file(message, proof.name, proof.content, caption)


async def seed_screen(look: Look) -> Screen:
    """Show, set or clear the player's own part in the draws.

    Raises:
        PotsOff: nothing is drawn here.
        BadSeed: the text can't be a seed.
    """
    if not look.has_pot:
        raise PotsOff
    if not look.arguments:
        return Screen(_seed_shown(look.words, str(look.reader.player.seed)))
    wanted = " ".join(look.arguments)
    if wanted.casefold() in _CLEAR:
        await look.services.set_seed(player_id=look.reader.player_id, seed=None)
        return Screen(look.words("seed.cleared"))
    await look.services.set_seed(player_id=look.reader.player_id, seed=wanted)
    return Screen(look.words("seed.set", seed=wanted))


def _seed_shown(words: Words, seed: str) -> str:
    how = words("seed.how", most=SEED_MOST)
    return how if seed == NO_SEED else words("seed.show", seed=seed) + "\n\n" + how


def register(application: App) -> None:
    """Listen to /fair, /proof, /seed and their buttons."""
    application.add_handler(on_command("fair", fair_screen))
    application.add_handler(on_button("fair", fair_screen))
    application.add_handler(CallbackQueryHandler(on_script, pattern=f"^{GO}script:"))
    application.add_handler(CommandHandler("proof", on_proof, filters=NEW_FROM_PLAYER))
    application.add_handler(CallbackQueryHandler(on_proof_button, pattern=f"^{GO}proof:"))
    application.add_handler(on_command("seed", seed_screen, is_private=True))
