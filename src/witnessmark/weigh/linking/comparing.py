"""What is compared of two people: features with their levels, from the strongest agreement to none.

Each level says in SQL when it is met, and how often it is met by two rows of one person. These shares are
where the estimation starts; they come from people's own links between real lists of Arabic names, and each
pair of lists then moves them (see `posterior`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison: its words, when it is met, and the share of true pairs that meet it.

    `rarity` names the column whose value both share, where a rare value says more than a common one.
    """

    words: str
    condition: str
    share: float
    rarity: str | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is compared; it is open where `needs` is missing on either side.

    It is left out where the feature in column `unless` can be compared, which says the same better.
    """

    name: str
    column: str
    needs: str
    levels: tuple[Level, ...]
    unless: str | None = None

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares of the levels, the strongest first; they add up to one."""
        return tuple(level.share for level in self.levels)


def _one_word(column: str, elsewhere: str, shares: Sequence[float]) -> tuple[Level, ...]:
    """The levels of one word of a name; lam and alef that a PDF turned (صالح for صلاح) are nearly alike."""
    key, form, bones = column, f"{column}_form", f"{column}_bones"
    known = f"({key}_l[1] <> '~' AND {key}_r[1] <> '~')"
    near = (
        f"(least(length({form}_l), length({form}_r)) >= 3 AND abs(length({form}_l) - length({form}_r)) <= 1"
        f" AND levenshtein({form}_l, {form}_r) <= 1)"
    )
    turned = f"replace({form}_l, 'lA', 'Al') = replace({form}_r, 'lA', 'Al')"
    return (
        Level(
            "the same", f"{key}_l = {key}_r AND ({key}_l[1] <> '~' OR {form}_l = {form}_r)", shares[0], key
        ),
        Level("the same consonants", f"{bones}_l = {bones}_r AND NOT {known}", shares[1], bones),
        Level(
            "one letter apart or nearly alike",
            f"{turned} OR (NOT {known} AND ({near} OR jaro_winkler_similarity({form}_l, {form}_r) >= 0.92))",
            shares[2],
        ),
        Level("stands elsewhere in the other name", elsewhere, shares[3]),
        Level(DIFFERENT, "ELSE", shares[4]),
    )


_GIVEN_ELSEWHERE = " OR ".join(
    f"(list_contains(rest_{other}, given_{one}) AND NOT list_contains(rest_{one}, given_{one}))"
    for one, other in ("lr", "rl")
)
"""A grandfather's name that both have stands in its own place: it is no given name that went elsewhere."""
_FAMILY_ELSEWHERE = "list_contains(rest_r, family_l) OR list_contains(rest_l, family_r)"
_GAP = "greatest(years_low_l - years_high_r, years_low_r - years_high_l)"
_NARROW = "years_high_l - years_low_l <= 1 AND years_high_r - years_low_r <= 1"
_DAYS = "greatest(when_first_l - when_last_r, when_first_r - when_last_l)"
_SHARED_PLACE = "list_has_any(string_split(place_l, ' '), string_split(place_r, ' '))"

