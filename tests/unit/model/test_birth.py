"""What no noun can be born as: each wrong state cannot be written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest

from witnessmark.errors import MalformedError
from witnessmark.model import (
    Action,
    Affiliation,
    Agent,
    AgentKind,
    Assessment,
    Assignment,
    Bearing,
    Bond,
    Chapter,
    Comment,
    Concurrence,
    Consistency,
    Copy,
    Decision,
    Dependence,
    Digest,
    Edited,
    Edition,
    Erasure,
    Estimate,
    Facts,
    Filing,
    Finding,
    Grade,
    Hypothesis,
    Identification,
    Listed,
    Match,
    Moment,
    Observation,
    Outcome,
    OwnParagraph,
    OwnSentence,
    PersonRecord,
    Place,
    Purpose,
    Qualifier,
    Range,
    Rating,
    Region,
    Rereading,
    Role,
    Sealed,
    Shape,
    Span,
    Status,
    TextSpan,
    Tie,
    Verdict,
    person,
    utc,
)
from witnessmark.model.comments import LONGEST_COMMENT
from witnessmark.model.editions import LONGEST_SENTENCE, LONGEST_TITLE, MADE, MOST_SENTENCES
from witnessmark.model.wire import KINDS

NOW = datetime(2014, 6, 15, 12, tzinfo=UTC)
ONE, OTHER = Digest.of(b"one"), Digest.of(b"other")
ANNA = person("analyst-7")
LIOR = person("lior")
PROGRAM = Agent("witnessmark 0.1.0", AgentKind.SOFTWARE)
BARE = datetime(2014, 6, 15, 12)  # noqa: DTZ001 - that it has no zone is the point
BOX = Region(Shape.BOX, ((0, 0), (4, 4)))


def a_sentence(text: str = "so", author: Agent = ANNA) -> OwnSentence:
    """A sentence in a person's own words."""
    return OwnSentence(text, (ONE,), author, NOW)


def an_edition(*sections: Edited, reason: str = "", author: Agent = ANNA) -> Edition:
    """An edition of these sections, or of all that are made from records."""
    return Edition(ONE, sections or tuple(map(Edited, MADE)), author, NOW, reason)


def without(*chapters: Chapter) -> tuple[Edited, ...]:
    """The sections that are made from records, some left out."""
    return tuple(Edited(one) for one in MADE if one not in chapters)


def an_estimate(**changed: object) -> Estimate:
    """A refusal, with what is changed."""
    fields_of: dict[str, object] = {
        "of": "killed",
        "rests_on": (ONE,),
        "lists": (Listed("A", 3),),
        "linked": 3,
        "amount": None,
        "reasons": ("one list",),
        "settings": Facts(),
        "told": Facts(),
        "author": ANNA,
        "entered_at": NOW,
    }
    return Estimate(**(fields_of | changed))  # type: ignore[arg-type]


