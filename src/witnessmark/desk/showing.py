"""Showing: what the case holds, as facts and as lines for a person. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize

from witnessmark.desk.groups import Groups, decision_facts, group_lines
from witnessmark.desk.labels import word_on
from witnessmark.desk.looking import undone
from witnessmark.desk.output import write_folder
from witnessmark.desk.texts import READABLE, kept_text
from witnessmark.errors import RefusedError, UsageError
from witnessmark.model import (
    Acquisition,
    Action,
    Decision,
    Digest,
    Erasure,
    Finding,
    Match,
    Observation,
    Rating,
    Sealed,
    Statement,
)
from witnessmark.model.wire import decode, encode, parse
from witnessmark.ports import Case, KeptCheckpoint
from witnessmark.tlog import TILE_WIDTH, encode_bundle, tile_path, tiles_of

Shown = tuple[dict[str, Any], str]


_LINE_LENGTH = 80
SEALED = "(sealed: its key is not at hand)"
_SAID_OF_IT = {
    "source_url": "address",
    "legal_basis": "legal basis",
    "note": "note",
    "remark": "noticed",
}
"""What an act of intake may say besides, and how a person would call it."""


def list_exhibits(case: Case) -> Iterator[Shown]:
    """Every exhibit: number, type, size, title or source."""
    for exhibit, digest in case.exhibits():
        original = case.item(digest).original
        source = _source(case, digest)
        facts = {
            "exhibit": exhibit,
            "sha256": digest.hex,
            "media_type": original.media_type,
            "size": original.size,
            "source": source,
        }
        yield facts, f"{exhibit}  {original.media_type:<28} {original.size:>12,}  {source}"


def describe(
    case: Case, digest: Digest, *, with_text: bool, stamped: Sequence[tuple[int, datetime]] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Everything that is known about one exhibit; `stamped` as for `Groups`."""
    item = case.item(digest)
    arrivals = [
        {"log_entry": index, **parse(encode(one)), **_opened(case, one)}
        for index, one in case.acquisitions(digest)
    ]
    related = {
        kind.__name__.lower(): [
            {"record": name, **parse(encode(noun))} for name, noun in case.find(kind, digest)
        ]
        for kind in (Finding, Match, Decision, Observation, Rating, Statement, Erasure)
    }
    for shown in (*related["observation"], *related["rating"]):
        if (word := word_on(case, shown["record"])) is not None:
            shown["taken_back"] = {"by": word.author.name, "reason": word.reason}
    found = Groups.of(case, digest, stamped)
    for shown, (_, match) in zip(related["match"], case.find(Match, digest), strict=True):
        ruled = found.ruling(match.query, match.candidate)
        shown["decision"] = None if ruled is None else decision_facts(*ruled)
    not_done = [
        {"examiner": act.detail["examiner"], "outcome": act.outcome.value, "reason": act.error}
        for act in undone(case, digest)
    ]
    facts = {
        "exhibit": item.exhibit,
        **parse(encode(item.original)),
        "arrivals": arrivals,
        "not_done": not_done,
        "groups": [found.facts(one) for one in found.told],
        **related,
    }
    text = kept_text(case, digest) if with_text else None
    if text is not None:
        facts["text"] = text.content
        return facts, text.content.split("\n")
    return facts, _lines(facts, related)