FEATURES: tuple[Feature, ...] = (
    Feature(
        "identity number",
        "identity",
        "identity",
        (
            Level("the same", "identity_l = identity_r", 0.93),
            Level("one digit apart", "damerau_levenshtein(identity_l, identity_r) <= 1", 0.05),
            Level(DIFFERENT, "ELSE", 0.02),
        ),
    ),
    Feature(
        "given name",
        "given",
        "given",
        _one_word("given", _GIVEN_ELSEWHERE, (0.85, 0.05, 0.05, 0.025, 0.025)),
    ),
    Feature(
        "family name",
        "family",
        "family",
        _one_word("family", _FAMILY_ELSEWHERE, (0.70, 0.11, 0.06, 0.08, 0.05)),
    ),
    Feature(
        "names between",
        "inner",
        "father",
        (
            Level(
                "the same, two or more",
                "father_l = father_r AND len(inner_l) > 1 AND len(inner_r) > 1"
                " AND len(list_intersect(inner_l, inner_r)) = least(len(inner_l), len(inner_r))",
                0.30,
                "father",
            ),
            Level("the same after the given name", "father_l = father_r", 0.48, "father"),
            Level("one in common", "list_has_any(inner_l, inner_r)", 0.07),
            Level(
                "nearly alike",
                "father_bones_l = father_bones_r OR levenshtein(father_form_l, father_form_r) <= 1",
                0.05,
            ),
            Level(
                "one stands at the end of the other name",
                "list_has_any(inner_l, rest_r) OR list_has_any(inner_r, rest_l)",
                0.05,
            ),
            Level(DIFFERENT, "ELSE", 0.05),
        ),
    ),
    Feature(
        "kunya",
        "kunya",
        "kunya",
        (Level("the same", "kunya_l = kunya_r", 0.85, "kunya"), Level(DIFFERENT, "ELSE", 0.15)),
    ),
    Feature(
        "mother's name",
        "mother",
        "mother",
        (
            Level("the same", "mother_l = mother_r", 0.85, "mother"),
            Level("the same consonants", "mother_bones_l = mother_bones_r", 0.08),
            Level(DIFFERENT, "ELSE", 0.07),
        ),
    ),
    Feature(
        "date of birth",
        "birth",
        "birth",
        (
            Level("the same", "birth_l = birth_r", 0.88),
            Level(
                "one digit apart, or day and month turned",
                "damerau_levenshtein(birth_l, birth_r) <= 1"
                " OR (birth_l[1:4] = birth_r[1:4] AND birth_l[5:6] = birth_r[7:8]"
                " AND birth_l[7:8] = birth_r[5:6])",
                0.08,
            ),
            Level(DIFFERENT, "ELSE", 0.04),
        ),
    ),
    Feature(
        "age",
        "years",
        "years_low",
        (
            Level("the same", f"{_GAP} <= 0 AND {_NARROW}", 0.66),
            Level("within the range told", f"{_GAP} <= 0", 0.03),
            Level("one year apart", f"{_GAP} <= 1", 0.27),
            Level("two or three years apart", f"{_GAP} <= 3", 0.02),
            Level("up to ten years apart", f"{_GAP} <= 10", 0.012),
            Level(DIFFERENT, "ELSE", 0.008),
        ),
        unless="birth",
    ),
    Feature("sex", "sex", "sex", (Level("the same", "sex_l = sex_r", 0.98), Level(DIFFERENT, "ELSE", 0.02))),
    Feature(
        "place",
        "place",
        "place",
        (
            Level("the same", "place_l = place_r", 0.75, "place"),
            Level(
                "a word in common, or nearly alike",
                f"{_SHARED_PLACE} OR jaro_winkler_similarity(place_l, place_r) >= 0.9",
                0.10,
            ),
            Level(DIFFERENT, "ELSE", 0.15),
        ),
    ),
    Feature(
        "date of the event",
        "when",
        "when_first",
        (
            Level(
                "the same day",
                f"{_DAYS} <= 0 AND when_first_l = when_last_l AND when_first_r = when_last_r",
                0.60,
            ),
            Level("fits", f"{_DAYS} <= 0", 0.10),
            Level("up to three days apart", f"{_DAYS} <= 3", 0.17),
            Level("up to a month apart", f"{_DAYS} <= 31", 0.08),
            Level(DIFFERENT, "ELSE", 0.05),
        ),
    ),
)

COLUMNS: Mapping[str, str] = {
    "unique_id": "INTEGER",
    "list": "SMALLINT",
    "row": "INTEGER",
    **{
        f"{part}{what}": "VARCHAR"
        for part in ("given", "father", "family")
        for what in ("", "_form", "_bones")
    },
    "inner": "VARCHAR[]",
    "rest": "VARCHAR[]",
    "bones": "VARCHAR[]",
    "kunya": "VARCHAR",
    "mother": "VARCHAR",
    "mother_bones": "VARCHAR",
    "years_low": "SMALLINT",
    "years_high": "SMALLINT",
    "birth": "VARCHAR",
    "sex": "VARCHAR",
    "place": "VARCHAR",
    "when_first": "INTEGER",
    "when_last": "INTEGER",
    "identity": "VARCHAR",
}
"""The columns of a person as the database has them."""


Shares = Sequence[Sequence[float]]


def splink_settings(
    features: Sequence[Feature], chance: float, by_chance: Shares | None
) -> dict[str, object]:
    """What splink is told: the features, with the shares that estimation starts from.

    `by_chance` are the shares of each feature's levels among pairs drawn at random. Without them nothing is
    weighed: then splink only says which level each pair meets, and gives back what it compared.
    """
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": chance,
        "comparisons": [
            _comparison(feature, by_chance[place] if by_chance else None)
            for place, feature in enumerate(features)
        ],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": by_chance is None,
        "retain_intermediate_calculation_columns": by_chance is not None,
        "unique_id_column_name": "unique_id",
    }


def distinct(feature: Feature, by_chance: Sequence[float]) -> tuple[float, ...]:
    """The shares by chance, moved by less than a thousandth where two levels would weigh the same."""
    found: list[float] = []
    seen: set[int] = {0}
    for level, share in zip(feature.levels, by_chance, strict=True):
        while round(1e6 * log2(level.share / share)) in seen:
            share *= 1.0001  # noqa: PLW2901
        seen.add(round(1e6 * log2(level.share / share)))
        found.append(share)
    return tuple(found)


def _comparison(feature: Feature, by_chance: Sequence[float] | None) -> dict[str, object]:
    missing = f"{feature.needs}_l IS NULL OR {feature.needs}_r IS NULL"
    if feature.unless:
        missing += f" OR ({feature.unless}_l IS NOT NULL AND {feature.unless}_r IS NOT NULL)"
    levels: list[dict[str, object]] = [
        {"sql_condition": missing, "label_for_charts": "not told", "is_null_level": True}
    ]
    for place, level in enumerate(feature.levels):
        told: dict[str, object] = {
            "sql_condition": level.condition,
            "label_for_charts": level.words,
            "m_probability": level.share,
        }
        levels.append(told | ({"u_probability": by_chance[place]} if by_chance else {}))
    return {"output_column_name": feature.column, "comparison_levels": levels}
