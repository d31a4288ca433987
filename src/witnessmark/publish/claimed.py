"""What is claimed, and by whom: each claim with its voices, their relays, their exact words, and the desk."""

from __future__ import annotations

from collections.abc import Iterator

from witnessmark.model import Assessment, Digest, Stance, Statement
from witnessmark.model.rulings import LIKELIHOODS
from witnessmark.model.weighing import Relay, Voice
from witnessmark.model.wire import digest_of
from witnessmark.publish.blocks import Block, Entry, Heading, Listing, Paragraph, Section
from witnessmark.publish.index import Index, NumberedClaim
from witnessmark.publish.rivals import put_forward, rivals
from witnessmark.publish.sentences import (
    Amount,
    Line,
    Mark,
    Note,
    Part,
    Record,
    Sentence,
    Term,
    count,
    in_marks,
    label,
    listed,
    name,
    note,
    time,
)
from witnessmark.publish.times import moment, stretch
from witnessmark.publish.words import DEEDS, PASSED_ON, STANCES, STATUSES, TOPICS


def claimed(case: Index) -> Section:
    """The section that tells every claim."""
    blocks: list[Block] = [Paragraph(_set_aside(case))] if case.claims else []
    for claim in case.claims:
        blocks.extend(_claim(case, claim))
    if not case.claims:
        blocks.append(Paragraph((note("No claim has been entered in this case yet."),)))
    blocks.extend(_hypotheses(case))
    return Section("claims", tuple(blocks))


def _set_aside(case: Index) -> tuple[Line, ...]:
    """How the voices are counted, and what was left out of the count."""
    told: list[Line] = [
        note(
            "Voices are told apart by who cites whom: one who only passes on what another said adds no "
            "voice. Voices that go back to one knowledge of things are one lineage, and lineages are counted."
        )
    ]
    record = case.record(case.dossier.investigation)
    waiting, rejected = case.dossier.weighing.waiting, case.dossier.weighing.rejected
    if waiting:
        told.append(
            Sentence(
                (
                    count(waiting, "proposed statement", "proposed statements"),
                    " not yet read by a person, and so not used.",
                ),
                (record,),
            )
        )
    if rejected:
        told.append(
            Sentence(
                (
                    count(rejected, "proposed statement", "proposed statements"),
                    " rejected by a person, and so not used.",
                ),
                (record,),
            )
        )
    return tuple(told)


def _claim(case: Index, claim: NumberedClaim) -> Iterator[Block]:
    yield Heading(
        label(claim.claim.text, Mark.NAME),
        f"claim-{claim.number}",
        f"{claim.short} · {TOPICS[claim.claim.topic]}",
    )
    heard = claim.weighed.voices
    record = case.record(claim.claim)
    on_record = Sentence(("On record: ", Term(Mark.COUNT, claim.weighed.draft), "."), (record,))
    yield Paragraph((on_record, _draft(case, claim), *_merged(case, claim)))
    yield Listing((*(_voice(case, voice) for voice in heard), *_assessments(case, claim)))
    yield from rivals(case, claim.weighed.rivals, f"rivals-{claim.number}")


def _draft(case: Index, claim: NumberedClaim) -> Sentence:
    """The draft status with the rule that gave it; no person has judged anything by it."""
    drafted = claim.weighed.drafted
    evidence = tuple(dict.fromkeys(case.reference(digest) for digest in drafted.evidence))
    return Sentence(
        (
            "By rule, and before anyone's judgement: ",
            Term(Mark.VALUE, drafted.status.value),
            "; ",
            count(drafted.lineages, "lineage puts it forward", "lineages put it forward"),
            ", ",
            count(drafted.against, "denies or doubts it", "deny or doubt it"),
            f" ({drafted.rule}).",
        ),
        (case.record(claim.claim), *evidence),
    )


def _merged(case: Index, claim: NumberedClaim) -> Iterator[Line]:
    """The claims that people merged into this one, with their reasons."""
    for digest in claim.weighed.absorbed:
        last = max(case.about.filings[digest], key=lambda one: one.filed_at)
        yield Sentence(
            (
                name(last.author.name),
                " counts under it as well what was said of “",
                Term(Mark.WORDS, case.claim_texts[digest]),
                "”: “",
                Term(Mark.WORDS, last.reason),
                "”",
            ),
            (case.record(last), Record("claim", digest)),
        )


def _voice(case: Index, voice: Voice) -> Entry:
    statement = case.statements[voice.statement]
    through = _through(voice.relays) if _is_heard_through(case, voice) else ()
    when = _when(statement)
    parts: tuple[Part, ...]
    if through and voice.stance is Stance.ASSERTS:
        number = _number(statement, ", the number is ")
        parts = ("According to ", name(voice.speaker), *when, ", ", *through, *number, ": ")
    else:
        deed: tuple[Part, ...] = (DEEDS[voice.stance], *_number(statement, ", speaking of the number "))
        if voice.stance is Stance.ASSERTS and statement.amount is not None:
            deed = _number(statement, " spoke of ")
        heard = (", ", *through) if through else _published(case, voice)
        parts = (name(voice.speaker), *deed, *when, *heard, ": ")
    told = Sentence(
        (*parts, *in_marks(case.quoted(voice.statement))), (case.words(voice.statement),), voice.stance
    )
    tag = label(stance_label(voice), Mark.STANCE)
    return Entry(
        (tag, told, *_grades(case, voice.statement)),
        tuple(_relay(case, relay) for relay in voice.relays),
    )


def stance_label(voice: Voice) -> str:
    """The label of what a voice does: with a number, asserting it is giving it."""
    if voice.stance is Stance.ASSERTS and voice.amount is not None:
        return "gives a number"
    return STANCES[voice.stance]


