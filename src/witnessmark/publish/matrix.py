"""Claims and lineages: one table of who stands how to which claim, and on what each lineage rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from witnessmark.model import Affiliation, Dependence, Digest, Tie
from witnessmark.model.weighing import Edge, Ground, Lineage, Voice
from witnessmark.model.wire import digest_of
from witnessmark.publish.blocks import (
    NOTHING,
    Block,
    Entry,
    Heading,
    Listing,
    Paragraph,
    Section,
    Table,
)
from witnessmark.publish.claimed import stance_label
from witnessmark.publish.index import Index, NumberedClaim
from witnessmark.publish.pictures import Limits, is_media, match_entry
from witnessmark.publish.sentences import (
    Amount,
    Label,
    Line,
    Mark,
    Part,
    Sentence,
    Term,
    count,
    label,
    listed,
    name,
    note,
)

MOST_CELLS = 4_000
"""How large a table is drawn as one."""


def matrix(case: Index) -> Section:
    """The section with the table of claims by lineages, and what holds each lineage together."""
    heard = {voice.statement for claim in case.claims for voice in claim.weighed.voices}
    columns = tuple(
        one for one in case.dossier.weighing.lineages.lineages if heard.intersection(one.statements)
    )
    if not columns:
        return Section("matrix", (Paragraph((note("No voice is on record yet."),)),))
    is_small = len(case.claims) * len(columns) <= MOST_CELLS
    stood = _table(case, columns) if is_small else _listing(case, columns)
    return Section("matrix", (*stood, *_lineages(case), *_oddities(case), *_alike(case)))


def _table(case: Index, columns: Sequence[Lineage]) -> Iterator[Block]:
    heads = {lineage.name: case.statements[lineage.head].speaker for lineage in columns}
    lineage_of = _lineage_of(columns)
    rows = []
    for claim in case.claims:
        cells = _by_lineage(claim, lineage_of)
        told = (
            tuple(_stands(case, voice, voice.speaker != heads[one.name]) for voice in cells.get(one.name, ()))
            for one in columns
        )
        rows.append((_claim(claim), *(cell or NOTHING for cell in told)))
    yield Table(
        "Each row is a claim, each column a lineage; behind a cell its words; a dash: not on record",
        ("Claim", *(f"{one.name}: {heads[one.name]}" for one in columns)),
        tuple(rows),
        wide=True,
    )


def _listing(case: Index, columns: Sequence[Lineage]) -> Iterator[Block]:
    """What would make too large a table, in which next to every cell were empty: claim by claim."""
    yield Paragraph((note("Under each claim stands each lineage that is on record on it, with its words."),))
    lineage_of = _lineage_of(columns)
    yield Listing(
        tuple(
            Entry(
                _claim(claim),
                tuple(
                    Entry((label(f"{lineage}:"), *(_stands(case, voice, True) for voice in voices)))
                    for lineage, voices in _by_lineage(claim, lineage_of).items()
                ),
            )
            for claim in case.claims
        )
    )


def _lineage_of(columns: Sequence[Lineage]) -> dict[Digest, str]:
    return {digest: lineage.name for lineage in columns for digest in lineage.statements}


def _by_lineage(claim: NumberedClaim, lineage_of: Mapping[Digest, str]) -> dict[str, list[Voice]]:
    found: dict[str, list[Voice]] = {}
    for voice in claim.weighed.voices:
        if voice.statement in lineage_of:
            found.setdefault(lineage_of[voice.statement], []).append(voice)
    return found


def _claim(claim: NumberedClaim) -> tuple[Line, ...]:
    return (Label((f"{claim.short}: ", Term(Mark.NAME, claim.claim.text))),)


def _stands(case: Index, voice: Voice, is_named: bool) -> Sentence:
    """How a voice stands to a claim, with its name where the place does not tell it."""
    who = (name(voice.speaker), " ") if is_named else ()
    said = (*who, Term(Mark.STANCE, stance_label(voice)), *_number(voice))
    return Sentence(said, (case.words(voice.statement),), voice.stance)


def _number(voice: Voice) -> tuple[Part, ...]:
    return (" ", Amount(voice.amount, (voice.speaker,))) if voice.amount is not None else ()


# --- what holds a lineage together


def _lineages(case: Index) -> Iterator[Block]:
    yield Heading(label("What belongs together, and why"), "lineages")
    yield Paragraph(
        (
            note(
                "A lineage counts once, however many speak in it. That nothing here ties two lineages to "
                "each other does not show that they are independent."
            ),
        )
    )
    entries = [
        Entry((label(f"Lineage {lineage.name}:"), *told))
        for lineage in case.dossier.weighing.lineages.lineages
        if (told := tuple(_why(case, lineage)))
    ]
    entries += [Entry((sentence,)) for sentence in _held_apart(case)]
    if entries:
        yield Listing(tuple(entries))


def _why(case: Index, lineage: Lineage) -> Iterator[Line]:
    yield from _passed_on(case, lineage)
    told = set()
    for edge in lineage.edges:
        sentence = _edge(case, edge)
        if sentence is not None and sentence.parts not in told:
            told.add(sentence.parts)
            yield sentence


def _passed_on(case: Index, lineage: Lineage) -> Iterator[Line]:
    """Who passes on whom, all who do in one sentence."""
    relays: dict[str, dict[str, Digest]] = {}
    for edge in lineage.edges:
        if edge.ground is Ground.RELAY:
            relaying = case.statements[edge.statement].speaker
            relays.setdefault(case.statements[edge.source].speaker, {}).setdefault(relaying, edge.statement)
    for speaker in sorted(relays):
        several = sorted(relays[speaker])
        yield Sentence(
            (name(speaker), " is passed on by ", *listed(several), "."),
            tuple(case.words(relays[speaker][relay]) for relay in several),
        )


def _edge(case: Index, edge: Edge) -> Sentence | None:
    """An edge in words; None for what the table shows anyway: relays, and one voice's own words."""
    one, other = (case.statements[digest].speaker for digest in (edge.statement, edge.source))
    both = tuple(case.words(digest) for digest in (edge.statement, edge.source))
    resting = tuple(dict.fromkeys(case.reference(digest) for digest in edge.rests_on))
    match edge.ground:
        case Ground.BODY:
            return Sentence((*listed((one, other)), " count as one body", *_said(case, edge)), resting)
        case Ground.PICTURE:
            return Sentence((*listed((one, other)), " describe the same picture."), (*both, *resting))
        case Ground.PASSAGE if edge.copied is not None:
            words = count(edge.copied.words, "word", "words")
            order = " The first of them was later." if edge.is_ordered else ""
            told = (" of one passage stand in the texts of ", *listed((one, other)), f" alike.{order}")
            return Sentence((words, *told), both)
        case Ground.CIRCLE:
            return Sentence((*listed((one, other)), " cite each other, so neither is the first."), both)
        case Ground.RULING:
            return Sentence((name(one), " has it from ", name(other), *_said(case, edge)), resting)
        case _:
            return None


