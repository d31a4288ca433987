"""Claims and voices: one table of who says what on which claim."""

from __future__ import annotations

from collections import Counter

from witnessmark.model import Digest
from witnessmark.model.weighing import Voice
from witnessmark.publish.blocks import NOTHING, Block, Cell, Heading, Listing, Paragraph, Section, Table
from witnessmark.publish.claimed import stance_label
from witnessmark.publish.index import Index
from witnessmark.publish.pictures import Limits, is_media, match_entry
from witnessmark.publish.sentences import (
    Amount,
    Label,
    Mark,
    Note,
    Part,
    Sentence,
    Term,
    label,
    listed,
    name,
    note,
)


def matrix(case: Index) -> Section:
    """The section with the table of claims by voices."""
    heard = {claim.digest: claim.weighed.voices for claim in case.claims}
    counts = Counter(speaker for several in heard.values() for speaker in {one.speaker for one in several})
    speakers = sorted(counts, key=lambda speaker: (-counts[speaker], speaker))
    if not speakers:
        return Section("matrix", (Paragraph((note("No voice is on record yet."),)),))
    rows = tuple(
        (
            (Label((f"{claim.short}: ", Term(Mark.NAME, claim.claim.text))),),
            *(_cell(case, heard[claim.digest], speaker) for speaker in speakers),
        )
        for claim in case.claims
    )
    table = Table(
        "Each row is a claim, each column a first voice, those on most claims first; a dash: not on record",
        ("Claim", *speakers),
        rows,
        wide=True,
    )
    blocks: tuple[Block, ...] = (table, *_lineages(case, heard), *_alike(case))
    return Section("matrix", blocks)


def _cell(case: Index, heard: tuple[Voice, ...], speaker: str) -> Cell:
    told = tuple(
        Sentence(
            (Term(Mark.STANCE, stance_label(voice)), *_number(voice)),
            (case.words(voice.statement),),
            voice.stance,
        )
        for voice in heard
        if voice.speaker == speaker
    )
    return told or NOTHING


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


def _number(voice: Voice) -> tuple[Part, ...]:
    return (" ", Amount(voice.amount, (voice.speaker,))) if voice.amount is not None else ()


def _lineages(case: Index, heard: dict[Digest, tuple[Voice, ...]]) -> tuple[Block, ...]:
    """Who only passes on whom, so that nobody counts them as further columns."""
    relays: dict[str, dict[str, Digest]] = {}
    for several in heard.values():
        for voice in several:
            for relay in voice.relays:
                relays.setdefault(voice.speaker, {}).setdefault(relay.speaker, relay.statement)
    lines = tuple(
        Sentence(
            (name(speaker), " is passed on by ", *listed(sorted(relays[speaker])), "."),
            tuple(case.words(relays[speaker][relay]) for relay in sorted(relays[speaker])),
        )
        for speaker in sorted(relays)
    )
    return (Paragraph((Note(("Those who only pass a voice on have no column.",)), *lines)),) if lines else ()