def _lines(facts: Mapping[str, Any], related: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    lines = [
        f"{facts['exhibit']}  {facts['media_type']}, {facts['size']:,} bytes",
        f"SHA-256 {facts['digest'][7:]}",
    ]
    for one in facts["arrivals"]:
        lines.append(
            f"came in {one['collected_at']} by {one['collector']['name']} "
            f"from {one['source']} (log {one['log_entry']})"
        )
        lines += [f"  {label}: {one[name]}" for name, label in _SAID_OF_IT.items() if one.get(name)]
    lines += [f"{one['outcome']}: {one['examiner']} {one['reason']}" for one in facts["not_done"]]
    for group in facts["groups"]:
        lines += group_lines(group)
    for kind, nouns in related.items():
        lines += [f"{kind}: {_gist(noun)}" for noun in nouns]
    return lines


def _gist(noun: Mapping[str, Any]) -> str:
    """A noun in one line."""
    if "property" in noun:
        values = ", ".join(
            f"{name} {_short(value)}" for name, value in list(noun.get("value", {}).items())[:8]
        )
        return f"{noun['property']} ({noun['examiner']}): {values}. Limits: {noun['limits']}"
    if "candidate" in noun:
        ruled = noun["decision"]
        said = "" if ruled is None else f" {ruled['author']} decided: {ruled['verdict']}, {ruled['reason']}."
        return (
            f"{noun['query'][:19]}… ~ {noun['candidate'][:19]}…: {noun['reason']}{said}"
            f" Limits: {noun['limits']}"
        )
    shown = {
        name: value for name, value in noun.items() if name not in ("kind", "record", "about", "appearance")
    }
    return ", ".join(f"{name} {_short(value)}" for name, value in shown.items())


def _short(value: Any) -> str:
    text = _said(value)
    return text if len(text) <= _LINE_LENGTH else text[: _LINE_LENGTH - 1] + "…"


def _said(value: Any) -> str:
    """A value as a person would say it: words, yes or no, a row of things, name and value."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_said(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value)) or "none"
    return str(value)


def find_words(case: Case, words: str) -> Iterator[Shown]:
    """Every place where the words stand in a readable text, letter case aside, with the words around it."""
    wanted = normalize("NFC", words).casefold()
    if not wanted.strip():
        raise UsageError("there are no words to look for")
    for exhibit, digest in case.exhibits():
        text = kept_text(case, digest)
        for start, end in _places_of(wanted, text.content) if text is not None else ():
            around = " ".join(text.content[max(0, start - 60) : end + 60].split()) if text is not None else ""
            yield {"exhibit": exhibit, "start": start, "end": end, "text": around}, f"{exhibit}  …{around}…"


def _places_of(wanted: str, content: str) -> Iterator[tuple[int, int]]:
    """Where `wanted` stands in `content`; folding letter case can make one letter two."""
    folded = content.casefold()
    is_aligned = len(folded) == len(content)
    origin = (
        range(len(content))
        if is_aligned
        else [at for at, sign in enumerate(content) for _ in sign.casefold()]
    )
    start = folded.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        yield origin[start], origin[end - 1] + 1
        start = folded.find(wanted, end)


def texts_looked_into(case: Case) -> tuple[int, int]:
    """How many exhibits have a readable text that words can be looked for in, and how many there are."""
    exhibits = {digest for _, digest in case.exhibits()}
    readable = {
        one.about for _, one in case.find(Finding) if one.property == READABLE and "text" in one.value
    }
    return len(exhibits & readable), len(exhibits)


def log_lines(case: Case, start: int) -> Iterator[Shown]:
    """The custody log from `start`, an action a line."""
    for index, written in case.entries(start):
        action = decode(written)
        if isinstance(action, Action):
            facts = {"index": index, **parse(written)}
            tail = f": {action.error}" if action.error else ""
            used = f" {action.used[0][:19]}…" if action.used else ""
            when = action.at.isoformat(timespec="seconds")
            yield (
                facts,
                f"{index:>6}  {when}  {action.performer.name}  {action.type}{used} [{action.outcome}]{tail}",
            )


def export_log(case: Case, folder: Path) -> int:
    """Write the log as C2SP tlog-tiles into `folder`; how many files it took. The entries are private."""
    checkpoints = case.checkpoints()
    if not checkpoints:
        raise RefusedError("nothing of this log was signed yet", advice="take something in first")
    return write_folder(folder, _log_files(case, checkpoints[-1]))


def _log_files(case: Case, newest: KeptCheckpoint) -> Iterator[tuple[str, bytes]]:
    for level, index, width in tiles_of(newest.size):
        yield tile_path(level, index, width), case.tile(level, index, width)
    for first in range(0, newest.size, TILE_WIDTH):
        width = min(TILE_WIDTH, newest.size - first)
        entries = [written for _, written in case.entries(first, first + width)]
        yield tile_path("entries", first // TILE_WIDTH, width), encode_bundle(entries)
    yield "checkpoint", newest.note


def _source(case: Case, digest: Digest) -> str:
    arrivals = case.acquisitions(digest)
    return _revealed(case, arrivals[0][1].source) if arrivals else ""


def _opened(case: Case, acquisition: Acquisition) -> dict[str, str]:
    """What an acquisition only commits to, in words."""
    sealed = {"source": acquisition.source, "source_url": acquisition.source_url, "note": acquisition.note}
    return {name: _revealed(case, one) for name, one in sealed.items() if one is not None}


def _revealed(case: Case, sealed: Sealed) -> str:
    """What was sealed, as far as it can be said: without the vault key a case is still readable."""
    try:
        return case.reveal(sealed) or "(erased)"
    except RefusedError:
        return SEALED
