"""What imports change, whatever comes in whatever order: the same pack twice is once, and originals lead."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.questions.packs import ORIGINAL, Category, Difficulty, Pack, PackQuestion
from services.questions.plan import Banned, Known, Plan, Stored, plan_import

TEXTS = ("Which river is long?", "Which lake is deep?", "Which hill is high?")


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Give a small pack whose questions often are those of others."""
    keys = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    return Pack(
        category=Category.NATURE,
        language=draw(st.sampled_from(("en", "es"))),
        licence="CC0-1.0",
        questions=tuple(
            PackQuestion(
                key=key,
                text=f"{draw(st.sampled_from(TEXTS))} {key}",
                options=("w", "x", "y", "z"),
                right=draw(st.integers(0, 1)),
                difficulty=draw(st.sampled_from(Difficulty)),
                source="https://example.org/",
                line=1,
            )
            for key in keys
        ),
    )


class Shelf:
    """Keeps what plans say, as the database does."""

    def __init__(self) -> None:
        self._active: dict[str, Stored] = {}
        self._banned: dict[str, list[Banned]] = {}
        self._last_id = 0

    @property
    def known(self) -> Known:
        """Return what is stored."""
        return Known(active=dict(self._active), banned=dict(self._banned), elsewhere={})

    def do(self, pack: Pack, plan: Plan) -> None:
        """Do what a plan says."""
        for old in [one for one in self._active.values() if one.question_id in plan.withdrawn]:
            self.withdraw(old.key)
        for new in plan.new:
            self._last_id += 1
            self._active[new.key] = Stored(
                question_id=self._last_id,
                key=new.key,
                difficulty=new.difficulty,
                licence=new.licence,
                right=new.right,
                words=new.words,
            )
        for question_id, words in plan.translations:
            (old,) = (one for one in self._active.values() if one.question_id == question_id)
            self._active[old.key] = replace(old, words={**old.words, pack.language: words})

    def withdraw(self, key: str) -> None:
        """Withdraw a question, if there is one."""
        old = self._active.pop(key, None)
        if old is None:
            return
        self._banned.setdefault(key, []).extend(
            Banned(language, words.text, words.options, old.right) for language, words in old.words.items()
        )


@given(st.lists(packs() | st.sampled_from("abcd"), max_size=8))
def test_the_same_pack_again_changes_nothing_whatever_came_before(steps: list[Pack | str]) -> None:
    shelf = Shelf()
    for step in steps:
        if isinstance(step, str):
            shelf.withdraw(step)
            continue
        plan = plan_import(step, shelf.known)
        if plan.problems:
            continue
        shelf.do(step, plan)
        assert not plan_import(step, shelf.known).is_change
        assert plan.added + plan.replaced + len(plan.translations) + plan.unchanged + plan.left_out == len(
            step.questions
        )


@given(st.lists(packs(), max_size=8))
def test_an_original_is_stored_as_it_came_last_and_nothing_else_touches_it(steps: list[Pack]) -> None:
    shelf, last = Shelf(), dict[str, PackQuestion]()
    for step in steps:
        plan = plan_import(step, shelf.known)
        if plan.problems:
            continue
        shelf.do(step, plan)
        if step.language == ORIGINAL:
            last |= {one.key: one for one in step.questions}
        for key, one in last.items():
            stored = shelf.known.active[key]
            found = (stored.words[ORIGINAL].text, stored.right, stored.difficulty)
            assert found == (one.text, one.right, one.difficulty)


@given(st.lists(packs(), max_size=6), packs(), packs())
def test_what_a_new_state_of_a_pack_lacks_goes(steps: list[Pack], old: Pack, new: Pack) -> None:
    shelf = Shelf()
    for step in (*steps, old):
        plan = plan_import(step, shelf.known)
        if not plan.problems:
            shelf.do(step, plan)
    new = replace(new, language=old.language)
    gone = {one.key for one in old.questions}
    plan = plan_import(new, shelf.known, gone)
    shelf.do(new, plan)
    left = gone - {one.key for one in new.questions}
    assert not any(old.language in one.words for key, one in shelf.known.active.items() if key in left)
