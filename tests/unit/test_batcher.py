"""Group commit: who comes while one batch is written goes into the next; everybody hears of his own batch."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.batcher import Batcher


class Writer:
    """Writes a batch when it is let; some items can't be written."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.bad: set[int] = set()

    async def __call__(self, items: Sequence[int]) -> int:
        """Write, or fail with the whole batch."""
        self.batches.append(list(items))
        await self.gate.wait()
        if self.bad & set(items):
            raise OSError("disk full")
        return len(self.batches)


async def put_all(batcher: Batcher[int, int], items: Sequence[int]) -> list[asyncio.Task[int]]:
    """Put items in side by side and let them get as far as they can."""
    tasks = [asyncio.create_task(batcher.put(item)) for item in items]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_while_a_batch_is_written_goes_into_the_next_one_together() -> None:
    writer = Writer()
    batcher = Batcher(writer)
    first = await put_all(batcher, [1, 2])
    later = await put_all(batcher, [3, 4, 5])
    assert writer.batches == [[1, 2]]
    writer.gate.set()
    assert await asyncio.gather(*first, *later) == [1, 1, 2, 2, 2]
    assert writer.batches == [[1, 2], [3, 4, 5]]


async def test_a_batch_has_a_largest_size_and_keeps_the_order() -> None:
    writer = Writer()
    writer.gate.set()
    batcher = Batcher(writer, most=3)
    assert await asyncio.gather(*await put_all(batcher, range(7))) == [1, 1, 1, 2, 2, 2, 3]
    assert writer.batches == [[0, 1, 2], [3, 4, 5], [6]]


async def test_an_error_reaches_everybody_of_its_batch_and_nobody_else() -> None:
    writer = Writer()
    writer.bad = {2}
    batcher = Batcher(writer)
    first = await put_all(batcher, [1, 2])
    later = await put_all(batcher, [3])
    writer.gate.set()
    told = await asyncio.gather(*first, *later, return_exceptions=True)
    assert [type(one) for one in told] == [OSError, OSError, int]


async def test_who_gives_up_waiting_does_not_stop_the_others_nor_his_own_item() -> None:
    writer = Writer()
    batcher = Batcher(writer)
    impatient, patient = await put_all(batcher, [1, 2])
    impatient.cancel()
    writer.gate.set()
    assert await patient == 1
    assert writer.batches == [[1, 2]]
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_it_writes_again_after_it_was_idle() -> None:
    writer = Writer()
    writer.gate.set()
    batcher = Batcher(writer)
    assert [await batcher.put(item) for item in (1, 2)] == [1, 2]
