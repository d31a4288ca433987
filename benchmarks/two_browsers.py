"""Two people who write at once, many times: what is lost, and which conflicts are told.

    python benchmarks/two_browsers.py [--rounds N]

A real service on loopback. In each round both open the same page and send different words on it at the same
moment: on two pictures, then on a claim. Exactly one may be entered, the other has to be told.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from argon2 import PasswordHasher

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.servers.desks import ADA, PASSPHRASE, hostile_case, serving_desk

from witnessmark.model import Assessment, Decision
from witnessmark.web.accounts import Accounts
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

PAIR, CLAIM = "/compare/E00008/E00007", "/claims/2"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here, and what their browser sends along."""

    port: int
    cookie: str
    form: str

    def get(self, path: str) -> str:
        """A page."""
        return self._asked("GET", path, "")[1]

    def post(self, path: str, words: dict[str, str]) -> int:
        """The status of the answer to a form."""
        return self._asked("POST", path, urlencode({**words, "form": self.form}))[0]

    def _asked(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {"cookie": self.cookie, "origin": f"http://localhost:{self.port}"}
        headers |= {"host": f"localhost:{self.port}", "content-type": "application/x-www-form-urlencoded"}
        channel = HTTPConnection("127.0.0.1", self.port)
        channel.request(method, path, body or None, headers)
        answer = channel.getresponse()
        read = answer.read().decode("utf-8")
        channel.close()
        return answer.status, read


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=500)
    given = arguments.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        case = hostile_case(Path(folder))
        with serving_desk(case) as (office, _):
            quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            object.__setattr__(office, "accounts", Accounts(Path(folder) / "accounts.json", quick))
            office.accounts.first(ADA, PASSPHRASE)
            people = [signed_in(office, name) for name in ("Ben", "Noor")]
            before, began = words_in(office), time.perf_counter()
            told = Counter(one_round(people, number) for number in range(given.rounds))
            took, entered = time.perf_counter() - began, words_in(office) - before
    said = sum(statuses.count(303) * count for statuses, count in told.items())
    print(f"{given.rounds} rounds in {took:.0f} s, by how both were answered: {dict(told)}")
    print(f"said to be entered {said}, on record {entered}, lost {said - entered}")


def words_in(office: Office) -> int:
    """How many decisions and assessments are on record."""
    return len(office.desk.case.find(Decision)) + len(office.desk.case.find(Assessment))


def signed_in(office: Office, name: str) -> Person:
    """Somebody with an account who came in."""
    account = office.accounts.add(name, PASSPHRASE, (Role.LEAD,))
    token = office.admit(account, "benchmark", "en")
    session = office.sessions.of(token)
    assert session is not None
    return Person(office.port, f"{office.cookie}={token}", session.form_token)


def one_round(people: list[Person], number: int) -> tuple[int, ...]:
    """What both are answered, the lower status first."""
    page, target = (CLAIM, f"{CLAIM}/assessed") if number % 2 else (PAIR, PAIR)
    seen = [re.search(r'name="seen" value="(\w+)"', one.get(page))[1] for one in people]  # type: ignore[index]
    gate, got = threading.Barrier(len(people)), list[int]()

    def write(place: int) -> None:
        why = f"{number} {place}"
        words = {"seen": seen[place], "reason": why, "reasons": why}
        words |= {"verdict": "same scene", "status": "contested", "also": "E00006"}
        gate.wait()
        got.append(people[place].post(target, words))

    threads = [threading.Thread(target=write, args=(place,)) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tuple(sorted(got))


if __name__ == "__main__":
    main()
