"""What nobody could verify: said for every claim, even where somebody says that they did."""

from __future__ import annotations

from collections.abc import Iterator

from witnessmark.model import Stance, Status
from witnessmark.model.weighing import Agreement, Voice
from witnessmark.publish.blocks import Entry, Listing, Paragraph, Section
from witnessmark.publish.claimed import assessments_of
from witnessmark.publish.index import Index, NumberedClaim
from witnessmark.publish.sentences import Label, Line, Mark, Sentence, Term, listed, name, note
from witnessmark.publish.words import STATUSES

_OPEN: dict[Stance, str] = {
    Stance.CANNOT_VERIFY: " said that they could not verify it.",
    Stance.DECLINES_TO_CONFIRM: " declined to confirm it.",
    Stance.UNDER_VERIFICATION: " said that they were still checking it.",
    Stance.DOUBTS: " doubted it.",
    Stance.DENIES: " denied it.",
    Stance.CONDITIONAL: " spoke of it only on a condition.",
    Stance.RETRACTS: " withdrew what they had said.",
    Stance.REPORTS: " reported it without saying from whom.",
}


def unverified(case: Index) -> Section:
    """The section that says for each claim what is open."""
    if not case.claims:
        return Section("unverified", (Paragraph((note("There is no claim to look at yet."),)),))
    return Section("unverified", (Listing(tuple(_entry(case, claim) for claim in case.claims)),))


def _entry(case: Index, claim: NumberedClaim) -> Entry:
    heard = claim.weighed.voices
    head = Label((f"{claim.short}: ", Term(Mark.NAME, claim.claim.text)))
    told = (_own_knowledge(case, claim, heard), *_reservations(case, heard), *_numbers(case, claim))
    return Entry((head, *told, _assessed(case, claim)), anchor=f"open-{claim.number}")


def _own_knowledge(case: Index, claim: NumberedClaim, heard: tuple[Voice, ...]) -> Sentence:
    confirming = [voice for voice in heard if voice.stance is Stance.CONFIRMS]
    if not confirming:
        return Sentence(("Nobody on record says that they could verify it.",), (case.record(claim.claim),))
    verb = " confirms it" if len({voice.speaker for voice in confirming}) == 1 else " confirm it"
    return Sentence(
        (
            *listed(voice.speaker for voice in confirming),
            verb,
            "; nobody else on record says that they could verify it, and this desk has only their word.",
        ),
        tuple(case.words(voice.statement) for voice in confirming),
        Stance.CONFIRMS,
    )


def _reservations(case: Index, heard: tuple[Voice, ...]) -> Iterator[Line]:
    for stance, deed in _OPEN.items():
        several = [voice for voice in heard if voice.stance is stance]
        if several:
            yield Sentence(
                (*listed(voice.speaker for voice in several), deed),
                tuple(case.words(voice.statement) for voice in several),
                stance,
            )


def _numbers(case: Index, claim: NumberedClaim) -> Iterator[Line]:
    for one in claim.weighed.tallies:
        given = tuple(case.words(number.statement) for origin in one.origins for number in origin.standing)
        of = (" of ", Term(Mark.VALUE, one.unit)) if one.unit else ()
        if one.agreement is Agreement.CONTRADICT:
            yield Sentence(("The numbers", *of, " contradict each other."), given)
        elif one.agreement is Agreement.ONE_ORIGIN:
            speaker = one.origins[0].speaker
            yield Sentence(("The number", *of, " rests on ", name(speaker), " alone."), given)


def _assessed(case: Index, claim: NumberedClaim) -> Sentence:
    found = assessments_of(case, claim)
    if not found:
        return Sentence(("No person of this desk has assessed it yet.",), (case.record(claim.claim),))
    last = found[-1]
    if last.status is Status.UNDETERMINED:
        return Sentence((name(last.author.name), " leaves it undetermined."), (case.record(last),))
    status = Term(Mark.STATUS, STATUSES[last.status])
    return Sentence(
        (name(last.author.name), " of this desk assessed it as ", status, "."), (case.record(last),)
    )
