"""How fast entries go into the log of a real case, and what one proof costs at the end of it.

Each transaction is the real one (`CaseFolder.transaction`): entry, catalog row, tiles and head in
one synced commit. Entries are small actions, as `examine` leaves them. Bar: 20,000 entries per
cpu-second at 100 a transaction, and 100 µs for a proof with its note.

    python benchmarks/log_append.py [--entries 1000000] [--batch 100] [--profile] [--folder DIR]
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from witnessmark.model import Action, Digest, Facts, person
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.custody import Custodian, SystemClock, new_session
from witnessmark.preserve.keys import KeyFolder, create_keys
from witnessmark.store import create_case
from witnessmark.store.folder import CaseFolder
from witnessmark.tlog import TileReader, TlogProof

ORIGIN = "bench.invalid/log"
STEPS = 10
PROOFS = 1_000


def main() -> None:
    """Print the rate of each tenth of the log, of all of it, and the cost of a proof."""
    options = read_options()
    print(f"load {os.getloadavg()[0]:.1f}, {options.batch} entries a transaction")
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        keys = create_keys(folder / "keys", ORIGIN)
        case = create_case(folder / "case", ORIGIN, keys.signer.verifier.vkey(), keys.vault_key)
        profile = cProfile.Profile(time.process_time)
        if options.profile:
            profile.enable()
        append_in_steps(case, options.entries, options.batch)
        profile.disable()
        prove(case, keys)
        if options.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        case.close()


def append_in_steps(case: CaseFolder, count: int, batch: int) -> None:
    """Append `count` entries and print the rates on the way."""
    custodian = Custodian(SystemClock(), person("bench"), "bench 1", new_session())
    step = count // STEPS
    spent = elapsed = made = 0.0
    for _ in range(STEPS):
        actions = [an_action(custodian, number) for number in range(step)]
        alone = time.process_time()
        for number in range(step):
            an_action(custodian, number)
        made += time.process_time() - alone
        cpu, wall = time.process_time(), time.perf_counter()
        append(case, actions, batch)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        spent, elapsed = spent + cpu, elapsed + wall
        print(
            f"  to {case.head().size:9,}: {step / cpu:7,.0f} per cpu-second, {step / wall:7,.0f} per second",
            flush=True,
        )
    size = sum(path.stat().st_size for path in case.root.glob("case.db*")) / 1e6
    print(
        f"all: {count / spent:,.0f} entries per cpu-second (bar 20,000), {count / elapsed:,.0f} per second, "
        f"case.db {size:,.0f} MB; making the actions themselves costs {made / count * 1e6:.1f} µs each more"
    )


def an_action(custodian: Custodian, number: int) -> Action:
    """A small action about one object, as an examination leaves it."""
    digest = Digest(f"sha256:{sha256(b'%d' % number).hexdigest()}")
    return custodian.act(
        "examine", used=(digest,), detail=Facts(examiners=("formats", "metadata", "picture"))
    )


def append(case: CaseFolder, actions: list[Action], batch: int) -> None:
    """Enter all actions, `batch` in a transaction."""
    for start in range(0, len(actions), batch):
        with case.transaction() as transaction:
            for action in actions[start : start + batch]:
                transaction.append(action)


def prove(case: CaseFolder, keys: KeyFolder) -> None:
    """Print what it costs to make a proof from the case, and to read and check one with its note."""
    note = sign_head(case, keys).note
    size, known = case.head().size, (keys.signer.verifier,)
    index = size * 7 // 9
    ((_, entry),) = case.entries(index, index + 1)
    began = time.process_time()
    for _ in range(PROOFS):
        hashes = TileReader(case.tile, size).inclusion(index)
    made = time.process_time() - began
    written = TlogProof(index, hashes, note).encode()
    began = time.process_time()
    for _ in range(PROOFS):
        TlogProof.parse(written).check(entry, known, ORIGIN)
    checked = time.process_time() - began
    print(
        f"proof of entry {index:,} in {size:,}: {len(hashes)} hashes, file {len(written):,} B; making it "
        f"from the case {made / PROOFS * 1e6:.0f} µs, reading and checking it with its note "
        f"{checked / PROOFS * 1e6:.0f} µs of cpu (bar 100)"
    )


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--profile", action="store_true", help="say where the time goes (slower)")
    parser.add_argument("--folder", type=Path, default=None, help="where to write (a real disk)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
