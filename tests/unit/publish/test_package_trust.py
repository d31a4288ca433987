"""Whose word a package is: keys and witnesses count from outside it; and the second verifier stands alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from tests.conformance.bench import Bench, copy_of
from tests.conformance.exercise import exercise_case

from witnessmark.errors import UsageError
from witnessmark.model import Check, CheckState
from witnessmark.ports import Token
from witnessmark.publish import package_layout as layout
from witnessmark.publish import standalone
from witnessmark.publish.package import build_package
from witnessmark.publish.package_check import TokenCheck, Trust, check_package
from witnessmark.publish.package_letter import bag_info, letter
from witnessmark.tlog import Policy, Signer

SOURCE = Path(standalone.__file__)


def _stamp(checkpoint: bytes, size: int) -> tuple[Token, ...]:
    """Not a token: only something that names the checkpoint, for tests that bring a judge of their own."""
    return (
        Token(size, "clock.example", 1, b"question", b"answer " + sha256(checkpoint).digest(), b"", None),
    )


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("trust")
    case = exercise_case(folder)
    contents = case.contents(("clock.example", "silent.example"))
    build_package(folder / "package", contents, lambda detail: case.seal(detail, _stamp))
    yield Bench(folder / "package", case, _stamp)
    case.store.close()


def _states(bench: Bench, trust: Trust | None, judge: TokenCheck | None = None) -> dict[str, Check]:
    return {check.what: check for check in check_package(bench.root, trust, judge)}


def _alone(bench: Bench, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The verifier from inside the package, run as a clerk would, away from the product."""
    command = [sys.executable, "-I", bench.root / layout.VERIFIER, bench.root, "--json", *arguments]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd="/")
    return ran.returncode, {line["what"]: line for line in map(json.loads, ran.stdout.splitlines())}


def test_with_the_key_from_elsewhere_the_checkpoint_holds(good: Bench) -> None:
    assert _states(good, Trust(good.case.log))[layout.CHECKPOINT].state is CheckState.HOLDS
    code, lines = _alone(good, "--vkey", good.case.log.vkey())
    assert (code, lines["checkpoint"]["state"]) == (0, "holds")


def test_without_a_key_from_elsewhere_nobody_can_tell(good: Bench) -> None:
    check = _states(good, None)[layout.CHECKPOINT]
    assert check.state is CheckState.NOT_CHECKABLE
    assert "itself names" in check.detail
    code, lines = _alone(good)
    assert (code, lines[layout.CHECKPOINT]["state"]) == (0, "not checkable")


def test_the_packages_own_key_is_trusted_only_when_told_and_that_is_said(good: Bench) -> None:
    check = _states(good, Trust(package_key=True))[layout.CHECKPOINT]
    assert check.state is CheckState.HOLDS
    assert "from the package itself" in check.detail


def test_another_key_is_told_apart(good: Bench) -> None:
    other = Signer.generate(good.case.log.name).verifier
    blamed = {what for what, check in _states(good, Trust(other)).items() if check.state is CheckState.BROKEN}
    assert blamed == {layout.POLICY, layout.CHECKPOINT}
    code, lines = _alone(good, "--vkey", other.vkey())
    assert code == 6
    assert {what for what, line in lines.items() if line["state"] == "broken"} == blamed


def test_witnesses_count_by_a_policy_from_elsewhere_alone(good: Bench, tmp_path: Path) -> None:
    policy = Policy.parse(good.case.policy())
    assert _states(good, Trust(good.case.log, policy))["witnesses"].state is CheckState.HOLDS
    assert _states(good, Trust(good.case.log))["witnesses"].state is CheckState.NOT_CHECKABLE
    mine = tmp_path / "policy"
    mine.write_bytes(good.case.policy())
    for given, state in ((("--policy", str(mine)), "holds"), ((), "not checkable")):
        _, lines = _alone(good, "--vkey", good.case.log.vkey(), *given)
        assert lines["witnesses"]["state"] == state


