"""How fast a large case is weighed, and how many copied passages are found as more of their words change.

    python benchmarks/weighing_rate.py

The case is made up with a fixed seed: 1,000 texts of 600 words, 10,000 statements on 500 claims by 3,000
speakers, two in five of them relays. Passages: 60 words of an earlier text are put into a later one, and a
share of those words, drawn by chance, is changed.
"""

from __future__ import annotations

import random
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

from witnessmark.model import (
    Appearance,
    Claim,
    Digest,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
    Topic,
    person,
)
from witnessmark.model.weighing import Rulings, Surroundings
from witnessmark.model.wire import digest_of
from witnessmark.weigh import weigh
from witnessmark.weigh.passages import passages

TEXTS, WORDS, COPIED = 1000, 600, 60
BEGAN = datetime(2031, 1, 1, tzinfo=UTC)
EVENT, READER = Digest.of(b"an event"), person("desk")
VOCABULARY = [f"word{number}" for number in range(4000)]


def main() -> None:
    for changed in (0.0, 0.02, 0.05, 0.10, 0.15, 0.20):
        texts, planted = with_copies(seeded(1), changed)
        found = {copied.other for copied in passages(texts)}
        hit, wrong = len(found & planted), len(found - planted)
        print(f"passages, {changed:.0%} of words changed: {hit} of {len(planted)} found, {wrong} wrongly")
    texts, _ = with_copies(seeded(1), 0.0)
    tracemalloc.start()
    passages(texts)
    print(f"memory for {TEXTS * WORDS:,} words: {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB at most")
    tracemalloc.stop()
    claims = [Claim(EVENT, Topic.NUMBER, f"claim {number}") for number in range(500)]
    statements = some_statements(seeded(2), texts, claims)
    began = time.process_time()
    weighing = weigh(claims, statements, Rulings(), Surroundings(texts))
    print(
        f"{len(statements):,} statements on {len(claims)} claims in {len(texts):,} texts:"
        f" {time.process_time() - began:.1f} s of processor, {len(weighing.lineages.lineages):,} lineages"
    )


def seeded(seed: int) -> random.Random:
    """Chance that is the same each time."""
    return random.Random(seed)  # noqa: S311 - nothing is kept secret by it


def with_copies(chance: random.Random, changed: float) -> tuple[dict[Digest, str], set[Digest]]:
    """Texts of which nine in ten hold a passage of an earlier one, and those that do."""
    texts: dict[Digest, str] = {}
    planted = set()
    for number in range(TEXTS):
        words = chance.choices(VOCABULARY, k=WORDS)
        if number % 10:
            earlier = chance.choice(list(texts.values())).split()
            start = chance.randrange(len(earlier) - COPIED)
            words += [
                f"other{chance.random()}" if chance.random() < changed else word
                for word in earlier[start : start + COPIED]
            ]
        text = " ".join(words)
        texts[Digest.of(text.encode())] = text
        if number % 10:
            planted.add(Digest.of(text.encode()))
    return texts, planted


def some_statements(
    chance: random.Random, texts: dict[Digest, str], claims: list[Claim]
) -> dict[Digest, Statement]:
    """Ten statements in each text."""
    statements: dict[Digest, Statement] = {}
    for number, (digest, text) in enumerate(texts.items()):
        for _ in range(10):
            start, claim, relays = chance.randrange(len(text) - 80), digest_of(chance.choice(claims)), None
            if statements and chance.random() < 0.4:
                relays = chance.choice(list(statements)[-200:])
                claim = statements[relays].claim
            statement = Statement(
                speaker=f"speaker {chance.randrange(3000)}",
                claim=claim,
                stance=Stance.REPORTS if relays else chance.choice([Stance.ASSERTS, Stance.DENIES]),
                appearance=Appearance(digest, text[start : start + 80], digest, TextSpan(start, start + 80)),
                read_by=READER,
                read_at=BEGAN,
                amount=Range(best=chance.randrange(100)),
                relays=relays,
                said_at=Span(BEGAN + timedelta(minutes=number)),
            )
            statements[digest_of(statement)] = statement
    return statements


if __name__ == "__main__":
    main()