IMPOSSIBLE: dict[str, Callable[[], object]] = {
    "an own sentence by a program": lambda: a_sentence(author=PROGRAM),
    "an own sentence that says nothing": lambda: a_sentence(" "),
    "an own sentence that is endless": lambda: a_sentence("x" * (LONGEST_SENTENCE + 1)),
    "an own paragraph without a sentence": lambda: OwnParagraph(()),
    "an own section without a title": lambda: Edited(Chapter.OWN, (OwnParagraph((a_sentence(),)),)),
    "an own section that says nothing": lambda: Edited(Chapter.OWN, (), "What is open"),
    "a made section with a title": lambda: Edited(Chapter.CLAIMS, (), "What is open"),
    "an endless title": lambda: Edited(
        Chapter.OWN, (OwnParagraph((a_sentence(),)),), "x" * (LONGEST_TITLE + 1)
    ),
    "an edition by a program": lambda: an_edition(author=PROGRAM),
    "an edition with a section twice": lambda: an_edition(
        Edited(Chapter.WARNING), Edited(Chapter.CLAIMS), *without(Chapter.WARNING)
    ),
    "an edition without what readers need": lambda: an_edition(*without(Chapter.LIMITS), reason="short"),
    "an edition without a warning first": lambda: an_edition(
        Edited(Chapter.CLAIMS), *without(Chapter.CLAIMS)
    ),
    "an edition with an end elsewhere": lambda: an_edition(
        Edited(Chapter.WARNING), Edited(Chapter.CHECK), *without(Chapter.WARNING, Chapter.CHECK)
    ),
    "an edition that leaves out without a reason": lambda: an_edition(*without(Chapter.NUMBERS), reason=" "),
    "an edition that never ends": lambda: an_edition(
        Edited(Chapter.WARNING, (OwnParagraph((a_sentence(),) * (MOST_SENTENCES + 1)),)),
        *without(Chapter.WARNING),
    ),
    "a comment by a program": lambda: Comment(ONE, "so", PROGRAM, NOW),
    "a comment that says nothing": lambda: Comment(ONE, " \n", ANNA, NOW),
    "a comment that is endless": lambda: Comment(ONE, "x" * (LONGEST_COMMENT + 1), ANNA, NOW),
    "a comment for one person twice": lambda: Comment(ONE, "so", ANNA, NOW, ("Lior", "Lior")),
    "a comment for nobody at all": lambda: Comment(ONE, "so", ANNA, NOW, (" ",)),
    "an assignment by a program": lambda: Assignment(ONE, "look", PROGRAM, NOW, ANNA),
    "an assignment to a program": lambda: Assignment(ONE, "look", ANNA, NOW, PROGRAM),
    "an assignment to do nothing": lambda: Assignment(ONE, " ", ANNA, NOW, LIOR),
    "a digest in capitals": lambda: Digest("sha256:" + "AB" * 32),
    "a digest that is too short": lambda: Digest("sha256:ab"),
    "a digest without its algorithm": lambda: Digest("ab" * 32),
    "a digest by another algorithm": lambda: Digest("sha1:" + "ab" * 20),
    "a digest with a line feed behind it": lambda: Digest(f"{ONE}\n"),
    "a commitment without its algorithm": lambda: Sealed("ab" * 32),
    "a fact that holds bytes": lambda: Facts(value=b"bytes"),
    "a fact that holds a set": lambda: Facts(value={"a"}),
    "a fact that holds a time": lambda: Facts(when=NOW),
    "a range that falls": lambda: Range(190, None, 160),
    "a best value outside its bounds": lambda: Range(160, 200, 190),
    "half a person": lambda: Range(best=0.5),  # type: ignore[arg-type]
    "a truth value for a number": lambda: Range(best=True),
    "a rating that is a truth value": lambda: Rating(ONE, True, ANNA, NOW),
    "a negative number of people": lambda: Range(best=-1),
    "a range without a number that is not vague": Range,
    "a span that ends before it starts": lambda: Span(NOW, NOW - timedelta(seconds=1)),
    "a span without a zone": lambda: Span(BARE),
    "a place beyond the pole": lambda: Place(90.1, 0),
    "a place beyond the date line": lambda: Place(0, 180.1),
    "a place with a negative radius": lambda: Place(0, 0, -1),
    "a place that is not a number": lambda: Place(float("nan"), 0),
    "an empty stretch of text": lambda: TextSpan(4, 4),
    "a stretch before the text": lambda: TextSpan(-1, 4),
    "a moment that ends where it begins": lambda: Moment(40, 40),
    "a moment before the beginning": lambda: Moment(-1, 40),
    "a moment between milliseconds": lambda: Moment(0, 0.5),  # type: ignore[arg-type]
    "a box inside out": lambda: Region(Shape.BOX, ((4, 4), (0, 0))),
    "a box with three corners": lambda: Region(Shape.BOX, ((0, 0), (1, 1), (2, 2))),
    "a polygon with two corners": lambda: Region(Shape.POLYGON, ((0, 0), (1, 1))),
    "a point in two places": lambda: Region(Shape.POINT, ((0, 0), (1, 1))),
    "an agent without a name": lambda: person("  "),
    "an agent whose name steers a terminal": lambda: person("anna\x1b[2J"),
    "an original that was made from something": lambda: Copy(ONE, 1, "image/png", derived_from=OTHER),
    "a working copy of nothing": lambda: Copy(ONE, 1, "image/png", Role.WORKING),
    "a working copy made nobody knows how": lambda: Copy(ONE, 1, "image/png", Role.WORKING, OTHER),
    "an action that failed without a reason": lambda: an_action(outcome=Outcome.FAILED),
    "an action that was done and failed": lambda: an_action(error="it went wrong"),
    "an erasure without its reason": lambda: Erasure((ONE,), (), " ", ANNA, NOW),
    "an estimate by a program": lambda: an_estimate(author=PROGRAM),
    "an estimate of nobody knows whom": lambda: an_estimate(of=" "),
    "an estimate that rests on nothing": lambda: an_estimate(rests_on=()),
    "an estimate without lists": lambda: an_estimate(lists=()),
    "a number that was refused": lambda: an_estimate(amount=Range(best=4), method="m", assumes="a"),
    "a refusal without reasons": lambda: an_estimate(reasons=()),
    "a number by no method": lambda: an_estimate(amount=Range(best=4), reasons=()),
    "a refusal by a method": lambda: an_estimate(method="m", assumes="a"),
    "a finding without limits": lambda: Finding(ONE, "ruler 1", "length", Facts(m=1), " "),
    "a match of something with itself": lambda: Match(ONE, ONE, "exact", 0, "identity", "same", "none"),
    "an observation by a program": lambda: Observation(ONE, Purpose.NOTE, PROGRAM, NOW),
    "a mask over nothing": lambda: Observation(ONE, Purpose.MASK, ANNA, NOW),
    "a count without a number": lambda: Observation(ONE, Purpose.COUNT, ANNA, NOW),
    "a rating by a program": lambda: Rating(ONE, 1, PROGRAM, NOW),
    "a rating beyond extreme": lambda: Rating(ONE, 5, ANNA, NOW),
    "a rating below none": lambda: Rating(ONE, -1, ANNA, NOW),
    "a decision by a program": lambda: Decision(ONE, Verdict.SAME, "alike", PROGRAM, NOW),
    "a grade by a program": lambda: Grade(ONE, "A", 1, "known", PROGRAM, NOW),
    "a grade beyond F": lambda: Grade(ONE, "G", 1, "known", ANNA, NOW),
    "a grade of two letters": lambda: Grade(ONE, "AB", 1, "known", ANNA, NOW),
    "a grade without a letter": lambda: Grade(ONE, "", 1, "known", ANNA, NOW),
    "a grade beyond 6": lambda: Grade(ONE, "A", 7, "known", ANNA, NOW),
    "a hypothesis by a program": lambda: Hypothesis(ONE, "it was staged", PROGRAM, NOW),
    "an assessment by a program": lambda: an_assessment(author=PROGRAM),
    "an assessment by an organization": lambda: an_assessment(author=Agent("Desk", AgentKind.ORGANIZATION)),
    "an assessment without reasons": lambda: an_assessment(reasons=" "),
    "an assessment that rests on nothing": lambda: an_assessment(rests_on=()),
    "a grade without its reason": lambda: Grade(ONE, "A", 1, " ", ANNA, NOW),
    "a filing by a program": lambda: Filing(ONE, OTHER, "the same", PROGRAM, NOW),
    "a filing without its reason": lambda: Filing(ONE, OTHER, "", ANNA, NOW),
    "a word on who is who by a program": lambda: Identification(
        ONE, OTHER, Verdict.SAME, "same mother", PROGRAM, NOW
    ),
    "a word on who is who without its reason": lambda: Identification(
        ONE, OTHER, Verdict.SAME, " ", ANNA, NOW
    ),
    "somebody who is themselves": lambda: Identification(ONE, ONE, Verdict.SAME, "so", ANNA, NOW),
    "two people who are one scene": lambda: Identification(ONE, OTHER, Verdict.SAME_SCENE, "so", ANNA, NOW),
    "a row before the first": lambda: PersonRecord(ONE, 0, Sealed("hmac-sha256:" + "0" * 64)),
    "a tie by a program": lambda: Tie(ONE, OTHER, Dependence.DEPENDENT, "same picture", PROGRAM, NOW),
    "a tie without its reason": lambda: Tie(ONE, OTHER, Dependence.INDEPENDENT, " ", ANNA, NOW),
    "a statement that depends on itself": lambda: Tie(ONE, ONE, Dependence.DEPENDENT, "so", ANNA, NOW),
    "an affiliation by a program": lambda: Affiliation("A", "B", Bond.OWNED_BY, "the imprint", PROGRAM, NOW),
    "a body that owns itself": lambda: Affiliation("A", "A", Bond.OWNED_BY, "the imprint", ANNA, NOW),
    "an affiliation with nobody": lambda: Affiliation("A", " ", Bond.SPEAKS_FOR, "he says so", ANNA, NOW),
    "an affiliation without its reason": lambda: Affiliation("A", "B", Bond.OWNED_BY, "", ANNA, NOW),
    "a bearing by a program": lambda: Bearing(ONE, OTHER, Consistency.NEUTRAL, "so", PROGRAM, NOW),
    "a bearing without its reason": lambda: Bearing(ONE, OTHER, Consistency.NEUTRAL, "", ANNA, NOW),
    "evidence for itself": lambda: Bearing(ONE, ONE, Consistency.CONSISTENT, "so", ANNA, NOW),
    "a rereading by a program": lambda: Rereading(ONE, ANNA, PROGRAM, Concurrence.CONCURS, "so", NOW),
    "a rereading by the author": lambda: Rereading(ONE, ANNA, ANNA, Concurrence.CONCURS, "so", NOW),
    "a rereading by the author in capitals": lambda: Rereading(
        ONE, ANNA, person("ANALYST-7"), Concurrence.DISSENTS, "so", NOW
    ),
    "a rereading without reasons": lambda: Rereading(ONE, ANNA, LIOR, Concurrence.DISSENTS, " ", NOW),
    "a time in UTC that does not say its zone": lambda: utc(BARE),
}


