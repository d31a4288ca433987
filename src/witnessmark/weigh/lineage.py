"""Where a statement comes from: the first voice at the end of its chain of relays.

A paper that prints what an agency sent does not confirm it: it is an echo. But a voice that passes
something on and adds a word of its own (doubts it, could not verify it) speaks for itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from witnessmark.errors import MalformedError
from witnessmark.model import Digest, Stance, Statement

_ADDS_NOTHING = frozenset({Stance.REPORTS, Stance.ASSERTS, Stance.CONFIRMS})
"""Stances that, taken by one who relays, say no more than the relayed voice said."""


def adds_nothing(stance: Stance) -> bool:
    """Whether one who relays and takes this stance says no more than the relayed voice said."""
    return stance in _ADDS_NOTHING


def folded(name: str) -> str:
    """A source's name without what does not tell it from another: capitals, spaces, a leading article."""
    return re.sub(r"^(?:the|a|an)\s+", "", " ".join(name.split()).casefold())


def is_echo(statement: Statement) -> bool:
    """Whether `statement` only passes on what another voice said."""
    return statement.relays is not None and statement.stance in _ADDS_NOTHING


def first_voice(statements: Mapping[Digest, Statement], digest: Digest) -> Digest:
    """The statement at the end of the chain of echoes that starts at `digest`."""
    seen = {digest}
    while is_echo(statements[digest]):
        digest = passed_on(statements, digest)
        if digest in seen:
            raise MalformedError(f"the statement {digest} relays itself in a circle")
        seen.add(digest)
    return digest


def passed_on(statements: Mapping[Digest, Statement], digest: Digest) -> Digest:
    """The statement that the relaying statement `digest` passes on; MalformedError if it is not at hand."""
    relaying = statements[digest]
    source = relaying.relays
    if source is None or source not in statements:
        raise MalformedError(
            f"the statement {digest} of {relaying.speaker} relays {source}, which is not at hand",
            advice="hand over the whole chain of statements, or reject the one that relays",
        )
    if statements[source].claim != relaying.claim:
        raise MalformedError(
            f"the statement {digest} of {relaying.speaker} relays {source}, which is about another claim",
            advice="reject the statement that relays and enter it again with the right claim",
        )
    return source


def on_claim(statements: Mapping[Digest, Statement], claim: Digest) -> tuple[Digest, ...]:
    """The statements about `claim`, in an order that depends on nothing but their names."""
    return tuple(sorted(digest for digest, statement in statements.items() if statement.claim == claim))
