"""Laws of the store: however a case grew, its catalog is what a rebuild makes, and its log fits."""

from __future__ import annotations

import io
import tempfile
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.campaigns.judge import Promises, tree_root

from witnessmark.model import Digest, Erasure, Event, Sealed, person
from witnessmark.ports import Capture
from witnessmark.preserve.custody import Custodian, SystemClock
from witnessmark.preserve.erase import erase
from witnessmark.preserve.seal import Intake, Taken
from witnessmark.store import CaseFolder, create_case, open_case
from witnessmark.store.vault import Vault
from witnessmark.tlog import leaf_hash

KEY = bytes(range(32))
ORIGIN = "desk.example/laws"

steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.lists(st.binary(max_size=12), min_size=1, max_size=6)),
        st.tuples(st.just("event"), st.text(min_size=1, max_size=8)),
        st.tuples(st.just("erase"), st.integers(0, 5)),
        st.tuples(st.just("fail"), st.none()),
        st.tuples(st.just("reopen"), st.none()),
    ),
    max_size=8,
)


class LawError(Exception):
    """Something that goes wrong inside a transaction."""


def _step(case: CaseFolder, custodian: Custodian, kind: str, what: object) -> None:
    if kind == "take" and isinstance(what, list):
        captures = [Capture(partial(io.BytesIO, content), "here", "law") for content in what]
        list(Intake(case, custodian, "run", lambda _: "x/y").seal(captures))
    elif kind == "event":
        with case.transaction() as transaction:
            transaction.append(custodian.act("law"), [Event(str(what))])
    elif kind == "erase":
        exhibits = [digest for _, digest in case.exhibits() if case.has(digest)]
        if exhibits and isinstance(what, int):
            digest = exhibits[what % len(exhibits)]
            erase(case, custodian, Erasure((digest,), (), "a law", person("law"), custodian.clock.now()))
    elif kind == "fail":
        with suppress(LawError), case.transaction() as transaction:
            transaction.append(custodian.act("law"), [Event("never")])
            raise LawError


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_the_catalog_is_always_what_a_rebuild_makes(story: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, custodian = Path(folder) / "case", Custodian(SystemClock(), person("law"), "laws 1", "s")
        case = create_case(root, ORIGIN, f"{ORIGIN}+00000000+AAAA", KEY)
        for kind, what in story:
            if kind == "reopen":
                case.close()
                case = open_case(root, KEY)
            _step(case, custodian, kind, what)
        with closing(case):
            before = case.catalog_fingerprint()
            assert case.catalog_holds()
            case.rebuild()
            assert case.catalog_fingerprint() == before
            leaves = [leaf_hash(written) for _, written in case.entries()]
            assert (case.head().size, case.head().root) == (len(leaves), tree_root(leaves))
            assert "never" not in before


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=12))
def test_equal_bytes_are_one_exhibit_and_different_bytes_are_not(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        custodian = Custodian(SystemClock(), person("law"), "laws 1", "s")
        case = create_case(Path(folder) / "case", ORIGIN, f"{ORIGIN}+00000000+AAAA", KEY)
        with closing(case):
            captures = [Capture(partial(io.BytesIO, content), "here", "law") for content in contents]
            taken = list(Intake(case, custodian, "run", lambda _: "x/y").seal(captures))
            exhibits = {one.copy.digest: one.exhibit for one in taken if isinstance(one, Taken)}
            assert exhibits.keys() == {Digest.of(content) for content in contents}
            assert len(set(exhibits.values())) == len(exhibits)
            assert sum(one.is_new for one in taken if isinstance(one, Taken)) == len(exhibits)


@given(st.text())
def test_a_sealed_value_comes_back_and_no_two_seals_are_alike(value: str) -> None:
    vault = Vault(KEY)
    (first, box), (second, _) = vault.seal(value), vault.seal(value)
    assert vault.open(first, box).value == value
    assert first != second
    assert isinstance(first, Sealed)
    assert vault.lookup(value) == Vault(KEY).lookup(value)


@given(st.lists(st.text(alphabet="0123456789abcdef", min_size=64, max_size=64), max_size=5), st.data())
def test_a_line_that_was_cut_off_promises_nothing(digests: list[str], data: st.DataObject) -> None:
    text = "".join(f"ACK {digest}\n" for digest in digests)
    cut = data.draw(st.integers(0, len(text)))
    told = Promises().hear(text[:cut]).acknowledged
    assert told == frozenset(digests[: text[:cut].count("\n")])
