"""How a proposed statement looks on a terminal."""

from __future__ import annotations

from witnessmark.cli.screen import isolated, plain
from witnessmark.weigh.reading import Proposed


def proposed_in_a_line(one: Proposed) -> str:
    """One statement: its stance, its voices from the outermost to the first, its words and its numbers."""
    voices = " → ".join(isolated(voice.text) for voice in one.chain)
    if not one.chain:
        voices = "(the text itself)" if one.cue is None else "(nobody is named)"
    content = " … ".join(isolated(passage.text) for passage in one.content)
    numbers = ", ".join(
        f"{counted.amount} {counted.unit or ''}".strip()
        + (f" ({counted.role})" if counted.role != "total" else "")
        for counted in one.quantities
    )
    inside = f" within {one.nested_in}" if one.nested_in else ""
    shown = f"{plain(one.name)}{inside} [bold]{plain(one.stance.value)}[/] {voices}: {content}"
    return f"{shown} [cyan]{plain(numbers)}[/]" if numbers else shown
