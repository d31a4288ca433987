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


STOPNCII = {
    "count": 3,
    "nextSetTimestamp": 1625175071,
    "nextPageToken": None,
    "hasMoreRecords": False,
    "hashRecords": [
        {
            "lastModtimestamp": 1625167804,
            "hashValue": A,
            "hashStatus": "Active",
            "caseNumbers": {"27664732-76e1-4a17-8099-455798e67022": "Active"},
            "signalType": "ImagePDQ",
            "CSPFeedbacks": [{"source": "one", "feedbackValue": "Blocked", "tags": ["x"]}],
        },
        {"lastModtimestamp": 1, "hashValue": "0" * 32, "hashStatus": "Active", "signalType": "VideoMD5"},
        {"lastModtimestamp": 2, "hashValue": B, "hashStatus": "Withdrawn", "signalType": "ImagePDQ"},
    ],
}
THREAT_UPDATES = {
    "data": [
        {
            "id": "1",
            "indicator": A,
            "type": "HASH_PDQ",
            "creation_time": 1,
            "last_updated": 2,
            "should_delete": False,
            "descriptors": {"data": [{"id": "2", "raw_indicator": A, "status": "MALICIOUS", "tags": []}]},
        },
        {"id": "3", "indicator": B, "type": "HASH_PDQ", "last_updated": 2, "should_delete": True},
        {"id": "4", "indicator": "0" * 32, "type": "HASH_MD5", "should_delete": False},
        {"id": "5", "indicator": C, "type": "HASH_PDQ_OCR", "should_delete": False},
    ],
    "paging": {"cursors": {"before": "a", "after": "b"}, "next": "https://graph.example/threat_updates"},
}
HASH_LIST = {
    "count": 3,
    "next": None,
    "previous": None,
    "checkpoint": "1724856487.709035,10594",
    "results": [
        {"hash_digest": "0" * 32, "algorithm": "MD5", "file_type": "mp4", "deleted": False, "id": 2819},
        {"hash_digest": A, "algorithm": "PDQ", "file_type": "gif", "deleted": False, "id": 2821},
        {"hash_digest": B, "algorithm": "PDQ", "file_type": "jpg", "deleted": True, "id": 2822},
    ],
}


@pytest.mark.parametrize(
    ("written", "expected", "without", "withdrawn"),
    [
        pytest.param(json.dumps(STOPNCII), [(1, A)], 1, 1, id="StopNCII, FetchHashes"),
        pytest.param(json.dumps(THREAT_UPDATES), [(1, A), (4, C)], 1, 1, id="ThreatExchange, threat_updates"),
        pytest.param(json.dumps(HASH_LIST), [(2, A)], 1, 1, id="Tech Against Terrorism, hash list"),
        pytest.param(
            f"signal_type,signal_str,collab,category,tags\npdq,{A},Sample,POSITIVE_CLASS,a b\n"
            f"video_md5,{'0' * 32},Sample,POSITIVE_CLASS,\n",
            [(2, A)],
            1,
            None,
            id="python-threatexchange, dataset -P --csv",
        ),
        pytest.param(
            f"pdq {A} 'Sample Data' {{'tags': ['a', 'b']}}\nvideo_md5 {'0' * 32}\nraw_text some words\n",
            [(1, A)],
            2,
            None,
            id="python-threatexchange, dataset -P and local files",
        ),
        pytest.param(f"sha256 {C}\npdq {A}\n", [(2, A)], 1, None, id="other types of the same length"),
        pytest.param(
            json.dumps({"id": 7, "bank": "ONE", "disable_until_ts": 0, "signals": {"pdq": A}}),
            [(1, A)],
            0,
            None,
            id="HMA, content of a bank with its signals",
        ),
        pytest.param(
            json.dumps({"id": 7, "signals": {"pdq": A, "video_md5": "0" * 32}}),
            [(1, A)],
            0,
            None,
            id="HMA, added",
        ),
    ],
)
def test_exchanges_are_read_by_their_published_fields_and_what_they_took_back_is_left_out(
    written: str, expected: list[tuple[int, str]], without: int, withdrawn: int | None
) -> None:
    """Fields as in facebook/ThreatExchange: exchanges/clients, cli/dataset_cmd.py, OpenMediaMatch/schemas."""
    facts, found = read(written)
    assert found == expected
    assert (facts["without"], facts.get("withdrawn")) == (without, withdrawn)


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
