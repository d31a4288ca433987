"""The exercise case: whether its lineages are the true ones, and each statement is proposed for its claim.

    python benchmarks/claims_exercise.py

Lineages are found once by the program alone and once with what the desk put on record
(`sidecar/lineages.jsonl`), and compared with `truth/lineages.jsonl`: how many are exactly right, and how
many pairs of statements are rightly together. Grouping: statements are offered one after the other in
order of time, each to the claims as they are put and as what was said on them before makes them fuller.
"""

from __future__ import annotations

import email
import io
import json
import mailbox
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email import policy
from itertools import combinations
from pathlib import Path
from typing import Any

from witnessmark.collect.readable import readable
from witnessmark.model import (
    Affiliation,
    Appearance,
    Bond,
    Claim,
    Dependence,
    Digest,
    Qualifier,
    Range,
    Span,
    Stance,
    Statement,
    TextSpan,
    Tie,
    Topic,
    person,
)
from witnessmark.model.weighing import Lineages, Rulings, Surroundings
from witnessmark.model.wire import digest_of
from witnessmark.weigh.dependence import lineages
from witnessmark.weigh.grouping import candidates, gist

EXERCISE = Path(__file__).parents[1] / "examples" / "exercise"
READER, NOW = person("desk"), datetime(2024, 12, 10, tzinfo=UTC)


class Exercise:
    """The statements of the exercise's truth as records, with the texts that they stand in."""

    def __init__(self) -> None:
        self.told = lines("truth/statements.jsonl")
        self.claims = {
            one["id"]: Claim(Digest.of(b"halsan"), Topic(one["topic"]), one["text"])
            for one in lines("sidecar/claims.jsonl")
            if one["kind"] == "claim"
        }
        self.texts: dict[Digest, str] = {}
        self.records: dict[str, Statement] = {}
        self.names: dict[Digest, str] = {}
        for one in self.told:
            self._enter(one)

    def _enter(self, one: Mapping[str, Any]) -> None:
        quote, text = found_in(EXERCISE / "incoming" / one["file"], one["quote"])
        digest, start = Digest.of(text.encode()), text.index(quote)
        self.texts[digest] = text
        statement = Statement(
            speaker=one["speaker"],
            claim=digest_of(self.claims[one["claim"]]),
            stance=Stance(one["stance"]),
            appearance=Appearance(
                Digest.of(one["file"].encode()), quote, digest, TextSpan(start, start + len(quote))
            ),
            read_by=READER,
            read_at=NOW,
            amount=amount_of(one["amount"]),
            relays=digest_of(self.records[one["relays"]]) if one["relays"] else None,
            said_at=span_of(one["said_at"]),
        )
        self.records[one["id"]] = statement
        self.names[digest_of(statement)] = one["id"]

    @property
    def statements(self) -> dict[Digest, Statement]:
        """Every statement by its name."""
        return {digest_of(statement): statement for statement in self.records.values()}

    def rulings(self) -> Rulings:
        """What the desk put on record about who has it from whom."""
        told = lines("sidecar/lineages.jsonl")
        ties = tuple(
            Tie(
                digest_of(self.records[one["statement"]]),
                digest_of(self.records[one["source"]]),
                Dependence(one["dependence"]),
                one["reason"],
                READER,
                NOW,
            )
            for one in told
            if one["kind"] == "tie"
        )
        affiliations = tuple(
            Affiliation(one["source"], one["body"], Bond(one["bond"]), one["reason"], READER, NOW)
            for one in told
            if one["kind"] == "affiliation"
        )
        return Rulings(ties=ties, affiliations=affiliations)

    def lineages(self, rulings: Rulings) -> Lineages:
        """The lineages that come out."""
        return lineages(self.statements, rulings, Surroundings(texts=self.texts))

    def as_names(self, found: Lineages) -> set[frozenset[str]]:
        """Lineages as sets of what the truth calls statements."""
        return {frozenset(self.names[digest] for digest in one.statements) for one in found.lineages}


