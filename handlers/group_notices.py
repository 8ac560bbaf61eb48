"""What the outbox says in groups about themselves: welcome, resets and refunds, merged pots, report, dashboard."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.dashboard import dashboard_keyboard, dashboard_text
from handlers.keyboards import act, rows
from handlers.payloads import html_payload as _html
from handlers.report import report_chart, report_text
from handlers.rule_facts import house_bps
from handlers.words import Words
from services.rules import GameRules

Facts = Mapping[str, Any]


def _reset_ask(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {
        "round_no": facts["round"],
        "next_round": facts["round"] + 1,
        **{name: facts[name] for name in ("n", "pot", "put_in", "carried", "tickets")},
    }
    tokens = facts["buttons"]
    refund = "reset.ask_refund" if "reset_refund" in tokens else "reset.ask_no_refund"
    parts = ("reset.ask", "reset.ask_carry", refund)
    text = "\n\n".join(words(key, idle=rules.pot.refund_after, **shown) for key in parts)
    ways = [
        [act(words.plain(f"button.{action}"), tokens[action])]
        for action in ("reset_carry", "reset_refund")
        if action in tokens
    ]
    return _html(text, rows(*ways, [act(words.plain("button.cancel"), tokens["reset_keep"])]))


def _reset_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {name: facts[name] for name in ("name", "n", "put_in", "next_round", "left", "commitment")}
    text = words(f"reset.done_{facts['how']}", round_no=facts["round"], **shown)
    if facts["new_anchor"] is not None:
        text += "\n\n" + words("win.new_anchor", anchor=facts["new_anchor"])
    return _html(text)


def _refund_paid(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {name: facts[name] for name in ("balance", "receipt", "title")}
    return _html(words("refund.paid", amount=facts["credits"], round_no=facts["round"], **shown))


def _refund_all_paid(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("refund.all_paid", amount=facts["credits"], n=facts["n"], round_no=facts["round"]))


def _welcome_group(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = (
        "start.group" if rules.in_chat(pot_on=facts.get("pot_on", True)).pot.enabled else "start.group_no_pot"
    )
    return _html(
        words(
            key,
            bot=facts["bot"],
            price=facts["price"],
            window=words.plain(f"window.{rules.price.window}"),
            chance_ppm=facts["ppm"],
            house_bps=house_bps(rules),
            prize_bps=rules.pot.prize_share_bps,
            prize_cap=rules.pot.prize_cap,
            anchor=facts["anchor"] or "",
            sees=words(f"start.sees_{facts['sees']}"),
        )
    )


def _group_back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("start.back", round_no=facts["round"], pot=facts["pot"]))


def _group_admin(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("start.made_admin"))


def _pots_merged(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {"closed": facts["closed"], "round_no": facts["round"], "pot": facts["pot"]}
    return _html(words("start.pots_merged", amount=facts["credits"], **shown))


def _report(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return [_html(report_text(facts, words))[0] | {"chart": report_chart(facts, words)}]


def _dashboard(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = _html(dashboard_text(facts, words, house_bps=house_bps(rules)), dashboard_keyboard(words))
    return [shown[0] | {name: facts[name] for name in ("edit",) if name in facts}]


def _not_pinned(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("dashboard.not_pinned"))


GROUP_NOTICES: Final[Mapping[str, Callable[[Facts, Words, GameRules], list[dict[str, Any]]]]] = {
    "welcome_group": _welcome_group,
    "group_back": _group_back,
    "group_admin": _group_admin,
    "pots_merged": _pots_merged,
    "reset_ask": _reset_ask,
    "reset_done": _reset_done,
    "refund_paid": _refund_paid,
    "refund_all_paid": _refund_all_paid,
    "report": _report,
    "dashboard": _dashboard,
    "not_pinned": _not_pinned,
}