def _said(case: Index, edge: Edge) -> tuple[Part, ...]:
    """In whose judgement, and why."""
    ruled: tuple[Tie | Affiliation, ...] = (*case.dossier.ties, *case.dossier.affiliations)
    for ruling in ruled:
        if digest_of(ruling) in edge.rests_on:
            return (", says ", name(ruling.author.name), ": “", Term(Mark.WORDS, ruling.reason), "”")
    return (".",)


def _held_apart(case: Index) -> Iterator[Sentence]:
    """The latest words of people that keep statements apart."""
    latest: dict[frozenset[Digest], Tie] = {}
    for tie in sorted(case.dossier.ties, key=lambda one: one.tied_at):
        latest[frozenset((tie.statement, tie.source))] = tie
    for tie in latest.values():
        if tie.dependence is Dependence.INDEPENDENT and {tie.statement, tie.source} <= set(case.statements):
            one, other = (case.statements[digest].speaker for digest in (tie.statement, tie.source))
            yield Sentence(
                (
                    name(tie.author.name),
                    " holds what ",
                    name(one),
                    " says to be independent of what ",
                    name(other),
                    " says: “",
                    Term(Mark.WORDS, tie.reason),
                    "”",
                ),
                (case.record(tie), case.words(tie.statement), case.words(tie.source)),
            )


def _oddities(case: Index) -> Iterator[Block]:
    """Circular reporting, and relays dated before what they pass on."""
    tied = case.dossier.weighing.lineages
    entries = [
        Entry(
            (
                Sentence(
                    (*listed(circle.sources), " cite each other; on record, none of them is the first."),
                    tuple(case.words(digest) for digest in circle.statements),
                ),
            )
        )
        for circle in tied.circles
    ]
    for digest in tied.too_early:
        relays = case.statements[digest].relays
        if relays is not None:
            one, other = (case.statements[found].speaker for found in (digest, relays))
            told = (name(one), " is dated before what it passes on, the words of ", name(other), ".")
            entries.append(Entry((Sentence(told, (case.words(digest), case.words(relays))),)))
    if entries:
        yield Heading(label("What does not fit"), "misfits")
        yield Listing(tuple(entries))


def _alike(case: Index) -> tuple[Block, ...]:
    """Texts that a method found alike: voices in them may have one source."""
    limits = Limits({})
    entries = tuple(
        match_entry(case, match, match.query, limits)
        for match in sorted(case.dossier.matches, key=lambda one: (one.query, one.candidate, one.method))
        if not any(_is_media(case, digest) for digest in (match.query, match.candidate))
    )
    heading = Heading(label("Texts that are alike"), "texts-alike")
    return (heading, Listing(entries)) if entries else ()


def _is_media(case: Index, digest: Digest) -> bool:
    exhibit = case.exhibit(digest)
    return exhibit is not None and is_media(exhibit)
