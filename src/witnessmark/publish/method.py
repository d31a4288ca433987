"""How the brief was made, what could not be examined, and what none of it can tell."""

from __future__ import annotations

from collections.abc import Iterator

from witnessmark.model import Action, Outcome
from witnessmark.publish.blocks import Block, Command, Entry, Heading, Listing, Paragraph, Section, Table
from witnessmark.publish.index import Index
from witnessmark.publish.pictures import is_media
from witnessmark.publish.sentences import (
    Label,
    Mark,
    Note,
    Part,
    Sentence,
    Term,
    count,
    label,
    name,
    note,
    some,
    time,
)
from witnessmark.publish.shown import level
from witnessmark.publish.times import moment
from witnessmark.publish.words import LEVELS


def warning(case: Index) -> Section:
    """What a reader should know before reading on."""
    media = [
        level(case.about.ratings.get(one.digest, ())).number for one in case.dossier.exhibits if is_media(one)
    ]
    levels = ", ".join(
        f"{media.count(number)} at level {number} ({LEVELS[number]})"
        for number in reversed(range(5))
        if number in media
    )
    covers = (
        f"It covers {some(len(media), 'picture or recording', 'pictures or recordings')}: {levels}."
        if media
        else "It holds no picture or recording."
    )
    return Section(
        "warning",
        (
            Paragraph(
                (
                    note("This brief may describe violence."),
                    note(covers),
                    note(
                        "No original is shown. Behind each cover lies only a small, grey, blurred preview; "
                        "nothing opens by itself, and nothing in the text needs you to look."
                    ),
                )
            ),
            Paragraph(
                (
                    note(
                        "A number in brackets leads to the sealed bytes or the record behind a sentence. "
                        "Words in quotation marks are exact. Lines set like this one say how the desk "
                        "works and state nothing about the case."
                    ),
                )
            ),
        ),
    )


def undone(case: Index) -> Section:
    """What could not be examined, and why; what was erased, and why."""
    entries = [Entry((_undone(case, one),)) for one in sorted(case.dossier.undone, key=_when)]
    entries += [Entry((_erased(case, place),)) for place in range(len(case.dossier.erasures))]
    if not entries:
        return Section("undone", (Paragraph((note("Every examination that was begun was finished."),)),))
    return Section("undone", (Listing(tuple(entries)),))


def _when(action: Action) -> tuple[str, str]:
    return (moment(action.at), action.nonce)


def _undone(case: Index, action: Action) -> Sentence:
    how = " did not examine " if action.outcome is Outcome.DECLINED else " could not examine "
    shown: list[Part] = []
    for digest in action.used:
        shown += [", " if shown else "", case.shown(digest)]
    about = tuple(case.reference(digest) for digest in action.used)
    return Sentence(
        (
            "The check ",
            Term(Mark.TOOL, str(action.detail.get("examiner", action.instrument))),
            how,
            *(shown or ["something"]),
            ": ",
            Term(Mark.WORDS, (action.error or "no reason on record").removeprefix("could not be examined: ")),
        ),
        (*about, case.record(action, *action.used)),
    )


def _erased(case: Index, place: int) -> Sentence:
    erasure = case.dossier.erasures[place]
    number = len(erasure.objects) + len(erasure.commitments)
    return Sentence(
        (
            name(erasure.author.name),
            " ordered the erasure of ",
            count(number, "value or object", "values or objects"),
            " (",
            time(moment(erasure.decided_at)),
            "): “",
            Term(Mark.WORDS, erasure.reason),
            "”",
        ),
        (case.record(erasure, *erasure.objects),),
    )


_STEPS = (
    (
        "The work follows the order of the Berkeley Protocol on Digital Open Source Investigations: collect, "
        "preserve, verify, analyse, report."
    ),
    (
        "Every exhibit was hashed (SHA-256) and sealed before anything else touched it; each act since is an "
        "entry in an append-only log."
    ),
    (
        "Programs measure and compare; their findings are printed with their limits. Only a person "
        "assesses a claim, and is named by the pseudonym that the desk keeps."
    ),
    (
        "Each statement was read by a person, or proposed by a program and accepted by a person, and is "
        "printed in the exact words of the exhibit."
    ),
    "Where a source may be a person, it is withheld unless a person of the desk decided otherwise.",
)

_NOT_TOLD = (
    (
        "That what a picture shows or a text says is true. A seal shows that bytes have not changed since "
        "they were collected, not what they mean."
    ),
    "What was there before collection. Bytes may have been altered, cut or staged before that.",
    "That the collection is complete. A saved page holds what the collector received, not all there was.",
    "That independent-looking voices are independent. Only open citation is traced.",
    "That no finding means no fault. To look and find nothing is a finding with limits, not a clearance.",
    "That the machine on which the desk works was not under someone else's control.",
)


def method(case: Index) -> Section:
    """How the brief was made, and in whose custody."""
    blocks: list[Block] = [Listing(tuple(Entry((note(step),)) for step in _STEPS))]
    blocks.extend(_tools(case))
    return Section("method", tuple(blocks))


def _tools(case: Index) -> Iterator[Block]:
    """Each tool that was used and what it cannot tell."""
    used = {(one.examiner, one.limits) for one in case.dossier.findings}
    used |= {(one.method, one.limits) for one in case.dossier.matches}
    if used:
        yield Heading(label("What each check cannot tell"), "checks")
        rows = tuple(
            ((label(tool, Mark.TOOL),), (Label((Term(Mark.WORDS, limits),)),))
            for tool, limits in sorted(used)
        )
        yield Table("Checks used in this brief, with their limits", ("Check", "What it cannot tell"), rows)


def limits(case: Index) -> Section:
    """What the brief does not guarantee."""
    told = list(_NOT_TOLD)
    custody = case.dossier.custody
    if not custody.witnesses:
        told.append(
            "That there is no second log. No outside witness signed this one, so a hidden second version "
            "could not be told from it."
        )
    if not custody.time_stamps:
        told.append(
            "When the entries were made, beyond the desk's own clock. There is no outside time-stamp."
        )
    return Section("limits", (Listing(tuple(Entry((Note((one,)),)) for one in told)),))


def check() -> Section:
    """How a reader checks the package with tools that are not ours."""
    return Section(
        "check",
        (
            Paragraph(
                (
                    note("Type these in the top folder of the package that this brief came in."),
                    note("VERIFY.txt in the package explains each step and names its files."),
                )
            ),
            *_step("Nothing in the package has changed:", "sha256sum --check --quiet manifest-sha256.txt"),
            *_step("The package is complete (bagit.py, Library of Congress):", "bagit.py --validate ."),
            *_step(
                "An outside time-stamp covers the signed checkpoint (for each authority):",
                "openssl ts -verify -data custody/checkpoint -in timestamps/NAME.tsr "
                "-CAfile timestamps/NAME-chain.pem",
            ),
            *_step(
                "A quote stands where its reference says (START and END count code points in the text TEXT):",
                'python3 -c \'import sys; print(open(sys.argv[1], encoding="utf-8", newline="").read()'
                "[int(sys.argv[2]):int(sys.argv[3])])' data/objects/TEXT START END",
            ),
        ),
    )


def _step(words: str, command: str) -> tuple[Block, ...]:
    return (Paragraph((note(words),)), Command(command))