def _number(statement: Statement, before: str) -> tuple[Part, ...]:
    if statement.amount is None:
        return ()
    return (before, Amount(statement.amount, (statement.speaker,), statement.unit))


def _is_heard_through(case: Index, voice: Voice) -> bool:
    """Whether the words of a voice are at hand only in the text of one who passes them on."""
    here = case.statements[voice.statement].appearance.digest
    return any(case.statements[relay.statement].appearance.digest == here for relay in voice.relays)


def _through(relays: tuple[Relay, ...]) -> tuple[Part, ...]:
    """The chain in words, nearest first: as reported by A and B and, citing B, by C."""
    sources = dict.fromkeys(relay.had_from for relay in relays)
    parts: list[Part] = []
    for source in sources:
        speakers = [relay.speaker for relay in relays if relay.had_from == source]
        parts += ["as reported by "] if not parts else [" and, citing ", name(source), ", by "]
        parts += listed(speakers)
    return tuple(parts)


def _published(case: Index, voice: Voice) -> tuple[Part, ...]:
    """Where the words stand, if that is not the speaker's own outlet."""
    exhibit = case.exhibit(case.statements[voice.statement].appearance.digest)
    if exhibit is None or not exhibit.outlet or exhibit.outlet == voice.speaker:
        return ()
    return (", in a text published by ", name(exhibit.outlet))


def _when(statement: Statement) -> tuple[Part, ...]:
    return (" (", time(stretch(statement.said_at)), ")") if statement.said_at else ()


def _relay(case: Index, relay: Relay) -> Entry:
    before, after = PASSED_ON[relay.stance]
    when = _when(case.statements[relay.statement])
    parts: tuple[Part, ...] = (name(relay.speaker), *when, before, name(relay.had_from), after, ": ")
    quote = in_marks(case.quoted(relay.statement))
    return Entry((Sentence((*parts, *quote), (case.words(relay.statement),), relay.stance),))


def _grades(case: Index, statement: Digest) -> tuple[Line, ...]:
    return tuple(
        Sentence(
            (
                name(grade.author.name),
                " graded the source ",
                Term(Mark.VALUE, grade.reliability),
                " and the information ",
                Term(Mark.VALUE, str(grade.credibility)),
                " on the Admiralty scale: “",
                Term(Mark.WORDS, grade.reason),
                "”",
            ),
            (case.record(grade),),
        )
        for grade in sorted(case.about.grades.get(statement, ()), key=lambda one: one.graded_at)
    )


def _assessments(case: Index, claim: NumberedClaim) -> tuple[Entry, ...]:
    found = assessments_of(case, claim)
    tag = label("the desk", Mark.DESK)
    if not found:
        return (
            Entry((tag, Sentence(("No person has assessed this claim yet.",), (case.record(claim.claim),)))),
        )
    return tuple(Entry((tag, *_assessment(case, claim, one, found))) for one in found)


def assessments_of(case: Index, claim: NumberedClaim) -> tuple[Assessment, ...]:
    """What people concluded about `claim`, oldest first."""
    names = (claim.digest, *claim.weighed.absorbed)
    found = (one for name in names for one in case.about.assessments.get(name, ()))
    return tuple(sorted(found, key=lambda one: one.made_at))


def _assessment(
    case: Index, claim: NumberedClaim, one: Assessment, found: tuple[Assessment, ...]
) -> Iterator[Line]:
    later = any(other.author == one.author and other.made_at > one.made_at for other in found)
    yield Sentence(
        (
            name(one.author.name),
            " assessed this claim as ",
            Term(Mark.STATUS, STATUSES[one.status]),
            *_likelihood(one),
            " (",
            time(moment(one.made_at)),
            "): “",
            Term(Mark.WORDS, one.reasons),
            "”",
            " A later assessment by the same person replaces this one." if later else "",
        ),
        (case.record(one),),
    )
    rests_on = tuple(dict.fromkeys(case.reference(digest) for digest in one.rests_on))
    yield Sentence(("This assessment rests on:",), rests_on)
    if not claim.weighed.rivals.hypotheses:
        yield Sentence(("No rival explanation was put on record beside it.",), (case.record(claim.claim),))
    yield from _second_readers(case, one)


def _likelihood(one: Assessment) -> tuple[Part, ...]:
    """How likely the claim is to that person, in words whose meaning is fixed."""
    if one.likelihood is None:
        return ()
    low, high = LIKELIHOODS[one.likelihood]
    word = Term(Mark.STATUS, one.likelihood.value)
    return (", and as ", word, ", which is to say ", Term(Mark.VALUE, f"{low}–{high} %"))


def _second_readers(case: Index, one: Assessment) -> Iterator[Line]:
    digest = digest_of(one)
    found = {
        reading.reader.name: reading
        for reading in sorted(case.about.rereadings.get(digest, ()), key=lambda reading: reading.read_at)
        if reading.assessor == one.author
    }
    if not found:
        yield Sentence(("Nobody has read this assessment a second time.",), (case.record(one),))
    for reading in found.values():
        yield Sentence(
            (
                name(reading.reader.name),
                " read it a second time and ",
                Term(Mark.STATUS, reading.concurrence.value),
                ": “",
                Term(Mark.WORDS, reading.reasons),
                "”",
            ),
            (case.record(reading),),
        )


def _hypotheses(case: Index) -> Iterator[Block]:
    several = (one for one in case.dossier.hypotheses if one.claim is None)
    found = sorted(several, key=lambda one: one.proposed_at)
    if not found:
        return
    yield Heading(label("Explanations being pursued"), "hypotheses")
    yield Paragraph((Note(("Rival explanations stand side by side; none is the desk's conclusion.",)),))
    yield Listing(tuple(Entry((put_forward(case, one),)) for one in found))
