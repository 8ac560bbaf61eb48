"""/language: the language a player is spoken to in."""

from dataclasses import replace

from handlers.context import App
from handlers.keyboards import rows
from handlers.navigation import Look, Screen, on_button, on_command
from handlers.shortcuts import shortcuts
from handlers.words import LANGUAGES


async def language_screen(look: Look) -> Screen:
    """Ask for a language, or set the one that is named and answer in it."""
    wanted = look.arguments[0].casefold() if look.arguments else ""
    if wanted not in LANGUAGES:
        choices = [look.go(f"button.language_{code}", "language", code) for code in LANGUAGES]
        return Screen(look.words("language.choose"), rows(choices))
    await look.services.set_language(player_id=look.reader.player_id, language=wanted)
    look = replace(look, reader=replace(look.reader, words=look.services.words[wanted]))
    return Screen(look.words("language.set"), shortcuts(look, "language"))


def register(application: App) -> None:
    """Listen to /language and its buttons."""
    application.add_handler(on_command("language", language_screen))
    application.add_handler(on_button("language", language_screen))
