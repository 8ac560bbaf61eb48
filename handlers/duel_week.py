"""The best in duels this week: of all players, or of a group's challenges; and a player's own rating."""

from handlers.context import App
from handlers.keyboards import go, rows
from handlers.navigation import Look, Screen, on_button
from handlers.report import name_of
from handlers.words import Html, Words
from services.buttons import ExpiredButton
from services.duels.start import DuelsOff
from services.duels.week import By, DuelPlace


async def week_screen(look: Look) -> Screen:
    """Draw the leaderboard that a button asks for, else that by credits.

    Raises:
        DuelsOff: the operator switched duels off.
        ExpiredButton: the button's data was changed.
    """
    if not look.rules.duels.enabled:
        raise DuelsOff
    try:
        (by,) = look.arguments or (By.NET,)
        return await _draw(look, By(by))
    except ValueError:
        raise ExpiredButton from None


async def _draw(look: Look, by: By) -> Screen:
    in_group, words = look.reader.in_group, look.words
    places = await look.services.duel_board(chat_id=look.reader.chat_id if in_group else None, by=by)
    lines = "\n".join(_line(place, words) for place in places) or words("duel_week.empty")
    text = words("duel_week.screen_group" if in_group else "duel_week.screen", rows=Html(lines))
    own = await rating_line(look)
    buttons = [go(_marked(words, one, by), "duelweek", one, owner=look.reader.player_id) for one in By]
    return Screen(text if in_group or not own else f"{text}\n\n{own}", rows(buttons))


def _line(place: DuelPlace, words: Words) -> str:
    name = Html(name_of(place.who.facts(), words))
    figures = {"place": place.place, "net": place.net, "rating": place.rating}
    return words("duel_week.row", name=name, n=place.duels, **figures)


def _marked(words: Words, one: By, shown: By) -> str:
    name = words.plain(f"button.duel_week_{one}")
    return f"· {name} ·" if one is shown else name


async def rating_line(look: Look) -> str:
    """Return a line with the reader's rating; nothing if he never had a duel settled."""
    own = await look.services.duelist(player_id=look.reader.player_id)
    if own is None or not look.rules.duels.enabled:
        return ""
    return look.words("duel_week.own", rating=own.rating, spread=own.spread, n=own.duels)


def register(application: App) -> None:
    """Listen to the buttons of the leaderboard."""
    application.add_handler(on_button("duelweek", week_screen))
