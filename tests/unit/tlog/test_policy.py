"""Policies: their text, and which sets of witnesses are enough."""

from __future__ import annotations

from itertools import combinations

import pytest

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog import Algorithm, Checkpoint, Cosigner, Policy, Signer, add_lines, sign

LOG = Signer.from_private_bytes("desk.example/log", b"l" * 32)
OTHER = Signer.from_private_bytes("other.example/log", b"o" * 32)
WITNESSES = {
    name: Cosigner.from_private_bytes(f"{name}.example", name.ljust(32).encode())
    for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
TEXT = Checkpoint("desk.example/log", 1, b"r" * 32).text()
KEYS = {name: witness.verifier.vkey() for name, witness in WITNESSES.items()}
LOG_LINE = f"log {LOG.verifier.vkey()}\n"
WITNESS_LINES = "".join(f"witness {name} {vkey}\n" for name, vkey in KEYS.items())
# The specification's example.
NESTED = (
    f"{LOG_LINE}{WITNESS_LINES}group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


def note(*names: str) -> bytes:
    return add_lines(sign(TEXT, LOG), *(WITNESSES[name].sign_line(TEXT, 5) for name in names))


def test_exactly_the_right_sets_of_witnesses_are_a_quorum() -> None:
    policy = Policy.parse(NESTED)
    enough = 0
    for count in range(7):
        for names in combinations(WITNESSES, count):
            wanted = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
            if wanted:
                enough += 1
                assert {*names, "X-witnesses", "Y-witnesses", "X-and-Y"} == set(policy.check(note(*names)))
            else:
                with pytest.raises(IntegrityError, match="lacks its quorum 'X-and-Y'"):
                    policy.check(note(*names))
    assert enough == 4 * 7


def test_a_refusal_says_who_has_seen_the_checkpoint() -> None:
    with pytest.raises(IntegrityError, match="seen by 'X1', 'Y1', 'Y-witnesses'"):
        Policy.parse(NESTED).check(note("X1", "Y1"))
    with pytest.raises(IntegrityError, match="seen by no known witness"):
        Policy.parse(NESTED).check(note())


def test_a_policy_without_a_quorum_asks_for_no_witness_and_still_names_them() -> None:
    policy = Policy.parse(f"{LOG_LINE}{WITNESS_LINES}quorum none\n")
    assert policy.quorum is None
    assert policy.check(note()) == ()
    assert policy.check(note("X1")) == ("X1",)


def test_a_single_witness_can_be_the_quorum() -> None:
    policy = Policy.parse(f"{LOG_LINE}{WITNESS_LINES}quorum Y2\n")
    assert policy.check(note("Y2", "X1")) == ("X1", "Y2")
    with pytest.raises(IntegrityError, match="lacks its quorum 'Y2'"):
        policy.check(note("X1", "Y1"))


def test_a_policy_accepts_only_its_logs() -> None:
    policy = Policy.parse(f"log {OTHER.verifier.vkey()}\nquorum none\n")
    with pytest.raises(IntegrityError, match=r"does not accept the log 'desk\.example/log'"):
        policy.check(note())
    both = Policy.parse(f"log {OTHER.verifier.vkey()}\n{LOG_LINE}quorum none\n")
    assert both.check(note()) == ()
    with pytest.raises(IntegrityError, match="no known key signed"):
        both.check(sign(TEXT, OTHER).replace(b"other.example/log", b"desk.example/log"))


def test_another_accepted_log_cannot_sign_for_this_one() -> None:
    both = Policy.parse(f"log {OTHER.verifier.vkey()}\n{LOG_LINE}quorum none\n")
    with pytest.raises(IntegrityError):
        both.check(sign(TEXT, OTHER))


def test_a_policy_that_lists_no_log_needs_to_be_told_one() -> None:
    policy = Policy.parse("quorum none\n")
    assert policy.check(note(), LOG.verifier) == ()
    with pytest.raises(UsageError, match="lists no log"):
        policy.check(note())


def test_a_wrong_cosignature_by_a_listed_witness_condemns_the_checkpoint() -> None:
    wrong = add_lines(note("X1", "X2", "Y1"), WITNESSES["Y2"].sign_line("another\n", 5))
    with pytest.raises(IntegrityError, match="is wrong"):
        Policy.parse(NESTED).check(wrong)


def test_a_witness_with_an_ml_dsa_key_counts_if_it_states_a_time() -> None:
    witness = Cosigner.from_private_bytes("pq.example", b"p" * 32, Algorithm.COSIGNATURE_ML_DSA_44)
    policy = Policy.parse(f"{LOG_LINE}witness pq {witness.verifier.vkey()}\nquorum pq\n")
    assert policy.check(add_lines(sign(TEXT, LOG), witness.sign_line(TEXT, 5))) == ("pq",)


def test_comments_spaces_urls_and_foreign_letters_are_taken_as_they_are() -> None:
    policy = Policy.parse(
        f"# é \u00a0 comment\n\n  \t\n\tlog  {LOG.verifier.vkey()}\thttps://desk.example/ \n"
        f" # witness\nwitness K\u212a {KEYS['X1']} https://x1.example/\ngroup g 1 K\u212a\nquorum g"
    )
    assert policy.logs[0].url == "https://desk.example/"
    assert (policy.witnesses[0].name, policy.witnesses[0].url) == ("K\u212a", "https://x1.example/")
    assert policy.check(note("X1")) == ("K\u212a", "g")


def test_names_are_octets_and_need_not_be_utf8() -> None:
    text = f"{LOG_LINE}witness ".encode() + b"\xff\xa0" + f" {KEYS['X1']}\nquorum ".encode()
    assert Policy.parse(text + b"\xff\xa0\n").quorum is not None
    with pytest.raises(MalformedError, match="not defined above"):
        Policy.parse(text + b"\xff\xa1\n")


FAULTS = {
    "nothing": "",
    "no quorum": LOG_LINE,
    "two quorums": "quorum none\nquorum none\n",
    "an undefined quorum": "quorum X1\n",
    "a quorum defined below": f"quorum X1\n{WITNESS_LINES}",
    "a quorum of two names": f"{WITNESS_LINES}quorum X1 X2\n",
    "a quorum without a name": "quorum\n",
    "an unknown word": "quorum none\nfoo bar\n",
    "a word in capitals": "QUORUM none\n",
    "a log without a key": "log\nquorum none\n",
    "a log with too much": f"log {LOG.verifier.vkey()} url more\nquorum none\n",
    "a log with a broken key": f"log {LOG.verifier.vkey()}x\nquorum none\n",
    "a log with a witness's key": f"log {KEYS['X1']}\nquorum none\n",
    "a log twice": f"{LOG_LINE}{LOG_LINE}quorum none\n",
    "a witness without a key": "witness X1\nquorum none\n",
    "a witness with a log's key": f"witness X1 {LOG.verifier.vkey()}\nquorum none\n",
    "a witness's key twice": f"witness A {KEYS['X1']}\nwitness B {KEYS['X1']}\nquorum none\n",
    "a witness's name twice": f"witness A {KEYS['X1']}\nwitness A {KEYS['X2']}\nquorum none\n",
    "a witness called none": f"witness none {KEYS['X1']}\nquorum none\n",
    "a group called none": f"{WITNESS_LINES}group none any X1\nquorum none\n",
    "a group with a witness's name": f"{WITNESS_LINES}group X1 any X2\nquorum none\n",
    "a group without members": f"{WITNESS_LINES}group g any\nquorum none\n",
    "a group of none": f"{WITNESS_LINES}group g any none\nquorum none\n",
    "a group of itself": f"{WITNESS_LINES}group g any g\nquorum none\n",
    "a group with a member twice": f"{WITNESS_LINES}group g any X1 X1\nquorum none\n",
    "a group with an undefined member": f"{WITNESS_LINES}group g any Z1\nquorum none\n",
    "a threshold of nought": f"{WITNESS_LINES}group g 0 X1\nquorum none\n",
    "a threshold above the members": f"{WITNESS_LINES}group g 3 X1 X2\nquorum none\n",
    "a threshold with a leading zero": f"{WITNESS_LINES}group g 01 X1 X2\nquorum none\n",
    "a threshold with a sign": f"{WITNESS_LINES}group g +1 X1 X2\nquorum none\n",
    "a threshold in words": f"{WITNESS_LINES}group g some X1 X2\nquorum none\n",
    "a carriage return": f"{LOG_LINE}quorum none\r\n",
    "a delete sign": f"{LOG_LINE}# \x7f\nquorum none\n",
    "a zero byte": f"{LOG_LINE}# \0\nquorum none\n",
}


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS.keys())
def test_a_policy_with_one_fault_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Policy.parse(text)


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(MalformedError, match="line 2 of the policy: 'X1' is not defined above"):
        Policy.parse("# comment\nquorum X1\n")
