"""The exercise case: which of its attributed statements are proposed, and who says how many.

    python benchmarks/statements_exercise.py

A statement of `examples/exercise/truth` counts as found if a proposed one overlaps its quote and has its
voice. Where the truth names the outlet or the author, the text may speak in its own voice, in the first
person, or through a picture that shows something. Where an outlet passes a voice on, the stance of that
voice counts as well as "reports". Every statement that is missed is listed. The true numbers of people are
those of the statements and those of `numbers.jsonl`, which holds the further numbers in the texts; a pair of
a file, a voice and a number counts once.
"""

from __future__ import annotations

import email
import io
import json
import mailbox
import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from pathlib import Path
from typing import Any

from witnessmark.collect.readable import readable
from witnessmark.model import Qualifier, Range
from witnessmark.weigh.reading import Proposed, statements

EXERCISE = Path(__file__).parents[1] / "examples" / "exercise"
_FIRST = {"i", "we", "my", "our", "us"}
_PLAIN = {
    "a",
    "an",
    "the",
    "of",
    "in",
    "at",
    "for",
    "by",
    "who",
    "and",
    "whom",
    "to",
    "would",
    "later",
    "become",
}


def main() -> None:
    truth = [json.loads(line) for line in (EXERCISE / "truth" / "statements.jsonl").open()]
    further = [json.loads(line) for line in (EXERCISE / "truth" / "numbers.jsonl").open()]
    files = {
        name: list(_read(EXERCISE / "incoming" / name)) for name in sorted({one["file"] for one in truth})
    }
    found = {one["id"]: _matches(one, files[one["file"]]) for one in truth}
    by_id = {one["id"]: one for one in truth}
    allowed = {one["id"]: {one["stance"], by_id[one["relays"] or one["id"]]["stance"]} for one in truth}
    with_stance = sum(1 for one in truth if any(two.stance in allowed[one["id"]] for two in found[one["id"]]))
    hit = sum(map(bool, found.values()))
    print(f"{len(truth)} statements: {hit} found, {with_stance} of them with their stance")
    for one in truth:
        if not found[one["id"]]:
            print(f"  missed {one['id']} ({one['chain'][-1]}, {one['stance']}): {one['quote'][:90]}")
        elif not any(two.stance in allowed[one["id"]] for two in found[one["id"]]):
            read = [two.stance.value for two in found[one["id"]]]
            print(f"  stance {one['id']} is {one['stance']}, read as {read}")
    _numbers(_true_pairs(truth, further), files)


def _true_pairs(truth: list[dict[str, Any]], further: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The true numbers of people with their voices, each once; a relay has the voice of its origin."""
    speakers = {one["id"]: one["speaker"] for one in truth}
    pairs: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in truth:
        if one["amount"] and one["amount"]["unit"] == "persons":
            pairs.setdefault((one["file"], speakers[one["relays"] or one["id"]], str(one["amount"])), one)
    for one in further:
        also = one | {"speaker": one["chain"][-1], "relays": None, "id": one["quote"][:40]}
        pairs.setdefault((one["file"], also["speaker"], str(one["amount"])), also)
    return list(pairs.values())


def _numbers(wanted: list[dict[str, Any]], files: dict[str, list[tuple[str, list[Proposed]]]]) -> None:
    """Numbers of people with their voices: what is in the truth, and what is proposed."""
    pairs = {
        (name, _voice(one), str(counted.amount)): (one, counted.amount)
        for name, texts in files.items()
        for _, proposed in texts
        for one in proposed
        for counted in one.quantities
        if counted.unit in {"persons", None}
    }
    hit = [
        one
        for one in wanted
        if any(
            name == one["file"] and amount == _range(one["amount"]) and _is_voice(one, two)
            for (name, _, _), (two, amount) in pairs.items()
        )
    ]
    right = [
        key
        for key, (two, amount) in pairs.items()
        if any(
            one["file"] == key[0] and amount == _range(one["amount"]) and _is_voice(one, two)
            for one in wanted
        )
    ]
    print(
        f"numbers of people with their voice: recall {len(hit) / len(wanted):.3f} of {len(wanted)}, ", end=""
    )
    print(f"precision {len(right) / len(pairs):.3f} of {len(pairs)}")
    for one in wanted:
        if one not in hit:
            print(f"  missed {one['id']}: {one['chain'][-1]} {_range(one['amount'])}")
    for key in sorted(set(pairs) - set(right)):
        print(f"  not in the truth: {key}")


def _voice(one: Proposed) -> str:
    return one.source.text if one.source else ""


def _is_voice(one: dict[str, Any], two: Proposed) -> bool:
    """Whether a proposed statement has a voice of the true chain."""
    speaker = _voice(two)
    is_own = not speaker or speaker.lower() in _FIRST
    is_picture = bool(_words(speaker) & {"picture", "pictures", "shadows", "it"})
    own = one["relays"] is None and len(one["chain"]) == 1
    if is_own or (is_picture and own):
        return own
    return any(_words(speaker) & _words(voice) for voice in (*one["chain"], one["speaker"]))


def _words(voice: str) -> set[str]:
    return {word.removeprefix("ال") for word in re.findall(r"\w+", voice.lower())} - _PLAIN


def _matches(one: dict[str, Any], texts: list[tuple[str, list[Proposed]]]) -> list[Proposed]:
    """The proposed statements that overlap the quote and have its voice."""
    for text, proposed in texts:
        start = _find(text, one["quote"])
        if start is None:
            continue
        end = start + len(one["quote"])
        return [
            two
            for two in proposed
            if any(part.start < end and start < part.end for part in two.content) and _is_voice(one, two)
        ]
    return []


def _find(text: str, quote: str) -> int | None:
    pattern = r"\s+".join(map(re.escape, quote.split()))
    match = re.search(pattern, text)
    return match.start() if match else None


def _range(amount: dict[str, Any]) -> Range:
    return Range(amount["low"], amount["best"], amount["high"], Qualifier(amount["qualifier"]))


def _read(path: Path) -> Iterator[tuple[str, list[Proposed]]]:
    for content, media_type in _parts(path):
        for _, text in readable(io.BytesIO(content), {"media_type": media_type, "charset": "utf-8"}):
            written = text.decode()
            yield written, list(statements(written))


def _parts(path: Path) -> Iterator[tuple[bytes, str]]:
    if path.suffix == ".html":
        yield path.read_bytes(), "text/html"
    elif path.suffix == ".txt":
        yield path.read_bytes(), "text/plain"
    else:
        letters = mailbox.mbox(path) if path.suffix == ".mbox" else [path]
        for letter in letters:
            content = letter.as_bytes() if isinstance(letter, Message) else letter.read_bytes()
            message = email.message_from_bytes(content, policy=policy.default)
            for part in message.walk():
                if part.get_content_type() in {"text/plain", "text/html"}:
                    yield part.get_payload(decode=True), part.get_content_type()


if __name__ == "__main__":
    main()
