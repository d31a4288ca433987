"""Lists of codes in the forms that they are exchanged in, and what is no list of codes."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest

from witnessmark.collect.codes import ROW, codes
from witnessmark.errors import MalformedError


def code(seed: int) -> str:
    """A code as PDQ makes them: half of the bits set."""
    bits = np.random.default_rng(seed).permutation(np.repeat([0, 1], 128)).astype(np.uint8)
    return np.packbits(bits).tobytes().hex()


def read(written: str | bytes) -> tuple[dict[str, object], list[tuple[int, str]]]:
    """The facts of a list, and its codes with their places."""
    content = written if isinstance(written, bytes) else written.encode()
    ((facts, packed),) = codes(io.BytesIO(content), {})
    assert isinstance(packed, bytes)
    return dict(facts), [(place, found.hex()) for place, found in ROW.iter_unpack(packed)]


A, B, C = code(1), code(2), code(3)


@pytest.mark.parametrize(
    ("written", "form", "expected"),
    [
        (f"{A}\n\n{B}\n", "text", [(1, A), (3, B)]),
        (f"{A},100,one.jpg\n{B.upper()},93,two.jpg\n", "text", [(1, A), (2, B)]),
        (f"\ufeffhash,label\n{A},x\nnone,y\n{B},z\n", "CSV", [(2, A), (4, B)]),
        (f"sha256;PDQ\n{'0' * 64};{A}\n{'1' * 64};{B}\n", "CSV", [(2, A), (3, B)]),
        (f"type,indicator\nHASH_PDQ,{A}\nHASH_SHA256,{C}\nHASH_VIDEO_PDQ,{C}\n", "CSV", [(2, A)]),
        (f'note,hash\n"two\nlines",{A}\nx,{B}\n', "CSV", [(2, A), (4, B)]),
        (
            json.dumps(
                {"data": [{"indicator": A, "type": "HASH_PDQ"}, {"indicator": C, "type": "HASH_MD5"}]}
            ),
            "JSON",
            [(1, A)],
        ),
        (
            json.dumps({"hashRecords": [{"hashValue": A, "signalType": "ImagePDQ"}, {"hashValue": B}]}),
            "JSON",
            [(1, A), (2, B)],
        ),
        (
            json.dumps([{"id": 7, "signals": {"pdq": A}}, {"id": 8, "signals": {"video_md5": "0" * 32}}]),
            "JSON",
            [(1, A)],
        ),
        (json.dumps([A, B]), "JSON", [(1, A), (2, B)]),
        (
            f'{{"signal_type": "pdq", "signal_value": "{A}"}}\n\n{{"pdq": "{B}"}}\n',
            "JSON Lines",
            [(1, A), (3, B)],
        ),
    ],
)
def test_lists_are_read_in_the_forms_that_they_come_in(
    written: str, form: str, expected: list[tuple[int, str]]
) -> None:
    facts, found = read(written)
    assert found == expected
    assert facts["form"] == form
    assert facts["codes"] == len(expected)


def test_a_list_that_says_its_own_rule_is_heard() -> None:
    facts, _ = read(f'hash,quality,rule\n{A},100,"PDQ, full resolution"\n')
    assert facts["rule"] == "PDQ, full resolution"
    facts, _ = read(f"hash,quality,rule\n{A},100,one\n{B},100,another\n")
    assert "rule" not in facts


def test_checksums_are_not_taken_for_codes() -> None:
    sums = [hashlib.sha256(bytes([number])).hexdigest() for number in range(40)]
    with pytest.raises(MalformedError, match="checksums"):
        read("\n".join(sums))
    facts, _ = read("\n".join(code(number) for number in range(40)))
    assert facts["codes"] == 40


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\x00\xff" * 50,
        b"name,hash\nx,y\n",
        b"a,b\n1,2\n",
        b"{",
        b"[" * 200_000,
        b'{"hash": 7}',
        b"[[[]]]",
        A[:-1].encode(),
        b'"' + b"x" * 200_000,
    ],
)
def test_what_is_no_list_of_codes_is_refused_in_a_sentence(written: bytes) -> None:
    with pytest.raises(MalformedError):
        read(written)
