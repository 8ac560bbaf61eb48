"""/practice: quiz questions without stake; what is right is told at once."""

from telegram import InlineKeyboardMarkup

from handlers.context import App
from handlers.duel_screens import category_name, category_rows, corners_of
from handlers.keyboards import go, rows
from handlers.navigation import Look, Screen, on_button, on_command
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.duels.draw import OPTIONS
from services.duels.practice import ORDERS, PracticeAnswer, PracticeQuestion

_ID_MOST = 2**63 - 1


async def practice_screen(look: Look) -> Screen:
    """Draw the categories.

    Raises:
        DuelsOff: the operator switched duels off.
    """
    corners = await corners_of(look)
    if not corners:
        return Screen(look.words("duel.none"))
    return Screen(look.words("practice.screen"), rows(*category_rows(look, "practice", corners)))


async def practice_page(look: Look) -> Screen:
    """Draw what a button asks for: the categories, a question, or what is right.

    Raises:
        DuelsOff: the operator switched duels off.
        NothingToPractise: the category has no question now.
        ExpiredButton: the button asks for nothing that there is.
    """
    try:
        match look.arguments:
            case ():
                return await practice_screen(look)
            case (category,):
                return await _question(look, category)
            case (category, last):
                return await _question(look, category, parse_whole(last, least=1, most=_ID_MOST))
            case (_, question, order, place):
                return await _answer(
                    look,
                    parse_whole(question, least=1, most=_ID_MOST),
                    parse_whole(order, least=0, most=len(ORDERS) - 1),
                    parse_whole(place, least=0, most=OPTIONS - 1),
                )
    except BadNumber:
        pass
    raise ExpiredButton


async def _question(look: Look, category: str, last_id: int | None = None) -> Screen:
    name = category_name(look, category)
    asked = await look.services.ask_practice(category=category, language=look.words.language, last_id=last_id)
    return Screen(look.words("practice.question", category=name, question=asked.text), _options(look, asked))


def _options(look: Look, asked: PracticeQuestion) -> InlineKeyboardMarkup:
    owner, places = look.reader.player_id, range(len(asked.options))
    return rows(
        *(
            [go(asked.options[place], "practice", "a", asked.question_id, asked.order, place, owner=owner)]
            for place in places
        )
    )


async def _answer(look: Look, question_id: int, order: int, place: int) -> Screen:
    judged = await look.services.judge_practice(
        question_id=question_id, order=order, place=place, language=look.words.language
    )
    category = judged.question.category
    again = look.go("button.next_question", "practice", category, question_id)
    return Screen(_verdict(look, judged), rows([again], [look.go("button.back", "practice")]))


def _verdict(look: Look, judged: PracticeAnswer) -> str:
    key = "practice.right" if judged.is_right else "practice.wrong"
    return look.words(
        key,
        question=judged.question.text,
        right=judged.right,
        chosen=judged.chosen,
        source=judged.source,
    )


def register(application: App) -> None:
    """Listen to /practice and its buttons."""
    application.add_handler(on_command("practice", practice_screen, is_private=True))
    application.add_handler(on_button("practice", practice_page, is_private=True))
