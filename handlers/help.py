"""The screen of /help: a short one, and all of it behind a button, in the same message."""

from handlers.keyboards import rows
from handlers.navigation import Look, Screen
from handlers.rule_facts import duel_facts, rule_facts
from handlers.shortcuts import shortcuts
from handlers.words import Html

ALL = "all"


async def help_screen(look: Look) -> Screen:
    """Draw the short help, or the full one if it is asked for."""
    if look.arguments[:1] == (ALL,):
        return _full(look)
    key = "help.group" if look.reader.in_group else "help.short"
    others = shortcuts(look, "help").inline_keyboard
    facts = rule_facts(look.rules, look.words) | {"duels": _duels(look, "help.duels_line", "\n")}
    text = look.words(key if look.has_pot else f"{key}_no_pot", **facts)
    return Screen(text, rows([look.go("button.how", "help", ALL)], *others))


def _duels(look: Look, key: str, end: str) -> Html:
    """Return what the help says of duels; nothing where there are none."""
    rules = look.rules.duels
    facts = duel_facts(rules) | {"pair": rules.pair_within}
    return Html(look.words(key, **facts) + end if rules.enabled else "")


def _full(look: Look) -> Screen:
    facts = rule_facts(look.rules, look.words) | {"duels": _duels(look, "help.duels", "\n\n")}
    key = "help.full" if look.has_pot else "help.full_no_pot"
    return Screen(look.words(key, **facts), rows([look.go("button.back", "help")]))
