"""The webhook acknowledges an update only when it is stored, and never one that isn't."""

import asyncio
from collections.abc import Sequence

import httpx

from bot.web import SECRET_HEADER, Webhook, build_app
from db.session import DatabaseUnavailable
from services.inbox import RawUpdate
from tests.canary import CANARY_SECRET


class Intake:
    """Stores when it is let, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails
        self.is_asked = asyncio.Event()
        self.may_store = asyncio.Event()

    async def take(self, _: RawUpdate) -> None:
        """Wait until it may be stored."""
        self.is_asked.set()
        await self.may_store.wait()
        if self._fails:
            raise DatabaseUnavailable("away")


async def _post(intake: Intake) -> httpx.Response:
    app = build_app(dict, Webhook(intake, CANARY_SECRET))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.test") as client:
        headers = {SECRET_HEADER: CANARY_SECRET}
        return await client.post("/telegram", json={"update_id": 7}, headers=headers)


async def _rounds(tasks: Sequence[asyncio.Task[httpx.Response]]) -> bool:
    """Let everything that can go on do so; return whether a task is done."""
    for _ in range(100):
        await asyncio.sleep(0)
    return any(task.done() for task in tasks)


async def test_an_update_is_acknowledged_after_it_is_stored() -> None:
    intake = Intake()
    answer = asyncio.create_task(_post(intake))
    await intake.is_asked.wait()
    assert not await _rounds([answer])
    intake.may_store.set()
    assert (await answer).status_code == 200


async def test_t63_an_update_that_can_not_be_stored_is_refused_so_that_it_comes_again() -> None:
    intake = Intake(fails=True)
    intake.may_store.set()
    assert (await _post(intake)).status_code == 503
