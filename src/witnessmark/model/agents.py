"""Agents: who acts and who speaks. A person is written under a pseudonym of the desk's choosing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from witnessmark.errors import MalformedError


class AgentKind(StrEnum):
    """What an agent is; only a person may assess."""

    PERSON = "person"
    ORGANIZATION = "organization"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone or something that acts (prov:Agent)."""

    name: str
    kind: AgentKind

    def __post_init__(self) -> None:
        if not self.name.strip() or any(ord(sign) < 32 for sign in self.name):
            raise MalformedError(f"{self.name!r} is not a name for an agent")


def person(name: str) -> Agent:
    """The person whom the desk knows as `name`."""
    return Agent(name, AgentKind.PERSON)


def must_be_a_person(author: Agent, deed: str) -> None:
    """Pass if `author` is a person; MalformedError says what only a person can do."""
    if author.kind is not AgentKind.PERSON:
        raise MalformedError(f"{author.name} is not a person and cannot {deed}")
