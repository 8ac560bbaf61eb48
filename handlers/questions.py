"""/questions: an operator sends a file of questions to the bot. To everybody else this command doesn't exist."""

from collections.abc import Mapping
from typing import Final, cast

from telegram import Document, Message, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from handlers.context import App, Context, Reader, Services, read
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from handlers.text import utf16_len
from handlers.unknown import on_unknown
from handlers.words import Html, Words
from services.questions.packs import SHOWN_MOST, BadPack, Problem
from services.questions.store import Imported

LINES_MOST: Final = 3_500
"""Of problems, in UTF-16 units: they share a message with what stands before them."""
_CAPTION: Final = filters.CaptionRegex(r"^/questions(@\w+)?(\s|$)")


async def on_questions(update: Update, context: Context) -> None:
    """Import the file that an operator sent or answers to, or tell him how.

    Raises:
        FileLost: Telegram doesn't give the file out.
    """
    message = cast("Message", update.effective_message)
    reader = await read(update, context)
    if reader.in_group or reader.user.id not in context.services.operator_ids:
        await on_unknown(update, context)
        return
    document = _document_of(message)
    if document is None:
        await answer(message, await _how(context.services, reader.words))
    else:
        await answer(message, await _import(context.services, reader, document))


def _document_of(message: Message) -> Document | None:
    original = message.reply_to_message
    return message.document or (None if original is None else original.document)


async def _how(services: Services, words: Words) -> str:
    counts = [
        words("questions.counted", category=category, counts=_counts(by_language))
        for category, by_language in sorted((await services.count_questions()).items())
    ]
    return words("questions.how", counts=Html("\n".join(counts) or words("questions.none")))


def _counts(by_language: Mapping[str, int]) -> str:
    return ", ".join(f"{language} {count}" for language, count in sorted(by_language.items()))


async def _import(services: Services, reader: Reader, document: Document) -> str:
    try:
        done = await services.import_questions(file_id=document.file_id, operator_id=reader.user.id)
    except BadPack as error:
        return _refusal(error, reader.words)
    return reader.words("questions.done", **facts_of(done))


def facts_of(done: Imported) -> dict[str, int | str]:
    """Return what an import changed, as its words name it."""
    return {
        "category": done.category,
        "language": done.language,
        "added": done.added,
        "replaced": done.replaced,
        "translated": done.translated,
        "unchanged": done.unchanged,
        "left_out": done.left_out,
    }


def _refusal(error: BadPack, words: Words) -> str:
    shown: list[str] = []
    for problem in error.problems[:SHOWN_MOST]:
        line = _line(problem, words)
        if utf16_len("\n".join((*shown, line))) > LINES_MOST:
            break
        shown.append(line)
    if len(shown) < error.n:
        shown.append(words("questions.more", n=error.n - len(shown)))
    return words("questions.refused", n=error.n, problems=Html("\n".join(shown)))


def _line(problem: Problem, words: Words) -> str:
    said = Html(words(f"questions.wrong.{problem.wrong}", **problem.facts))
    return words("questions.line", line=problem.line, problem=said)


def register(application: App) -> None:
    """Listen to /questions, also as what stands under an operator's file."""
    operators = filters.User(list(application.bot_data["services"].operator_ids))
    file = NEW_FROM_PLAYER & filters.ChatType.PRIVATE & filters.Document.ALL & _CAPTION & operators
    application.add_handler(CommandHandler("questions", on_questions, filters=NEW_FROM_PLAYER))
    application.add_handler(MessageHandler(file, on_questions))
