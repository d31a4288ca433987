"""revealed.jsonl: personal values that the desk discloses, each with the key that opens its commitment.

A record only commits to such a value. One line of this file holds the commitment, the key and the
value, and anyone can do the sum:

    printf %s "$value" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key

A key opens that one commitment and nothing else.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping

from witnessmark.errors import MalformedError
from witnessmark.model import Sealed
from witnessmark.ports import Opening


def written(revealed: Mapping[Sealed, Opening]) -> bytes:
    """The file: one JSON object a line, in ASCII, since the name of a file need not be text."""
    lines = (
        json.dumps({"commitment": commitment, "key": opening.key.hex(), "value": opening.value})
        for commitment, opening in sorted(revealed.items(), key=lambda one: one[0])
    )
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def read(content: bytes) -> dict[Sealed, Opening]:
    """What opens which commitment; MalformedError if the file is not of this form."""
    found: dict[Sealed, Opening] = {}
    for number, line in enumerate(content.decode("ascii", "replace").split("\n")[:-1], 1):
        try:
            one = json.loads(line)
            found[Sealed(one["commitment"])] = Opening(bytes.fromhex(one["key"]), str(one["value"]))
        except (ValueError, LookupError, TypeError, RecursionError, MalformedError) as error:
            raise MalformedError(f"line {number} is no commitment, key and value") from error
    if written(found) != content:
        raise MalformedError("it is not written as it should be: sorted, and nothing twice")
    return found


def opens(opening: Opening, commitment: Sealed) -> bool:
    """Whether the value is the one that was committed to."""
    content = opening.value.encode("utf-8", "surrogatepass")
    return f"hmac-sha256:{hmac.digest(opening.key, content, 'sha256').hex()}" == commitment
