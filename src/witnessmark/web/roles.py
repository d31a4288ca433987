"""Roles: what a person is at the desk to do. Each endpoint names the roles that it is there for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A part that a person plays in a case; one person may play several."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    LEAD = "lead"
    CUSTODIAN = "custodian"


READERS = frozenset(Role)
"""Everyone with an account: they see what the case holds, covered, without sources and personal metadata."""
WORKERS = frozenset({Role.ANALYST, Role.REVIEWER, Role.LEAD})
"""Those who work with the material: they see where it came from, decide, and take originals out."""
REVIEWERS = frozenset({Role.REVIEWER, Role.LEAD})
"""Those who read for the second time what others assessed."""
KEEPERS = frozenset({Role.LEAD, Role.CUSTODIAN})
"""Those who answer for the custody of the case."""
CUSTODIANS = frozenset({Role.CUSTODIAN})
"""Those who let people in."""
FIRST = (Role.LEAD, Role.CUSTODIAN)
"""What the first account is: whoever holds the keys at the terminal may do everything anyway."""
