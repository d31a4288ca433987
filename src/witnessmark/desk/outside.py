"""Outside: asking witnesses to cosign and authorities to stamp what was just signed.

What they do not answer is said and goes on; what they say against the log stops everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from witnessmark.model import Facts
from witnessmark.ports import Case, KeptCheckpoint, TimestampAuthority, Token
from witnessmark.preserve.checkpoint import sign_head
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.keys import KeyFolder
from witnessmark.preserve.timestamp import KEPT, due_for_renewal, kept_as, renew, stamp_all
from witnessmark.preserve.witnessing import HttpWitness, cosign_all
from witnessmark.tlog import TileReader

RENEWAL_MARGIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Outside:
    """Everyone outside who can say something about this log."""

    case: Case
    custodian: Custodian
    authorities: Sequence[TimestampAuthority]
    witnesses: Sequence[HttpWitness]
    notice: Callable[[str], None]

    def checkpoint(self, keys: KeyFolder) -> KeptCheckpoint:
        """The checkpoint of the committed head: signed, then cosigned and stamped by whoever answers.

        An answer comes after the log was signed, so the next checkpoint is the first to cover its entry.
        """
        self._enter(self._not_entered())
        earlier = self.case.checkpoints()
        signed = sign_head(self.case, keys)
        consistency = TileReader(self.case.tile, signed.size).consistency
        witnessed = cosign_all(signed, self.witnesses, consistency, earlier)
        if witnessed.checkpoint != signed:
            self.case.keep_checkpoint(witnessed.checkpoint)
        stamped = stamp_all(signed.signed, self.authorities, self._tokens_over(signed))
        for token in stamped.tokens:
            self.case.keep_token(token)
        for failure in (*witnessed.failures, *stamped.failures):
            self.notice(failure)
        return witnessed.checkpoint

    def renew(self, margin: timedelta = RENEWAL_MARGIN) -> tuple[int, int]:
        """Stamp again what would expire within `margin`; how many tokens were renewed, and how many not."""
        count, left, failures = 0, 0, dict[str, None]()
        for checkpoint in self.case.checkpoints():
            tokens = self._tokens_over(checkpoint)
            due = due_for_renewal(checkpoint.signed, tokens, self.custodian.clock.now(), margin)
            if due:
                stamped = renew(checkpoint.signed, tokens, due, self.authorities)
                for token in stamped.tokens:
                    self.case.keep_token(token)
                self._enter(stamped.tokens)
                failures |= dict.fromkeys(stamped.failures)
                count += len(stamped.tokens)
                left += len(due) - len(stamped.tokens)
        for failure in failures:
            self.notice(failure)
        if count:
            with self.case.transaction() as transaction:
                transaction.append(self.custodian.act("renew", detail=Facts(tokens=count)))
        return count, left

    def _enter(self, tokens: Sequence[Token]) -> None:
        if tokens:
            with self.case.transaction() as transaction:
                for token in tokens:
                    transaction.append(self.custodian.act(KEPT, detail=kept_as(token)))

    def _not_entered(self) -> Sequence[Token]:
        """The first stamps that no entry names yet; only those over the newest checkpoints can be such."""
        newest, entered = 0, set[str]()
        for index in reversed(self.case.acts(KEPT)):
            kept = self.case.action(index).detail
            if kept["serial"] == 1:
                newest = newest or kept["checkpoint_size"]
                if kept["checkpoint_size"] < newest:
                    break
                entered.add(kept["authority"])
        return [
            token
            for token in self.case.tokens()
            if token.serial == 1
            and token.checkpoint_size >= newest
            and not (token.checkpoint_size == newest and token.authority in entered)
        ]

    def _tokens_over(self, checkpoint: KeptCheckpoint) -> list[Token]:
        return [token for token in self.case.tokens() if token.checkpoint_size == checkpoint.size]
