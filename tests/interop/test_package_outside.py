"""Outside tools judge our packages: coreutils, bagit.py, openssl, and Go's x/mod/sumdb.

The careful forger is here too, to show which tool notices him and which cannot.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conformance import accidents, forgeries
from tests.conformance.bench import Bench, copy_of
from tests.conformance.exercise import exercise_case
from tests.conformance.faults import FAULTS
from tests.conformance.packing import good_package
from tests.servers.tsa import OPENSSL, LocalTsa, local_tsa

from witnessmark.publish import package_layout as layout

pytestmark = [pytest.mark.outside]
GOPATH = Path("/usr/share/gocode")
assert accidents, forgeries  # both fill FAULTS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    with local_tsa("stamp", tmp_path_factory.mktemp("tsa")) as tsa:
        yield tsa


@pytest.fixture(scope="module")
def good(authority: LocalTsa, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("outside")
    return good_package(folder / "package", exercise_case(folder), authority)


@pytest.fixture
def spoiled(good: Bench, tmp_path: Path) -> Bench:
    return Bench(copy_of(good.root, tmp_path / "package"), good.case, good.stamp)


@pytest.fixture(scope="module")
def go_judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None or not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("go or golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": ""}
    environment["GOCACHE"] = str(folder / "cache")
    sources = Path(__file__).with_name("package_go")
    subprocess.run(["go", "build", "-o", folder / "judge", "."], cwd=sources, env=environment, check=True)
    return folder / "judge"


def _accepts(*command: str | Path, cwd: Path | None = None) -> bool:
    return subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, check=False).returncode == 0


def _sums_fit(root: Path) -> bool:
    lists = ("manifest-sha256.txt", "tagmanifest-sha256.txt")
    is_512 = _accepts("sha512sum", "-c", "--strict", "tagmanifest-sha512.txt", cwd=root)
    return is_512 and all(_accepts("sha256sum", "-c", "--strict", name, cwd=root) for name in lists)


def _is_bag(root: Path) -> bool:
    return _accepts(sys.executable, "-m", "bagit", "--validate", "--quiet", root)


def _token_fits(root: Path, roots: Path, *how: str) -> bool:
    stem = "timestamps/stamp-1"
    chain = ("-untrusted", f"{stem}-chain.pem", "-CAfile", roots)
    return _accepts(str(OPENSSL), "ts", "-verify", *how, "-in", f"{stem}.tsr", *chain, cwd=root)


def test_coreutils_accept_all_three_manifests(good: Bench) -> None:
    assert _sums_fit(good.root)


def test_the_library_of_congress_accepts_the_bag(good: Bench) -> None:
    assert _is_bag(good.root)


def test_openssl_accepts_the_token_over_the_checkpoint(
    good: Bench, authority: LocalTsa, tmp_path: Path
) -> None:
    roots = tmp_path / "root.pem"
    roots.write_bytes(authority.root.pem)
    assert _token_fits(good.root, roots, "-data", layout.CHECKPOINT)
    assert _token_fits(good.root, roots, "-queryfile", "timestamps/stamp-1.tsq")
    assert not _token_fits(good.root, roots, "-data", layout.COSIGNED)


def test_openssl_accepts_an_expired_authority_as_of_the_time_of_its_answer(
    good: Bench, authority: LocalTsa, tmp_path: Path
) -> None:
    roots = tmp_path / "root.pem"
    roots.write_bytes(authority.root.pem)
    now = int(datetime.now(UTC).timestamp())
    then = ("-data", layout.CHECKPOINT, "-attime")
    assert not _token_fits(good.root, roots, *then, str(now + 3 * 365 * 86_400))
    assert _token_fits(good.root, roots, *then, str(now))


def test_go_accepts_checkpoints_proofs_and_seal(good: Bench, go_judge: Path) -> None:
    ran = subprocess.run(
        [go_judge, good.root, good.case.log.vkey()], capture_output=True, text=True, check=False
    )
    proven = len(good.paths("custody/proofs/"))
    assert (ran.returncode, ran.stdout) == (0, f"{proven} entries proven\n"), ran.stderr


FORGERIES = [name for name in FAULTS if name.startswith("forged: ") and "was altered" in name]


@pytest.mark.parametrize("name", [name for name in FORGERIES if "letter" not in name])
def test_a_careful_forger_gets_past_the_manifests_and_not_past_the_log(
    name: str, spoiled: Bench, go_judge: Path
) -> None:
    FAULTS[name](spoiled)
    assert _sums_fit(spoiled.root)
    refused_elsewhere = ("bag", "verifier", "tile")  # what the seal fixes by the second list alone
    if not any(word in name for word in refused_elsewhere):
        assert not _accepts(go_judge, spoiled.root, spoiled.case.log.vkey())


@pytest.mark.parametrize("name", ["an object has one bit flipped", "the policy is lost"])
def test_an_accident_is_noticed_by_coreutils_and_by_the_bag(name: str, spoiled: Bench) -> None:
    FAULTS[name](spoiled)
    assert not _sums_fit(spoiled.root)
    assert not _is_bag(spoiled.root)


def test_the_commands_in_the_letter_work_as_they_stand(
    good: Bench, authority: LocalTsa, tmp_path: Path
) -> None:
    root = tmp_path / "package"
    shutil.copytree(good.root, root)
    (root.parent / "root.pem").write_bytes(authority.root.pem)
    steps = _commands((root / layout.LETTER).read_text())
    assert len(steps) == 7
    values = {
        "the line that you got elsewhere": good.case.log.vkey(),
        "root-of-the-authority.pem": "../root.pem",
        "2026-01-31 12:00 UTC": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "bagit.py": f"{sys.executable} -m bagit",
        "python3": sys.executable,
    }
    for step in steps:
        for word, value in values.items():
            step = step.replace(word, value)  # noqa: PLW2901 (the clerk fills in the blanks)
        ran = subprocess.run(step, shell=True, cwd=root, capture_output=True, text=True, check=False)  # noqa: S602
        assert ran.returncode == 0, (step, ran.stdout, ran.stderr)
        assert "FAILED" not in ran.stdout + ran.stderr, step


def _commands(letter: str) -> list[str]:
    whole = letter.replace("\\\n", " ")
    return [line.strip()[2:] for line in whole.split("\n") if line.startswith("    $ ")]
