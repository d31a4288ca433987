"""A small program over the real classes, which says each thing that the world may rely on.

    python -m tests.campaigns.driver new WORK
    python -m tests.campaigns.driver take WORK SOURCES [--batch N] [--streams]
    python -m tests.campaigns.driver assess WORK
    python -m tests.campaigns.driver erase WORK
    python -m tests.campaigns.driver rebuild WORK

The case lies in WORK/case and its keys in WORK/keys. Each line is written at once, by one call,
and only after what it says has become durable: `NEW`, `ACK <sha256>` for each thing taken in,
`RECORD <sha256>` for each record, `ERASED <sha256>` for what is gone (`erase` takes the first
exhibit that still lies there), and `CP <size> <root>` for each checkpoint that may leave the
machine. With the environment variable WRONG_ORDER one of the known wrong orders of writes is
planted first (see `powercut_wrong`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tests.campaigns.powercut_wrong import plant

from witnessmark.errors import WitnessmarkError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Acquisition, Assessment, Claim, Erasure, Event, Status, Topic, person
from witnessmark.model.wire import digest_of
from witnessmark.ports import Capture
from witnessmark.preserve import seal
from witnessmark.preserve.checkpoint import check_not_rolled_back, sign_head
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.erase import erase as destroy
from witnessmark.preserve.keys import KeyFolder, create_keys, load_keys
from witnessmark.store import CaseFolder, create_case, open_case
from witnessmark.tlog import Checkpoint, parse_note

ORIGIN = "desk.example/exercise"

plant(os.environ.get("WRONG_ORDER"))  # here, so that it also holds in the second process


def say(line: str) -> None:
    """Tell the world, with one unbuffered write."""
    os.write(1, f"{line}\n".encode())


def new(work: Path) -> None:
    """Begin a case with keys of its own."""
    keys = create_keys(work / "keys", ORIGIN)
    case = create_case(work / "case", ORIGIN, keys.signer.verifier.vkey(), keys.vault_key)
    case.close()
    say("NEW")


def opened(work: Path) -> tuple[CaseFolder, KeyFolder]:
    """The case in `work` with its keys, looked over for a rollback."""
    reading = open_case(work / "case", None)
    origin, vkey = reading.origin()
    reading.close()
    keys = load_keys(work / "keys", origin, vkey)
    case = open_case(work / "case", keys.vault_key)
    check_not_rolled_back(case, keys)
    return case, keys


def intake(case: CaseFolder, run: str) -> seal.Intake:
    """The intake of a run of this program."""
    custodian = Custodian(SystemClock(), person("driver"), "driver 1", new_session())
    return seal.Intake(case, custodian, run, media_type_of)


def captures(sources: Path, *, streams: bool) -> Iterator[Capture]:
    """Everything in the folder `sources`, read by the second process or as streams by this one."""
    for path in sorted(sources.iterdir()):
        yield Capture(partial(_reading, path), str(path), "local file", portable=not streams)


def _reading(path: Path) -> BinaryIO:
    return path.open("rb")


def take(work: Path, sources: Path, *, streams: bool) -> None:
    """Take in everything in `sources`, then sign the head."""
    case, keys = opened(work)
    try:
        for taken in intake(case, run=sources.name).seal(captures(sources, streams=streams)):
            say(f"ACK {taken.copy.digest.hex}" if isinstance(taken, seal.Taken) else f"NOT {taken.reason}")
        publish(case, keys)
    finally:
        case.close()


def assess(work: Path) -> None:
    """Enter an event, a claim about it and what a person concludes."""
    case, keys = opened(work)
    with closing(case):
        someone, now = person("driver"), SystemClock().now()
        event = Event("The bridge at Oldtown")
        claim = Claim(digest_of(event), Topic.OTHER, "The bridge was closed at noon")
        exhibits = tuple(digest for _, digest in case.exhibits())[:1]
        word = Assessment(digest_of(claim), someone, Status.UNDETERMINED, "One voice only", exhibits, now)
        with case.transaction() as transaction:
            act = intake(case, "assess").custodian.act("assess")
            transaction.append(act, [event, claim, word])
        for noun in (event, claim, word):
            say(f"RECORD {digest_of(noun).hex}")
        publish(case, keys)


def erase(work: Path) -> None:
    """Erase the first exhibit that still lies there, and what was said of its source."""
    case, keys = opened(work)
    with closing(case):
        digest = next(digest for _, digest in case.exhibits() if case.has(digest))
        came = [noun for _, noun in case.acquisitions(digest) if isinstance(noun, Acquisition)]
        sources = tuple(one.source for one in came)
        tombstone = Erasure(
            (digest,), sources, "The source asked for it", person("driver"), SystemClock().now()
        )
        destroy(case, intake(case, "erase").custodian, tombstone)
        say(f"ERASED {digest.hex}")
        publish(case, keys)


def rebuild(work: Path) -> None:
    """Make the catalog again."""
    case, keys = opened(work)
    with closing(case):
        case.rebuild()
        publish(case, keys)


def publish(case: CaseFolder, keys: KeyFolder) -> None:
    """Sign the head and let the checkpoint leave the machine."""
    checkpoint = Checkpoint.parse(parse_note(sign_head(case, keys).signed).text)
    say(f"CP {checkpoint.size} {checkpoint.root.hex()}")


_PLAIN = {"new": new, "assess": assess, "erase": erase, "rebuild": rebuild}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the error's, as in the product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=(*_PLAIN, "take"))
    parser.add_argument("work", type=Path)
    parser.add_argument("sources", type=Path, nargs="?")
    parser.add_argument("--batch", type=int, default=seal.BATCH_FILES)
    parser.add_argument("--streams", action="store_true")
    chosen = parser.parse_args(arguments)
    seal.BATCH_FILES = chosen.batch
    try:
        if chosen.verb in _PLAIN:
            _PLAIN[chosen.verb](chosen.work)
        else:
            take(chosen.work, chosen.sources, streams=chosen.streams)
    except (WitnessmarkError, OSError) as error:  # of the machine itself, as the product's face does
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return getattr(error, "exit_code", 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
