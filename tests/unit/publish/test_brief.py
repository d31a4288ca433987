"""What a brief says, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest

from witnessmark.errors import MalformedError, RefusedError, UsageError
from witnessmark.model import (
    Action,
    Agent,
    AgentKind,
    Digest,
    Estimate,
    Facts,
    Finding,
    Listed,
    Observation,
    Outcome,
    Purpose,
    Qualifier,
    Range,
    Rating,
    Region,
    Shape,
    Stance,
    Statement,
)
from witnessmark.model.counting import Counting, Manner
from witnessmark.model.wire import digest_of
from witnessmark.publish import Brief, brief
from witnessmark.publish.dossier import Custody, Dossier, Preview
from witnessmark.publish.lint import lint
from witnessmark.publish.rereading import Element, reread
from witnessmark.publish.sentences import Area, Record, Whole, Words
from witnessmark.publish.words import PASSED_ON
from witnessmark.weigh import weigh
from witnessmark.weigh.counting.floor import floors


@pytest.fixture(scope="module")
def made(dossier: Dossier) -> Brief:
    return brief(dossier)


@pytest.fixture(scope="module")
def page(made: Brief) -> Element:
    return reread(made.html)


def section(page: Element, key: str) -> str:
    (found,) = (one for one in page.every("section") if one.attributes.get("id") == key)
    return " ".join(found.text(frozenset({"refs"})).split())


def test_the_sections_stand_in_the_order_of_reading(page: Element) -> None:
    assert [one.attributes["id"] for one in page.every("section")] == [
        *("warning", "claims", "numbers", "matrix", "unverified", "pictures", "undone", "method"),
        *("limits", "exhibits", "references", "check"),
    ]


def test_a_chain_of_relays_is_spelled_out_and_counts_once(page: Element) -> None:
    told = section(page, "claims")
    assert (
        "According to Union of Dockers (4 March 2031), as reported by Coast Press Agency and, citing "
        "Coast Press Agency, by Northern Post, the number is at least 40 people: “At least 40 people died"
    ) in told
    assert "3 separate voices give a number, 1 doubts a number, 1 could not verify it" in told
    assert "1 only passes on what another said" in told


def test_stances_keep_their_own_verbs(page: Element) -> None:
    told = section(page, "claims")
    assert "Interior Office (Daro Venn) declined to confirm it (5 March 2031)" in told
    assert "Northern Post said that it could not verify this" in told
    assert "Mira Olt doubted it, speaking of the number about 40 people" in told


def test_the_desk_speaks_only_by_a_person(page: Element) -> None:
    told = section(page, "claims")
    assert (
        "wren assessed this claim as contested, and as unlikely, which is to say 20–45 % (9 March 2031"
        in told
    )
    assert told.count("No person has assessed this claim yet.") == 3


def test_numbers_are_compared_by_origin_and_never_averaged(page: Element) -> None:
    told = section(page, "numbers")
    assert "now give cannot all be so: no number fits them all" in told
    assert "none lies below 15 people; at least one has no upper limit" in told
    assert "replaced by a later number, passed on by Coast Press Agency" in told
    assert "as passed on by Northern Post" in told


def test_a_drawing_says_in_words_what_it_shows(page: Element) -> None:
    (numbers,) = (one for one in page.every("section") if one.attributes["id"] == "numbers")
    drawn = [one.attributes["aria-label"] for one in numbers.every("svg")]
    assert "40 or more, on a scale from 0 to 60" in drawn
    assert "15 to 19, on a scale from 0 to 60" in drawn
    assert "about 40, no bounds stated, on a scale from 0 to 60" in drawn


def test_what_nobody_could_verify_is_said_even_of_a_confirmed_claim(page: Element) -> None:
    told = section(page, "unverified")
    assert "Nobody on record says that they could verify it. Northern Post said that they could not" in told
    assert (
        "Interior Office (Daro Venn) confirms it; nobody else on record says that they could verify it, and "
        "this desk has only their word."
    ) in told


def test_an_unrated_picture_is_treated_as_level_three(page: Element) -> None:
    assert "Level 3 of 4, death, because no person has rated all of it yet" in section(page, "pictures")


def test_a_rated_region_does_not_lower_the_rest(dossier: Dossier, fiction: ModuleType) -> None:
    part = Rating(fiction.CLIP, 0, fiction.WREN, fiction.at(8), region=fiction._BOX)
    told = section(reread(brief(replace(dossier, ratings=(part,))).html), "pictures")
    assert told.count("Level 3 of 4, death, because no person has rated all of it yet") == 3


def test_the_later_rating_of_one_person_counts_and_the_higher_of_two(
    dossier: Dossier, fiction: ModuleType
) -> None:
    ratings = (
        Rating(fiction.GATE, 4, fiction.WREN, fiction.at(8)),
        Rating(fiction.GATE, 1, fiction.WREN, fiction.at(9)),
        Rating(fiction.GATE, 2, fiction.HERON, fiction.at(7)),
    )
    told = section(reread(brief(replace(dossier, ratings=ratings)).html), "pictures")
    assert "Level 2 of 4, injury" in told
    assert "Level 4 of 4" not in told


def test_personal_values_of_files_are_counted_and_kept_back(made: Brief, page: Element) -> None:
    assert "read 3 further values of a kind that is kept on record and not printed" in section(
        page, "pictures"
    )
    for leak in (b"Tasmin", b"41.2003", b"19.3004"):
        assert leak not in made.html + made.markdown


def test_sources_are_withheld_unless_disclosed(dossier: Dossier, fiction: ModuleType, page: Element) -> None:
    assert section(page, "exhibits").count("Sourcewithheld") == 3
    everything = frozenset(one.number for one in dossier.exhibits)
    opened = brief(replace(dossier, disclosed=everything))
    assert fiction.WITHHELD_SOURCE in opened.html.decode()
    erased = replace(dossier.exhibits[0], arrivals=(replace(dossier.exhibits[0].arrivals[0], source=None),))
    told = section(reread(brief(replace(dossier, exhibits=(erased, *dossier.exhibits[1:]))).html), "exhibits")
    assert "Sourcenot on record" in told


def test_what_only_a_program_read_is_not_used_and_is_counted(page: Element) -> None:
    told = section(page, "claims")
    assert "1 proposed statement not yet read by a person, and so not used." in told
    assert "nobody is on record about it" in told


def test_matches_show_their_reason_and_the_decision_of_a_person(page: Element) -> None:
    told = section(page, "pictures")
    assert "E00006 is like E00007 by the method PDQ, distance 14, transform: mirrored left to right" in told
    assert "wren decided: derived (8 March 2031, 14:00 UTC): “Same cracks in the wall" in told


def test_a_match_without_a_decision_says_so(dossier: Dossier) -> None:
    told = section(reread(brief(replace(dossier, decisions=())).html), "pictures")
    assert told.count("No person has decided on this likeness yet.") == 2


def test_no_outside_witness_is_said(page: Element, dossier: Dossier) -> None:
    assert "no outside witness" in page.text()
    assert "That there is no second log." in section(page, "limits")
    witnessed = replace(dossier.custody, witnesses=("desk-two.example",), time_stamps=())
    other = reread(brief(replace(dossier, custody=witnessed)).html)
    assert "That there is no second log." not in section(other, "limits")
    assert "no outside time-stamp" in other.text()


def test_references_are_numbered_in_order_of_reading_and_resolve(made: Brief, dossier: Dossier) -> None:
    page = made.html.decode()
    body = page[page.index("<body") : page.index('id="exhibits"')]
    first_use = list(dict.fromkeys(int(found) for found in re.findall(r'href="#ref-(\d+)"', body)))
    assert first_use == list(range(1, len(made.references) + 1))
    for reference in made.references:
        if isinstance(reference, Words):
            text = dossier.texts[reference.text]
            assert text[reference.span.start : reference.span.end] == reference.quote


def test_every_kind_of_reference_is_in_use(made: Brief) -> None:
    assert {type(one) for one in made.references} == {Words, Whole, Area, Record}


def test_the_byte_span_of_a_reference_cuts_the_words_out_of_the_sealed_bytes(
    made: Brief, fiction: ModuleType
) -> None:
    sealed = {text.original: f"<html>{text.text}</html>".encode() for text in fiction.TEXTS}
    checked = 0
    for reference in made.references:
        if isinstance(reference, Words) and reference.source_span is not None:
            span = reference.source_span
            assert sealed[reference.digest][span.start : span.end].decode() == reference.quote
            checked += 1
    assert checked == 11


def test_page_and_plain_text_hold_the_same_sentences(made: Brief, page: Element) -> None:
    plain = " ".join(re.sub(r"\\(.)", r"\1", made.markdown.decode()).split())
    for fact in page.every(classed="fact"):
        words = " ".join(fact.text(frozenset({"refs"})).split())
        assert words in plain


def test_an_arabic_page_runs_from_right_to_left_and_marks_its_english(dossier: Dossier) -> None:
    page = reread(brief(dossier, "ar").html)
    (html,) = page.every("html")
    assert (html.attributes["lang"], html.attributes["dir"]) == ("ar", "rtl")
    assert all(
        part.attributes.get("lang") == "en" and part.attributes.get("dir") == "ltr"
        for part in page.every("div")
        if part.around is not None and part.around.name == "section"
    )


def test_quotes_carry_their_language_and_find_their_own_direction(page: Element) -> None:
    quotes = list(page.every("q"))
    assert all(quote.attributes["dir"] == "auto" for quote in quotes)
    assert "ar" in {quote.attributes.get("lang") for quote in quotes}


def test_an_unknown_language_is_refused(dossier: Dossier) -> None:
    with pytest.raises(UsageError, match="'tlh'"):
        brief(dossier, "tlh")


def test_a_statement_in_bytes_that_are_no_exhibit_is_refused(dossier: Dossier) -> None:
    with pytest.raises(RefusedError, match="which is no exhibit of this brief"):
        brief(replace(dossier, exhibits=dossier.exhibits[1:]))


def test_an_empty_case_makes_a_brief_that_says_so(dossier: Dossier) -> None:
    empty = Dossier(dossier.investigation, Custody("selm.example/empty", "key", "print", 0), dossier.made_at)
    page = reread(brief(empty).html)
    assert "No claim has been entered in this case yet." in section(page, "claims")
    assert "It holds no picture or recording." in section(page, "warning")


def test_what_failed_names_the_check_and_the_reason(dossier: Dossier, fiction: ModuleType) -> None:
    action = Action(
        "examine.failed",
        fiction.at(6),
        1,
        Agent("heron", AgentKind.PERSON),
        "witnessmark 0.1.0",
        "session",
        "00",
        Outcome.DECLINED,
        used=(fiction.CLIP,),
        detail=Facts(examiner="metadata 1"),
        error="it is longer than 10 minutes",
    )
    told = section(reread(brief(replace(dossier, undone=(action,))).html), "undone")
    assert "The check metadata 1 did not examine E00008: it is longer than 10 minutes" in told


@pytest.mark.parametrize("path", ["/etc/passwd", "../gate.jpg", "https://selm.example/a.jpg", "data:x", ""])
def test_a_preview_that_does_not_lie_beside_the_brief_is_refused(path: str) -> None:
    with pytest.raises(MalformedError, match="does not lie beside the brief"):
        Preview(path, Digest.of(b"x"), 1, 1)


def test_the_order_in_which_records_come_does_not_change_the_brief(dossier: Dossier, made: Brief) -> None:
    weighing = replace(dossier.weighing, statements=dict(reversed(list(dossier.weighing.statements.items()))))
    turned = replace(
        dossier,
        weighing=weighing,
        exhibits=dossier.exhibits[::-1],
        findings=dossier.findings[::-1],
        observations=dossier.observations[::-1],
        ratings=dossier.ratings[::-1],
        hypotheses=dossier.hypotheses[::-1],
    )
    assert brief(turned) == made


def test_texts_that_are_alike_are_shown_with_the_voices(dossier: Dossier, fiction: ModuleType) -> None:
    (match,) = dossier.matches
    alike = replace(
        match,
        query=fiction.WIRE.original,
        candidate=fiction.POST.original,
        method="shared passages",
        distance=3,
        transform="none",
        reason="three sentences stand in both",
    )
    told = section(reread(brief(replace(dossier, matches=(match, alike))).html), "matrix")
    assert "E00001 is like E00002 by the method shared passages, distance 3. Reason given: three" in told


@pytest.mark.parametrize("stance", list(Stance))
def test_every_stance_can_be_told_first_hand_and_passed_on(
    stance: Stance, dossier: Dossier, fiction: ModuleType
) -> None:
    first = fiction.said("Union of Dockers", Stance.ASSERTS, fiction.WIRE.words("the Union of Dockers said"))
    voice = fiction.said("Northern Post", stance, fiction.POST.words("The Post"))
    relay = fiction.said("Coast Press Agency", stance, fiction.WIRE.words("The agency had"), relays=first)
    statements = {digest_of(one): one for one in (first, voice, relay)}
    told = replace(dossier, weighing=weigh((fiction.DEATHS,), statements), assessments=())
    claims = section(reread(brief(told).html), "claims")
    assert "Northern Post " in claims
    assert "Coast Press Agency " in claims


def test_a_finding_about_nothing_shown_adds_no_sentence(dossier: Dossier, fiction: ModuleType) -> None:
    finding = Finding(fiction.CLIP, "frames 1", "codes", Facts(codes=("00",)), "It says little.")
    told = section(reread(brief(replace(dossier, findings=(finding,))).html), "pictures")
    assert "frames 1" not in told


def test_the_draft_by_rule_is_told_apart_from_what_a_person_concluded(page: Element) -> None:
    told = section(page, "claims")
    assert "By rule, and before anyone's judgement: contested; 2 lineages put it forward" in told
    assert "not checkable; 0 lineages put it forward" in told


def test_a_second_reader_is_told_with_reasons_and_a_missing_one_is_told_too(dossier: Dossier) -> None:
    told = section(reread(brief(dossier).html), "claims")
    assert "heron read it a second time and dissents: “The others may still be new.”" in told
    alone = section(reread(brief(replace(dossier, rereadings=())).html), "claims")
    assert "Nobody has read this assessment a second time." in alone


def test_rivals_stand_side_by_side_and_what_tells_them_apart_comes_first(page: Element) -> None:
    told = section(page, "claims")
    assert told.index("strongly inconsistent, says wren") < told.index("neutral, says wren")
    assert "not weighed against all" in told


def test_a_claim_that_was_merged_is_told_under_the_other_with_the_reason(page: Element) -> None:
    told = section(page, "claims")
    assert "wren counts under it as well what was said of “The gate was opened before noon”" in told
    assert "Both ask for the hour." in told


def test_the_matrix_has_a_column_for_each_lineage_and_says_on_what_it_rests(page: Element) -> None:
    (table,) = [one for one in page.every("table") if "wide" in one.classes and "Each row" in one.text()]
    heads = [head.text() for head in table.every("th") if head.attributes.get("scope") == "col"]
    assert heads[:3] == ["Claim", "A: Union of Dockers", "B: Mira Olt"]
    assert heads[3:] == ["C: Interior Office (Daro Venn)", "D: Northern Post"]
    told = section(page, "matrix")
    assert "المستشفى الميداني has it from Union of Dockers, says heron" in told
    assert "Rights Observatory and Mira Olt count as one body, says wren: “She signs for it.”" in told
    assert "wren holds what Union of Dockers says to be independent of what Mira Olt says" in told


def test_what_would_be_too_large_a_table_is_listed_claim_by_claim(
    dossier: Dossier, page: Element, monkeypatch: pytest.MonkeyPatch
) -> None:
    (table,) = [one for one in page.every("table") if "wide" in one.classes and "Each row" in one.text()]
    monkeypatch.setattr("witnessmark.publish.matrix.MOST_CELLS", 3)
    made = brief(dossier)
    listed = reread(made.html)
    assert not any("Each row" in one.text() for one in listed.every("table"))
    assert "Under each claim stands each lineage that is on record on it" in section(listed, "matrix")
    (part,) = [one for one in listed.every("section") if one.attributes.get("id") == "matrix"]
    words = {link.attributes["href"] for link in table.every("a")}
    assert words <= {link.attributes.get("href") for link in part.every("a")}, "no cell is lost"
    assert lint(made.html, made.markdown, dossier) == ()


def test_sources_that_cite_each_other_are_told(dossier: Dossier, fiction: ModuleType) -> None:
    one = fiction.said("Coast Press Agency", Stance.ASSERTS, fiction.POST.words("The Post could not"))
    other = fiction.said("Northern Post", Stance.ASSERTS, fiction.WIRE.words("The agency had"))
    circle = (
        one,
        other,
        fiction.said("Northern Post", Stance.REPORTS, fiction.POST.words("The Post"), relays=one),
        fiction.said("Coast Press Agency", Stance.REPORTS, fiction.WIRE.words("The agency"), relays=other),
    )
    statements = {digest_of(statement): statement for statement in circle}
    told = replace(dossier, weighing=weigh((fiction.DEATHS,), statements), assessments=(), rereadings=())
    words = section(reread(brief(told).html), "matrix")
    assert "cite each other; on record, none of them is the first." in words


def test_a_doubt_that_is_passed_on_is_told_as_passed_on(dossier: Dossier, fiction: ModuleType) -> None:
    number = Range(best=40, qualifier=Qualifier.ABOUT)
    doubt = fiction.said(
        "Mira Olt", Stance.DOUBTS, fiction.OBSERVATORY.words("I am not convinced"), amount=number
    )
    relay = fiction.said(
        "Northern Post", Stance.REPORTS, fiction.POST.words("The Post"), relays=doubt, amount=number
    )
    statements = {digest_of(one): one for one in (doubt, relay)}
    told = replace(dossier, weighing=weigh((fiction.DEATHS,), statements), assessments=(), rereadings=())
    words = section(reread(brief(told).html), "numbers")
    assert "named only to say: doubts" in words
    assert "as passed on by Northern Post: named only to say: doubts" in words


def pointed(fiction: ModuleType, picture: Digest, *places: tuple[float, float]) -> tuple[Observation, ...]:
    """Points that a person set on a picture, one for each of those who stand there."""
    return tuple(
        Observation(
            picture,
            Purpose.COUNT,
            fiction.WREN,
            fiction.at(8, 12),
            "person",
            Region(Shape.POINT, (place,)),
            Range(best=1),
        )
        for place in places
    )


def counting(dossier: Dossier, fiction: ModuleType, *words: Counting) -> Dossier:
    """The dossier with three people on one picture and two on another that is not registered to it."""
    sightings = (
        *pointed(fiction, fiction.GATE, (100, 200), (300, 210), (500, 190)),
        *pointed(fiction, fiction.MIRRORED, (90, 200), (410, 220)),
    )
    found = floors((fiction.mark(one) for one in sightings), (), words)
    return replace(
        dossier,
        observations=(*dossier.observations, *sightings),
        floors=found,
        countings=words,
        not_registered=(fiction.MIRRORED,),
    )


def test_what_pictures_prove_is_counted_with_the_way_back_to_each_mark(
    dossier: Dossier, fiction: ModuleType
) -> None:
    made = brief(counting(dossier, fiction))
    told = section(reread(made.html), "numbers")
    assert "By the marks of wren on 2 pictures, counting nothing twice: at least 3 people." in told
    assert "The best single picture alone shows at least 3" in told
    assert "all marks together 5; the last two prove nothing." in told
    assert "E00006: 3 marks of the minimum." in told
    assert "E00007:" not in told.replace("E00007 was marked", "")
    assert "E00007 was marked and not yet registered to the others" in told
    assert "nothing moved between pictures" in told
    places = {one.region.points[0] for one in made.references if isinstance(one, Area)}
    assert {(100, 200), (300, 210), (500, 190)} <= places


def test_a_persons_word_on_how_it_is_counted_is_told_with_its_reason(
    dossier: Dossier, fiction: ModuleType
) -> None:
    apart = Counting(
        fiction.GATE,
        Manner.APART,
        "the second was taken in another town",
        fiction.HERON,
        fiction.at(8, 13),
        fiction.MIRRORED,
    )
    told = section(reread(brief(counting(dossier, fiction, apart)).html), "numbers")
    assert "at least 5 people" in told
    assert "heron said of E00006 and E00007: apart, “the second was taken in another town”." in told
    hidden = pointed(fiction, fiction.GATE, (100, 200))[0]
    doubted = Counting(
        digest_of(hidden), Manner.MAY_BE_NONE, "it may be a post", fiction.HERON, fiction.at(8, 14)
    )
    told = section(reread(brief(counting(dossier, fiction, doubted)).html), "numbers")
    assert "at least 2 people" in told
    assert "heron said of a mark on E00006: may be none, “it may be a post”." in told


def test_many_marks_are_cited_picture_by_picture(dossier: Dossier, fiction: ModuleType) -> None:
    sightings = pointed(fiction, fiction.GATE, *((40.0 * place, 200.0) for place in range(1, 15)))
    crowded = replace(
        dossier,
        observations=(*dossier.observations, *sightings),
        floors=floors(fiction.mark(one) for one in sightings),
    )
    page = reread(brief(crowded).html)
    (summed,) = [one for one in page.every(classed="fact") if "counting nothing twice" in one.text()]
    (listed,) = [one for one in page.every(classed="fact") if "14 marks of the minimum" in one.text()]
    links = [
        [link for refs in one.every(classed="refs") for link in refs.every("a")] for one in (summed, listed)
    ]
    assert [len(one) for one in links] == [1, 14]


def test_sizes_of_parts_are_not_told_of_the_whole(dossier: Dossier, fiction: ModuleType) -> None:
    found = Finding(
        fiction.GATE,
        "picture 2",
        "pdq",
        Facts(codes=[], regions=[{"width": 464, "height": 480, "quality": 90}], width=1280),
        "It tells likeness, not truth.",
    )
    shown = section(reread(brief(replace(dossier, findings=(*dossier.findings, found))).html), "pictures")
    assert "width in pixels: 1280" in shown
    assert "464" not in shown
    assert "480" not in shown


def test_words_that_are_at_hand_first_hand_are_not_told_as_heard_through_another(
    dossier: Dossier, fiction: ModuleType
) -> None:
    said = replace(fiction.UNION_SAID, appearance=fiction.UNION.words("The union now counts 57 dead by name"))
    cited = replace(fiction.AGENCY_SAID, relays=digest_of(said))
    told = section(reread(brief(of_deaths(dossier, fiction, said, cited)).html), "claims")
    assert "According to" not in told
    assert "Union of Dockers spoke of at least 40 people" in told
    assert "Coast Press Agency (4 March 2031) passed on what Union of Dockers said" in told
    heard = section(reread(brief(dossier).html), "claims")
    assert "According to Union of Dockers (4 March 2031), as reported by Coast Press Agency" in heard


def of_deaths(dossier: Dossier, fiction: ModuleType, *said: Statement) -> Dossier:
    """The dossier with one claim, and these statements on it."""
    weighed = weigh((fiction.DEATHS,), {digest_of(one): one for one in said})
    bare = replace(dossier, assessments=(), hypotheses=(), bearings=(), grades=(), rereadings=())
    return replace(bare, claims=(fiction.DEATHS,), weighing=weighed)


def test_one_who_denies_by_citing_another_denies_the_claim_and_not_the_other() -> None:
    for stance in (Stance.DENIES, Stance.DOUBTS):
        before, after = PASSED_ON[stance]
        assert "the claim, passing on what" in before
        assert after == " said"


def test_a_number_that_is_given_twice_is_not_told_as_replaced(dossier: Dossier, fiction: ModuleType) -> None:
    first = replace(fiction.UNION_SAID, said_at=fiction.on(4))
    again = replace(first, said_at=fiction.on(6))
    other = replace(first, said_at=fiction.on(7), amount=Range(best=57))
    told = section(reread(brief(of_deaths(dossier, fiction, first, again)).html), "numbers")
    assert "given again later" in told
    assert "replaced by a later number" not in told
    told = section(reread(brief(of_deaths(dossier, fiction, first, other)).html), "numbers")
    assert "replaced by a later number" in told
    assert "given again later" not in told


def estimate_of(dossier: Dossier, fiction: ModuleType, **told: object) -> Estimate:
    """An estimate from two lists, one of them an exhibit of the brief; a refusal unless told otherwise."""
    fields_of: dict[str, object] = {
        "of": "killed at the gate",
        "rests_on": (dossier.exhibits[0].digest,),
        "lists": (Listed("North", 120), Listed("Clinic 2", 90)),
        "linked": 190,
        "author": fiction.WREN,
        "entered_at": fiction.at(8, 13),
    }
    return Estimate(**(fields_of | told))  # type: ignore[arg-type]


def test_an_estimate_stands_beside_what_is_counted_with_what_it_assumes_and_where_it_is_from(
    dossier: Dossier, fiction: ModuleType
) -> None:
    one = estimate_of(
        dossier,
        fiction,
        amount=Range(210, 251, 330, Qualifier.ABOUT),
        method="latent class",
        assumes="everybody is alike",
        told=Facts(
            warnings=["without list North the estimate is 400 instead of 251"],
            methods=[
                {"method": "latent class", "median": 250.6, "failed": None},
                {"method": "log-linear", "median": 243.2, "failed": None},
                {"method": "graphs", "median": None, "failed": "too many lists"},
            ],
        ),
    )
    made = brief(replace(dossier, estimates=(one,)))
    told = section(reread(made.html), "numbers")
    assert "Estimated: killed at the gate" in told
    assert "North 120; Clinic 2 90; linked to each other, together 190 persons." in told
    assert "wren put on record an estimate of about 251 persons in all (95 %: 210–330), by the method" in told
    assert "which assumes “everybody is alike”." in told
    assert "The method notes: “without list North the estimate is 400 instead of 251”." in told
    assert "stand: log-linear about 243; graphs (failed)." in told
    cited = [ref for ref in made.references if isinstance(ref, Record) and ref.kind == "estimate"]
    assert [ref.digest for ref in cited] == [digest_of(one)]
    assert cited[0].exhibits == (dossier.exhibits[0].number,)


def test_a_refused_estimate_is_published_as_a_refusal_and_a_later_word_replaces_it(
    dossier: Dossier, fiction: ModuleType
) -> None:
    refused = estimate_of(dossier, fiction, reasons=("the chains do not agree: R-hat 1.2", "two lists"))
    told = section(reread(brief(replace(dossier, estimates=(refused,))).html), "numbers")
    assert "no number is printed: “the chains do not agree: R-hat 1.2”; “two lists”." in told
    assert "in all (" not in told
    later = estimate_of(
        dossier, fiction, amount=Range(1, 2, 3), method="m", assumes="a", entered_at=fiction.at(8, 14)
    )
    north = estimate_of(dossier, fiction, stratum="north", reasons=("one list",))
    told = section(reread(brief(replace(dossier, estimates=(refused, later, north))).html), "numbers")
    assert "chains do not agree" not in told
    assert "killed at the gate, north" in told
    assert "“one list”" in told
