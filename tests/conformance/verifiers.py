"""Both verifiers behind one shape: the set of what each blames, and for what."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from witnessmark.model import CheckState
from witnessmark.publish import standalone
from witnessmark.publish.package_check import Trust, check_package
from witnessmark.tlog import Verifier

Blamer = Callable[[Path, Verifier], set[tuple[str, str]]]


def blamed_by_product(root: Path, log: Verifier) -> set[tuple[str, str]]:
    """What the product's verifier blames."""
    checks = list(check_package(root, Trust(log)))
    return {(check.what, _reason(check.detail)) for check in checks if check.state is CheckState.BROKEN}


def blamed_by_standalone(root: Path, log: Verifier) -> set[tuple[str, str]]:
    """What the verifier inside the package blames."""
    page = io.StringIO()
    with redirect_stdout(page):
        code = standalone.main([str(root), "--vkey", log.vkey(), "--json"])
    lines = [json.loads(line) for line in page.getvalue().splitlines()]
    blamed = {(line["what"], _reason(line["detail"])) for line in lines if line["state"] == "broken"}
    assert code == (6 if blamed else 0)
    return blamed


def _reason(detail: str) -> str:
    return detail.partition(":")[0]


VERIFIERS: dict[str, Blamer] = {"product": blamed_by_product, "standalone": blamed_by_standalone}
