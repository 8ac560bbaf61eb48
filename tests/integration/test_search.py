"""Search over one's own conversations, on both databases: found as text, by its owner alone, through the index."""

import json

import pytest

from services.conversations import BeginAnew, NoConversation
from services.export import ExportConversations, json_file
from services.people import Met
from services.search import PAGE_SIZE, BadSearch, FoundPage, SearchTurns
from tests.house import UNGUARDED, House


async def find(house: House, who: Met, wanted: str, page: int = 1) -> FoundPage:
    """Search as ``who``."""
    use = SearchTurns(db=house.db)
    return await use(player_id=who.player_id, chat_id=who.chat_id, wanted=wanted, page=page)


async def found(house: House, who: Met, wanted: str) -> list[str]:
    """Return what was found, with the hits in brackets, the newest first."""
    page = await find(house, who, wanted)
    return ["".join(f"[{it.text}]" if it.is_hit else it.text for it in one.pieces) for one in page.found]


async def told(house: House, *texts: str) -> Met:
    """Return a player who has said these things, each in a message of its own."""
    house.rules = UNGUARDED
    who = await house.player()
    for words in texts:
        await house.pay(who, words)
    return who


async def test_words_are_found_in_questions_and_answers_the_newest_first(house: House) -> None:
    ana = await told(house, "red apples", "green pears")
    await house.say(ana, "what else?")
    await house.settle(words="Apples again, of course.")
    assert await found(house, ana, "APPLES") == ["[Apples] again, of course.", "red [apples]"]
    assert await found(house, ana, "apples red") == ["[red] [apples]"]
    assert await found(house, ana, "apples pears") == []


async def test_accents_do_not_matter_and_the_last_word_may_be_begun(house: House) -> None:
    ana = await told(house, "El Café está aquí", "catalogue of cats")
    assert await found(house, ana, "cafe") == ["El [Café] está aquí"]
    assert await found(house, ana, "CAFÉ ESTA") == ["El [Café] [está] aquí"]
    assert await found(house, ana, "cat") == ["[catalogue] of [cats]"]
    assert await found(house, ana, "ca") == []


NASTY = {
    "'; DROP TABLE turn; --": "'; [DROP] [TABLE] [turn]; --",
    "100% of": "[100]% [of]",
    'NOT "quoted" AND': '[NOT] "[quoted]" [AND]',
    "owner:p1": "[owner:p1]",
    "col:umn NEAR(a b)": "[col:umn] [NEAR(a] [b])",
    "a*b^c": "[a*b^c]",
    "{x} | !y & <z>": "{[x]} | ![y] & <[z]>",
    "back\\slash": "[back\\slash]",
    "it's": "[it's]",
    "http://example.com/path-to/file_name.txt": "[http://example.com/path-to/file_name.txt]",
    "-1.5 of": "-[1.5] [of]",
}


async def test_t69_the_language_of_searches_is_found_as_text(house: House) -> None:
    ana = await told(house, *NASTY, "nothing of all that")
    for wanted, hit in NASTY.items():
        assert await found(house, ana, wanted) == [hit], wanted
    assert await found(house, ana, "path-to") == ["http://example.com/[path-to]/file_name.txt"]
    assert await house.value("SELECT COUNT(*) FROM turn") == len(NASTY) + 1


async def test_t69_what_nobody_said_is_not_found(house: House) -> None:
    ana = await told(house, "plain words", "more of them")
    nobody = [
        "%",
        "_",
        "*",
        '"',
        "'",
        "\\",
        "🍕",
        "()",
        "AND %",
        "p1",
        "@1",
        "owner",
        "' OR 1=1",
        ":*",
        "*:*",
    ]
    assert {wanted: hits for wanted in nobody if (hits := await found(house, ana, wanted))} == {}


async def test_t69_signs_alone_are_found_as_they_stand(house: House) -> None:
    ana = await told(house, "without")
    for sign in ["%", "_", "🍕", "\\", "'"]:
        await house.pay(ana, f"with {sign} in it")
        assert await found(house, ana, sign) == [f"with [{sign}] in it"]


