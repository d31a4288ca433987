"""Visits that take long keep nobody waiting who asks for what is soon over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from tests.servers.doors import came_in

from witnessmark.desk.browsing import Fresh
from witnessmark.desk.claims import Claims
from witnessmark.model import Facts
from witnessmark.web.office import LONG, Office
from witnessmark.web.roles import Role

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
_PATIENCE_S = 60


class Held(Fresh[Claims]):
    """Claims that nobody gets before the test lets go; it is told of each who waits for them."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.desk.case)
        self.waits, self.go_on = threading.Semaphore(0), threading.Event()

    def now(self, make: Callable[[], Claims], since: int | None = None) -> Claims:
        """The claims, after a while."""
        self.waits.release()
        assert self.go_on.wait(_PATIENCE_S)
        return super().now(make, since)


def status_of(office: Office, path: str) -> int:
    """What somebody who just came in is answered."""
    client, _ = came_in(office, Role.ANALYST)
    return client.get(path).status_code


@contextmanager
def visitors(how_many: int) -> Iterator[ThreadPoolExecutor]:
    """So many browsers at once."""
    with ThreadPoolExecutor(how_many) as threads:
        yield threads


def test_whoever_waits_for_claims_to_be_weighed_keeps_nobody_waiting(office: Office) -> None:
    held = Held(office)
    object.__setattr__(office, "weighed", held)
    came_in(office, Role.ANALYST)
    with visitors(LONG + 4) as threads:
        try:
            patient = [threads.submit(status_of, office, "/claims") for _ in range(LONG + 2)]
            for _ in range(LONG):
                assert held.waits.acquire(timeout=_PATIENCE_S)
            for path in ("/gallery", "/exhibits/E00001", "/compare", "/account", "/gallery"):
                assert threads.submit(status_of, office, path).result(_PATIENCE_S) == 200, path
            assert not any(one.done() for one in patient)
        finally:
            held.go_on.set()
        assert [one.result(_PATIENCE_S) for one in patient] == [200] * (LONG + 2)


def test_what_was_weighed_already_is_soon_over(office: Office) -> None:
    for path in ("/claims", "/numbers", "/times", "/map", "/"):
        assert status_of(office, path) == 200
    go_on = threading.Event()
    with visitors(2) as threads:
        try:
            for _ in range(LONG):
                office.long_threads.submit(go_on.wait, _PATIENCE_S)
            later = threads.submit(status_of, office, "/review")
            for path in ("/claims", "/claims/1", "/numbers", "/times", "/map", "/"):
                assert threads.submit(status_of, office, path).result(_PATIENCE_S) == 200, path
            assert not later.done()
        finally:
            go_on.set()
        assert later.result(_PATIENCE_S) in (200, 303)


def test_nobody_waits_for_whoever_makes_anew_what_still_holds_for_them(office: Office) -> None:
    fresh, begun, go_on = Fresh[str](office.desk.case), threading.Event(), threading.Event()
    assert fresh.now(lambda: "made before") == "made before"
    before = office.desk.case.head().size
    with office.desk.case.transaction() as transaction:
        transaction.append(office.desk.custodian.act("statement.entered", detail=Facts()))

    def slowly() -> str:
        begun.set()
        assert go_on.wait(_PATIENCE_S)
        return "made anew"

    assert fresh.holds(before)
    assert not fresh.holds(office.desk.case.head().size)
    with visitors(2) as threads:
        try:
            making = threads.submit(fresh.now, slowly)
            assert begun.wait(_PATIENCE_S)
            kept = threads.submit(fresh.now, lambda: "made twice", before)
            assert kept.result(_PATIENCE_S) == "made before"
        finally:
            go_on.set()
        assert making.result(_PATIENCE_S) == "made anew"
    assert fresh.now(lambda: "made twice", before) == "made anew"
