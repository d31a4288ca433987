"""A person's own words in a brief: told apart, signed, and held to the rules sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from witnessmark.errors import RefusedError
from witnessmark.model import Chapter, Digest, Edited, Edition, OwnParagraph, OwnSentence, Statement, person
from witnessmark.model.editions import MADE
from witnessmark.publish import brief
from witnessmark.publish.brief import draft
from witnessmark.publish.dossier import Dossier
from witnessmark.publish.lint import lint
from witnessmark.publish.rereading import Element, reread

ANNA, LIOR = person("Anna Kessler"), person("Lior")
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def own(text: str, *rests_on: Digest, by: int = 0) -> OwnSentence:
    """A sentence by Anna, or by Lior an hour later."""
    return OwnSentence(text, rests_on, (ANNA, LIOR)[by], NOW + timedelta(hours=by))


def with_words(
    dossier: Dossier, *sentences: OwnSentence, without: tuple[Chapter, ...] = (), reason: str = ""
) -> Dossier:
    """The dossier with these words at the head of its claims."""
    sections = tuple(
        Edited(one, (OwnParagraph(sentences),) if one is Chapter.CLAIMS and sentences else ())
        for one in MADE
        if one not in without
    )
    return replace(dossier, edition=Edition(Digest.of(b"case"), sections, ANNA, NOW, reason))


def facts_of(dossier: Dossier) -> list[Element]:
    """The sentences in a person's own words on the page."""
    page = reread(draft(dossier).html)
    return [one for one in page.every(classed="own") if "fact" in one.classes]


def wrong_with(dossier: Dossier) -> set[tuple[str, str]]:
    """What is wrong with which of a person's own sentences."""
    made = draft(dossier)
    found = lint(made.html, made.markdown, dossier)
    assert all(fault.own for fault in found), "a fault is not told of its sentence"
    return {(fault.own, fault.rule) for fault in found}


def quoted(dossier: Dossier) -> tuple[Digest, Statement]:
    """A statement with several words and a number."""
    return next(
        (name, one)
        for name, one in dossier.weighing.statements.items()
        if one.amount is not None and len(one.appearance.quote.split()) > 3
    )


def test_own_words_are_told_apart_and_the_last_by_one_hand_is_signed(dossier: Dossier) -> None:
    where = dossier.exhibits[0].digest
    said = with_words(dossier, own("One.", where), own("Two.", where), own("Three.", where, by=1))
    found = facts_of(said)
    signed = [[by.text() for by in fact.every(classed="by")] for fact in found]
    anna, lior = "Anna Kessler, 23 November 2026, 20:00 UTC", "Lior, 23 November 2026, 21:00 UTC"
    assert signed == [[], [anna], [lior]]
    assert [fact.attributes["data-own"] for fact in found] == ["1.0.0", "1.0.1", "1.0.2"]
    made = brief(said)
    assert "Paragraphs with a double line beside them are a person's own words" in made.html.decode()
    assert made.markdown.decode().count("— Anna Kessler, 23 November 2026, 20:00 UTC") == 1


def test_a_brief_that_nobody_edited_is_as_it_was(dossier: Dossier) -> None:
    assert facts_of(dossier) == []
    assert "a person's own words" not in draft(dossier).html.decode()


def test_words_and_numbers_are_taken_from_what_the_sentence_rests_on(dossier: Dossier) -> None:
    name, said = quoted(dossier)
    part = " ".join(said.appearance.quote.split()[:3])
    number = said.amount and (said.amount.best or said.amount.low or said.amount.high)
    line = f"{said.speaker} spoke of “{part}” and of {number}."
    assert wrong_with(with_words(dossier, own(line, name))) == set()
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(number))
    assert wrong_with(with_words(dossier, own(f"العدد {arabic}", name))) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("There were 31,719 of them.", "the number 31719 is given by nothing that it rests on"),
        ("The picture is genuine.", "an editor's words say 'genuine'"),
        (
            "Somebody said “words that nobody said”.",
            "a sentence quotes words that its references do not hold",
        ),
        ("This was then confirmed.", "something else is told as a confirmation"),
    ],
)
def test_what_is_wrong_is_told_of_the_very_sentence(dossier: Dossier, text: str, rule: str) -> None:
    where = dossier.exhibits[0].digest
    assert ("1.0.1", rule) in wrong_with(with_words(dossier, own("A calm word.", where), own(text, where)))


def test_a_sentence_without_a_reference_or_with_a_lost_one_is_found_and_nothing_goes_out(
    dossier: Dossier,
) -> None:
    assert wrong_with(with_words(dossier, own("A bare word."))) == {
        ("1.0.0", "a sentence of fact has no reference")
    }
    lost = with_words(dossier, own("It rests on nothing.", Digest.of(b"nothing")))
    made = draft(lost)
    rules = {fault.rule for fault in lint(made.html, made.markdown, lost)}
    assert "what it rests on is not on record, or does not count any more" in rules
    with pytest.raises(RefusedError, match="not handed out"):
        brief(lost)


def test_a_withheld_source_is_found_in_own_words(dossier: Dossier) -> None:
    exhibit = next(one for one in dossier.exhibits if any(arrival.source for arrival in one.arrivals))
    source = next(arrival.source for arrival in exhibit.arrivals if arrival.source)
    closed = replace(dossier, disclosed=frozenset())
    made = draft(with_words(closed, own(f"It came from {source}", exhibit.digest)))
    found = lint(made.html, made.markdown, with_words(closed, own(f"It came from {source}", exhibit.digest)))
    assert ("1.0.0", "a withheld source is printed") in {(fault.own, fault.rule) for fault in found}


def test_an_unsigned_sentence_is_found(dossier: Dossier) -> None:
    said = with_words(dossier, own("A calm word.", dossier.exhibits[0].digest))
    made = draft(said)
    unsigned = made.html.replace(
        b'<span class="by" dir="auto">Anna Kessler', b'<span class="by" dir="auto">Lior'
    )
    assert "it is not said who wrote this" in {one.rule for one in lint(unsigned, made.markdown, said)}


def test_what_was_left_out_is_told_with_its_reason_and_sections_of_ones_own_have_their_title(
    dossier: Dossier,
) -> None:
    shorter = with_words(dossier, without=(Chapter.NUMBERS, Chapter.MATRIX), reason="They are not settled")
    assert shorter.edition is not None
    last = Edited(
        Chapter.OWN, (OwnParagraph((own("Who built it.", dossier.exhibits[0].digest),)),), "What <b> is open"
    )
    sections = (*shorter.edition.sections[:-3], last, *shorter.edition.sections[-3:])
    shorter = replace(shorter, edition=replace(shorter.edition, sections=sections))
    made = brief(shorter)
    page = reread(made.html)
    keys = [one.attributes["id"] for one in page.every("section")]
    assert not {"numbers", "matrix"} & {*keys}
    assert keys.index("own-7") == keys.index("exhibits") - 1
    assert "What <b> is open" in [one.text() for one in page.every("h2")]
    told = " ".join(page.text().split())
    assert (
        "These sections were left out: Numbers side by side and Claims and voices, because: “They are" in told
    )
