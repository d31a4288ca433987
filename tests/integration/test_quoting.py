"""Texts: quoted at an exact place that leads back to its page, and compared where one address has several."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pypdfium2", reason="the extra `pdf` is not installed")
pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.captures import report
from tests.servers.desks import ADA, copy_of, office_of
from tests.servers.doors import ORIGIN, came_in

from witnessmark.cli import run
from witnessmark.desk.looking import who_has_to_look
from witnessmark.desk.texts import kept_text
from witnessmark.errors import UsageError
from witnessmark.model import Statement, person
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ADDRESS = "http://paper.example/gate"
LINES = (
    "The minister said that the gate was closed.",
    "The gate was closed.",
    "A nurse said that 31 people had died. The end. The end.",
)


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with a document of three pages, a text, and a claim."""
    folder = tmp_path_factory.mktemp("documented")
    case, material = folder / "case", folder / "material"
    keys = ("--keys", str(folder / "keys"), "--as", ADA)
    run(["new", str(case), "--name", "A gate", "--focus", "When was it closed?", *keys])
    (case / "witnessmark.toml").write_text(f'[desk]\nkeys = "{folder / "keys"}"\nperson = "{ADA}"\n', "utf-8")
    material.mkdir()
    (material / "a.pdf").write_bytes(report(LINES))
    (material / "b.txt").write_text("A guard said that\nthe gate was open. A guard said so.", "utf-8")
    run(["take", str(material), "--case", str(case)])
    for hour, behind in (("noon", ""), ("one", "#top"), ("one", "")):
        page = folder / "page.html"
        page.write_text(
            f"<title>Gate</title><p>The gate was closed at {hour}. It rained all day.</p>", "utf-8"
        )
        run(["take", str(page), "--source-url", f"{ADDRESS}{behind}", "--case", str(case)])
    claims = (
        {"kind": "event", "id": "gate", "name": "The gate"},
        {"kind": "claim", "event": "gate", "topic": "other", "text": "The gate was closed"},
    )
    (folder / "claims.jsonl").write_text("\n".join(map(json.dumps, claims)), "utf-8")
    run(["assess", "--from", str(folder / "claims.jsonl"), "--case", str(case)])
    return case


@pytest.fixture
def office(documented: Path, tmp_path: Path) -> Iterator[Office]:
    """The same case for one test alone."""
    made = office_of(copy_of(documented, tmp_path / "desk"))
    yield made
    made.close()
    made.desk.close()


def test_the_text_of_a_document_is_kept_with_the_place_of_each_page(office: Office) -> None:
    case = office.desk.case
    digest = case.digest_of_exhibit("E00001")
    text = kept_text(case, digest)
    assert text is not None
    assert tuple(text.content[start:end] for start, end in text.pages) == LINES
    assert who_has_to_look(case, digest) == frozenset(), "nobody was left out, so nobody is asked again"


