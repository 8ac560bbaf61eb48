"""What the outbox says: a notice and its facts become the parameters of a sendMessage, or of what is done instead."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from handlers.answer_text import Part, append_footer
from handlers.dashboard import dashboard_keyboard, dashboard_text
from handlers.duel_notices import DUEL_NOTICES
from handlers.invoices import package_invoice
from handlers.keyboards import act, rows
from handlers.payloads import html_payload as _html
from handlers.report import report_chart, report_text
from handlers.words import Words
from services.rules import GameRules

Facts = Mapping[str, Any]
BPS = 10_000


def render(notice: str, facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    """Return the messages that say ``notice``, as parameters of sendMessage without the chat.

    ``edit`` names the message in whose place one is put, ``instead_of`` that in whose place the first one goes if it
    is still there; ``pin``, ``unpin`` and ``delete`` stand alone, as does ``invoice``, of sendInvoice's parameters.

    Raises:
        KeyError: there is no such notice.
    """
    messages = _NOTICES[notice](facts, words, rules)
    if "instead_of" in facts:
        messages[0]["instead_of"] = facts["instead_of"]
    return messages


def house_bps(rules: GameRules) -> int:
    """Return the house's share of a price in hundredths of a percent."""
    return BPS // rules.pot.house_divisor


def _answer(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    parts = [Part(facts["text"], facts["entities"])]
    if facts["receipt"] is not None:
        parts = append_footer(parts, _footer(facts["receipt"], words, rules))
    return [
        {"text": part.text, "entities": part.entities, "link_preview_options": {"is_disabled": True}}
        for part in parts
    ]


def _footer(receipt: Facts, words: Words, rules: GameRules) -> str:
    if receipt["kind"] == "free":
        return _free_line(receipt, words)
    if receipt.get("quiet") and "ticket" in receipt:
        return words.plain("receipt.line_quiet", price=receipt["price"], ticket=receipt["ticket"])
    key = "receipt.line" if "ticket" in receipt else "receipt.line_no_pot"
    return words.plain(
        f"{key}_group" if receipt["in_group"] else key, chance_ppm=receipt.get("ppm"), **receipt
    )


def _free_line(receipt: Facts, words: Words) -> str:
    left = receipt["free_left"]
    if left == 0:
        wait = timedelta(seconds=receipt["wait_seconds"])
        over = words.plain("free.over", price=receipt["next_price"], wait=wait)
        more = receipt.get("premium", 0)
        return f"{over} {words.plain('free.premium', n=more)}" if more else over
    return words.plain("free.left", n=left) if left <= receipt["warn_left"] else ""


def _guard(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = (
        "guard.price_changed" if facts["is_changed"] else "guard.first" if facts["is_first"] else "guard.dear"
    )
    text = words(
        key if facts["pot_enabled"] else f"{key}_no_pot",
        price=facts["price"],
        chance_ppm=facts["ppm"],
        house_bps=house_bps(rules),
        ttl=rules.talk.confirm,
    )
    tokens = facts["buttons"]
    pay = act(words.plain("button.pay", price=facts["price"]), tokens["pay"])
    return _html(text, rows([pay, act(words.plain("button.cancel"), tokens["cancel"])]))


def _gift_ask(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    tokens = facts["buttons"]
    confirm = act(words.plain("button.confirm"), tokens["gift"])
    keep = act(words.plain("button.cancel"), tokens["keep"])
    key = "contribute.ask_group" if facts["in_group"] else "contribute.ask"
    return _html(words(key, amount=facts["credits"]), rows([confirm, keep]))


def _win(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {
        "name": facts["name"],
        "ticket": facts["ticket"],
        "prize": facts["prize"],
        "pot_left": facts["left"],
        "round_no": facts["round"],
        "next_round": facts["next_round"],
        "balance": facts["balance"],
        "receipt": facts["receipt"],
    }
    text = words("win.group" if facts["in_group"] else "win.private", **shown)
    if facts["new_anchor"] is not None:
        text += "\n\n" + words("win.new_anchor", anchor=facts["new_anchor"])
    return _html(text)


def _released(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    tokens = facts.get("buttons", {})
    retry = [act(words.plain("button.retry"), token) for token in tokens.values()]
    key = f"released.{facts['why']}" if "why" in facts else "released.failed"
    text = words(key if key in words else "released.failed", wait=rules.model.breaker.rest)
    return _html(text, rows(retry) if retry else None)


def _waiting_cancelled(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("stop.cancelled", n=facts["n"]))


def _grant_received(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    text = words("grant.received", amount=facts["credits"], **facts)
    return _html(text + _debt_line(facts, words))


def _debt_line(facts: Facts, words: Words) -> str:
    """Return a line that tells what of a grant covered a debt; nothing if none did."""
    if not facts.get("repaid"):
        return ""
    key = "debt.covered_part" if facts["debt"] else "debt.covered"
    return "\n" + words(key, repaid=facts["repaid"], debt=facts["debt"])


def _premium_end(key: str) -> Callable[..., list[dict[str, Any]]]:
    def show(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
        return _html(words(key, until=datetime.fromisoformat(facts["until"])))

    return show


def _daily(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    wait = timedelta(seconds=facts["wait_seconds"])
    return _html(words("daily.granted", amount=facts["credits"], wait=wait, **facts))


def _gift_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = "contribute.done_group" if facts["in_group"] else "contribute.done"
    return _html(words(key, amount=facts["credits"], **facts))


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


def _invoice(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    what = {name: facts[name] for name in ("stars", "credits")}
    return [{"invoice": package_invoice(facts["payload"], words=words, **what)}]


def _purchase_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = "owing" if facts["debt"] else "repaid" if facts["repaid"] else ""
    return _html(words(f"purchase.done_{key}" if key else "purchase.done", **facts))


def _premium_paid(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    shown = {name: facts[name] for name in ("stars", "receipt")}
    shown |= {"until": datetime.fromisoformat(facts["until"]), "free": rules.purchases.premium_free_per_day}
    return _html(words("premium.renewed" if facts["is_renewal"] else "premium.paid", **shown))


def _payment_kept(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    key = f"payment.kept.{facts['why']}"
    return _html(words(key if key in words else "payment.kept", stars=facts["stars"]))


def _refund_done(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.done" if facts["credits"] else "payback.done_only", **facts))


def _refund_refused(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.refused", **facts))


def _charge_back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.taken_owing" if facts["debt"] else "payback.taken", **facts))


def _premium_back(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
    return _html(words("payback.premium", **facts))


def _deed(name: str) -> Callable[..., list[dict[str, Any]]]:
    """Return what says nothing, and only does something to messages."""
    return lambda facts, words, rules: [{name: facts[name]}]


def _plain_words(
    key: str, most: Callable[[GameRules], int | timedelta | None] = lambda rules: None
) -> Callable[..., list[dict[str, Any]]]:
    def show(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
        return _html(words(key, most=most(rules), age=rules.talk.old_message))

    return show


def _error(key: str) -> Callable[..., list[dict[str, Any]]]:
    def show(facts: Facts, words: Words, rules: GameRules) -> list[dict[str, Any]]:
        moment = {"until": datetime.fromisoformat(facts["until"])} if "until" in facts else {}
        shown = {**facts, **moment}
        return _html(words(f"error.{key}.group" if facts["in_group"] else f"error.{key}", **shown))

    return show


_NOTICES: dict[str, Callable[[Facts, Words, GameRules], list[dict[str, Any]]]] = {
    "answer": _answer,
    "guard": _guard,
    "gift_ask": _gift_ask,
    "gift_done": _gift_done,
    "daily": _daily,
    "win": _win,
    "released": _released,
    "waiting_cancelled": _waiting_cancelled,
    "grant_received": _grant_received,
    "premium_ends": _premium_end("premium.ends"),
    "premium_ended": _premium_end("premium.ended"),
    "reset_ask": _reset_ask,
    "reset_done": _reset_done,
    "refund_paid": _refund_paid,
    "refund_all_paid": _refund_all_paid,
    "welcome_group": _welcome_group,
    "group_back": _group_back,
    "group_admin": _group_admin,
    "pots_merged": _pots_merged,
    "report": _report,
    "invoice": _invoice,
    "purchase_done": _purchase_done,
    "premium_paid": _premium_paid,
    "payment_kept": _payment_kept,
    "refund_done": _refund_done,
    "refund_refused": _refund_refused,
    "charge_back": _charge_back,
    "premium_back": _premium_back,
    "dashboard": _dashboard,
    "not_pinned": _not_pinned,
    "pin": _deed("pin"),
    "unpin": _deed("unpin"),
    "delete": _deed("delete"),
    "edit_failed": _plain_words("edit.failed"),
    "edit_early": _plain_words("edit.early"),
    "edit_late": _plain_words("edit.late", lambda rules: rules.talk.edit_within),
    "edit_twice": _plain_words("edit.twice"),
    "old_message": _plain_words("old.message", lambda rules: rules.talk.old_message),
    "flood_told": _plain_words("flood.told", lambda rules: rules.talk.per_minute),
    "queue_full": _plain_words("queue.full", lambda rules: rules.talk.queue_length),
    "group_busy": _plain_words("declined.group_busy", lambda rules: rules.talk.group_per_minute),
    "insufficient_funds": _error("insufficient_funds"),
    "day_limit": _error("day_limit"),
    "on_break": _error("on_break"),
    "player_frozen": _error("player_frozen"),
    "in_debt": _error("in_debt"),
    "player_cap": _error("player_cap"),
    "house_cap": _error("house_cap"),
    **DUEL_NOTICES,
}
