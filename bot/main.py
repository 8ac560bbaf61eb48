"""The command line. What a command needs is imported when it runs, so that ``--help`` stays fast."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.chaos.plan import DatabaseKind, Mode, WrongPlan, long_programme, new_seed, plan_of

if TYPE_CHECKING:
    from bot.settings import Settings

PLAYGROUND_PORT = 8090
WRONG_SETTINGS_EXIT = 2

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
questions = typer.Typer(help="Check and import the questions of duels.", no_args_is_help=True)
app.add_typer(questions, name="questions")


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Potluck, a Telegram bot: chat with it, feed the pot, sometimes win it.

    Without a command: run.
    """
    if context.invoked_subcommand is None:
        run()


@app.command()
def run() -> None:
    """Run the bot, or without BOT_TOKEN the playground."""
    settings = _settings()
    if settings.bot_token is None:
        _play(settings, PLAYGROUND_PORT)
        return
    from bot.commands.run import run_bot

    run_bot(settings)


@app.command()
def playground(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is served.")] = PLAYGROUND_PORT,
) -> None:
    """Run the bot with a Telegram of its own.

    The page to play on is at 127.0.0.1, on the port given. No token is needed.
    """
    _play(_settings(), port)


@app.command()
def audit(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check that the books add up; writes nothing.

    The database is that of DATABASE_URL. The exit code is 1 if something is wrong.
    """
    settings = _settings()
    from bot.commands.audit import run_audit

    raise typer.Exit(run_audit(settings, as_json=as_json))


@app.command()
def reconcile() -> None:
    """Compare the Stars of Telegram with the books.

    Telegram is asked for its whole list; nothing is written. The exit code is 1 if something differs.
    """
    settings = _settings()
    from bot.commands.reconcile import run_reconcile

    raise typer.Exit(run_reconcile(settings))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The JSON file that /proof gave, or a duel.")],
) -> None:
    """Check the proof of a closed round, or of a duel, offline.

    The exit code is 1 if it doesn't hold.
    """
    from bot.commands.verify import run_verify

    raise typer.Exit(run_verify(file))


@questions.command("check")
def check_questions(files: Annotated[list[Path], typer.Argument(help="YAML files.")]) -> None:
    """Look whether files of questions are in order.

    The exit code is 1 if one isn't.
    """
    from bot.commands.questions import run_check

    raise typer.Exit(run_check(files))


@questions.command("import")
def import_questions(files: Annotated[list[Path], typer.Argument(help="YAML files.")]) -> None:
    """Import files of questions, each whole or not at all.

    The database is that of DATABASE_URL. Nothing is imported if a file isn't in order.
    """
    settings = _settings()
    from bot.commands.questions import run_import

    raise typer.Exit(run_import(settings, files))


@app.command()
def chaos(
    mode: Annotated[Mode | None, typer.Option(help="How the bot gets its updates.")] = None,
    database: Annotated[DatabaseKind | None, typer.Option(help="Where the books are.")] = None,
    replicas: Annotated[int, typer.Option(min=1, max=16, help="Processes; several need Postgres.")] = 1,
    kills: Annotated[int | None, typer.Option(min=0, help="As many SIGKILLs.")] = None,
    updates: Annotated[int | None, typer.Option(min=0, help="At least as many updates.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, max=600, help="End at the latest.")] = None,
    stops: Annotated[bool, typer.Option("--stops", help="Pause processes too, and SIGTERM them.")] = False,
    restarts: Annotated[bool, typer.Option("--restarts", help="Restart Postgres too.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of load and breakage; the same again.")] = None,
    is_long: Annotated[bool, typer.Option("--long", help="The long programme: half an hour.")] = False,
) -> None:
    """Kill the bot under load and judge its books.

    Runs the real bot against a Telegram of its own, on this machine, with a new database (never that of
    DATABASE_URL), kills it at random moments, then compares what Telegram saw with the books. Without
    options: a taste of about a minute. The exit code is 1 if anything was lost or happened twice.
    """
    seed = new_seed() if seed is None else seed
    try:
        asked = plan_of(
            mode=mode,
            database=database,
            replicas=replicas,
            kills=kills,
            updates=updates,
            minutes=minutes,
            stops=stops,
            restarts=restarts,
            seed=seed,
        )
    except WrongPlan as error:
        print(error, file=sys.stderr)
        raise typer.Exit(WRONG_SETTINGS_EXIT) from None
    from bot.commands.chaos import run_chaos

    raise typer.Exit(run_chaos(long_programme(seed) if is_long else [asked]))


def main() -> None:
    """Run the command line; a wrong setting is one line and exit code 2."""
    app()


def _play(settings: "Settings", port: int) -> None:
    from bot.commands.playground import run_playground

    run_playground(settings, port=port)


def _settings() -> "Settings":
    from bot.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(WRONG_SETTINGS_EXIT) from None
