"""The brief of the fictional dossier, byte for byte.

After a change that is meant: WITNESSMARK_GOLDEN=write pytest tests/golden/brief, then look at the
pages in a browser before committing them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from witnessmark.publish import brief
from witnessmark.publish.annotation import annotation_page
from witnessmark.publish.dossier import Dossier

HERE = Path(__file__).parent


def _made(dossier: Dossier) -> dict[str, bytes]:
    english, arabic = brief(dossier), brief(dossier, "ar")
    return {
        "brief.html": english.html,
        "brief.md": english.markdown,
        "brief.ar.html": arabic.html,
        "annotations.jsonld": annotation_page(dossier.observations),
    }


@pytest.mark.parametrize("name", ["brief.html", "brief.md", "brief.ar.html", "annotations.jsonld"])
def test_the_brief_comes_out_byte_for_byte(dossier: Dossier, name: str) -> None:
    made = _made(dossier)[name]
    kept = HERE / name
    if os.environ.get("WITNESSMARK_GOLDEN") == "write":
        kept.write_bytes(made)
    assert made == kept.read_bytes(), f"{name} differs from the kept one"
