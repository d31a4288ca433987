"""Verify what others said of the log: time stamps, each as the log named it, and cosignatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from witnessmark.model import Check, CheckState, Facts
from witnessmark.ports import Head, KeptCheckpoint, Store, Token
from witnessmark.preserve.timestamp import check_tokens, kept_as
from witnessmark.preserve.witnessing import check_quorum
from witnessmark.tlog import Policy, Verifier

TokenName = tuple[Any, Any, Any]
"""Which token it is: the size of its checkpoint, the authority, the serial."""

Entered = dict[TokenName, tuple[int, Facts]]
"""The tokens that log entries name, with the index of the entry and what it says."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the checker brings along and does not take from the case."""

    verifier: Verifier
    now: datetime
    published: Head | None = None
    policy: Policy | None = None
    roots: tuple[bytes, ...] = ()


def name_of(kept: Facts) -> TokenName:
    """Which token an entry is about."""
    return kept.get("checkpoint_size"), kept.get("authority"), kept.get("serial")


def check_outside(store: Store, trust: Trust, entered: Entered) -> Iterator[Check]:
    """Each time stamp, as it is and as the log named it; then the witnesses of the newest checkpoint."""
    checkpoints = {checkpoint.size: checkpoint for checkpoint in store.checkpoints()}
    tokens = store.tokens()
    if not tokens:
        yield Check("time stamps", CheckState.NOT_CHECKABLE, "there is no outside time-stamp")
    for size in sorted({token.checkpoint_size for token in tokens}):
        over = [token for token in tokens if token.checkpoint_size == size]
        yield from _tokens(over, checkpoints.get(size), trust, entered)
    here = {name_of(kept_as(token)) for token in tokens}
    for name, (index, _) in entered.items():
        if name not in here:
            fault = f"log entry {index} says that it was kept, but it is missing"
            yield Check(_called(name), CheckState.BROKEN, fault)
    if trust.policy is None or not checkpoints:
        yield Check("witnesses", CheckState.NOT_CHECKABLE, "there is no outside witness")
        return
    newest = checkpoints[max(checkpoints)]
    yield check_quorum(newest.note, trust.policy, trust.verifier)


def _tokens(
    tokens: Sequence[Token], covered: KeptCheckpoint | None, trust: Trust, entered: Entered
) -> Iterator[Check]:
    if covered is None:
        what = f"time stamps over checkpoint {tokens[0].checkpoint_size}"
        yield Check(what, CheckState.BROKEN, "the checkpoint that they cover is missing")
        return
    for token, checked in check_tokens(covered.signed, tokens, trust.roots, trust.now):
        what = _called(name_of(kept_as(token)))
        fault = _changed(token, entered)
        yield Check(what, checked.state if fault is None else CheckState.BROKEN, fault or checked.detail)


def _changed(token: Token, entered: Entered) -> str | None:
    """What is no longer as it was when the token was entered in the log."""
    kept = kept_as(token)
    index, named = entered.get(name_of(kept), (0, kept))
    changed = [name for name, value in kept.items() if named.get(name) != value]
    return f"its {' and '.join(changed)} changed since log entry {index} named it" if changed else None


def _called(name: TokenName) -> str:
    size, authority, serial = name
    return f"time stamp {serial} of {authority} over checkpoint {size}"
