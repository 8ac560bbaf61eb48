"""What screens read: overview, history and receipts agree with the books, on both databases."""

from datetime import timedelta

import pytest

from services.history import Filter, ReadHistory, ReadReceipt, ReceiptNotFound
from services.overview import OverviewReader
from tests.house import House, paying

MINUTE = timedelta(minutes=1)


async def test_overview_history_and_receipts_agree_with_the_books(house: House) -> None:
    ana = await paying(house)
    paid = [await house.pay(ana) for _ in range(9)]
    await house.say(ana)
    read = OverviewReader(db=house.db, clock=house.clock, rules=house.rules)
    seen = await read(player_id=ana.player_id, chat_id=ana.chat_id)
    assert (seen.balance, seen.held, seen.paid_today, seen.paid_total) == (725, 55, 10, 10)
    assert (seen.next_price, seen.chance_ppm, seen.free_left, seen.wins) == (60, 0, 0, 0)
    assert seen.pot is not None
    assert (seen.pot.balance, seen.pot.tickets, seen.pot.own_tickets, seen.pot.round_no) == (250, 10, 10, 1)
    assert seen.pot.prize == 225
    history = ReadHistory(db=house.db)
    first = await history(player_id=ana.player_id)
    last = await history(player_id=ana.player_id, page=99)
    assert (first.page, first.pages, last.page, len(last.receipts)) == (1, 2, 2, 3)
    assert [one.delta for one in first.receipts] == [-price for price in range(50, 10, -5)]
    assert first.receipts[0].balance == 725
    grants = await history(player_id=ana.player_id, which=Filter.GRANTS)
    assert [one.delta for one in grants.receipts] == [1_000]
    receipt = await ReadReceipt(db=house.db)(player_id=ana.player_id, number=paid[-1]["receipt"])
    assert receipt.ticket is not None
    assert (receipt.delta, receipt.ticket.n, receipt.ticket.head) == (-50, 10, paid[-1]["head"])


async def test_a_receipt_is_shown_to_its_player_alone(house: House) -> None:
    await paying(house)
    ben = await house.player(2, name="Ben")
    with pytest.raises(ReceiptNotFound):
        await ReadReceipt(db=house.db)(player_id=ben.player_id, number=2)
