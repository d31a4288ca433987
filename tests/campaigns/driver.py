"""A small program over the real classes, which says each thing that the world may rely on.

    python -m tests.campaigns.driver new WORK
    python -m tests.campaigns.driver take WORK SOURCES [--batch N] [--streams]

The case lies in WORK/case and its keys in WORK/keys. Each line is written at once, by one call,
and only after what it says has become durable: `NEW`, `ACK <sha256>` for each thing taken in, and
`CP <size> <root>` for each checkpoint that may leave the machine. With the environment variable
WRONG_ORDER one of the known wrong orders of writes is planted first (see `powercut_wrong`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tests.campaigns.powercut_wrong import plant

from witnessmark.errors import WitnessmarkError
from witnessmark.examine.signature import media_type_of
from witnessmark.model.agents import person
from witnessmark.ports import Capture
from witnessmark.preserve import seal
from witnessmark.preserve.checkpoint import check_not_rolled_back, sign_head
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.keys import KeyFolder, create_keys, load_keys
from witnessmark.store import CaseFolder, create_case, open_case

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
            if not isinstance(taken, seal.Taken):
                raise WitnessmarkError(f"{taken.source} was not taken: {taken.reason}")
            say(f"ACK {taken.copy.digest.hex}")
        publish(case, keys)
    finally:
        case.close()


def publish(case: CaseFolder, keys: KeyFolder) -> None:
    """Sign the head and let the checkpoint leave the machine."""
    sign_head(case, keys)
    head = case.head()
    say(f"CP {head.size} {head.root.hex()}")


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is the error's, as in the product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("new", "take"))
    parser.add_argument("work", type=Path)
    parser.add_argument("sources", type=Path, nargs="?")
    parser.add_argument("--batch", type=int, default=seal.BATCH_FILES)
    parser.add_argument("--streams", action="store_true")
    chosen = parser.parse_args(arguments)
    seal.BATCH_FILES = chosen.batch
    try:
        if chosen.verb == "new":
            new(chosen.work)
        else:
            take(chosen.work, chosen.sources, streams=chosen.streams)
    except WitnessmarkError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return getattr(error, "exit_code", 1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