def test_a_token_is_judged_by_whoever_can_and_else_left_to_openssl(good: Bench) -> None:
    path = "timestamps/clock.example-1.tsr"
    seen: list[tuple[bytes, Token]] = []

    def judge(content: bytes, token: Token) -> Check:
        seen.append((content, token))
        return Check(token.authority, CheckState.HOLDS, "not later than noon")

    assert _states(good, None, judge)[path].detail == "not later than noon"
    ((content, token),) = seen
    assert content == good.read(layout.CHECKPOINT)
    assert (token.authority, token.serial, token.request) == ("clock.example", 1, b"question")
    assert "openssl" in _states(good, None)[path].detail
    assert "openssl" in _alone(good)[1][path]["detail"]


def test_a_token_that_the_judge_refuses_is_broken(good: Bench) -> None:
    def judge(_content: bytes, token: Token) -> Check:
        return Check(token.authority, CheckState.BROKEN, "its signature is wrong")

    check = _states(good, None, judge)["timestamps/clock.example-1.tsr"]
    assert (check.state, check.detail) == (CheckState.BROKEN, "wrong signature: its signature is wrong")


def test_an_authority_that_was_asked_and_gave_nothing_is_named(good: Bench) -> None:
    assert _states(good, None)["timestamps/silent.example"].state is CheckState.NOT_CHECKABLE


@pytest.mark.parametrize("root", ["nowhere", "a-file"])
def test_what_is_no_folder_is_a_wrong_command(root: str, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("x")
    with pytest.raises(UsageError, match="is no folder"):
        list(check_package(tmp_path / root))
    with pytest.raises(SystemExit) as left:
        standalone.main([str(tmp_path / root)])
    assert left.value.code == 2


@pytest.mark.parametrize("vkey", ["", "x", "a+b+c", "desk.example+00000000+AZuG", "é+1+2"])
def test_a_key_that_is_none_is_a_wrong_command(vkey: str, good: Bench) -> None:
    with pytest.raises(SystemExit) as left:
        standalone.main([str(good.root), f"--vkey={vkey or ' '}"])
    assert left.value.code == 2


def test_an_empty_folder_is_no_package(tmp_path: Path) -> None:
    blamed = {check.what for check in check_package(tmp_path) if check.state is CheckState.BROKEN}
    assert {"seal", layout.CHECKPOINT, layout.MANIFEST} <= blamed
    assert standalone.main([str(tmp_path)]) == 6


def test_checking_changes_nothing(good: Bench, tmp_path: Path) -> None:
    root = copy_of(good.root, tmp_path / "package")
    before = {path: path.stat() for path in root.rglob("*")}
    _alone(Bench(root, good.case))
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == {
        path: status.st_mtime_ns for path, status in before.items()
    }


def test_the_second_verifier_is_one_short_file_that_needs_nothing_of_ours() -> None:
    text = SOURCE.read_text("utf-8")
    assert text.count("\n") < 400
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported <= {*sys.stdlib_module_names, "cryptography"}


def test_the_verifier_in_the_package_is_this_file(good: Bench) -> None:
    assert good.read(layout.VERIFIER) == SOURCE.read_bytes()


def test_the_letter_says_what_to_type_and_not_to_trust_its_own_key() -> None:
    text = letter("A desk", "log.example+01234567+AZuG", ("clock.example",)).decode()
    for words in (
        "sha256sum -c manifest-sha256.txt",
        "sha256sum -c tagmanifest-sha256.txt",
        "bagit.py --validate .",
        'python3 verify_package.py . --vkey "the line that you got elsewhere"',
        "openssl ts -verify -data custody/checkpoint",
        "-attime",
        "a forger could have written this page too",
    ):
        assert words in text
    assert max(map(len, text.splitlines())) <= 110
    assert "Nothing but the desk's own word" in letter("A desk", "k", ()).decode()


def test_bag_info_keeps_to_its_lines() -> None:
    assert bag_info((("Case", "one\r\nPayload-Oxum: 0.0"),)) == b"Case: one Payload-Oxum: 0.0\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("https://clock.example/tsr", "clock.example_tsr"), ("A clock", "A_clock"), ("../..", "authority")],
)
def test_an_authority_has_a_name_that_a_file_can_bear(name: str, shown: str) -> None:
    assert layout.authority_name(name) == shown
    assert layout.is_safe_name(f"timestamps/{shown}-1.tsr")