async def test_t69_nothing_and_too_much_are_refused(house: House) -> None:
    ana = await told(house, "x")
    for wanted in ("", "   ", "x" * 101):
        with pytest.raises(BadSearch):
            await find(house, ana, wanted)


async def test_t45_nobody_finds_the_words_of_others_or_of_groups(house: House) -> None:
    ana = await told(house, "canary of mine")
    ben = await house.player(2, name="Ben")
    await house.pay(ben, "canary of ben")
    for number in (1, 2):
        await house.pay(await house.group(9, player=number), f"canary in the group {number}")
    assert await found(house, ana, "canary") == ["[canary] of mine"]
    assert await found(house, ben, "canary") == ["[canary] of ben"]


async def test_pages_follow_one_another(house: House) -> None:
    ana = await told(house, *(f"word number {number}" for number in range(PAGE_SIZE + 2)))
    first, second, third = [await find(house, ana, "word", page) for page in (1, 2, 3)]
    assert [first.has_more, second.has_more, third.has_more] == [True, False, False]
    assert [len(one.found) for one in (first, second, third)] == [PAGE_SIZE, 2, 0]
    keys = [one.turn_id for page in (first, second) for one in page.found]
    assert keys == sorted(keys, reverse=True)


async def test_an_export_has_all_of_ones_own_and_nothing_of_others(house: House) -> None:
    ana = await told(house, "one", 'two "quoted"\nlines \x1b[31m')
    await BeginAnew(db=house.db)(player_id=ana.player_id, chat_id=ana.chat_id, thread_id=None)
    receipt = await house.pay(ana, "three")
    ben = await house.player(2, name="Ben")
    await house.pay(ben, "secret of ben")
    await house.pay(await house.group(9), "in the group")
    export = ExportConversations(db=house.db, clock=house.clock)
    who = {"player_id": ana.player_id, "chat_id": ana.chat_id}
    every = json.loads(json_file(await export(**who, conversation_id=None)))
    assert every["format"] == "potluck/conversations/v1"
    said = [[turn["text"] for turn in one["turns"]] for one in every["conversations"]]
    assert said == [["one", 'two "quoted"\nlines \x1b[31m'], ["three"]]
    assert [one["title"] for one in every["conversations"]] == ["one", "three"]
    last = every["conversations"][1]["turns"][0]
    assert (last["answer"], last["price"], last["receipt"]) == ("fine", receipt["price"], receipt["receipt"])
    assert last["asked_at"] == last["answered_at"] == house.clock.now().isoformat()
    current = await export.current(chat_id=ana.chat_id, thread_id=None)
    alone = await export(**who, conversation_id=current)
    assert [one.title for one in alone.conversations] == ["three"]
    assert house.happened("exported")[-1]["turns"] == 1


async def test_an_export_of_nothing_or_of_others_is_refused(house: House) -> None:
    ana = await told(house, "mine")
    ben = await house.player(2, name="Ben")
    export = ExportConversations(db=house.db, clock=house.clock)
    for key in (None, await export.current(chat_id=ana.chat_id, thread_id=None)):
        with pytest.raises(NoConversation):
            await export(player_id=ben.player_id, chat_id=ben.chat_id, conversation_id=key)
    with pytest.raises(NoConversation):
        await export.current(chat_id=ben.chat_id, thread_id=None)


async def test_an_export_that_is_too_large_is_cut(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.export.TURNS_AT_ONCE", 2)
    monkeypatch.setattr("services.export.BYTES_MOST", 40)
    ana = await told(house, "a" * 10, "b" * 10, "c" * 10, "d" * 10)
    export = ExportConversations(db=house.db, clock=house.clock)
    cut = await export(player_id=ana.player_id, chat_id=ana.chat_id, conversation_id=None)
    assert cut.is_cut
    assert [turn.text[0] for turn in cut.conversations[0].turns] == ["a", "b"]
