"""Files come in by the browser: whole or not at all, under names that lead nowhere, from our page alone."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import ORIGIN, browser, came_in

from witnessmark.model import Digest
from witnessmark.web import gate, sent
from witnessmark.web.office import MOST_UPLOADS, Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
NAMES = (
    "../../etc/passwd",
    "C:\\a\\b.txt",
    "<img src=x onerror=alert(1)>.txt",
    "a\0b\r\n.txt",
    "\u202etxt.exe",
)


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where anything may lie while it comes in."""
    place = tmp_path / "staging"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_files_are_sealed_under_the_name_that_the_browser_gave(office: Office, staging: Path) -> None:
    client, form = came_in(office, Role.ANALYST)
    case, before = office.desk.case, {number for number, _ in office.desk.case.exhibits()}
    contents = [f"The notes number {n} of an upload.".encode() for n in range(len(NAMES))]
    known = case.digest_of_exhibit("E00006")
    with case.open(known) as stream:
        again = stream.read()
    files = [("files", (name, content)) for name, content in zip(NAMES, contents, strict=True)]
    files += [("files", ("same name.txt", again)), ("files", ("same name.txt", b""))]
    fields = {"form": form, "note": "from a friend", "source_url": "", "legal_basis": "consent"}
    answer = client.post("/take", data=fields, files=files, headers=ORIGIN)
    assert answer.status_code == 200, answer.text
    made = {number: digest for number, digest in case.exhibits() if number not in before}
    wanted = {Digest(f"sha256:{hashlib.sha256(one).hexdigest()}") for one in [*contents, b""]}
    assert set(made.values()) == wanted
    assert "a further acquisition" in answer.text
    assert "<img src=x" not in answer.text
    sources = []
    for digest in (*made.values(), known):
        _, arrival = case.acquisitions(digest)[-1]
        assert arrival.collector.name == "analyst"
        assert arrival.legal_basis == "consent"
        assert arrival.note is not None
        assert case.reveal(arrival.note) == "from a friend"
        sources.append(str(case.reveal(arrival.source)))
    assert all(re.fullmatch(r"upload/[0-9T.Z-]+/\d+/[^/\x00-\x1f]+", one) for one in sources), sources
    assert {"passwd", "b.txt"} <= {one.rpartition("/")[2] for one in sources}
    assert not list(staging.iterdir()), "something was left where it came in"


@pytest.mark.parametrize("wrong", ["no token", "a wrong token", "a late token", "from elsewhere"])
def test_nothing_is_kept_of_what_no_page_of_ours_sent(office: Office, staging: Path, wrong: str) -> None:
    client, form = came_in(office, Role.ANALYST)
    entries = office.desk.case.head().size
    fields = {"no token": {}, "a wrong token": {"form": "x" * len(form)}, "a late token": {}}
    files: list[tuple[str, tuple[str | None, bytes]]] = [("files", ("a.txt", b"a text"))]
    if wrong == "a late token":
        files.append(("form", (None, form.encode())))
    headers = {"origin": "http://outside.example"} if wrong == "from elsewhere" else ORIGIN
    answer = client.post("/take", data=fields.get(wrong, {"form": form}), files=files, headers=headers)
    assert answer.status_code == 403
    assert office.desk.case.head().size == entries
    assert not list(staging.iterdir())


def test_those_who_only_read_send_nothing(office: Office, staging: Path) -> None:
    entries_by_nobody = browser(office).post("/take", files=[("files", ("a.txt", b"a"))], headers=ORIGIN)
    assert entries_by_nobody.status_code == 401
    for role in (Role.VIEWER, Role.CUSTODIAN):
        client, form = came_in(office, role)
        files = [("files", ("a.txt", b"a text"))]
        assert client.post("/take", data={"form": form}, files=files, headers=ORIGIN).status_code == 403
        assert client.get("/take").status_code == 403
    assert len(list(office.desk.case.exhibits())) == 10
    assert not list(staging.iterdir())


def test_what_breaks_off_or_is_too_much_is_not_half_there(
    office: Office, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, form = came_in(office, Role.ANALYST)
    entries = office.desk.case.head().size
    head = f'--b\r\nContent-Disposition: form-data; name="form"\r\n\r\n{form}\r\n'
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\nsome text'
    kind = {**ORIGIN, "content-type": "multipart/form-data; boundary=b"}
    broken = (head + part.format("a") + "\r\n" + part.format("b")).encode()
    assert client.post("/take", content=broken, headers=kind).status_code == 422
    monkeypatch.setattr(sent, "MOST_FILES", 2)
    files = [("files", (f"{n}.txt", b"a text")) for n in range(3)]
    answer = client.post("/take", data={"form": form}, files=files, headers=ORIGIN)
    assert answer.status_code == 422
    assert "at most" in answer.text
    assert (
        client.post("/take", data={"form": form}, files=[("files", ("", b""))], headers=ORIGIN).status_code
        == 422
    )
    monkeypatch.setattr(gate, "LARGEST_UPLOAD", 1000)
    files = [("files", ("a.txt", b"a" * 1000))]
    assert client.post("/take", data={"form": form}, files=files, headers=ORIGIN).status_code == 413
    large = {**ORIGIN, "content-length": str(10**6)}
    assert client.post("/speak", content=b"x" * 10**6, headers=large).status_code == 413
    for _ in range(MOST_UPLOADS):
        office.receiving.acquire()
    files = [("files", ("a.txt", b"a"))]
    assert client.post("/take", data={"form": form}, files=files, headers=ORIGIN).status_code == 503
    assert office.desk.case.head().size == entries
    assert not list(staging.iterdir())
