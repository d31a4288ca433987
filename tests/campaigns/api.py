"""The campaign against the interface for programs: schemathesis sends what is allowed, and what is not.

Usage: python -m tests.campaigns.api [--examples N]. Each call is asked N times with what is in order and N
times with what is not, always with a token; half of the addresses name things that are there. It ends with 1
if an answer was a server's error, was not of the shape that is told, or took what is not in order.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient
from tests.servers.desks import hostile_case, office_of
from tests.servers.doors import ADDRESS, filling, program

from witnessmark.web.api.document import document
from witnessmark.web.office import Office
from witnessmark.web.roles import Role

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def probe(office: Office, examples: int, *, is_random: bool) -> Counter[int]:
    """How often each status was answered; AssertionError or a failure of schemathesis tells what is wrong."""
    client = program(office, Role.LEAD)
    described: Any = schemathesis.openapi.from_dict({**document(), "security": []})
    there = filling(office)
    statuses: Counter[int] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()
        takes = found.ok().definition.raw
        is_bare = not takes["parameters"] and "requestBody" not in takes
        for mode in (GenerationMode.POSITIVE,) if is_bare else tuple(GenerationMode):
            _ask(client, operation.as_strategy(generation_mode=mode), there, statuses)(examples, is_random)
    return statuses


def _ask(client: TestClient, cases: Any, there: dict[str, str], statuses: Counter[int]) -> Any:
    def ask(examples: int, is_random: bool) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=not is_random,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if is_random else (Phase.generate,),
        )
        @given(cases, st.booleans())
        def one(case: Any, names_what_is_there: bool) -> None:
            is_valid = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
            if is_valid and names_what_is_there:
                case.path_parameters = {name: there[name] for name in case.path_parameters or {}}
            sent = case.as_transport_kwargs(base_url=ADDRESS)
            sent = {name: value for name, value in sent.items() if value is not None}
            sent["headers"] = {**sent.get("headers", {}), "authorization": client.headers["authorization"]}
            if isinstance(sent.get("data"), bytes):
                sent["content"] = sent.pop("data")
            answer = client.request(**sent)
            statuses[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        one()

    return ask


def main() -> int:
    """Run the campaign on a case of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        office = office_of(hostile_case(Path(folder)))
        try:
            statuses = probe(office, wanted.examples, is_random=True)
        finally:
            office.close()
            office.desk.close()
    told = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
    print(f"{statuses.total():,} requests, no server error; {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
