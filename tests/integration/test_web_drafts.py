"""The brief of a large case is written beside: nobody waits for it, and nobody takes it for empty."""

from __future__ import annotations

from threading import Event

import pytest
from tests.servers.doors import came_in

from witnessmark.desk.reviewing import Reviewing
from witnessmark.errors import RefusedError
from witnessmark.web.office import Office
from witnessmark.web.roles import Role


def test_a_brief_that_takes_long_is_told_as_being_written_until_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = came_in(office, Role.VIEWER)
    held, drafted = Event(), type(office.desk).drafted_brief

    def slowly(*given: object) -> object:
        held.wait(60)
        return drafted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(type(office.desk), "drafted_brief", slowly)
    object.__setattr__(office, "patience_s", 0.05)
    waiting = client.get("/brief")
    assert waiting.status_code == 200
    assert "being written just now" in waiting.text
    assert "It keeps every rule" not in waiting.text
    assert "<iframe" not in waiting.text
    held.set()
    office.working["brief", "en"][0].result(60)
    object.__setattr__(office, "patience_s", 60)
    assert "<iframe" in client.get("/brief").text


def test_a_brief_that_cannot_be_written_says_why(office: Office) -> None:
    def refuse() -> tuple[dict[str, bytes], tuple[()]]:
        raise RefusedError("the paper is out")

    for _ in range(2):  # and again: it is not taken for one that is still being written
        with pytest.raises(RefusedError, match="the paper is out"):
            office.drafted("en", refuse)


def test_texts_that_take_long_to_read_are_told_as_being_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = came_in(office, Role.ANALYST)
    held, first_after = Event(), Reviewing.first_after

    def slowly(*given: object) -> object:
        held.wait(60)
        return first_after(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Reviewing, "first_after", slowly)
    object.__setattr__(office, "patience_s", 0.05)
    waiting = client.get("/review?from=E00003", follow_redirects=False)
    assert waiting.status_code == 200
    assert "being read just now" in waiting.text
    assert 'href="/review?from=E00003"' in waiting.text
    assert "Nothing" not in waiting.text
    held.set()
    object.__setattr__(office, "patience_s", 60)
    done = client.get("/review?from=E00003", follow_redirects=False)
    assert "being read" not in done.text
