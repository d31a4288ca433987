"""A small program over the real classes, which says each thing that the world may rely on.

    python -m tests.campaigns.driver new WORK
    python -m tests.campaigns.driver take WORK SOURCES [--batch N] [--streams]
    python -m tests.campaigns.driver assess WORK
    python -m tests.campaigns.driver erase WORK
    python -m tests.campaigns.driver rebuild WORK
    python -m tests.campaigns.driver stamp WORK ROOTS --authority URL
    python -m tests.campaigns.driver renew WORK ROOTS --authority URL
    python -m tests.campaigns.driver rot WORK COPY
    python -m tests.campaigns.driver repair WORK COPY

The case lies in WORK/case and its keys in WORK/keys. Each line is written at once, by one call,
and only after what it says has become durable: `NEW`, `ACK <sha256>` for each thing taken in,
`RECORD <sha256>` for each record, `ERASED <sha256>` for what is gone (`erase` takes the first
exhibit that still lies there), `TOKEN <sha256>` for the reply of each time stamp that is kept,
`CP <size> <root>` for each checkpoint that may leave the machine. `rot` copies the objects to COPY,
says `ROTTEN <sha256>`, and only then spoils one; `repair` says `REPAIRED <sha256>` of it. With the
environment variable WRONG_ORDER one of the known wrong orders of writes is planted first (see
`powercut_wrong`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tests.campaigns.powercut_wrong import plant

from witnessmark.desk.outside import Outside
from witnessmark.errors import NoRoomError, WitnessmarkError
from witnessmark.examine.signature import media_type_of
from witnessmark.model import Acquisition, Assessment, Claim, Digest, Erasure, Event, Status, Topic, person
from witnessmark.model.wire import digest_of
from witnessmark.ports import Capture
from witnessmark.preserve import seal
from witnessmark.preserve.checkpoint import check_not_rolled_back, sign_head
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.erase import erase as destroy
from witnessmark.preserve.keys import KeyFolder, create_keys, load_keys
from witnessmark.preserve.posting import HttpPost
from witnessmark.preserve.scrub import Scrub
from witnessmark.preserve.timestamp import HttpAuthority
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
    """Take in everything in `sources`, then sign the head; NoRoomError, as in the product, unless all fit."""
    case, keys = opened(work)
    left_out = []
    try:
        for taken in intake(case, run=sources.name).seal(captures(sources, streams=streams)):
            if isinstance(taken, seal.Taken):
                say(f"ACK {taken.copy.digest.hex}")
            else:
                say(f"NOT {taken.reason}")
                left_out += [taken.reason] * taken.lacks_room
        publish(case, keys)
    finally:
        case.close()
    if left_out:
        raise NoRoomError(left_out[0])


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


def stamp(work: Path, roots: Path, url: str) -> None:
    """Have the head stamped by the authority at `url`."""
    case, keys = opened(work)
    with closing(case):
        _outside(case, roots, url).checkpoint(keys)
        _say_tokens(case)
        publish(case, keys)


def renew(work: Path, roots: Path, url: str) -> None:
    """Have every stamp renewed, however long it would still be good."""
    case, keys = opened(work)
    with closing(case):
        _outside(case, roots, url).renew(timedelta(days=100_000))
        _say_tokens(case)
        publish(case, keys)


def _outside(case: CaseFolder, roots: Path, url: str) -> Outside:
    authority = HttpAuthority("stamp", url, (roots.read_bytes(),), HttpPost(local_allowed=True))
    return Outside(case, intake(case, "outside").custodian, [authority], [], say)


def _say_tokens(case: CaseFolder) -> None:
    for token in case.tokens():
        say(f"TOKEN {Digest.of(token.reply).hex}")


def rot(work: Path, copy: Path) -> None:
    """Let a bit of the first exhibit's object go wrong, as disks do."""
    case, _ = opened(work)
    with closing(case):
        for path in sorted((work / "case/objects").glob("*/*")):
            target = copy / "objects" / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        digest = next(digest for _, digest in case.exhibits() if case.has(digest))
        say(f"ROTTEN {digest.hex}")
        spoiled = os.open(work / "case/objects" / digest.hex[:2] / digest.hex, os.O_RDWR)
        first = os.pread(spoiled, 1, 0)
        os.pwrite(spoiled, bytes([first[0] ^ 1]), 0)
        os.fsync(spoiled)
        os.close(spoiled)


def repair(work: Path, copy: Path) -> None:
    """Mend what has rotted from the copy."""
    case, keys = opened(work)
    with closing(case):
        kept = [digest for _, digest in case.exhibits() if case.has(digest)]
        faulty = [digest for digest, fault in case.object_faults(kept) if fault is not None]
        list(Scrub(case, intake(case, "repair").custodian, repair_from=[copy]).run(kept))
        for digest in faulty:
            say(f"REPAIRED {digest.hex}")
        publish(case, keys)


def publish(case: CaseFolder, keys: KeyFolder) -> None:
    """Sign the head and let the checkpoint leave the machine."""
    checkpoint = Checkpoint.parse(parse_note(sign_head(case, keys).signed).text)
    say(f"CP {checkpoint.size} {checkpoint.root.hex()}")


_PLAIN = {"new": new, "assess": assess, "erase": erase, "rebuild": rebuild}
_WITH_A_FOLDER = {"rot": rot, "repair": repair}
_OUTSIDE = {"stamp": stamp, "renew": renew}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the error's, as in the product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=(*_PLAIN, *_WITH_A_FOLDER, *_OUTSIDE, "take"))
    parser.add_argument("work", type=Path)
    parser.add_argument("sources", type=Path, nargs="?")
    parser.add_argument("--batch", type=int, default=seal.BATCH_FILES)
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--authority", default="")
    chosen = parser.parse_args(arguments)
    seal.BATCH_FILES = chosen.batch
    try:
        if chosen.verb in _PLAIN:
            _PLAIN[chosen.verb](chosen.work)
        elif chosen.verb in _WITH_A_FOLDER:
            _WITH_A_FOLDER[chosen.verb](chosen.work, chosen.sources)
        elif chosen.verb in _OUTSIDE:
            _OUTSIDE[chosen.verb](chosen.work, chosen.sources, chosen.authority)
        else:
            take(chosen.work, chosen.sources, streams=chosen.streams)
    except (WitnessmarkError, OSError) as error:  # of the machine itself, as the product's face does
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return getattr(error, "exit_code", 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
