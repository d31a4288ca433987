"""Sentences that the reader of statements reads in a second of cpu, on the texts of the tests.

python benchmarks/statements_rate.py
"""

from __future__ import annotations

import time
from pathlib import Path

from witnessmark.weigh.reading import statements
from witnessmark.weigh.reading.sentences import sentences

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures" / "statements"
ROUNDS = 20


def main() -> None:
    lines = [
        line
        for name in ("numbers-used.txt", "numbers-blind.txt")
        for line in (FIXTURES / name).read_text("utf-8").splitlines()
        if line and line[0] not in "#="
    ]
    text = "\n\n".join(lines)
    count = sum(1 for _ in sentences(text))
    rates = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in statements(text):
            pass
        rates.append(count / (time.process_time() - started))
    rates.sort()
    print(f"{count} sentences, {len(text)} characters, {ROUNDS} rounds")
    print(
        f"{rates[len(rates) // 2]:.0f} sentences per cpu-second (median; {rates[0]:.0f} to {rates[-1]:.0f})"
    )


if __name__ == "__main__":
    main()
