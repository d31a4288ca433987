"""The documents say what the house does: nothing is undocumented, no link is dead, no command is made up."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image
from typer.models import OptionInfo

from witnessmark import errors, model
from witnessmark.cli import VERBS
from witnessmark.cli.app import app
from witnessmark.desk.readings import _MAKERS
from witnessmark.model.wire import KINDS
from witnessmark.plugins import discover
from witnessmark.publish.package_items import COLUMNS
from witnessmark.publish.package_layout import Reason
from witnessmark.settings import FILE_NAME
from witnessmark.store import tables

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "changes").glob("*.md")])
LINK = re.compile(
    r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|<(?:img|source|a)\s[^>]*(?:src|srcset|href)=\"([^\"]+)\""
)
PATH = re.compile(r"`((?:src|tests|tools|benchmarks|examples|docs)/[A-Za-z0-9_./-]+)`")
COMMAND = re.compile(r"^\s*(?:\$ )?witnessmark ([a-z]+)(.*)$", re.MULTILINE)


def text_of(name: str) -> str:
    """A document below the root."""
    return (ROOT / name).read_text("utf-8")


def anchors_of(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def ids(pages: list[Path]) -> list[str]:
    """Pages as they are called in messages."""
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_link_inside_the_house_leads_somewhere(page: Path) -> None:
    dead = []
    for found in LINK.findall(page.read_text("utf-8")):
        target = next(filter(None, found))
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in anchors_of(path)):
            dead.append(target)
    assert not dead


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = PATH.findall(page.read_text("utf-8"))
    assert not [path for path in named if not (ROOT / path).exists()]


def commands_in(page: Path) -> Iterator[tuple[str, str]]:
    """The commands in the code blocks of a page, continued lines joined."""
    for block in re.findall(
        r"^( *)```[a-z]*\n(.*?)^\1```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        yield from COMMAND.findall(re.sub(r"\\\n\s*", "", block[1]))


def verbs() -> dict[str, set[str]]:
    """Every verb with the options that it knows."""
    known = {}
    for command in app.registered_commands:
        verb = command.callback
        assert verb is not None
        hints = verb.__annotations__
        page = text_of("docs/reference/commands.md").partition(f"### `witnessmark {verb.__name__}`\n")[2]
        known[verb.__name__] = set(re.findall(r"`(--[a-z-]+)", page.partition("\n### ")[0]))
        assert hints
    return known


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_every_command_that_a_page_shows_can_be_typed(page: Path) -> None:
    known = verbs()
    for verb, rest in commands_in(page):
        if verb in ("witness", "serve"):  # faces of their own
            continue
        assert verb in known, f"there is no verb {verb!r}"
        unknown = set(re.findall(r"(?<!\S)(--[a-z-]+)", rest)) - known[verb]
        assert not unknown, f"{verb} has no {unknown}"


def test_the_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr[-2000:]}\nrun `make docs`"


def test_every_verb_has_its_place() -> None:
    page = text_of("docs/reference/commands.md")
    registered = {command.callback.__name__ for command in app.registered_commands if command.callback}
    spoken = {name for module in VERBS for name in vars(module) if name in registered}
    assert registered == spoken
    assert not [verb for verb in registered if f"### `witnessmark {verb}`" not in page]


def test_the_verbs_stand_in_the_order_of_the_way() -> None:
    listed = [command.callback.__name__ for command in app.registered_commands if command.callback]
    way = (
        "new take show find alike scenes codes observe statements assess review claims lineages counts floor"
        " lists estimate edit brief package release verify scrub renew erase log rebuild"
    )
    assert listed == way.split()


def test_every_option_says_what_it_does() -> None:
    from typing import get_args, get_type_hints

    silent = []
    for command in app.registered_commands:
        for name, hint in get_type_hints(command.callback, include_extras=True).items():
            info = [one for one in get_args(hint) if isinstance(one, OptionInfo)]
            if info and not info[0].help:
                silent.append(f"{command.callback} {name}")
    assert not silent


def test_every_noun_value_and_word_is_explained() -> None:
    page = text_of("docs/reference/nouns.md")
    assert not [kind for kind in KINDS if f"### {kind}\n" not in page]
    words = [name for name in model.__all__ if isinstance(getattr(model, name), type)]
    listed = [name for name in words if issubclass(getattr(model, name), StrEnum)]
    assert not [name for name in listed if f"### {name}\n" not in page]
    assert not [
        name
        for name in words
        if f"### {name}\n" not in page and f"### {name.lower()}\n" not in page and name != "Check"
    ]


def test_every_error_and_every_reason_is_explained() -> None:
    page = text_of("docs/reference/errors.md")
    families = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert not [kind for kind in families if f"`{kind.__name__}`" not in page]
    assert not [reason for reason in Reason if f"`{reason}`" not in page]


def test_every_examiner_has_a_card_with_its_limits() -> None:
    kit = discover()
    page = text_of("docs/reference/examiners.md")
    assert not kit.broken
    for tool in kit.examiners:
        card = page.partition(f"## {tool.name} {tool.version}\n")[2].partition("\n## ")[0]
        assert f"**Limits.** {tool.limits}" in card
    assert not [tool.name for tool in kit.collectors if f"| {tool.name} " not in page]


def test_the_format_of_a_case_names_every_table_and_column() -> None:
    page = text_of("docs/explanation/format/store.md")
    for table in (*tables.primary.sorted_tables, *tables.projection.sorted_tables):
        row = next((line for line in page.splitlines() if line.startswith(f"| `{table.name}` |")), "")
        assert not [column.name for column in table.columns if f"`{column.name}`" not in row], table.name


def test_the_format_of_a_package_names_every_column_and_reason() -> None:
    page = " ".join(text_of("docs/explanation/format/package.md").split())
    assert ", ".join(COLUMNS) in page
    assert not [reason for reason in Reason if not re.search(rf"\b{reason}\b", page)]


def test_the_log_names_every_type_of_entry() -> None:
    page = text_of("docs/explanation/format/log.md")
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    types = set(re.findall(r"\b_?(?:act|record)\(\s*\"([a-z.]+)\"", source)) | {
        f"{kind}.entered" for kind in _MAKERS
    }
    types |= {"take.declined", "take.failed", "brief.made"}
    assert len(types) > 15
    assert not [name for name in types if f"`{name}`" not in page]


def test_every_threat_and_every_decision_has_its_page() -> None:
    page = text_of("docs/explanation/threats.md")
    assert not [number for number in range(1, 21) if f"| T{number} |" not in page]
    decisions = sorted(path.name for path in (DOCS / "explanation" / "adr").glob("0*.md"))
    index = text_of("docs/explanation/adr/README.md")
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    for name in decisions:
        said = (DOCS / "explanation" / "adr" / name).read_text("utf-8")
        assert f"({name})" in index
        assert "- Bad: " in said, f"{name} has no price"


def test_the_readme_gives_the_two_commands_and_what_is_not_promised() -> None:
    page = text_of("README.md")
    makefile = text_of("Makefile")
    for target in re.findall(r"`?make ([a-z]+)`?", page):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert {"demo", "test"} <= set(re.findall(r"make ([a-z]+)", page))
    assert "does not guarantee" in page
    assert FILE_NAME in text_of("docs/reference/settings.md") or FILE_NAME in page


def test_the_house_does_not_praise_itself() -> None:
    """Words that say nothing; who wants to know reads the figures."""
    praise = re.compile(
        r"\b(powerful|seamless|cutting-edge|state-of-the-art|revolutionary|blazing|world-class)\b",
        re.IGNORECASE,
    )
    assert not [page for page in PAGES if praise.search(page.read_text("utf-8"))]


def test_the_examiner_that_the_how_to_writes_is_found_and_passes_the_suite(tmp_path: Path) -> None:
    """The page's own code, installed as a stranger's package would be."""
    page = text_of("docs/how-to/write-an-examiner.md")
    blocks = re.findall(r"^    # (\S+\.py)\n((?:    .*\n|\n)+)", page, re.MULTILINE)
    for name, code in blocks:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(re.sub(r"^    ", "", code, flags=re.MULTILINE), "utf-8")
    assert {name for name, _ in blocks} == {"brightness/__init__.py", "test_brightness.py"}
    entry = re.search(r"\[project\.entry-points\.\"(.+)\"\]\n    (brightness = \"(.+)\")", page)
    assert entry is not None
    info = tmp_path / "brightness-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brightness\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[{entry[1]}]\nbrightness = {entry[3]}\n", "utf-8")
    Image.linear_gradient("L").save(tmp_path / "sample.png")
    found = (
        "from witnessmark.plugins import discover as d; print([t.name for t in d().examiners], d().broken)"
    )
    for words in (["-c", found], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_brightness.py"]):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        assert "'brightness'" in done.stdout or "5 passed" in done.stdout
