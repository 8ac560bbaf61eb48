"""The command ``chaos``: break the real bot under load, again and again, and judge its books."""

import asyncio
import signal
import sys
from collections.abc import Sequence

from bot.chaos.cluster import NoPostgres, find_binaries
from bot.chaos.plan import DatabaseKind, Plan
from bot.chaos.run import Result, Tell, run
from bot.chaos.table import open_console, show_results, watched
from bot.commands import FAILED_EXIT, INTERRUPTED_EXIT, WRONG_EXIT
from bot.logs import configure_logging


def run_chaos(plans: Sequence[Plan]) -> int:
    """Run the plans one after the other, print the table, and return the exit code."""
    configure_logging("console", "CRITICAL")
    if any(plan.database is DatabaseKind.POSTGRES for plan in plans) and find_binaries() is None:
        print(NoPostgres(), file=sys.stderr)
        return WRONG_EXIT
    console = open_console()
    results: list[Result] = []
    try:
        for plan in plans:
            with watched(console, plan) as tell:
                results.append(asyncio.run(_until_ended(plan, tell)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("interrupted; nothing is left running", file=sys.stderr)
        return INTERRUPTED_EXIT
    except (OSError, RuntimeError) as error:
        print(f"the rig can't go on: {error}", file=sys.stderr)
        return WRONG_EXIT
    finally:
        if results:
            show_results(console, results)
    return 0 if all(result.is_good for result in results) else FAILED_EXIT


async def _until_ended(plan: Plan, tell: Tell) -> Result:
    """Run a plan; SIGTERM ends it as Ctrl+C does, with nothing left running."""
    task = asyncio.ensure_future(run(plan, tell))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
