"""A language model at an address: a real server on loopback that lies, and nothing of it is believed."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.integration.test_groups import Desk
from tests.integration.test_groups import pytestmark as needs_linux

from witnessmark.cli import run
from witnessmark.desk import LanguageModel, propose_beside
from witnessmark.errors import RefusedError, UnavailableError, UsageError
from witnessmark.weigh.reading import statements

pytest.importorskip("pydantic_ai", reason="the extra `llm` is not installed")
pytestmark = pytest.mark.server

TEXT = (
    "The ministry of health said on Monday that 31 people had died in the fire. A nurse told reporters the "
    "doors had been locked. “Nobody came,” said Ilse Karn, a baker. The governor denied it.\n\n"
    "General Tam Oswar could not confirm the number. The families say that forty men are missing."
)
TRUE = [
    {
        "sentence": 0,
        "source": "The ministry of health",
        "cue": "said",
        "content": ["that 31 people had died in the fire"],
    },
    {"sentence": 2, "source": "Ilse Karn, a baker", "cue": "said", "content": ['"Nobody came,"']},
]


class Stub(BaseHTTPRequestHandler):
    """Speaks as much of the API as is needed; what it says is made by the test."""

    def do_POST(self) -> None:
        server: Any = self.server
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.headers, asked))
        status, said = server.answers(asked)
        message = {"role": "assistant", "content": said}
        body = json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "stub",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stub(answers: Callable[[Any], tuple[int, str]]) -> Iterator[tuple[str, list[Any]]]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.answers, server.asked = answers, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", server.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def listed(items: object) -> str:
    """As the model is asked to answer: a list is wrapped in an object."""
    return json.dumps({"response": items})


def test_what_stands_in_the_text_is_taken_with_exact_places() -> None:
    told: list[str] = []
    with stub(lambda _: (200, listed(TRUE))) as (address, asked):
        model = LanguageModel(address, "stub", told=told.append)
        found = list(statements(TEXT, model, with_rules=False))
    assert [one.source.text for one in found if one.source] == [
        "The ministry of health",
        "Ilse Karn, a baker",
    ]
    assert [one.content[0].text for one in found] == ["that 31 people had died in the fire", "“Nobody came,”"]
    for one in found:
        for passage in (*one.chain, *one.content):
            assert TEXT[passage.start : passage.end] == passage.text
    assert [str(one.quantities[0].amount) for one in found if one.quantities] == ["31"]
    assert (found[0].extractor, found[0].version) == ("language model", "stub")
    assert "leave this machine for 127.0.0.1" in told[0]
    assert len(asked) == 1


def invented(words: str, chance: random.Random) -> str:
    who = chance.choice(["General Amir Holt", "the United Desk", "Dr. Nobody", "The Ministry of Health"])
    return f"{who} denied on day {chance.randrange(10**6)}"


def altered(words: str, chance: random.Random) -> str:
    at = chance.randrange(len(words))
    return words[:at] + chance.choice("QXZ") + words[at + 1 :]


def shifted(words: str, chance: random.Random) -> str:
    start = TEXT.index(words.strip('"')) + chance.choice([1, 2])
    return TEXT[start : start + len(words)]


def lengthened(words: str, chance: random.Random) -> str:
    first, _, rest = words.partition(" ")
    return f"{first} reportedly {rest}"


def emptied(words: str, chance: random.Random) -> str:
    return chance.choice(["", " ", "…", "\u200b", "“”"])


LIES = (invented, altered, shifted, lengthened, emptied)


def lies(count: int) -> list[dict[str, Any]]:
    """Answers of which none stands in the text as it is said to: invented, altered, shifted, mixed up."""
    chance = random.Random(4)  # noqa: S311 - no secret
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        one = json.loads(json.dumps(chance.choice(TRUE)))
        part = chance.choice(["source", "cue", "content"])
        if len(rows) % 7 < len(LIES):
            lie = LIES[len(rows) % 7]
            one[part] = [lie(one[part][0], chance)] if part == "content" else lie(one[part], chance)
        elif len(rows) % 7 == 5:  # another sentence, which has no such cue
            one["sentence"] = chance.choice([-1, 1, 3, 4, 5, 6, 40])
        else:  # what is said lies over who says it, or is said by another
            one["content"] = ["The ministry of health said on Monday that 31 people had died in the fire."]
        rows.append(one)
    return rows


def test_of_a_thousand_invented_or_shifted_spans_none_is_stored() -> None:
    rows = lies(1000)
    with stub(lambda _: (200, listed(rows))) as (address, asked):
        model = LanguageModel(address, "stub")
        assert list(statements(TEXT, model, with_rules=False)) == []
    assert len(model.dropped) == 1000
    assert len(asked) == 2  # it was sent back once
    assert "Copy exactly" in json.dumps(asked[1][1]["messages"])


def test_true_answers_among_lies_are_all_that_stays() -> None:
    with stub(lambda _: (200, listed([*lies(40), *TRUE]))) as (address, _):
        found = list(statements(TEXT, LanguageModel(address, "stub"), with_rules=False))
    assert len(found) == 2


def test_disagreement_is_shown_and_not_resolved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "article.txt"
    path.write_text(TEXT, "utf-8")
    shifted = {"sentence": 1, "source": "reporters", "cue": "told", "content": ["the doors had been locked"]}
    with stub(lambda _: (200, listed([*TRUE, shifted]))) as (address, _):
        run(["statements", str(path), "--json", "--llm", address, "--llm-model", "stub"])
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    by_rules = {line["id"]: line for line in lines if line["extractor"] == "rules"}
    by_model = [line for line in lines if line["extractor"] == "language model"]
    assert [line["beside"]["differs"] for line in by_model] == [[], ["source"], []]
    told = by_rules[by_model[1]["beside"]["id"]]
    assert (told["source"]["text"], by_model[1]["source"]["text"]) == ("A nurse", "reporters")
    assert [line["beside"] for line in by_rules.values()].count(None) >= 2
    assert "leave this machine for 127.0.0.1" in captured.err


def test_the_text_goes_to_the_given_address_only_and_the_key_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of the environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with stub(lambda _: (200, listed([]))) as (address, asked):
        list(LanguageModel(address, "stub", "mine").mark(TEXT))
    ((headers, _),) = asked
    assert headers["Authorization"] == "Bearer mine"


@pytest.mark.parametrize(
    "answer", [(500, "{}"), (401, "{}"), (200, "I would rather not."), (200, '{"response": 4}'), (200, "")]
)
def test_a_server_that_does_not_answer_is_no_empty_text(answer: tuple[int, str]) -> None:
    with (
        stub(lambda _: answer) as (address, _),
        pytest.raises(UnavailableError, match="gave no usable answer"),
    ):
        list(LanguageModel(address, "stub").mark(TEXT))


def test_nobody_at_the_address_is_said() -> None:
    with stub(lambda _: (200, "")) as (address, _):
        pass
    with pytest.raises(UnavailableError, match="gave no usable answer"):
        list(LanguageModel(address, "stub").mark(TEXT))


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://models.example/v1", RefusedError),
        ("ftp://127.0.0.1/", UsageError),
        ("nowhere", UsageError),
        ("https://someone:secret@models.example/v1", UsageError),
    ],
)
def test_an_address_that_is_not_safe_is_refused_before_anything_is_sent(
    address: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        LanguageModel(address, "stub")


def test_without_an_address_no_model_is_asked() -> None:
    with pytest.raises(UsageError, match="--llm ADDRESS"):
        run(["statements", __file__, "--llm-model", "stub"])
    with pytest.raises(UsageError, match="--llm-model NAME"):
        run(["statements", __file__, "--llm", "http://127.0.0.1:1/v1"])
    assert propose_beside.__doc__ and "nothing is decided" in propose_beside.__doc__


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A case with one article, in a folder that holds the article too."""
    desk = Desk(tmp_path)
    desk.run("new", desk.case, "--name", "Sent")
    article = tmp_path / "article.txt"
    article.write_text(TEXT, "utf-8")
    desk.run("take", article)
    return desk


