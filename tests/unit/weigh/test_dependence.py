"""Who has it from whom: each ground by itself, a person's word against it, and the exercise's truth."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from witnessmark.model import (
    Affiliation,
    Appearance,
    Bond,
    Decision,
    Dependence,
    Digest,
    Match,
    Span,
    Stance,
    Statement,
    TextSpan,
    Tie,
    Verdict,
    person,
)
from witnessmark.model.weighing import Carried, Ground, Lineages, Rulings, Surroundings
from witnessmark.model.wire import digest_of
from witnessmark.weigh.dependence import lineages

CLAIM, OTHER = Digest.of(b"a claim"), Digest.of(b"another claim")
PAGE = Digest.of(b"a page")
READER = person("desk-1")
NOW = datetime(2031, 3, 9, tzinfo=UTC)


def day(number: int) -> Span:
    return Span(datetime(2031, 3, number, tzinfo=UTC))


def said(speaker: str, stance: Stance = Stance.ASSERTS, quote: str = "", **more: Any) -> Statement:
    words = quote or f"words of {speaker}"
    fields: dict[str, Any] = {
        "claim": CLAIM,
        "appearance": Appearance(PAGE, words, PAGE, TextSpan(0, len(words))),
        "read_by": READER,
        "read_at": NOW,
    }
    return Statement(speaker=speaker, stance=stance, **{**fields, **more})


def relay(speaker: str, of: Statement, stance: Stance = Stance.REPORTS, **more: Any) -> Statement:
    return said(speaker, stance, relays=digest_of(of), **more)


def case(*statements: Statement) -> dict[Digest, Statement]:
    return {digest_of(one): one for one in statements}


def tie(one: Statement, source: Statement | Digest, word: Dependence = Dependence.DEPENDENT) -> Tie:
    other = source if isinstance(source, Digest) else digest_of(source)
    return Tie(digest_of(one), other, word, "a reason", READER, NOW)


def groups(found: Lineages, *statements: Statement) -> list[set[str]]:
    """The speakers of each lineage."""
    by_name = case(*statements)
    return [{by_name[digest].speaker for digest in one.statements} for one in found.lineages]


def grounds(found: Lineages) -> list[Ground]:
    return [edge.ground for one in found.lineages for edge in one.edges]


def test_two_voices_without_an_edge_are_two_lineages() -> None:
    one, other = said("Union"), said("Court")
    assert len(lineages(case(one, other)).lineages) == 2


def test_a_wire_story_in_forty_papers_is_one_lineage() -> None:
    union = said("Union")
    wire = relay("Agency", union)
    papers = [relay(f"Paper {number}", wire) for number in range(40)]
    (only,) = lineages(case(union, wire, *papers)).lineages
    assert len(only.statements) == 42
    assert only.head == digest_of(union)
    assert {edge.ground for edge in only.edges} == {Ground.RELAY}
    assert all(edge.rests_on == (edge.statement,) for edge in only.edges)


@pytest.mark.parametrize("stance", [Stance.DOUBTS, Stance.CANNOT_VERIFY, Stance.DENIES, Stance.CONDITIONAL])
def test_who_passes_on_and_says_otherwise_speaks_for_themselves(stance: Stance) -> None:
    union = said("Union")
    assert len(lineages(case(union, relay("Paper", union, stance))).lineages) == 2


def test_who_passes_on_a_denial_and_denies_has_it_from_there() -> None:
    elders = said("Elders", Stance.DENIES)
    assert len(lineages(case(elders, relay("Governor", elders, Stance.DENIES))).lineages) == 1


def test_the_own_words_of_one_voice_are_one_lineage_across_claims() -> None:
    statements = (said("The Union"), said("the union", claim=OTHER))
    found = lineages(case(*statements))
    assert grounds(found) == [Ground.VOICE]


def test_what_a_voice_passes_on_is_not_its_own() -> None:
    union = said("Union")
    found = lineages(case(union, relay("Paper", union), said("Paper", Stance.CANNOT_VERIFY)))
    assert len(found.lineages) == 2


def test_who_takes_back_what_they_passed_on_stays_with_it() -> None:
    cousin = said("Cousin")
    passed_on = relay("Writer", cousin)
    found = lineages(case(cousin, passed_on, said("Writer", Stance.RETRACTS, "I take it back")))
    assert len(found.lineages) == 1


def test_a_spokesman_and_a_body_are_one_and_the_record_says_so() -> None:
    speaker, body = said("Abu R."), said("The Front")
    word = Affiliation("Abu R.", "The Front", Bond.SPEAKS_FOR, "its channel calls him so", READER, NOW)
    found = lineages(case(speaker, body), Rulings(affiliations=(word,)))
    assert [edge.rests_on for one in found.lineages for edge in one.edges] == [(digest_of(word),)]
    assert grounds(found) == [Ground.BODY]


def test_two_papers_of_one_owner_are_one_also_through_a_holding_in_between() -> None:
    papers = (said("Post"), said("Herald"))
    words = (
        Affiliation("Post", "Holding", Bond.OWNED_BY, "imprint", READER, NOW),
        Affiliation("Holding", "Family", Bond.OWNED_BY, "register", READER, NOW),
        Affiliation("Herald", "Family", Bond.OWNED_BY, "register", READER, NOW),
    )
    assert len(lineages(case(*papers), Rulings(affiliations=words)).lineages) == 1
    assert len(lineages(case(*papers), Rulings(affiliations=words[:2])).lineages) == 2


def test_a_later_word_separates_a_paper_from_its_owner() -> None:
    papers = (said("Post"), said("Herald"))
    words = (
        Affiliation("Post", "Herald", Bond.OWNED_BY, "imprint", READER, NOW),
        Affiliation("Post", "Herald", Bond.SEPARATE, "sold", READER, datetime(2031, 4, 1, tzinfo=UTC)),
    )
    assert len(lineages(case(*papers), Rulings(affiliations=words)).lineages) == 2


def test_bodies_that_own_each_other_do_not_hang_the_desk() -> None:
    words = (
        Affiliation("Post", "Herald", Bond.OWNED_BY, "imprint", READER, NOW),
        Affiliation("Herald", "Post", Bond.OWNED_BY, "imprint", READER, NOW),
    )
    assert lineages(case(said("Post"), said("Herald")), Rulings(affiliations=words)).lineages


def picture_of(name: bytes) -> Digest:
    return Digest.of(b"picture " + name)


def match(one: Digest, other: Digest) -> tuple[Digest, Match]:
    made = Match(one, other, "pdq", 8, "identity", "alike", "says nothing of the event")
    return digest_of(made), made


def test_people_who_describe_one_picture_are_one_group_and_the_match_is_named() -> None:
    analyst, researcher = said("Analyst"), said("Researcher")
    here, there = picture_of(b"here"), picture_of(b"there")
    ties = (tie(analyst, here), tie(researcher, there))
    record, found = match(here, there)
    apart = lineages(case(analyst, researcher), Rulings(ties=ties))
    together = lineages(
        case(analyst, researcher), Rulings(ties=ties), Surroundings(matches=((record, found),))
    )
    assert len(apart.lineages) == 2
    assert grounds(together) == [Ground.PICTURE]
    assert record in together.lineages[0].edges[0].rests_on


@pytest.mark.parametrize("verdict", [Verdict.DIFFERENT, Verdict.SAME_SCENE, Verdict.REJECT])
def test_a_match_that_a_person_overruled_ties_nobody(verdict: Verdict) -> None:
    analyst, researcher = said("Analyst"), said("Researcher")
    here, there = picture_of(b"here"), picture_of(b"there")
    record, found = match(here, there)
    rulings = Rulings(
        decisions=(Decision(record, verdict, "another wall", READER, NOW),),
        ties=(tie(analyst, here), tie(researcher, there)),
    )
    known = Surroundings(matches=((record, found),))
    assert len(lineages(case(analyst, researcher), rulings, known).lineages) == 2


def test_authors_who_publish_one_picture_and_speak_of_it_are_one_group() -> None:
    pages = [Digest.of(name) for name in (b"page one", b"page two")]
    statements = [
        said(name, appearance=Appearance(page, words, page, TextSpan(0, len(words))))
        for name, page, words in zip(
            ("Analyst", "Researcher"),
            pages,
            ("The picture shows a tanker", "In this photograph I count ten men"),
            strict=True,
        )
    ]
    picture = picture_of(b"one")
    carried = {
        page: Carried((name,), (picture,))
        for page, name in zip(pages, ("Analyst", "Researcher"), strict=True)
    }
    assert len(lineages(case(*statements), Rulings(), Surroundings(carried=carried)).lineages) == 1
    others = {page: Carried(("the paper that quotes them",), (picture,)) for page in pages}
    assert len(lineages(case(*statements), Rulings(), Surroundings(carried=others)).lineages) == 2


STORY = (
    "At least forty people died at the depot on the harbour road when the roof of the hall came down"
    " shortly before noon, the union of dockers said in a note to its members."
)


def printed(speaker: str, text: str, when: Span | None = None) -> tuple[Statement, Digest, str]:
    digest = Digest.of(text.encode())
    start = text.index("forty") - 9
    words = text[start : text.index("noon") + 4]
    place = Appearance(digest, words, digest, TextSpan(start, start + len(words)))
    return said(speaker, appearance=place, said_at=when), digest, text


def test_a_copied_passage_ties_the_later_text_to_the_earlier_one_with_its_spans() -> None:
    first = printed("Agency", f"HARBOUR. {STORY} More follows.", day(4))
    later = printed("Post", f"Our reporter writes: {STORY.replace('came down', 'fell')}", day(5))
    texts = {first[1]: first[2], later[1]: later[2]}
    (only,) = lineages(case(first[0], later[0]), Rulings(), Surroundings(texts=texts)).lineages
    (edge,) = only.edges
    assert edge.ground is Ground.PASSAGE
    assert edge.is_ordered
    assert edge.statement == digest_of(later[0])
    assert edge.copied is not None
    assert edge.rests_on == (first[1], later[1])
    for in_one, in_other in edge.copied.runs:
        mine, theirs = first[2][in_one.start : in_one.end], later[2][in_other.start : in_other.end]
        assert mine == theirs


def test_two_voices_quoted_side_by_side_in_a_copied_passage_stay_two() -> None:
    text = (
        "The union of dockers said that forty people had died in the hall on the harbour road before noon."
        " The owner of the hall denied that anybody at all had died there on that day or on any other."
    )
    copy = f"{text} We print this as it came."
    statements = []
    for content in (text, copy):
        digest = Digest.of(content.encode())
        for speaker, words, stance in (
            ("Union" if content is text else "Dockers", content[:97], Stance.ASSERTS),
            ("Owner" if content is text else "Landlord", content[98:192], Stance.DENIES),
        ):
            start = content.index(words)
            place = Appearance(digest, words, digest, TextSpan(start, start + len(words)))
            statements.append(said(speaker, stance, appearance=place))
    texts = {Digest.of(content.encode()): content for content in (text, copy)}
    found = lineages(case(*statements), Rulings(), Surroundings(texts=texts))
    assert sorted(map(sorted, groups(found, *statements))) == [["Dockers", "Union"], ["Landlord", "Owner"]]


def test_a_person_can_tie_what_nothing_else_ties() -> None:
    one, other = said("Analyst"), said("Researcher")
    word = tie(one, other)
    found = lineages(case(one, other), Rulings(ties=(word,)))
    assert grounds(found) == [Ground.RULING]
    assert found.lineages[0].edges[0].rests_on == (digest_of(word),)
    assert found.lineages[0].head == digest_of(other)


def test_a_person_can_undo_every_ground() -> None:
    union = said("Union")
    relayed = relay("Paper", union)
    apart = Dependence.INDEPENDENT
    assert len(lineages(case(union, relayed), Rulings(ties=(tie(relayed, union, apart),))).lineages) == 2
    again = said("Union", quote="what one of them saw", claim=OTHER)
    assert len(lineages(case(union, again), Rulings(ties=(tie(again, union, apart),))).lineages) == 2
    first, later = printed("Agency", STORY, day(4)), printed("Post", f"So: {STORY}", day(5))
    known = Surroundings(texts={first[1]: first[2], later[1]: later[2]})
    rulings = Rulings(ties=(tie(first[0], later[0], apart),))
    assert len(lineages(case(first[0], later[0]), rulings, known).lineages) == 2


def test_of_three_words_of_one_voice_one_is_taken_out_and_two_stay() -> None:
    one, two, three = (said("Union", quote=f"words {number}", said_at=day(number)) for number in (1, 2, 3))
    word = tie(three, two, Dependence.INDEPENDENT)
    found = lineages(case(one, two, three), Rulings(ties=(word,)))
    assert [len(lineage.statements) for lineage in found.lineages] == [2, 1]


def test_the_latest_word_on_a_pair_counts_whichever_way_round() -> None:
    one, other = said("Analyst"), said("Researcher")
    later = Tie(
        digest_of(other),
        digest_of(one),
        Dependence.INDEPENDENT,
        "asked both",
        READER,
        datetime(2031, 4, 1, tzinfo=UTC),
    )
    assert len(lineages(case(one, other), Rulings(ties=(tie(one, other), later))).lineages) == 2


def test_papers_that_cite_each_other_are_a_circle_and_one_lineage() -> None:
    agency_in_paper = said("Agency", quote="as the agency says")
    paper_in_agency = said("The Post", quote="as the Post says")
    statements = (
        agency_in_paper,
        paper_in_agency,
        relay("the Post", agency_in_paper, quote="the agency says, we hear"),
        relay("Agency", paper_in_agency, quote="the Post says, we hear"),
    )
    found = lineages(case(*statements))
    (circle,) = found.circles
    assert {name.casefold() for name in circle.sources} == {"agency", "the post"}
    assert set(circle.statements) == set(case(*statements))
    assert len(found.lineages) == 1
    assert Ground.CIRCLE in grounds(found)


def test_a_chain_of_three_who_lead_back_to_the_first_is_a_circle() -> None:
    pairs = [("A", "B"), ("B", "C"), ("C", "A")]
    statements = []
    for citing, cited in pairs:
        source = said(cited, quote=f"{cited} in {citing}")
        statements += [source, relay(citing, source, quote=f"{citing} has it from {cited}")]
    (circle,) = lineages(case(*statements)).circles
    assert circle.sources == ("A", "B", "C")


def test_two_who_cite_each_other_on_different_things_are_no_circle() -> None:
    one, other = said("Agency"), said("Post", claim=OTHER)
    statements = (one, other, relay("Post", one), relay("Agency", other, claim=OTHER))
    assert not lineages(case(*statements)).circles


def test_a_relay_that_is_dated_before_what_it_passes_on_is_told() -> None:
    union = said("Union", said_at=day(5))
    early, late = relay("Paper", union, said_at=day(4)), relay("Herald", union, said_at=day(6))
    assert lineages(case(union, early, late)).too_early == (digest_of(early),)


def test_lineages_are_named_by_letters_and_the_largest_comes_first() -> None:
    union = said("Union")
    others = [said(f"Voice {number:02}") for number in range(28)]
    found = lineages(case(union, relay("Paper", union), *others))
    names = [one.name for one in found.lineages]
    assert names[:2] == ["A", "B"]
    assert names[25:29] == ["Z", "AA", "AB", "AC"]
    assert len(found.lineages[0].statements) == 2
    assert found.names()[digest_of(union)] == "A"


# --- the exercise case


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark, which builds the exercise's statements from its truth."""
    path = Path(__file__).parents[3] / "benchmarks" / "claims_exercise.py"
    spec = spec_from_file_location("claims_exercise", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_lineages_of_the_exercise_are_exactly_the_true_ones(bench: ModuleType) -> None:
    exercise = bench.Exercise()
    assert exercise.as_names(exercise.lineages(exercise.rulings())) == bench.true_lineages()


def test_without_the_desk_nothing_is_tied_that_does_not_belong_together(bench: ModuleType) -> None:
    exercise = bench.Exercise()
    found = bench.pairs(exercise.as_names(exercise.lineages(Rulings())))
    assert found < bench.pairs(bench.true_lineages())
    assert len(found) >= 0.8 * len(bench.pairs(bench.true_lineages()))


def test_most_statements_of_the_exercise_are_proposed_for_their_claim(bench: ModuleType) -> None:
    ranks = bench.ranks_of_claims(bench.Exercise())
    assert sum(rank == 1 for rank in ranks.values()) >= 0.8 * len(ranks)
    assert sum(rank <= 3 for rank in ranks.values()) >= 0.9 * len(ranks)
