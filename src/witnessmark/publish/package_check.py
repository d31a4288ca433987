"""Checking a package, as anyone could who has nothing but the package and a key from elsewhere.

Each check names the exact thing and says `holds`, `broken` or `not checkable`. A broken thing is
blamed once; what rests on it is then not checkable.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from witnessmark.model import Check
from witnessmark.publish.package_contents import check_contents
from witnessmark.publish.package_custody import Custody, Trust, check_entries, check_log, check_seal
from witnessmark.publish.package_earlier import check_earlier
from witnessmark.publish.package_files import Scan, check_names, check_payload, check_tag_files
from witnessmark.publish.package_outside import TokenCheck, check_tokens, check_witnesses

__all__ = ["TokenCheck", "Trust", "check_package"]


def check_package(
    root: Path, trust: Trust | None = None, check_token: TokenCheck | None = None
) -> Iterator[Check]:
    """Everything that can be said about the package in the folder `root`, from its files up to its brief."""
    scan = Scan(root)
    custody = Custody(scan, trust or Trust())
    yield from check_names(scan)
    yield from check_tag_files(scan)
    yield from check_log(custody)
    yield from check_seal(custody)
    yield from check_payload(scan)
    yield from check_entries(custody)
    yield from check_contents(custody)
    yield from check_witnesses(custody)
    yield from check_tokens(custody, check_token)
    yield from check_earlier(custody, check_token)