def sent(desk: Desk) -> list[dict[str, Any]]:
    return [one for one in desk.run("log") if one["type"].startswith("text.")]


@needs_linux
def test_the_text_of_an_exhibit_leaves_only_with_an_entry_in_the_log(desk: Desk) -> None:
    before: list[list[str]] = []

    def answers(_: Any) -> tuple[int, str]:
        before.append([one["type"] for one in sent(desk)])
        return 200, listed([*TRUE, *lies(3)])

    with stub(answers) as (address, asked):
        desk.run("statements", "E00001", "--llm", f"{address}?key=secret", "--llm-model", "stub")
    assert before[0] == ["text.sent"]  # it was there before the text went
    leaves, comes = sent(desk)
    assert leaves["performer"]["name"] == "Ada"
    assert leaves["detail"] | {"text": None} == {
        "exhibit": "E00001",
        "address": address,
        "model": "stub",
        "characters": len(TEXT),
        "text": None,
    }
    assert (comes["type"], comes["detail"]["statements"]) == ("text.answered", 2)
    assert comes["detail"]["dropped"] == 3
    assert asked
    desk.run("verify")


@needs_linux
def test_a_copy_of_an_exhibit_is_that_exhibit(desk: Desk) -> None:
    with stub(lambda _: (200, listed(TRUE))) as (address, _):
        model = ("--llm", address, "--llm-model", "stub")
        desk.run("statements", desk.folder / "article.txt", *model)
        other = desk.folder / "other.txt"
        other.write_text("Ana Torv said that it rained.", "utf-8")
        desk.run("statements", other, *model)
        desk.run("statements", "E00001")
    assert [one["detail"]["exhibit"] for one in sent(desk)] == ["E00001", "E00001"]


@needs_linux
def test_that_nobody_answered_is_on_record_too(desk: Desk) -> None:
    with stub(lambda _: (500, "{}")) as (address, _):
        desk.run("statements", "E00001", "--llm", address, "--llm-model", "stub", code=3)
    leaves, comes = sent(desk)
    assert leaves["type"] == "text.sent"
    assert "gave no usable answer" in comes["detail"]["error"]


@needs_linux
def test_what_cannot_be_entered_is_not_sent(desk: Desk) -> None:
    (desk.folder / "keys").rename(desk.folder / "away")
    with stub(lambda _: (200, listed(TRUE))) as (address, asked):
        desk.run("statements", "E00001", "--llm", address, "--llm-model", "stub", code=4)
    assert asked == []
