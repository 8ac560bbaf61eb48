"""Purchases given back, as players and operators see it, in both languages; and what Telegram's list brings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.playground.models import User
from handlers.words import Words
from tests.scene import Scene
from tests.shop import buy, rows, shop, subscribe
from tests.stand_ins import logged

EN, ES = Words("en"), Words("es")
SLOT = timedelta(minutes=10)
PACKAGE = {"en": "1,000 credits · ⭐ 100", "es": "1.000 créditos · ⭐ 100"}


async def purchase(here: Scene, user: User) -> str:
    """Buy a package and return the id of the charge."""
    language = "es" if user is here.ana else "en"
    return (await buy(here, user, PACKAGE[language])).id


async def tick(here: Scene, step: timedelta = SLOT) -> None:
    """Let time pass, do what is due, and wait until all that follows is done."""
    here.app.clock.move(step)
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


async def state_of(here: Scene, charge: str) -> tuple[str, ...]:
    """Return where a payment stands."""
    return tuple((await rows(here.app, f"SELECT state FROM payment WHERE charge_id = '{charge}'"))[0])


async def give_back(here: Scene, user: User) -> str:
    """Ask for the last purchase back and return what stands in the place of the question."""
    words = ES if user is here.ana else EN
    await here.ask(user, "/paysupport")
    button = here.buttons(user)[0]
    assert "⭐ 100" in await here.press(user, button)
    await here.press(user, words.plain("button.refund_yes", stars=100))
    return here.app.texts(user)[-1]


async def test_a_purchase_is_given_back_and_its_credits_are_taken(database_url: str) -> None:
    async with shop(database_url) as here:
        charge = await purchase(here, here.ana)
        shown = await here.ask(here.ana, "/paysupport")
        assert "N.º 1" in shown
        assert "se puede devolver" in shown
        told = await give_back(here, here.ana)
        assert told.startswith("↩️ Se te han devuelto ⭐ 100. A cambio han salido 1.000 créditos")
        assert here.app.telegram.bank.purse(here.ana.id) == 10_000
        assert await state_of(here, charge) == ("refunded",)
        assert "devuelto" in await here.ask(here.ana, "/paysupport")
        assert here.buttons(here.ana) == []
        assert "1.000 créditos" in await here.ask(here.ana, "/balance")


@pytest.mark.parametrize("fault", ["already_refunded", "lost", "500"])
async def test_t57_an_odd_answer_to_a_refund_ends_in_one_refund(database_url: str, fault: str) -> None:
    async with shop(database_url) as here:
        charge = await purchase(here, here.ben)
        here.app.telegram.faults.add(fault, method="refundStarPayment")
        await give_back(here, here.ben)
        await tick(here)
        assert here.app.telegram.bank.purse(here.ben.id) == 10_000
        assert await state_of(here, charge) == ("refunded",)
        assert sum("went back to you" in text for text in here.app.texts(here.ben)) == 1


async def test_a_refund_that_telegram_refuses_gives_the_credits_back(database_url: str) -> None:
    async with shop(database_url) as here:
        charge = await purchase(here, here.ben)
        here.app.telegram.faults.add("charge_not_found", method="refundStarPayment")
        assert "You have your 1,000 credits again" in await give_back(here, here.ben)
        assert await state_of(here, charge) == ("credited",)


async def test_t53_what_was_spent_or_is_premium_or_too_old_has_no_button(database_url: str) -> None:
    async with shop(database_url) as here:
        await purchase(here, here.ben)
        await subscribe(here, here.ben)
        shown = await here.ask(here.ben, "/paysupport")
        assert "Premium: is in force" in shown
        [button] = here.buttons(here.ben)
        await here.ask(here.ben, "/contribute 1500")
        await here.press(here.ben, EN.plain("button.confirm"))
        assert "no longer have all of its credits" in await here.ask(here.ben, "/paysupport")
        assert here.buttons(here.ben) == []
        assert button == "Give back no. 1 · ⭐ 100"
        here.app.clock.move(timedelta(days=8))
        assert "too old" in await here.ask(here.ben, "/paysupport")


async def test_where_nothing_is_sold_paysupport_says_so(database_url: str) -> None:
    async with shop(database_url, stars_enabled=False) as here:
        assert await here.ask(here.ana, "/paysupport") == ES.plain("error.stars_off")


async def test_t06_lost_updates_are_made_good_by_the_next_reconciliation(database_url: str) -> None:
    with logged() as log:
        async with shop(database_url) as here:
            await tick(here, timedelta(0))  # the reconciliation of the start
            here.app.telegram.faults.add("update_lost", method="successful_payment", times=2)
            await purchase(here, here.ben)
            await subscribe(here, here.ben)
            assert await rows(here.app, "SELECT COUNT(*) FROM payment") == [(0,)]
            await tick(here)
            booked = await rows(here.app, "SELECT product, state FROM payment ORDER BY id")
            assert booked == [("credits", "credited"), ("premium", "credited")]
            assert "Premium until Dec 21, 2026" in "\n".join(here.app.texts(here.ben))
    assert [line["missed"] for line in log.of("reconciled") if line["missed"]] == [2]
    assert not log.of("stars_differ")


async def test_t56_a_forged_payment_is_kept_apart_and_an_operator_writes_it_off(database_url: str) -> None:
    with logged() as log:
        async with shop(database_url) as here:
            await here.ask(here.ana, "/deposit")
            await here.app.press(here.ana, here.ana, here.app.last_id(here.ana), PACKAGE["es"])
            invoice = here.app.telegram.from_bot(here.ana)[-1].invoice
            assert invoice is not None
            charge = here.app.telegram.forge_payment(here.ana, payload=invoice.payload, stars=100)
            await here.app.settled()
            assert await state_of(here, charge) == ("credited",)
            await tick(here)
            await tick(here)
            assert await state_of(here, charge) == ("frozen",)
            assert "1.000 créditos" in await here.ask(here.ana, "/balance")
            assert "Telegram's list doesn't have it" in await here.ask(here.ben, "/payments")
            assert charge in await here.press(here.ben, "No. 1")
            assert await here.press(here.ben, "It was never paid") == "Done: it counts as never paid."
            assert await state_of(here, charge) == ("reclaimed",)
            assert "None." in await here.ask(here.ben, "/payments")
    assert [(line["why"], line["level"]) for line in log.of("payment_frozen")] == [("forged", "error")]
    assert log.of("payment_decided")[0]["operator"] == here.ben.id


async def test_t17_a_payment_of_a_wrong_amount_goes_back_by_itself_with_an_alarm(database_url: str) -> None:
    with logged() as log:
        async with shop(database_url) as here:
            telegram = here.app.telegram
            await here.ask(here.ben, "/deposit")
            await here.app.press(here.ben, here.ben, here.app.last_id(here.ben), PACKAGE["en"])
            invoice = telegram.from_bot(here.ben)[-1].invoice
            assert invoice is not None
            charge = telegram.charge(here.ben, replace(invoice, stars=7))
            assert charge is not None
            await here.app.settled()
            assert await state_of(here, charge.id) == ("refunded",)
            assert telegram.bank.purse(here.ben.id) == 10_000
            assert "So they go back to you by themselves" in here.app.texts(here.ben)[-2]
            assert "Your wallet stays as it is" in here.app.last(here.ben)
            await tick(here)
    assert [(line["why"], line["level"]) for line in log.of("payment_frozen")] == [("wrong_amount", "error")]
    assert not log.of("stars_differ")


async def test_t53_a_charge_back_is_found_and_leaves_a_debt(database_url: str) -> None:
    async with shop(database_url) as here:
        charge = await purchase(here, here.ben)
        await here.ask(here.ben, "/contribute 1700")
        await here.press(here.ben, EN.plain("button.confirm"))
        here.app.telegram.charge_back(charge)
        await tick(here)
        assert await state_of(here, charge) == ("reclaimed",)
        assert "You owe 700 credits" in here.app.last(here.ben)
        assert "Players who owe: 1, together 700 credits" in await here.ask(here.ben, "/payments")


async def test_a_refund_that_the_bot_did_not_ask_for_is_noted_when_telegram_tells_of_it(
    database_url: str,
) -> None:
    async with shop(database_url) as here:
        charge = await purchase(here, here.ben)
        who = {"user_id": here.ben.id, "telegram_payment_charge_id": charge}
        await here.app.telegram.api("refundStarPayment", **who)
        await here.app.settled()
        assert await state_of(here, charge) == ("reclaimed",)
        await tick(here)
        assert "1,000 credits" in await here.ask(here.ben, "/balance")


async def test_an_operator_ends_premium_and_gives_its_stars_back(database_url: str) -> None:
    async with shop(database_url) as here:
        subscription = await subscribe(here, here.ana)
        assert "Give the Stars back" not in await here.ask(here.ben, "/payments 1")
        assert here.buttons(here.ben)[0] == "Give the Stars back"
        await here.press(here.ben, "Give the Stars back")
        assert await state_of(here, subscription.id) == ("refunded",)
        assert (str(subscription.state), subscription.is_barred) == ("canceled", True)
        assert here.app.telegram.bank.purse(here.ana.id) == 10_000
        assert await rows(here.app, "SELECT COUNT(*) FROM player WHERE premium_until > '2026-11-22'") == [
            (0,)
        ]


@pytest.mark.parametrize("command", ["/payments", "/payments 1"])
async def test_t25_to_all_others_the_operators_command_does_not_exist(
    database_url: str, command: str
) -> None:
    async with shop(database_url) as here:
        assert await here.ask(here.ana, command) == ES("error.unknown_command")
        assert await here.ask(here.ben, f"{command}", here.group) == ""


async def test_t17_who_paid_somebody_elses_order_hears_that_it_is_looked_at(database_url: str) -> None:
    async with shop(database_url) as here:
        await here.ask(here.ana, "hola")
        await here.ask(here.ben, "/deposit")
        await here.press(here.ben, PACKAGE["en"])
        offered = here.app.telegram.from_bot(here.ben)[-1].invoice
        assert offered is not None
        charge = here.app.telegram.charge(here.ana, offered)
        assert charge is not None
        await here.app.settled()
        assert "el operador lo mira" in here.app.last(here.ana)
        assert "apartado" in await here.ask(here.ana, "/paysupport")
        assert await state_of(here, charge.id) == ("frozen",)
