"""Packs in the database: imported whole, again without effect, reworded, translated, withdrawn; pools follow."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.duels.draw import pool_digest
from services.questions.built_in import FOLDER, take_in_packs
from services.questions.imports import FileLost, ImportQuestions, count_questions
from services.questions.packs import BadPack, Category, Pack, Wrong
from services.questions.pools import Pool, Wording, current_pool, wording_digest, wordings
from services.questions.store import Imported, import_pack, withdraw_question
from tests.house import House, KnownFiles
from tests.packs import QUESTIONS, pack, pack_text, question

KEYS = sorted(key for key, *_ in QUESTIONS)
COUNTS = ("added", "replaced", "translated", "withdrawn", "unchanged", "left_out")


async def take_in(house: House, new: Pack) -> dict[str, int]:
    """Import a pack and return what changed, without the zeros."""
    done: Imported = await house.db.transact(import_pack, new, house.stamps.take(), operator_id=7)
    return {name: count for name in COUNTS if (count := getattr(done, name))}


async def pool_of(house: House, language: str = "en", category: str = "science") -> Pool:
    """Return the pool of a category that is drawn from now."""
    found = await house.db.read(current_pool, category, language)
    assert found is not None
    return found


async def words_of(house: House, language: str = "en", pool: str | None = None) -> dict[str, Wording]:
    """Return the wordings of a pool by key."""
    ids = (await pool_of(house, pool or language)).question_ids
    return {one.key: one for one in await house.db.read(wordings, ids, language)}


async def withdraw(house: House, question_id: int) -> bool:
    """Withdraw a question."""
    return await house.db.transact(withdraw_question, question_id, house.stamps.take())


def reworded(key: str = "air", **changes: str) -> Pack:
    """Return a pack of one question in other words."""
    return pack(question(key, "Of which gas is there most in the air?", "Nitrogen", **changes))


async def test_a_pack_is_imported_once_and_its_pool_is_ordered_by_key(house: House) -> None:
    assert await take_in(house, pack()) == {"added": 8}
    first = await pool_of(house)
    assert list(await words_of(house)) == KEYS
    assert await take_in(house, pack()) == {"unchanged": 8}
    assert await pool_of(house) == first
    assert await house.value("SELECT count(*) FROM question") == 8
    assert house.happened("questions_imported")[-1]["operator"] == 7


async def test_the_digest_of_a_pool_binds_keys_and_words(house: House) -> None:
    await take_in(house, pack())
    lines = [
        (one.key, wording_digest("en", one.text, one.options, one.right))
        for one in (await words_of(house)).values()
    ]
    assert (await pool_of(house)).digest == pool_digest(lines)


async def test_other_words_replace_a_question_and_the_old_ones_can_still_be_read(house: House) -> None:
    await take_in(house, pack())
    before, old = await pool_of(house), (await words_of(house))["air"]
    assert await take_in(house, reworded()) == {"replaced": 1}
    after = await pool_of(house)
    assert (after.digest != before.digest, len(after.question_ids)) == (True, 8)
    assert old.question_id not in after.question_ids
    assert (await words_of(house))["air"].text == "Of which gas is there most in the air?"
    assert (await house.db.read(wordings, [old.question_id], "en"))[0] == old
    states = await house.rows("SELECT state, ended_at FROM question WHERE key = 'air' ORDER BY id")
    assert [(row.state, row.ended_at is None) for row in states] == [("replaced", False), ("active", True)]


@pytest.mark.parametrize("changes", [{"source": "https://example.org/b"}, {"difficulty": "hard"}])
async def test_another_source_or_difficulty_is_another_wording(house: House, changes: dict[str, str]) -> None:
    key, text, right, _ = QUESTIONS[0]
    await take_in(house, pack())
    assert await take_in(house, pack(question(key, text, right, **changes))) == {"replaced": 1}


async def test_a_translation_joins_the_question_of_the_same_key(house: House) -> None:
    await take_in(house, pack())
    english = await pool_of(house)
    assert await take_in(house, pack(language="es")) == {"translated": 8}
    assert await take_in(house, pack(language="es")) == {"unchanged": 8}
    assert await pool_of(house) == english
    assert (await pool_of(house, "es")).question_ids == english.question_ids
    found = (await words_of(house, "es"))["air"]
    assert (found.language, found.text, found.right) == ("es", "¿Qué gas abunda más en el aire?", 1)


async def test_words_that_a_language_lacks_are_read_in_english(house: House) -> None:
    await take_in(house, pack())
    await take_in(house, pack(question("air", "¿Qué gas abunda más?", "Nitrogen"), language="es"))
    found = await words_of(house, "es", pool="en")
    assert {one.language for one in found.values()} == {"en", "es"}
    assert found["air"].language == "es"


async def test_a_translation_in_another_order_is_refused_whole_with_its_line(house: House) -> None:
    await take_in(house, pack())
    moved = question("sides", "¿Cuántos lados tiene un hexágono?", "Six", options="[Six, A, B, C]")
    with pytest.raises(BadPack) as refused:
        await take_in(house, pack(question("air", "¿Qué gas abunda?", "Nitrogen"), moved, language="es"))
    (problem,) = refused.value.problems
    assert (problem.line, problem.wrong, problem.facts) == (13, Wrong.OTHER_ORDER, {"place": 2})
    assert await house.db.read(current_pool, "science", "es") is None


async def test_translations_go_with_new_words_but_not_with_another_order(house: House) -> None:
    await take_in(house, pack())
    await take_in(house, pack(language="es"))
    await take_in(house, reworded())
    assert (await words_of(house, "es"))["air"].text == "¿Qué gas abunda más en el aire?"
    await take_in(house, reworded(options="[Nitrogen, A, B, C]"))
    assert "air" not in await words_of(house, "es")
    assert "air" in await words_of(house)


async def test_new_words_of_a_translation_leave_the_original_alone(house: House) -> None:
    await take_in(house, pack())
    await take_in(house, pack(language="es"))
    changed = pack(question("air", "¿De qué gas hay más en el aire?", "Nitrogen"), language="es")
    assert await take_in(house, changed) == {"replaced": 1}
    assert (await words_of(house))["air"].text == QUESTIONS[0][1]
    assert (await words_of(house, "es"))["air"].text == "¿De qué gas hay más en el aire?"


async def test_an_original_that_comes_later_leads(house: House) -> None:
    await take_in(house, pack(language="es"))
    assert await take_in(house, pack()) == {"replaced": 8}
    assert (await pool_of(house)).question_ids == (await pool_of(house, "es")).question_ids
    lines = [
        (one.key, wording_digest("en", one.text, one.options, one.right))
        for one in (await words_of(house)).values()
    ]
    assert (await pool_of(house, "es")).digest == pool_digest(lines)


async def test_what_is_not_in_an_operators_file_stays(house: House) -> None:
    await take_in(house, pack())
    await take_in(house, pack(question("moon", "What shines at night?", "Moon")))
    assert list(await words_of(house)) == sorted([*KEYS, "moon"])


async def test_an_id_of_another_category_is_refused(house: House) -> None:
    await take_in(house, pack())
    with pytest.raises(BadPack) as refused:
        await take_in(house, pack(question("air", "Which gas do plants take?", "X"), category="nature"))
    assert refused.value.problems[0].facts == {"category": "science"}
    assert await house.db.read(current_pool, "nature", "en") is None


async def test_nearly_the_same_question_under_another_id_is_refused(house: House) -> None:
    await take_in(house, pack())
    with pytest.raises(BadPack) as refused:
        await take_in(
            house, pack(question("breath", "What gas makes up most of air we breathe?", "Nitrogen"))
        )
    assert refused.value.problems[0].facts == {"key": "air"}


async def test_a_withdrawn_question_leaves_the_pools_and_stays_away(house: House) -> None:
    await take_in(house, pack())
    await take_in(house, pack(question("air", QUESTIONS[0][3], "Nitrogen"), language="es"))
    bad = (await words_of(house))["air"]
    assert await withdraw(house, bad.question_id) is True
    assert await withdraw(house, bad.question_id) is False
    assert "air" not in await words_of(house)
    assert await house.db.read(current_pool, "science", "es") is None
    assert await take_in(house, pack()) == {"unchanged": 7, "left_out": 1}
    assert await take_in(house, pack(language="es")) == {"translated": 7, "left_out": 1}
    assert house.happened("question_withdrawn") == [{"question": bad.question_id, "key": "air"}]
    assert (await house.db.read(wordings, [bad.question_id], "en"))[0] == bad


async def test_no_translation_of_a_withdrawn_question_comes_in(house: House) -> None:
    await take_in(house, pack())
    await withdraw(house, (await words_of(house))["air"].question_id)
    await take_in(house, pack(language="es"))
    assert "air" not in await words_of(house, "es")


async def test_with_other_words_a_withdrawn_question_is_another_one(house: House) -> None:
    await take_in(house, pack())
    await withdraw(house, (await words_of(house))["air"].question_id)
    assert await take_in(house, reworded()) == {"added": 1}
    assert await take_in(house, pack()) == {"unchanged": 7, "left_out": 1}
    assert (await words_of(house))["air"].text == "Of which gas is there most in the air?"


async def test_words_that_were_replaced_can_be_withdrawn_too(house: House) -> None:
    await take_in(house, pack())
    old = (await words_of(house))["air"]
    await take_in(house, reworded())
    before = await pool_of(house)
    assert await withdraw(house, old.question_id) is True
    assert await pool_of(house) == before
    assert await take_in(house, pack()) == {"unchanged": 7, "left_out": 1}


def folder_with(folder: Path, *texts: str, language: str = "en") -> Path:
    """Write a pack that comes with a program into a folder."""
    (folder / language).mkdir(parents=True, exist_ok=True)
    file = folder / language / "science.yaml"
    file.write_text(pack_text(*texts, language=language), "utf-8")
    return folder


async def test_the_packs_of_the_program_are_taken_in_once(house: House) -> None:
    await take_in_packs(house.db, house.stamps)
    counts = await house.db.read(count_questions)
    assert set(counts) == set(Category)
    assert sum(one["en"] for one in counts.values()) >= 480
    assert sum(one["es"] for one in counts.values()) >= 120
    events = len(house.happened("questions_imported"))
    await take_in_packs(house.db, house.stamps)
    assert len(house.happened("questions_imported")) == events


async def test_two_processes_take_the_packs_in_at_once(house: House, tmp_path: Path) -> None:
    folder = folder_with(folder_with(tmp_path), language="es")
    await asyncio.gather(*(take_in_packs(house.db, house.other_worker(name), folder) for name in "abcd"))
    assert await house.db.read(count_questions) == {"science": {"en": 8, "es": 8}}
    assert await house.value("SELECT count(*) FROM question") == 8


async def test_what_a_new_pack_of_the_program_lacks_is_not_asked_any_more(
    house: House, tmp_path: Path
) -> None:
    folder = folder_with(folder_with(tmp_path), language="es")
    await take_in_packs(house.db, house.stamps, folder)
    await take_in(house, pack(question("moon", "What shines at night?", "Moon")))
    folder_with(folder, *(question(key, text, right) for key, text, right, _ in QUESTIONS[1:]))
    folder_with(
        folder, *(question(key, spanish, right) for key, _, right, spanish in QUESTIONS[2:]), language="es"
    )
    await take_in_packs(house.db, house.stamps, folder)
    left = {key for key, *_ in QUESTIONS[1:]}
    assert set(await words_of(house)) == {*left, "moon"}
    assert set(await words_of(house, "es")) == left - {"urine"}
    assert (await words_of(house, "es", pool="en"))["urine"].language == "en"


async def test_a_new_pack_of_the_program_does_not_bring_back_what_was_withdrawn(
    house: House, tmp_path: Path
) -> None:
    await take_in_packs(house.db, house.stamps, folder_with(tmp_path))
    await withdraw(house, (await words_of(house))["air"].question_id)
    questions = [question(key, text, right) for key, text, right, _ in QUESTIONS]
    await take_in_packs(
        house.db,
        house.stamps,
        folder_with(tmp_path, *questions, question("moon", "What shines at night?", "Moon")),
    )
    assert set(await words_of(house)) == {*KEYS, "moon"} - {"air"}


async def test_a_pack_of_the_program_gives_way_to_an_operators_questions(
    house: House, tmp_path: Path
) -> None:
    await take_in(house, pack(question("air", "Which gas do plants take?", "X"), category="nature"))
    await take_in(house, pack(question("organ", "What organ makes the urine?", "Kidney")))
    await take_in_packs(house.db, house.stamps, folder_with(tmp_path))
    assert set(await words_of(house)) == {*KEYS, "organ"} - {"air", "urine"}
    assert house.happened("questions_imported")[-1]["left_out"] == 2


async def test_a_whole_pack_of_ours_goes_through_a_translation_and_back(house: House, tmp_path: Path) -> None:
    """An operator's other order of an original drops its translation; a new pack of the program mends both."""
    for language in ("en", "es"):
        (tmp_path / language).mkdir()
        shutil.copy(FOLDER / language / "science.yaml", tmp_path / language)
    await take_in_packs(house.db, house.stamps, tmp_path)
    full = await house.db.read(count_questions)
    one = next(iter((await words_of(house, "es", pool="es")).values()))
    await take_in(
        house, pack(question(one.key, "Is the answer right?", "Right one", options="[X, Y, Z, Right one]"))
    )
    file = tmp_path / "en" / "science.yaml"
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    await take_in_packs(house.db, house.stamps, tmp_path)
    assert await house.db.read(count_questions) == full


async def test_a_pool_that_lost_all_its_questions_is_gone(house: House) -> None:
    await take_in(house, pack(question("moon", "What shines at night?", "Moon")))
    await withdraw(house, (await pool_of(house)).question_ids[0])
    assert await house.db.read(_pools) == 0


def _pools(tx: Connection) -> int:
    return len(count_questions(tx))


async def test_a_file_of_an_operator_is_imported_or_refused_and_logged(house: House) -> None:
    bad = pack_text(question("Moon", "What shines at night?", "Moon")).encode()
    files = KnownFiles(good=pack_text().encode(), bad=bad)
    use = ImportQuestions(db=house.db, stamps=house.stamps, files=files)
    assert (await use(file_id="good", operator_id=7)).added == 8
    with pytest.raises(BadPack):
        await use(file_id="bad", operator_id=7)
    with pytest.raises(FileLost):
        await use(file_id="none", operator_id=7)
    refused = {"operator": 7, "problems": 1, "line": 6, "why": Wrong.KEY}
    assert house.happened("questions_refused") == [refused]
    assert len(house.happened("questions_imported")) == 1