def an_action(**changed: Any) -> Action:
    """An action, changed in one thing."""
    usual: dict[str, Any] = {
        "type": "t",
        "at": NOW,
        "monotonic_us": 1,
        "performer": ANNA,
        "instrument": "witnessmark 0.1.0",
    }
    return Action(**(usual | {"session": "s", "nonce": "n"} | changed))


def an_assessment(**changed: Any) -> Assessment:
    """An assessment, changed in one thing."""
    usual: dict[str, Any] = {
        "claim": ONE,
        "author": ANNA,
        "status": Status.SUPPORTED,
        "reasons": "two voices",
    }
    return Assessment(**(usual | {"rests_on": (OTHER,), "made_at": NOW} | changed))


@pytest.mark.parametrize("make", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_it_cannot_be_born(make: Callable[[], object]) -> None:
    with pytest.raises(MalformedError):
        make()


def test_their_neighbours_can_be_born() -> None:
    """So that the table above cannot pass by refusing everything."""
    assert an_action(outcome=Outcome.FAILED, error="the disk was full").error
    assert an_assessment().status is Status.SUPPORTED
    assert Range(qualifier=Qualifier.VAGUE).best is None
    assert Range(0, 0, 0).best == 0
    assert Observation(ONE, Purpose.MASK, ANNA, NOW, region=BOX).region == BOX
    assert Copy(ONE, 1, "image/png", Role.WORKING, OTHER, "rescaled").derived_from == OTHER
    assert {Rating(ONE, level, ANNA, NOW).level for level in range(5)} == set(range(5))
    assert Place(-90, 180).radius_m == 0
    assert Filing(ONE, ONE, "it stands alone again", ANNA, NOW).claim == ONE
    assert Rereading(ONE, ANNA, LIOR, Concurrence.CONCURS, "so", NOW).reader == LIOR
    assert Affiliation("A", "B", Bond.SEPARATE, "sold in May", ANNA, NOW).bond is Bond.SEPARATE
    assert Bearing(ONE, OTHER, Consistency.NEUTRAL, "either way", ANNA, NOW).on == ONE
    assert Tie(ONE, OTHER, Dependence.DEPENDENT, "same picture", ANNA, NOW).source == OTHER


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_no_noun_can_be_changed(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind), "a noun has no room for further attributes"
    for name, hint in get_type_hints(kind).items():
        assert not re.search(r"\b(list|dict|set)\b", str(hint)), f"{name} could be changed in place"


def test_an_assignment_to_a_noun_is_an_error() -> None:
    rating = Rating(ONE, 1, ANNA, NOW)
    with pytest.raises(FrozenInstanceError):
        rating.level = 4  # type: ignore[misc]


def test_facts_keep_nothing_that_their_maker_can_still_change() -> None:
    places = [{"x": 1}]
    facts = Facts(places=places)
    places[0]["x"] = 2
    places.append({"x": 3})
    assert facts == Facts(places=[{"x": 1}])
    assert hash(facts) == hash(Facts(places=[{"x": 1}]))


def test_no_two_nouns_are_written_under_one_kind() -> None:
    assert len(KINDS) == len(set(KINDS.values()))
    assert all("kind" not in {field.name for field in fields(noun)} for noun in KINDS.values())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (Range(best=1700), "1,700"),
        (Range(best=1700, qualifier=Qualifier.ABOUT), "about 1,700"),
        (Range(160, None, 190, Qualifier.BETWEEN), "160–190"),
        (Range(160, 170, 190, Qualifier.ABOUT), "about 170 (160–190)"),
        (Range(low=560, qualifier=Qualifier.AT_LEAST), "at least 560"),
        (Range(low=560, qualifier=Qualifier.MORE_THAN), "more than 560"),
        (Range(high=90, qualifier=Qualifier.UP_TO), "up to 90"),
        (Range(high=90, qualifier=Qualifier.LESS_THAN), "less than 90"),
        (Range(qualifier=Qualifier.VAGUE), "an unstated number"),
        (Range(best=0), "0"),
    ],
)
def test_a_number_reads_as_it_was_given(number: Range, words: str) -> None:
    assert str(number) == words


def test_a_time_keeps_the_offset_that_it_was_given_in() -> None:
    baghdad = datetime(2014, 6, 15, 15, tzinfo=timezone(timedelta(hours=3)))
    assert Span(baghdad).start == NOW
    assert Span(baghdad).start.isoformat().endswith("+03:00")  # type: ignore[union-attr]
    assert utc(baghdad).isoformat().endswith("+00:00")
