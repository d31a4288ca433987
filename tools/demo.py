#!/usr/bin/env python3
"""The exercise case, the whole way: a time-stamp authority and a witness on loopback stand in for outside.

Usage: tools/demo FOLDER. Everything that comes out lies in FOLDER, nothing anywhere else.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXERCISE = ROOT / "examples" / "exercise"
SIDECAR = EXERCISE / "sidecar"
MASKED = tuple(f"halsan-front-0{number}.jpg" for number in range(2, 7))
"""Pictures on which a mask was set: of them only a masked copy is handed over."""
LISTS = ("families-committee.csv", "defence-registry.xlsx", "clinic-tall-wesn.csv")
"""Lists of missing people, in two scripts."""
DRAWS = 5
"""Ways in which their rows may be people that are estimated from."""
WITNESSMARK = [sys.executable, "-m", "witnessmark"]
sys.path.insert(0, str(ROOT))

from tests.servers.tsa import OPENSSL, local_tsa, serving  # noqa: E402 - it lies in the tree, not in the package


def main() -> int:
    """Walk the whole way and say where to look."""
    target = Path(sys.argv[1]).absolute()
    if target.exists():
        print(f"{target} exists already; the demo wants a fresh folder: rm -r it, or make demo CASE=other")
        return 4
    target.mkdir(parents=True)
    began = time.monotonic()
    with ExitStack() as outside:
        settings = settings_for(target, outside)
        walk(target, settings)
    say_where_to_look(target, time.monotonic() - began)
    return 0


def walk(target: Path, settings: str) -> None:
    """Take in, read, judge, brief, package, check."""
    case = target / "case"
    step("a new case, with keys of its own outside of it")
    run(target, "new", case, "--name", "Halsan (exercise)", "--focus", "What happened at the Halsan depot?")
    (case / "witnessmark.toml").write_text(settings, "utf-8")
    step("another desk agrees to watch our log")
    watch(target)
    step("an older archive comes in first, then what arrived this week")
    run(target, "take", EXERCISE / "archive")
    basis = ("--legal-basis", "public interest; fictional")
    run(target, "take", EXERCISE / "incoming", *basis, "--note", "from the tip line")
    step("people read, look and judge")
    run(target, "assess", "--from", SIDECAR / "claims.jsonl", quiet=True)
    run(target, "statements", "--from", SIDECAR / "statements.jsonl", quiet=True)
    run(target, "observe", "--from", SIDECAR / "observations.jsonl", quiet=True)
    run(target, "assess", "--from", SIDECAR / "assessments.jsonl", quiet=True)
    run(target, "assess", "--from", SIDECAR / "lineages.jsonl", quiet=True)
    run(target, "assess", "--from", SIDECAR / "weighing.jsonl", quiet=True)
    step("who stands how to the number, and on what each lineage rests")
    run(target, "claims", "1")
    how_many(target)
    step("the brief, and the sealed package that it rests on")
    run(target, "brief", target / "brief")
    redacted = [word for name in MASKED for word in ("--redact", name)]
    run(target, "package", target / "package", *redacted)
    step("everything is checked again")
    run(target, "verify")


def how_many(target: Path) -> None:
    """Count on the pictures, link the lists, estimate from them."""
    step("how many can be told apart on the pictures, without counting anyone twice")
    run(target, "floor")
    step("who stands on several lists of the missing, and how many are on none")
    run(target, "lists", "link", *LISTS, "--table", target / "lists.csv", "--draws", DRAWS, quiet=True)
    whom = "people missing since the depot was taken"
    run(target, "estimate", target / "case", "--quick", "--enter", whom, "--out", target / "estimate")


def watch(target: Path) -> None:
    """Let the other desk's witness know our log."""
    (answer,) = subprocess.run(
        [*WITNESSMARK, "log", "--key", "--json", "--case", target / "case"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    vkey = json.loads(answer)["vkey"]
    folder = target / "another-desk"
    print(f"\n\033[1m$ witnessmark witness watch {vkey} --folder another-desk\033[0m", flush=True)
    subprocess.run([*WITNESSMARK, "witness", "watch", vkey, "--folder", folder], check=True)


@contextmanager
def running_witness(target: Path) -> Iterator[tuple[str, str]]:
    """A witness service of another desk, its key and its address."""
    folder = target / "another-desk"
    command = [*WITNESSMARK, "witness"]
    first = [*command, "new", "witness.invalid/w1", "--folder", folder]
    subprocess.run(first, check=True, capture_output=True)
    service = subprocess.Popen(
        [*command, "serve", "--folder", folder, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert service.stdout is not None
    try:
        yield service.stdout.readline().strip(), service.stdout.readline().strip()
    finally:
        service.terminate()
        service.wait()


def settings_for(target: Path, outside: ExitStack) -> str:
    """The settings of the exercise desk: whoever of the outside can be had on this machine."""
    vkey, url = outside.enter_context(running_witness(target))
    lines = [
        "[desk]",
        'name = "Exercise Desk"',
        'person = "Ada Verrin"',
        f'keys = "{target / "keys"}"',
        "[network]",
        "local_allowed = true",
        "quorum = 0",
        "[[witness]]",
        'name = "witness.invalid/w1"',
        f'url = "{url}"',
        f'vkey = "{vkey}"',
    ]
    if OPENSSL:
        tsa = outside.enter_context(local_tsa("exercise-tsa", target))
        address = outside.enter_context(serving(lambda query: (200, tsa.reply(query))))
        (target / "exercise-tsa-root.pem").write_bytes(tsa.root.pem)
        lines += [
            "[[authority]]",
            'name = "exercise-tsa"',
            f'url = "{address}"',
            f'roots = ["{target / "exercise-tsa-root.pem"}"]',
        ]
    return "\n".join(lines) + "\n"


def run(target: Path, *words: object, quiet: bool = False) -> None:
    """One command as a person would type it; the first thing that goes wrong ends the demo."""
    shown = " ".join(shorten(target, word) for word in words)
    print(f"\n\033[1m$ witnessmark {shown}\033[0m", flush=True)
    done = subprocess.run(
        [*WITNESSMARK, *map(str, words)],
        cwd=target / "case" if (target / "case").is_dir() else target,
        env={**environment(), "WITNESSMARK_KEYS": str(target / "keys"), "WITNESSMARK_PERSON": "Ada Verrin"},
        stdout=subprocess.PIPE if quiet else None,
        text=True,
        check=False,
    )
    if quiet:
        lines = done.stdout.splitlines()
        entered = f"{len(lines)} entered, such as {lines[-1]}" if lines else "nothing was entered"
        print(entered if "--from" in words else "\n".join(lines[-2:]))
    if done.returncode:
        print(f"this ended with exit code {done.returncode}")
        sys.exit(done.returncode)


def environment() -> dict[str, str]:
    """What the command needs of the environment, and nothing of the caller's."""
    import os  # noqa: PLC0415 - only here

    names = ("PATH", "HOME", "LANG", "TERM", "TMPDIR")
    return {name: os.environ[name] for name in names if name in os.environ}


def shorten(target: Path, word: object) -> str:
    """A word as it is shown: without the long way to it."""
    text = str(word).replace(f"{target}/", "").replace(f"{ROOT}/", "")
    return f"'{text}'" if " " in text else text


def step(title: str) -> None:
    """Say what comes next."""
    print(f"\n\033[36m── {title}\033[0m", flush=True)


def say_where_to_look(target: Path, seconds: float) -> None:
    """Where everything lies, and how to check it without us."""
    package = target / "package"
    vkey = (package / "custody" / "policy").read_text().split("log ", 1)[1].split()[0]
    print(f"\n\033[36m── where to look ({seconds:.0f} s)\033[0m")
    print(f"the brief:    {target / 'brief' / 'brief.html'}")
    print(f"the estimate: {target / 'estimate' / 'estimates.html'}")
    print(f"the package:  {package}")
    print(f"the case:     {target / 'case'}   (its keys: {target / 'keys'})")
    print(f"the truth:    {EXERCISE / 'truth'}   (what really happened, to score the desk by)")
    print("\nOpen the case in a browser of this machine, by the one-time link that this prints:")
    serve = f"{WITNESSMARK[0]} -m witnessmark serve --case {target / 'case'}"
    print(f"  WITNESSMARK_KEYS={target / 'keys'} {serve}")
    print("\nCheck the package without us:")
    print(f"  cd {package}")
    print("  sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt")
    bagit = shutil.which("bagit.py") or Path(sys.executable).with_name("bagit.py")
    print(f"  {bagit} --validate .")
    print(f"  python3 verify_package.py . --vkey '{vkey}'")
    for reply in sorted((package / "timestamps").glob("*.tsr")):
        print(
            f"  openssl ts -verify -data custody/checkpoint -in timestamps/{reply.name} "
            f"-CAfile {target / 'exercise-tsa-root.pem'}"
        )


if __name__ == "__main__":
    sys.exit(main())
