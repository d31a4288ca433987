"""Proposing at a terminal: the options, how a proposed statement looks, and the training of a tagger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from witnessmark.cli.app import Common, at_desk
from witnessmark.cli.screen import Screen, isolated, plain
from witnessmark.desk import (
    Desk,
    LanguageModel,
    exhibit_with,
    propose_beside,
    propose_on_record,
    read_tagger,
    text_of_exhibit,
    text_of_file,
    train_from_corpus,
)
from witnessmark.errors import UsageError
from witnessmark.weigh.reading import Beside, Proposed, statements
from witnessmark.wiring import find_case

TaggerOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="To propose: also ask this trained tagger.")
]
LlmOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="To propose: also ask a language model. The text LEAVES this machine for that address; "
        "if it is an exhibit's, the log says so.",
    ),
]
LlmModelOption = Annotated[str, typer.Option(metavar="NAME", help="The model's name at that address.")]
LlmKeyOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A file with the key for that address.")
]
CorpusOption = Annotated[Path | None, typer.Option(metavar="DIR", help="To train: a checkout of PolNeAR.")]
OutOption = Annotated[Path | None, typer.Option(metavar="FILE", help="To train: where the tagger is put.")]
RoundsOption = Annotated[int, typer.Option(min=1, max=100, help="To train: rounds over the corpus.")]


@dataclass(frozen=True, slots=True)
class Markers:
    """Who else marks statements, as it was asked for."""

    tagger: Path | None = None
    llm: str | None = None
    llm_model: str = ""
    llm_key: Path | None = None

    def model(self, told: Callable[[str], None]) -> LanguageModel | None:
        """The language model that is to be asked; None without an address."""
        if self.llm is None:
            if self.llm_model or self.llm_key:
                raise UsageError("--llm ADDRESS says which language model is asked")
            return None
        if not self.llm_model:
            raise UsageError("--llm-model NAME says which model is asked at that address")
        key = text_of_file(self.llm_key).strip() if self.llm_key else None
        return LanguageModel(self.llm, self.llm_model, key, told)


def propose(common: Common, what: str, markers: Markers) -> None:
    """Show what the reader finds in an exhibit or a file of text.

    Nothing is entered, except that the text of an exhibit was sent to a language model.
    """
    path = Path(what)
    if path.is_file() and not (markers.llm and _is_at_a_case(common)):
        _show(Screen(as_json=common.as_json), text_of_file(path), markers)
        return
    with at_desk(common, writes=False) as (desk, screen):
        exhibit = exhibit_with(desk.case, path) if path.is_file() else what
        text = text_of_file(path) if path.is_file() else text_of_exhibit(desk.case, what)
        _show(screen, text, markers, (desk, exhibit) if exhibit else None)


def _is_at_a_case(common: Common) -> bool:
    """Whether there is a case that a file may be an exhibit of."""
    try:
        find_case(common.case)
    except UsageError:
        return common.case is not None  # what was asked for and is not there is told by who opens it
    return True


def _show(screen: Screen, text: str, markers: Markers, of: tuple[Desk, str] | None = None) -> None:
    tagger = read_tagger(markers.tagger) if markers.tagger else None
    model = markers.model(lambda said: screen.aside(plain(said)))
    if model is None:
        for one in statements(text, tagger):
            screen.answer(one.facts(), proposed_in_a_line(one))
        return
    for pair in propose_on_record(*of, text, tagger, model) if of else propose_beside(text, tagger, model):
        screen.answer(pair.facts(), beside_in_a_line(pair))


def train_tagger(common: Common, corpus: Path | None, out: Path | None, rounds: int) -> None:
    """Train a tagger on a corpus and put it into a new file."""
    if corpus is None or out is None:
        raise UsageError("give both --corpus DIR and --out FILE")
    screen = common.screen()
    version = train_from_corpus(corpus, out, rounds, lambda said: screen.aside(plain(said)))
    facts = {"tagger": str(out), "version": version}
    screen.answer(facts, f"[green]tagger[/] {plain(str(out))}, version {version}")


def beside_in_a_line(pair: Beside) -> str:
    """A statement of one of two readings, with what the other reading has instead."""
    shown = proposed_in_a_line(pair.statement)
    if pair.other is None:
        return f"{shown} [yellow]only {plain(pair.statement.extractor)}[/]"
    if not pair.differs:
        return f"{shown} [green]as {plain(pair.other)}[/]"
    return f"{shown} [yellow]{plain(pair.other)} differs in {', '.join(pair.differs)}[/]"


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
