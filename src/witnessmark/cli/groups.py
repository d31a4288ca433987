"""Verbs of likeness: alike, scenes, codes; and the groups that hits of a search belong to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from witnessmark.cli.app import Common, at_desk, verb
from witnessmark.cli.screen import plain, some
from witnessmark.cli.weighing import ReasonOption, rule
from witnessmark.desk import Desk, find_exhibit, must_be_new, write_folder
from witnessmark.desk.groups import decision_facts, group_lines
from witnessmark.desk.like import Answer
from witnessmark.desk.lists import GIVEN_AWAY, Lists
from witnessmark.desk.scenes import Scenes, scene_lines, summary_of
from witnessmark.errors import UsageError


@verb
def alike(
    common: Common,
    exhibit: Annotated[
        str | None, typer.Argument(help="The groups of one exhibit; all groups if left out.")
    ] = None,
    other: Annotated[str | None, typer.Argument(help="To rule: the exhibit to hold it against.")] = None,
    verdict: Annotated[
        str | None,
        typer.Option(help="same, derived (the first was made from the other), same scene, different"),
    ] = None,
    reason: ReasonOption = "",
) -> None:
    """Show which exhibits are one picture, video or scene, and which came first; or rule on two of them."""
    if other is not None or verdict is not None:
        if exhibit is None or other is None or verdict is None:
            raise UsageError("to rule, give two exhibits, --verdict and --reason")
        table = {"kind": "decision", "between": [exhibit, other], "verdict": verdict, "reason": reason}
        rule(common, table)
        return
    with at_desk(common, writes=False) as (desk, screen):
        found = desk.groups(None if exhibit is None else find_exhibit(desk.case, exhibit))
        for one in found.told:
            facts = found.facts(one)
            screen.answer(facts, "\n".join(map(plain, group_lines(facts))))
        if not found.told:
            screen.aside("Nothing was found to belong together. That does not say that nothing does.")


@verb
def scenes(
    common: Common,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for a page that draws them; no picture is in it.")
    ] = None,
) -> None:
    """Show which pictures show one place, by what they have in common, with times kept apart by kind.

    Pictures that were not compared yet are compared first, and that is on record.
    """
    if out is not None:
        must_be_new(out)
    with at_desk(common, writes=True) as (desk, screen):
        with screen.progress("seeking scenes") as progress:
            desk.seek_scenes(progress)
        seeker, told = Scenes(desk.case), []
        for facts in seeker.told(desk.groups()):
            told.append(facts)
            screen.answer(facts, "\n".join(map(plain, scene_lines(len(told), facts))))
        summary = tuple(summary_of(seeker.covered(), desk.case))
        for line in summary:
            screen.aside(plain(line))
        if out is not None:
            write_folder(out, [("scenes.html", desk.draw_scenes(told, summary))])
            screen.aside(plain(f"The page lies in {out / 'scenes.html'}."))


@verb
def codes(
    common: Common,
    listing: Annotated[
        str | None, typer.Argument(help="A list of PDQ codes to read: its exhibit; `take` it first.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(help="Which of PDQ's rules made the codes: full (Python) or sampled (C++).")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Instead: give out the codes of this case's pictures, to a new file.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Give out only this picture; repeat it.")] = None,
) -> None:
    """Show lists of codes from elsewhere, read one and look up every picture in it; or give out one's own."""
    if export is not None:
        if listing is not None or rule is None:
            raise UsageError("to give out codes, say --export FILE and --rule, and no list")
        with at_desk(common, writes=True) as (desk, screen):
            count = desk.give_codes(export, rule, only or ())
            said = f"The codes of {some(count, 'picture', 'pictures')} lie in {export}. {GIVEN_AWAY}"
            screen.answer({"file": str(export), "pictures": count, "rule": rule}, plain(said))
        return
    if only:
        raise UsageError("--only goes with --export")
    with at_desk(common, writes=listing is not None) as (desk, screen):
        if listing is not None:
            desk.read_list(listing, rule)
        for facts in Lists(desk.case).facts():
            said = (
                f"{facts['exhibit']}  {some(facts['codes'], 'code', 'codes')} ({facts['form']},"
                f" {facts['rule']}), {some(facts['without'], 'place', 'places')} without,"
                f" {some(facts['hits'], 'picture', 'pictures')} of this case on it"
            )
            screen.answer(facts, plain(said))


def in_groups(desk: Desk, answer: Answer) -> Iterator[tuple[dict[str, Any], str]]:
    """The hits of a search, each with its groups, and with what a person decided on it and the picture."""
    same = next((one["exhibit"] for one, _ in answer.hits if one["method"] == "exact"), None)
    for facts, sentence in answer.hits:
        hit = desk.case.digest_of_exhibit(facts["exhibit"])
        found = desk.groups(hit)
        ruled = None if same is None else found.ruling(desk.case.digest_of_exhibit(same), hit)
        told = [found.facts(one) for one in found.told]
        lines = [f"    {line}" for one in told for line in group_lines(one)]
        decision = None if ruled is None else decision_facts(*ruled)
        if decision is not None:
            lines.insert(0, f"    {decision['author']}: {decision['verdict']}, {decision['reason']}")
        yield {**facts, "decision": decision, "groups": told}, "\n".join((sentence, *lines))
