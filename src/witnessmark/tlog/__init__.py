"""The transparency log as pure mathematics and text: no files, no database, no clock.

Trees (`merkle`, `tiles`), signed text (`keys`, `note`, `checkpoint`), and what is exchanged with
others (`proof`, `witnessing`, `policy`). The formats are C2SP's, so that other people's tools
can judge ours.
"""

from witnessmark.tlog.checkpoint import Checkpoint
from witnessmark.tlog.keys import Algorithm, Cosigner, Signer, Verifier
from witnessmark.tlog.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    leaf_hash,
    leaf_hashes,
    node_hash,
)
from witnessmark.tlog.note import (
    OpenedNote,
    ParsedNote,
    SignatureLine,
    VerifiedSignature,
    add_lines,
    open_checkpoint,
    open_note,
    parse_note,
    sign,
)
from witnessmark.tlog.policy import Policy
from witnessmark.tlog.proof import TlogProof
from witnessmark.tlog.tiles import (
    TILE_WIDTH,
    Frontier,
    Tile,
    TileReader,
    decode_bundle,
    encode_bundle,
    tile_path,
    tiles_of,
    verify_log,
)
from witnessmark.tlog.witnessing import AddCheckpoint, Verdict, decide

__all__ = [
    "EMPTY_ROOT",
    "TILE_WIDTH",
    "AddCheckpoint",
    "Algorithm",
    "Checkpoint",
    "Cosigner",
    "Frontier",
    "OpenedNote",
    "ParsedNote",
    "Policy",
    "SignatureLine",
    "Signer",
    "Tile",
    "TileReader",
    "TlogProof",
    "Verdict",
    "VerifiedSignature",
    "Verifier",
    "add_lines",
    "check_consistency",
    "check_inclusion",
    "decide",
    "decode_bundle",
    "encode_bundle",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_note",
    "sign",
    "tile_path",
    "tiles_of",
    "verify_log",
]
