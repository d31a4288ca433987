"""The page can be read: enough contrast in light and dark, nothing that asks outside, nothing that moves."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = files("witnessmark.publish").joinpath("brief.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in STYLE.split("@media", 2)[:2]
)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_guidelines_measure_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"),
        ("ink", "raised"),
        ("ink", "cover"),
        ("ink", "wash"),
        ("ink", "warn-wash"),
        ("quiet", "paper"),
        ("accent", "paper"),
        ("accent", "wash"),
        ("paper", "accent"),
        ("warn", "warn-wash"),
    ],
)
def test_text_has_the_contrast_of_wcag_aa(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_that_carry_meaning_are_seen(theme: dict[str, str]) -> None:
    assert contrast(theme["strong-line"], theme["paper"]) >= 3


def test_directions_are_logical_so_that_right_to_left_works() -> None:
    without_code = re.sub(r"^pre .*$", "", STYLE, flags=re.MULTILINE)
    assert not re.search(
        r"(?<![-\w])(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right):", without_code
    )
    assert not re.search(r"text-align: (?:left|right)", without_code)


def test_nothing_moves_and_nothing_is_asked_outside() -> None:
    assert not re.search(r"animation|transition|@import|url\(", STYLE)
    assert "prefers-reduced-motion" in STYLE
