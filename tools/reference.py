"""Write docs/reference from the code: what commands, settings, nouns and examiners say of themselves.

Usage: tools/reference.py [--check]. With --check nothing is written; the exit code is 1 if a page differs.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

from answers import answers
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement
from typer import Typer
from typer.models import ArgumentInfo, OptionInfo

from witnessmark import errors, model, settings
from witnessmark.cli import VERBS
from witnessmark.cli.app import app
from witnessmark.collect.files import FileCollector
from witnessmark.confine import Limits
from witnessmark.model import values
from witnessmark.model.wire import KINDS
from witnessmark.plugins import COLLECTORS, EXAMINERS, discover
from witnessmark.publish.package_layout import Reason
from witnessmark.store import tables
from witnessmark.store.migrations.versions import format_1
from witnessmark.web.api.document import written
from witnessmark.web.command import serve_app
from witnessmark.wiring import clock, served_desk
from witnessmark.witness.command import witness_app

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- written by tools/reference.py (`make docs`); change the code, not this page -->\n"

Row = tuple[str, str, str]

STANDARD: Mapping[str, str] = {
    "acquisition": "Berkeley Protocol *collection data*; `prov:Activity` seen from the thing",
    "action": "`prov:Activity`; UCO `action:Action` (performer, instrument, object, result); PREMIS event",
    "affiliation": "`schema:affiliation`; `schema:parentOrganization`",
    "agent": "`prov:Agent`; UCO `identity:Identity`",
    "appearance": "`schema:appearance`; W3C text-quote and text-position selectors",
    "assessment": "`schema:ClaimReview`; for media `schema:MediaReview`",
    "assignment": "`schema:AssignAction`",
    "bearing": "a cell of Heuer's matrix (analysis of competing hypotheses)",
    "claim": "`schema:Claim`",
    "comment": "`schema:Comment`; W3C Web Annotation with motivation *replying* or *commenting*",
    "copy": "Berkeley Protocol *evidentiary* and *working copy*; `prov:wasDerivedFrom`",
    "correspondence": "",
    "counting": "",
    "decision": "`schema:ReviewAction`",
    "digest": "UCO `types:Hash`; BagIt manifest line",
    "edited": "",
    "edition": "`schema:CreativeWork` with its `version`; `prov:wasRevisionOf`",
    "erasure": "PREMIS event of type *deletion*",
    "estimate": "`schema:Observation` with its `measurementTechnique`",
    "event": "UCO `core:Event`",
    "facts": "UCO `types:Dictionary`",
    "filing": "",
    "finding": "UCO `analysis:AnalyticResult`",
    "grade": "Admiralty code (NATO AJP-2.1)",
    "hypothesis": "Heuer's *hypothesis*",
    "identification": "W3C `skos:exactMatch` put as a decision; a person's, not a program's",
    "investigation": "CASE `investigation:Investigation` with its `Authorization`",
    "item": "Berkeley Protocol *digital item*; UCO `ObservableObject`; CASE `exhibitNumber`",
    "listed": "",
    "match": "UCO `core:Relationship`",
    "moment": "W3C Media Fragments `t`",
    "observation": "W3C Web Annotation",
    "ownparagraph": "",
    "ownsentence": "`schema:Comment` by a named `schema:author`, with `schema:citation`",
    "place": "UCO `location:LatLongCoordinatesFacet`",
    "range": "`schema:QuantitativeValue` (minValue, value, maxValue)",
    "personrecord": "UCO `victim:Victim`, after a person linked it",
    "rating": "UCO `marking:MarkingDefinition`",
    "region": "W3C Media Fragments `xywh`; SVG selector; point selector",
    "rereading": "Berkeley Protocol *peer review*; `schema:ReviewAction`",
    "sealed": "",
    "span": "`time:TimeRange`; EDTF interval",
    "statement": "UCO `core:Assertion`",
    "textspan": "W3C text-position selector",
    "tie": "`prov:wasInformedBy` or its denial",
}
"""The word that a standard has for each noun and value, for whoever writes an export."""


def pages() -> dict[str, str]:
    """Every page of the reference by its file name."""
    return {
        "README.md": index(),
        "commands.md": commands(),
        "settings.md": settings_page(),
        "nouns.md": nouns(),
        "errors.md": errors_page(),
        "examiners.md": examiners(),
        "tables.md": tables_page(),
        "output.md": output(),
        "openapi.json": written(),
    }


def index() -> str:
    """The first page."""
    lines = [
        "# Reference",
        "",
        "Everything here is written by the program about itself.",
        "",
        "| page | says |",
        "|---|---|",
        "| [commands](commands.md) | every verb with its arguments and options |",
        "| [settings](settings.md) | `witnessmark.toml`, key by key |",
        "| [nouns](nouns.md) | what a record may hold, and the standards' words for it |",
        "| [errors](errors.md) | the five families, exit codes, answers of a check, reasons in a package |",
        "| [examiners](examiners.md) | one card each: what it measures, and its limits |",
        "| [output](output.md) | what commands answer with `--json` |",
        "| [openapi.json](openapi.json) | what programs may ask of `witnessmark serve`, as OpenAPI 3.1 |",
        "| [tables](tables.md) | statements that make the tables of a case, in SQLite and PostgreSQL |",
    ]
    return NOTE + "\n".join(lines) + "\n"


# --- commands


def commands() -> str:
    """Every verb."""
    lines = [
        NOTE + "# Commands",
        "",
        "`witnessmark VERB --help` says the same. A verb takes its case from `--case DIR`, or from the",
        "folder around the current directory. Answers go to standard output, all else to standard error.",
        "",
    ]
    for module in VERBS:
        lines += [f"## {_first(module)}", ""]
        for name, verb in _verbs_of(app, module):
            lines += [f"### `witnessmark {name}`", "", *_verb(f"witnessmark {name}", verb)]
    watching = witness_app(clock(), print)
    lines += ["## The witness service", "", f"{watching.info.help}", ""]
    for name, verb in _verbs_of(watching, None):
        lines += [f"### `witnessmark witness {name}`", "", *_verb(f"witnessmark witness {name}", verb)]
    serving = serve_app(served_desk)
    lines += ["## The desk in the browser", ""]
    for name, verb in _verbs_of(serving, None):
        lines += [f"### `witnessmark {name}`", "", *_verb(f"witnessmark {name}", verb)]
    return "\n".join(lines).rstrip() + "\n"


def _verbs_of(application: Typer, module: ModuleType | None) -> Iterator[tuple[str, Callable[..., object]]]:
    for command in application.registered_commands:
        verb = command.callback
        if verb is not None and (module is None or verb.__module__ == module.__name__):
            yield command.name or verb.__name__, verb


def _verb(name: str, verb: Callable[..., object]) -> Iterator[str]:
    arguments: list[Row] = []
    options: list[Row] = []
    for parameter, hint in get_type_hints(verb, include_extras=True).items():
        if parameter == "return":
            continue
        default = inspect.signature(verb).parameters[parameter].default
        kind, info = (get_args(hint)[0], get_args(hint)[1]) if get_origin(hint) else (hint, OptionInfo())
        if not isinstance(info, ArgumentInfo | OptionInfo):
            kind, info = hint, OptionInfo()
        row = _row(parameter, kind, info, default)
        (arguments if isinstance(info, ArgumentInfo) else options).append(row)
    words = [f"{word}" for word, *_ in arguments]
    yield from (inspect.getdoc(verb) or "", "", "```", " ".join([name, *words, "[OPTIONS]"]), "```", "")
    if arguments or options:
        yield from ("| | | default |", "|---|---|---|")
        yield from (f"| `{word}` | {text} | {usual} |" for word, text, usual in (*arguments, *options))
        yield ""


def _row(parameter: str, kind: Any, info: ArgumentInfo | OptionInfo, default: object) -> Row:
    several = "list" in str(kind)
    is_required = default is inspect.Parameter.empty
    if isinstance(info, ArgumentInfo):
        word = parameter.upper() + ("..." if several else "")
        word = word if is_required else f"[{word}]"
    else:
        # Beside Annotated, typer takes the first name of an option as its default and sorts it out later.
        names = [name for name in (info.default, *(info.param_decls or ())) if str(name).startswith("--")]
        flag = str(next(iter(names), f"--{parameter.replace('_', '-')}"))
        word = flag if kind is bool else f"{flag} {info.metavar or _type_word(kind)}"
    surroundings = f" Or by `{info.envvar}` in the environment." if info.envvar else ""
    usual = "**needed**" if is_required else "" if default in (None, "", False) else f"`{default}`"
    return word.replace("|", "\\|"), f"{info.help or ''}{surroundings}".replace("|", "\\|"), usual


def _type_word(kind: Any) -> str:
    plain = {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}
    return next((word for one, word in plain.items() if one is kind or one in get_args(kind)), "TEXT")


# --- settings


def settings_page() -> str:
    """The settings file."""
    text = inspect.getdoc(settings) or ""
    caption, _, example = text.partition("\n\n")
    lines = [NOTE + "# Settings", "", caption.strip(), "", "```toml", example.strip(), "```", ""]
    lines += ["A key that is not known ends the command (exit 2). Keys and passwords never stand here.", ""]
    lines += ["| setting | type | if left out |", "|---|---|---|"]
    usual = settings.Settings()
    for name, kind, where in (
        ("desk.name", "text", usual.desk_name),
        ("desk.person", "text", "`--as NAME`; without a name nothing can be written"),
        ("desk.keys", "folder", "`--keys DIR`, or `witnessmark/keys` in the user's data folder"),
        ("network.quorum", "number", "1 if there is a witness, else 0"),
        ("network.local_allowed", "true or false", str(usual.local_allowed).lower()),
    ):
        lines.append(f"| `{name}` | {kind} | {where} |")
    tables: dict[str, Any] = {"authority": settings.AuthoritySettings, "witness": settings.WitnessSettings}
    for table, shape in tables.items():
        for field in fields(shape):
            lines.append(f"| `{table}[].{field.name}` | {_plain_type(shape, field.name)} | needed in each |")
    lines += [
        "",
        "## Limits of the locked room",
        "",
        inspect.getdoc(Limits) or "",
        "",
        "| limit | value |",
        "|---|---|",
    ]
    lines += [f"| `{field.name}` | {getattr(Limits(), field.name):,} |" for field in fields(Limits)]
    return "\n".join(lines) + "\n"


def _plain_type(kind: Any, name: str) -> str:
    return "list of files" if "tuple" in str(get_type_hints(kind)[name]) else "text"


# --- nouns


def nouns() -> str:
    """Every noun, value and word list."""
    lines = [
        NOTE + "# Nouns",
        "",
        "What is kept is kept as records. A record is a noun in its canonical written form (RFC 8785 JSON",
        "with its `kind`), and its name is the SHA-256 of those bytes; see",
        "[the format](../explanation/format/records.md).",
        "",
        "## Records",
        "",
    ]
    for kind, noun in sorted(KINDS.items()):
        lines += _noun(kind, noun)
    lines += ["## Values", ""]
    for name in sorted(model.__all__):
        value = getattr(model, name)
        if is_dataclass(value) and name.lower() in STANDARD and name.lower() not in KINDS:
            lines += _noun(name, value)
    for text in (values.Digest, values.Sealed, values.Facts):
        lines += [f"### {text.__name__}", "", inspect.getdoc(text) or "", *_term(text.__name__), ""]
    lines += ["## Words", ""]
    for name in sorted(model.__all__):
        words = getattr(model, name)
        if isinstance(words, type) and issubclass(words, StrEnum):
            listed = ", ".join(f"`{word}`" for word in words)
            lines += [f"### {name}", "", inspect.getdoc(words) or "", "", listed, ""]
    return "\n".join(lines).rstrip() + "\n"


def _noun(title: str, noun: Any) -> Iterator[str]:
    yield from (
        f"### {title}",
        "",
        inspect.getdoc(noun) or "",
        *_term(title),
        "",
        "| field | type | |",
        "|---|---|---|",
    )
    for field in fields(noun):
        yield f"| `{field.name}` | {_type(get_type_hints(noun)[field.name])} | {_usual(field.default)} |"
    yield ""


def _usual(default: object) -> str:
    """What a field is when nothing is said; what is written with a value of its own is always written."""
    if default is MISSING:
        return ""
    return "may be left out" if default is None or not default else f"`{default}` if nothing else is said"


def _term(name: str) -> tuple[str, ...]:
    term = STANDARD[name.lower()]
    return ("", f"In standards: {term}.") if term else ()


def _type(hint: Any) -> str:
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        return f"list of {_type(inner[0])}" if inner[-1] is ... else f"{len(inner)} × {_type(inner[0])}"
    members = [one for one in get_args(hint) if one is not type(None)] or [hint]
    words = {str: "text", int: "whole number", float: "number", datetime: "time"}
    return " or ".join(words.get(one, getattr(one, "__name__", str(one))) for one in members)


# --- tables


def tables_page() -> str:
    """The statements that make the tables of a case, with their indexes."""
    lines = [
        NOTE + "# Tables of a case",
        "",
        f"Format {tables.FORMAT}. What the columns hold, and which table is the truth, is said in the",
        "[format of the store](../explanation/format/store.md). A column without NOT NULL may be empty.",
        "",
        "## In `case.db`",
    ]
    for title, several in (("Primary", tables.primary), ("Projection", tables.projection)):
        lines += ["", f"### {title}", "", "```sql"]
        for table in several.sorted_tables:
            indexes = sorted(table.indexes, key=lambda one: str(one.name))
            lines += map(_statement, (CreateTable(table), *map(CreateIndex, indexes)))
        lines += ["```"]
    lines += ["", "## In PostgreSQL", "", "```sql", format_1.STATEMENTS.strip(), "```"]
    return "\n".join(lines) + "\n"


def _statement(made: ExecutableDDLElement) -> str:
    told = str(made.compile(dialect=sqlite_dialect())).replace("\t", "    ")
    return "\n".join(line.rstrip() for line in told.strip().splitlines()) + ";"


# --- errors and examiners


def errors_page() -> str:
    """The families of errors, and the words of checks."""
    lines = [
        NOTE + "# Errors and exit codes",
        "",
        "Every message names the thing and the fact; a second line gives advice.",
        "",
    ]
    lines += [
        "| exit | family | means | usual advice |",
        "|---|---|---|---|",
        "| 0 | | done; for `verify`: nothing is broken | |",
    ]
    families = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.WitnessmarkError)
    ]
    for family in sorted(families, key=lambda kind: kind.exit_code):
        meaning, advice = _first(family), family.usual_advice
        lines.append(f"| {family.exit_code} | `{family.__name__}` | {meaning} | {advice} |")
    lines += ["| 130 | | interrupted; what was acknowledged is safe | run the same command again |"]
    lines += ["| 141 | | nobody reads the answers any more, as in `… \\| head -1` | |", ""]
    lines += ["`take` ends with 5 if something could not be read, after everything else was taken in.", ""]
    lines += ["## Answers of a check", "", ", ".join(f"`{state}`" for state in model.CheckState), ""]
    lines += ["## Why something in a package is broken", "", inspect.getdoc(Reason) or "", ""]
    lines += [", ".join(f"`{reason}`" for reason in Reason)]
    return "\n".join(lines) + "\n"


def examiners() -> str:
    """One card for each installed examiner, and who collects."""
    kit = discover()
    lines = [
        NOTE + "# Examiners",
        "",
        "An examiner measures; it never judges. Each runs in the locked room. Its limits",
        "go into every finding that it makes.",
        "",
    ]
    for tool in kit.examiners:
        lines += [f"## {tool.name} {tool.version}", "", inspect.getdoc(type(tool)) or "", ""]
        lines += [f"**Limits.** {tool.limits}", "", f"**Code.** `{type(tool).__module__}`", ""]
        programs = tuple(getattr(tool, "programs", ()))
        lines += [f"**Programs.** {', '.join(programs)}", ""] if programs else []
    lines += [
        "## Collectors",
        "",
        "What comes in is read by collectors.",
        "",
        "| collector | reads |",
        "|---|---|",
    ]
    kinds: tuple[Any, ...] = (*map(type, kit.collectors), FileCollector)
    lines += [f"| {kind.name} {kind.version} | {_first(kind)} |" for kind in kinds]
    lines += [
        "",
        f"Further ones register under the entry points `{COLLECTORS}` and `{EXAMINERS}`;",
        "see [writing an examiner](../how-to/write-an-examiner.md).",
    ]
    return "\n".join(lines) + "\n"


def output() -> str:
    """What each command answers, as it was answered for a very small case."""
    lines = [
        NOTE + "# Output",
        "",
        "With `--json` every answer is one line of JSON (UTF-8) on standard output. Progress and messages go",
        "to standard error. The exit code is that of [errors](errors.md). Members may be added later, not",
        "taken away.",
        "",
        "`take` answers with a line for each thing as soon as it is sealed, examined and matched; what is",
        "`done` is on record. `verify` answers with a line for each check, and ends with 6 if any is",
        "`broken`. Where a member is a list or an object, [nouns](nouns.md) says what is in it.",
        "",
    ]
    for verb, answered in answers().items():
        lines += [f"## `{verb}`", "", "| member | type | for example |", "|---|---|---|"]
        members: dict[str, list[object]] = {}
        for answer in answered:
            for name, value in answer.items():
                members.setdefault(name, []).append(value)
        for name, given in members.items():
            kinds = dict.fromkeys(JSON_TYPES[type(value)] for value in given)
            example = f"`{EXAMPLES[verb, name]}`" if (verb, name) in EXAMPLES else ""
            lines.append(f"| `{name}` | {' or '.join(kinds)} | {example} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


JSON_TYPES = {
    str: "text",
    int: "number",
    bool: "true or false",
    list: "list",
    dict: "object",
    type(None): "null",
}
EXAMPLES = {
    ("take", "exhibit"): "E00001",
    ("take", "sha256"): "64 hexadecimal digits",
    ("take", "media_type"): "text/html",
    ("take", "outcome"): "done, declined, failed",
    ("take", "reason"): "it is empty",
    ("verify", "what"): "the log",
    ("verify", "state"): "holds, broken, not checkable",
    ("verify", "detail"): "its pages are sound",
    ("new", "vkey"): "name+id+key",
    ("package", "seal"): "the index of the entry that seals it",
}


def _first(thing: Any) -> str:
    """The first sentence of a docstring, in one line."""
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return re.sub(r"\.$", "", text)


def main() -> int:
    """Write the pages, or with --check say which differ."""
    differing = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            differing.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    print(f"{', '.join(differing) or 'nothing'} {'differs' if '--check' in sys.argv else 'was written'}")
    return 1 if differing and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
