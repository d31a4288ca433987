"""Parts that are drawn many times on a page: the same as if each had been drawn by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.servers.desks import HOSTILE

from witnessmark.web.drawing import cast, part
from witnessmark.web.words import words_in

SHAPE = {
    "kind": "text",
    "has_cover": False,
    "level": 3,
    "rated": False,
    "is_open": False,
    "is_behind": True,
    "works": True,
    "has_others": True,
}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_cast_part_is_what_its_template_draws(language: str) -> None:
    visit: Any = SimpleNamespace(language=language, words=words_in(language))
    for title in (*HOSTILE, "\ue000exhibit\ue001", "\ue000nothing\ue001"):
        texts = {"exhibit": "W-1", "title": title, "unfold": "fold=yes&open=W-1", "folded": "1,200"}
        drawn = cast(visit, "gallery_tile.html", SHAPE, texts)
        assert drawn == part(visit, "gallery_tile.html", one={**SHAPE, **texts})
        assert "<script" not in drawn
        assert "<img src=x" not in drawn