def true_lineages() -> set[frozenset[str]]:
    """The lineages of the truth."""
    return {frozenset(one["statements"]) for one in lines("truth/lineages.jsonl")}


def pairs(groups: set[frozenset[str]]) -> set[tuple[str, str]]:
    """Every pair that is together."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def main() -> None:
    case, truth = Exercise(), true_lineages()
    for name, rulings in (("the program alone", Rulings()), ("with the desk's rulings", case.rulings())):
        found = case.as_names(case.lineages(rulings))
        together, right = pairs(found), pairs(found) & pairs(truth)
        print(
            f"lineages, {name}: {len(found & truth)} of {len(truth)} exactly right;"
            f" pairs precision {len(right) / len(together):.3f}, recall {len(right) / len(pairs(truth)):.3f}"
        )
        for one in sorted(map(sorted, found - truth)):
            print(f"  not in the truth: {', '.join(one)}")
    ranks = ranks_of_claims(case)
    for most in (1, 3):
        hit = sum(rank <= most for rank in ranks.values())
        print(f"grouping: the claim is among the first {most} for {hit} of {len(ranks)} statements")
    print("  not first:", ", ".join(f"{name} ({rank})" for name, rank in ranks.items() if rank > 1))


def ranks_of_claims(case: Exercise) -> dict[str, int]:
    """At which place its own claim is proposed for each statement, from 1."""
    said = {digest_of(claim): [gist(claim.topic, claim.text)] for claim in case.claims.values()}
    ranks = {}
    for one in sorted(case.told, key=lambda one: (one["said_at"] or {}).get("start") or "z"):
        statement = case.records[one["id"]]
        wanted = gist(
            Topic(one["topic"]), statement.appearance.quote, [statement.amount] if statement.amount else []
        )
        order = [candidate.claim for candidate in candidates(wanted, said)]
        ranks[one["id"]] = order.index(statement.claim) + 1
        said[statement.claim].append(wanted)
    return ranks


def lines(name: str) -> list[dict[str, Any]]:
    """The objects of a file of the exercise."""
    return [json.loads(line) for line in (EXERCISE / name).read_text("utf-8").splitlines()]


def amount_of(amount: Mapping[str, Any] | None) -> Range | None:
    """A number of the truth."""
    if amount is None:
        return None
    return Range(amount["low"], amount["best"], amount["high"], Qualifier(amount["qualifier"]))


def span_of(said: Mapping[str, str] | None) -> Span | None:
    """A time of the truth."""
    return Span(*(datetime.fromisoformat(said[end]) for end in ("start", "end"))) if said else None


def found_in(path: Path, quote: str) -> tuple[str, str]:
    """A quote as it stands in the readable text of a file, and that text."""
    for text in read(path):
        if quote in text:
            return quote, text
    raise LookupError(f"{quote[:60]!r} does not stand in {path.name}")


def read(path: Path) -> Iterator[str]:
    """The readable texts of a file."""
    for content, media_type in parts(path):
        for _, text in readable(io.BytesIO(content), {"media_type": media_type, "charset": "utf-8"}):
            yield b"".join([text] if isinstance(text, bytes) else text).decode()


def parts(path: Path) -> Iterator[tuple[bytes, str]]:
    """What holds text in a file, with its type."""
    if path.suffix in (".html", ".txt"):
        yield path.read_bytes(), "text/html" if path.suffix == ".html" else "text/plain"
        return
    for letter in letters(path):
        for part in email.message_from_bytes(letter, policy=policy.default).walk():
            if part.get_content_type() in {"text/plain", "text/html"}:
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                yield payload.replace(b"\r\n", b"\n"), part.get_content_type()


def letters(path: Path) -> list[bytes]:
    """The messages of a mailbox, or the one that a file is."""
    if path.suffix != ".mbox":
        return [path.read_bytes()]
    with closing(mailbox.mbox(path, create=False)) as box:
        return [letter.as_bytes() for letter in box]


if __name__ == "__main__":
    main()
