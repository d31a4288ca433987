"""What a witness answers (C2SP tlog-witness): a cosignature, or the reason why not."""

from __future__ import annotations

from witnessmark.errors import MalformedError, UnavailableError
from witnessmark.tlog import AddCheckpoint, Algorithm, Cosigner, Verdict, add_lines, parse_note
from witnessmark.witness.ledger import Ledger


class Witness:
    """Answers requests from what the ledger holds, with the key that it alone has."""

    def __init__(self, ledger: Ledger, cosigner: Cosigner) -> None:
        self._ledger = ledger
        self._cosigner = cosigner

    def answer(self, body: bytes) -> Verdict:
        """The answer to the body of an add-checkpoint request; signed only once the ledger is on the disk."""
        try:
            request = AddCheckpoint.parse(body)
            self._require_coverable(request)
            judged = self._ledger.consider(request)
            if judged.verdict.checkpoint is None:
                return judged.verdict
            line = self._cosigner.sign_line(parse_note(request.note).text, judged.at)
            self._ledger.publish(request, add_lines(request.note, line))
        except MalformedError as error:
            return Verdict(400, f"{error}\n")
        except UnavailableError as error:
            return Verdict(503, f"{error}\n")
        return Verdict(200, line, judged.verdict.checkpoint)

    def published(self, hashed_origin: str) -> bytes | None:
        """The newest cosigned checkpoint of a log, by the hash of its origin, for whoever monitors it."""
        return self._ledger.published(hashed_origin)

    def _require_coverable(self, request: AddCheckpoint) -> None:
        is_ml_dsa = self._cosigner.verifier.algorithm is Algorithm.COSIGNATURE_ML_DSA_44
        if is_ml_dsa and request.claimed.extensions:
            raise MalformedError("this witness signs with ML-DSA-44, which covers no extension lines")