def test_a_quote_from_a_document_names_its_page_wherever_it_is_shown(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    fields = {"form": form, "page": "2", "words": "The gate was closed.", "speaker": "The report",
              "stance": "asserts", "claim": "The gate was closed", "number": "", "unit": ""}  # fmt: skip
    answer = client.post("/exhibits/E00001/quoted", data=fields, headers=ORIGIN)
    assert answer.status_code == 303, answer.text
    case = office.desk.case
    ((name, said),) = case.find(Statement)
    text = kept_text(case, case.digest_of_exhibit("E00001"))
    assert text is not None and said.appearance.text == text.digest
    assert said.appearance.span.on(text.pages) == (2,)
    shown = client.get(answer.headers["location"]).text
    back = f"/exhibits/E00001/pages/2#said-{name.hex}"
    assert back in shown
    assert f'id="said-{name.hex}"' in client.get(back).text
    assert f'id="said-{name.hex}"' not in client.get("/exhibits/E00001/pages/1").text
    assert f'id="said-{name.hex}"' in client.get("/exhibits/E00001").text
    brief, _ = office.desk.drafted_brief("en")
    pages = {path: content.decode() for path, content in brief.items() if path.startswith("brief.")}
    assert all("E00001, p. 2" in one for one in pages.values()), pages.keys()
    assert not [fault for fault in office.desk.drafted_brief("en")[1] if "E00001" in str(fault)]


def test_a_quote_that_could_lead_to_a_wrong_page_is_refused(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    fields = {"form": form, "words": "The end.", "speaker": "A nurse", "stance": "asserts",
              "claim": "The gate was closed"}  # fmt: skip
    for more, told in (
        ({"page": "3"}, "2 times"),
        ({"page": "1"}, "does not stand in the text of page 1"),
        ({"page": "4"}, "there is no page 4"),
        ({"page": "x"}, "no number of a page"),
        ({"page": "3", "words": " "}, "quote the words"),
        ({"page": "2", "words": "The gate", "claim": ""}, "choose the claim"),
        ({"page": "2", "words": "The gate", "speaker": ""}, "whose words"),
    ):
        answer = client.post("/exhibits/E00001/quoted", data={**fields, **more}, headers=ORIGIN)
        assert answer.status_code == 422, (more, answer.status_code)
        assert told in answer.text, more
    assert not office.desk.case.find(Statement)


def test_a_person_quotes_a_text_and_puts_a_new_claim_and_a_number_with_it(office: Office) -> None:
    client, form = came_in(office, Role.ANALYST)
    page = client.get("/exhibits/E00002").text
    event = re.search(r'<select id="quote-event" name="event">\s*<option value="(\w+)"', page)
    assert event is not None
    fields = {"form": form, "words": "A guard said that the gate", "speaker": "A guard", "stance": "denies",
              "claim": "new", "new_claim": "How many saw it", "event": event[1], "topic": "number",
              "number": "at least 3", "unit": "persons"}  # fmt: skip
    assert client.post("/exhibits/E00002/quoted", data=fields, headers=ORIGIN).status_code == 303
    ((_, said),) = office.desk.case.find(Statement)
    assert said.appearance.quote == "A guard said that\nthe gate", "as it stands there, line by line"
    assert said.amount is not None and (str(said.amount), said.unit) == ("at least 3", "persons")
    assert said.read_by.name == "analyst"


def test_the_command_line_quotes_a_page_too_and_the_reader_proposes_from_documents(
    documented: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = copy_of(documented, tmp_path / "desk")
    said = ["--speaker", "The report", "--claim", "The gate was closed", "--case", str(case), "--json"]
    words = ["--quote", "gate was closed"]
    with pytest.raises(UsageError, match="stands 2 times, on page 1, 2"):
        run(["statements", "E00001", *words, *said])
    run(["statements", "E00001", *words, "--page", "2", *said])
    capsys.readouterr()
    run(["statements", "E00001", "--case", str(case), "--json"])
    proposed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any("31 people" in json.dumps(one) for one in proposed)


def test_what_was_taken_of_one_address_stands_side_by_side_with_what_changed(office: Office) -> None:
    client, _ = came_in(office, Role.ANALYST)
    later = client.get("/exhibits/E00004").text
    section = later[later.index("Versions of one address") : later.index("Where else it appears")]
    assert section.count("Taken in on") == 3, "the same bytes came twice, and the same page before it"
    assert ADDRESS in section and "#top" not in section
    assert re.search(r"<del>.*noon.*</del>", section) and re.search(r"<ins>.*one.*</ins>", section)
    assert 'href="/exhibits/E00003/replay"' in section
    beside = client.get("/versions/E00004/E00003").text
    earlier, newer = beside.index("The earlier one"), beside.index("The later one")
    assert earlier < beside.index("<del>") < newer < beside.index("<ins>")
    assert client.get("/versions/E00003/E00002").status_code == 404
    assert "Versions of one address" not in client.get("/exhibits/E00002").text
    viewer, _ = came_in(office, Role.VIEWER)
    assert ADDRESS not in viewer.get("/exhibits/E00004").text
    assert viewer.get("/versions/E00004/E00003").status_code == 403


def test_a_version_that_comes_in_later_or_is_erased_is_seen_by_who_looks_next(office: Office) -> None:
    desk = office.desk.at_work(person(ADA))
    digest = desk.case.digest_of_exhibit("E00004")
    ((_, found),) = office.addresses.versions(digest)
    assert [one.exhibit for one in found] == ["E00003", "E00004", "E00004"]
    desk.erase(["E00003"], "a family asked for it")
    ((_, found),) = office.addresses.versions(digest)
    assert [one.exhibit for one in found] == ["E00004", "E00004"]


def test_the_command_line_tells_the_versions_of_an_address(
    documented: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["show", "E00003", "--versions", "--case", str(documented), "--json"])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["exhibit"] for one in told] == ["E00003", "E00004", "E00004"]
    assert [one["changed"] for one in told] == [None, [["gone", "noon"], ["new", "one"]], None]


def test_who_only_reads_reads_the_words_of_documents_too_and_quotes_nothing(office: Office) -> None:
    client, form = came_in(office, Role.VIEWER)
    page = client.get("/exhibits/E00001/pages/2").text
    assert "The gate was closed." in page
    assert "/quoted" not in page
    fields = {"form": form, "page": "2", "words": "The gate was closed."}
    assert client.post("/exhibits/E00001/quoted", data=fields, headers=ORIGIN).status_code == 403
