"""Verbs of people's work: observe, statements, assess. Each takes a sidecar file or one entry by options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.proposals import (
    CorpusOption,
    LlmKeyOption,
    LlmModelOption,
    LlmOption,
    Markers,
    OutOption,
    RoundsOption,
    TaggerOption,
    propose,
    train_tagger,
)
from witnessmark.cli.screen import plain
from witnessmark.desk import Line, read_lines
from witnessmark.desk.erasing import called
from witnessmark.desk.sidecar import moment_of_words, selector_at
from witnessmark.errors import UsageError

FromOption = Annotated[Path | None, typer.Option("--from", metavar="FILE", help="A sidecar: JSON Lines.")]


@verb
def observe(
    common: Common,
    exhibit: Annotated[str | None, typer.Argument(help="The picture: its exhibit number.")] = None,
    from_file: FromOption = None,
    purpose: Annotated[str, typer.Option(help="equipment, clothing, count, place, note or mask")] = "note",
    text: Annotated[str, typer.Option(help="What you see.")] = "",
    box: Annotated[str | None, typer.Option(help="x,y,width,height in upright pixels")] = None,
    point: Annotated[str | None, typer.Option(help="x,y in upright pixels")] = None,
    polygon: Annotated[str | None, typer.Option(help="x,y x,y x,y … in upright pixels")] = None,
    at: Annotated[str | None, typer.Option(help="Of a recording: when, such as 12.48-12.52 (s).")] = None,
    count: Annotated[str | None, typer.Option(help="A number or a range such as 90-110.")] = None,
    level: Annotated[int | None, typer.Option(help="Instead: how graphic it is, 0 (none) to 4.")] = None,
    undo: Annotated[
        list[str] | None,
        typer.Option(help="Instead: a mark or a rating to take back, by its digest; repeat it."),
    ] = None,
    reason: Annotated[str, typer.Option(help="With --undo: why; it stays on record.")] = "",
) -> None:
    """Put on record what a person sees on a picture or in a recording, or how graphic it is."""
    selector = selector_at(moment_of_words(at or ""), _selector(box, point, polygon))
    if undo:
        _take_back(common, undo, reason)
        return
    table: dict[str, Any] = {"exhibit": exhibit, "selector": selector}
    if level is None:
        table |= {"kind": "observation", "body": {"purpose": purpose, "value": text, "count": _count(count)}}
    else:
        table |= {"kind": "rating", "level": level}
    _enter(common, from_file, table, exhibit is not None)


@verb
def statements(
    common: Common,
    exhibit: Annotated[
        str | None, typer.Argument(help="The text: its exhibit number; to propose from, a text file too.")
    ] = None,
    from_file: FromOption = None,
    speaker: Annotated[
        str | None, typer.Option(help="Whose words they are; without it, statements are proposed.")
    ] = None,
    stance: Annotated[
        str, typer.Option(help="asserts, confirms, denies, doubts, cannot_verify, …")
    ] = "asserts",
    claim: Annotated[str | None, typer.Option(help="The claim: its exact words or its digest.")] = None,
    quote: Annotated[str | None, typer.Option(help="The exact words.")] = None,
    page: Annotated[
        int | None, typer.Option(min=1, help="The page of a document on which the words stand.")
    ] = None,
    relays: Annotated[str | None, typer.Option(help="The statement that is passed on: its digest.")] = None,
    count: Annotated[str | None, typer.Option(help="The number in it, or a range such as 160-190.")] = None,
    unit: Annotated[str | None, typer.Option(help="What is counted.")] = None,
    tagger: TaggerOption = None,
    llm: LlmOption = None,
    llm_model: LlmModelOption = "",
    llm_key: LlmKeyOption = None,
    corpus: CorpusOption = None,
    out: OutOption = None,
    rounds: RoundsOption = 10,
) -> None:
    """Put on record who says what, in exact words of the sealed text; or propose it from a text.

    `statements train --corpus DIR --out FILE` trains a tagger on a checkout of PolNeAR, for --tagger.
    """
    if exhibit == "train" and (corpus is not None or out is not None):
        train_tagger(common, corpus, out, rounds)
        return
    if exhibit is not None and from_file is None and speaker is None and quote is None:
        propose(common, exhibit, Markers(tagger, llm, llm_model, llm_key))
        return
    table = {
        "kind": "statement",
        "exhibit": exhibit,
        "speaker": speaker,
        "stance": stance,
        "claim": claim,
        "quote": quote,
        "page": page,
        "relays": relays,
        "amount": _count(count),
        "unit": unit,
    }
    _enter(common, from_file, table, exhibit is not None)


@verb
def assess(
    common: Common,
    what: Annotated[
        str | None,
        typer.Argument(help="The claim, by its exact words or digest; a statement to grade; an assessment."),
    ] = None,
    from_file: FromOption = None,
    status: Annotated[
        str, typer.Option(help="supported, contested, unsupported, refuted, undetermined")
    ] = "",
    reasons: Annotated[str, typer.Option(help="Why.")] = "",
    rests_on: Annotated[
        list[str] | None, typer.Option(help="Exhibits, statements, matches; repeat it.")
    ] = None,
    likelihood: Annotated[
        str | None, typer.Option(help="How likely the claim is, in a word of ICD 203, such as very unlikely.")
    ] = None,
    grade: Annotated[
        str | None, typer.Option(help="Instead: the Admiralty pair of a statement, A1 to F6.")
    ] = None,
    second: Annotated[
        str | None, typer.Option(help="Instead, of another's assessment, read again: concurs or dissents.")
    ] = None,
) -> None:
    """Put on record what a person concludes: assess a claim, grade a statement, or read for the second time.

    A sidecar also takes events, claims, decisions, hypotheses, bearings of evidence, and affiliations.
    """
    if grade is not None and second is not None:
        raise UsageError("give one of --grade and --second")
    table: dict[str, Any] = {
        "kind": "assessment",
        "claim": what,
        "status": status,
        "reasons": reasons,
        "rests_on": rests_on or [],
        "likelihood": likelihood,
    }
    if grade is not None:
        table = {"kind": "grade", "about": what, "grade": grade, "reason": reasons}
    if second is not None:
        table = {"kind": "rereading", "assessment": what, "concurrence": second, "reasons": reasons}
    _enter(common, from_file, table, what is not None)


def _take_back(common: Common, names: list[str], reason: str) -> None:
    with at_desk(common, writes=True) as (desk, screen):
        records = [called(desk.case, name) for name in names]
        for digest, _ in desk.take_back(records, reason):
            screen.answer({"kind": "decision", "record": digest}, f"[green]decision[/] {plain(digest)}")


def _enter(common: Common, sidecar: Path | None, table: dict[str, Any], is_given: bool) -> None:
    if (sidecar is None) != is_given:
        raise UsageError("give either one entry by options, or --from FILE")
    if sidecar is None:
        lines = [Line("the command", {name: value for name, value in table.items() if value is not None})]
    else:
        lines = list(read_lines(sidecar))
    with at_desk(common, writes=True) as (desk, screen):
        for digest, noun in desk.enter(lines):
            kind = type(noun).__name__.lower()
            screen.answer({"kind": kind, "record": digest}, f"[green]{kind}[/] {plain(digest)}")


def _selector(box: str | None, point: str | None, polygon: str | None) -> dict[str, Any] | None:
    given = [one for one in (box, point, polygon) if one]
    if len(given) > 1:
        raise UsageError("give one of --box, --point and --polygon")
    if point:
        try:
            x, y = map(float, point.split(","))
        except ValueError as error:
            raise UsageError(f"--point {point!r} is not x,y") from error
        return {"type": "PointSelector", "x": x, "y": y}
    if box:
        return {"type": "FragmentSelector", "value": f"xywh=pixel:{box}"}
    return {"type": "SvgSelector", "value": f'points="{polygon}"'} if polygon else None


def _count(text: str | None) -> dict[str, int] | None:
    if text is None:
        return None
    try:
        numbers = [int(part) for part in text.replace("–", "-").split("-")]
    except ValueError as error:
        raise UsageError(f"{text!r} is neither a number nor a range such as 90-110") from error
    if len(numbers) == 1:
        return {"best": numbers[0]}
    return {"low": numbers[0], "high": numbers[-1]}
