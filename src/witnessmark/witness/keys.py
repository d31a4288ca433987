"""The witness's own key: one line in a file that only its owner may read, never beside the ledger.

The line is the signer key of C2SP signed-note as Go's x/mod writes it, with the type byte of a
cosignature: `PRIVATE+KEY+name+id+base64(type, seed)`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.tlog import Algorithm, Cosigner
from witnessmark.tlog.strict import base64, unbase64

_LINE = re.compile(r"PRIVATE\+KEY\+([^+\n]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?")


def create_key(path: Path, name: str, algorithm: Algorithm = Algorithm.COSIGNATURE) -> Cosigner:
    """A new key for the witness called `name`, kept at `path`; RefusedError if something lies there."""
    cosigner = Cosigner.generate(name, algorithm)
    verifier = cosigner.verifier
    seed = base64(bytes((verifier.algorithm,)) + cosigner.private_bytes())
    try:
        _write_new(path, f"PRIVATE+KEY+{verifier}+{seed}\n".encode())
    except FileExistsError as error:
        raise RefusedError(f"{path} exists already", advice="a key is never overwritten") from error
    except OSError as error:
        raise RefusedError(f"the key cannot be written to {path}: {error.strerror}") from error
    return cosigner


def load_key(path: Path) -> Cosigner:
    """The key kept at `path`; RefusedError if it is not there or others than its owner can read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise RefusedError(
                f"the key {path} can be read by others than its owner",
                advice=f"if nobody has copied it, `chmod 600 {path}`; if in doubt, make a new key",
            )
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise RefusedError(
            f"the key {path} is not there", advice="make one for this witness first"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"the key {path} cannot be read: {error}") from error
    return _read_line(text, path)


def _read_line(text: str, path: Path) -> Cosigner:
    parts = _LINE.fullmatch(text)
    if parts is None:
        raise MalformedError(f"{path} is not the key of a witness")
    name, key_id, encoded = parts.groups()
    typed = unbase64(encoded, f"the key in {path}")
    if typed[0] not in {one for one in Algorithm if one.is_cosignature}:
        raise MalformedError(f"{path} is not the key of a witness but of another kind")
    cosigner = Cosigner.from_private_bytes(name, typed[1:], Algorithm(typed[0]))
    if str(cosigner.verifier) != f"{name}+{key_id}":
        raise MalformedError(f"{path} is damaged: its key is {cosigner.verifier}, not {name}+{key_id}")
    return cosigner


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
