"""The floor: the published count of June 2014 as a shape, and every input that lowers a minimum."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from witnessmark.errors import MalformedError
from witnessmark.match.registering import fundamental
from witnessmark.model import Agent, AgentKind, Digest, Facts, Match, Qualifier, Range, Region, Shape, person
from witnessmark.model.counting import Counting, FloorOfKind, Ground, Manner, Mark
from witnessmark.model.readings import Correspondence
from witnessmark.weigh.counting.clique import largest
from witnessmark.weigh.counting.floor import floors
from witnessmark.weigh.counting.kinds import kind_of
from witnessmark.weigh.counting.loops import consistent

Places = NDArray[np.float64]
NOW = datetime(2014, 6, 27, tzinfo=UTC)
WIDTH, HEIGHT, FOCAL = 1024.0, 768.0, 900.0
FIRST, SECOND, THIRD = (Digest.of(name) for name in (b"first", b"second", b"third"))
CAMERAS = {FIRST: (0.0, 0.0), SECOND: (1.2, 0.0), THIRD: (0.3, 0.9)}
"""Where the camera stands, in metres to the right and down; it looks straight ahead."""


def seen(picture: Digest, points: Places) -> Places:
    """Where points in space (metres) are seen on a picture."""
    right, down = CAMERAS[picture]
    depth = points[:, 2]
    across = FOCAL * (points[:, 0] - right) / depth + WIDTH / 2
    places: Places = np.stack([across, FOCAL * (points[:, 1] - down) / depth + HEIGHT / 2], axis=1)
    return places


def wall(count: int = 300) -> Places:
    """Points of a rough wall ten metres away."""
    chance = np.random.default_rng(7)
    across, down = chance.uniform(-4, 5, count), chance.uniform(-3, 3, count)
    points: Places = np.stack([across, down, 10 + 0.3 * chance.standard_normal(count)], axis=1)
    return points


def registered(one: Digest, other: Digest, points: Places | None = None) -> Match:
    points = wall() if points is None else points
    pairs = np.concatenate([seen(one, points), seen(other, points)], axis=1)
    halves = [fundamental(pairs), fundamental(pairs[::2]), fundamental(pairs[1::2])]
    return Match(
        query=one,
        candidate=other,
        method="views 1",
        distance=256,
        transform="other viewpoint",
        reason="made up",
        limits="made up",
        correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in pairs.tolist()),
        measured=Facts(
            inliers=len(pairs),
            paired=len(pairs),
            fundamental=tuple(tuple(fit.ravel().tolist()) for fit in halves),
        ),
    )


def mark(
    picture: Digest,
    where: tuple[float, float] | Region | None,
    amount: Range | None = None,
    author: str = "Ada",
) -> Mark:
    region = Region(Shape.POINT, (where,)) if isinstance(where, tuple) else where
    amount = amount or Range(best=1)
    name = Digest.of(f"{picture} {region} {amount} {author}".encode())
    return Mark(name, picture, "people", amount, author, WIDTH, region)


def word(manner: Manner, about: Digest, other: Digest | None = None) -> Counting:
    return Counting(about, manner, "looked at both", person("Ada"), NOW, other)


def one_of(found: tuple[FloorOfKind, ...]) -> FloorOfKind:
    (only,) = found
    return only


def ranged(low: int, high: int) -> Range:
    return Range(low, None, high, Qualifier.BETWEEN)


def test_the_published_count_is_at_least_160_to_190_and_disproves_no_more() -> None:
    trenches = [
        mark(FIRST, None, ranged(90, 110)),
        mark(SECOND, None, ranged(35, 40)),
        mark(THIRD, None, ranged(35, 40)),
    ]
    alone = one_of(floors(trenches)).whole
    assert (alone.least, str(alone.amount)) == (90, "at least 90–110"), "nobody has said that they are apart"
    apart = [word(Manner.APART, one, other) for one, other in combinations((FIRST, SECOND, THIRD), 2)]
    found = one_of(floors(trenches, (), apart)).whole
    assert (found.least, str(found.amount)) == (160, "at least 160–190")
    assert found.grounds == {Ground.WORD: 3}
    assert (found.single, found.naive) == (90, 160)
    assert set(found.members) == {one.record for one in trenches}
    partly = one_of(floors(trenches, (), apart[:1])).whole
    assert (partly.least, str(partly.amount)) == (125, "at least 125–150")


def test_a_best_number_is_no_part_of_what_is_proved() -> None:
    found = one_of(floors([mark(FIRST, None, Range(55, 60, 64, Qualifier.ABOUT))])).whole
    assert (found.least, str(found.amount), found.naive) == (55, "at least 55–64", 60)


def test_marks_on_one_picture_are_distinct_and_a_group_is_not_added_to_its_parts() -> None:
    single = [mark(FIRST, (100.0 + 20 * place, 300.0)) for place in range(5)]
    assert one_of(floors(single)).whole.least == 5
    around = Region(Shape.BOX, ((90.0, 280.0), (200.0, 320.0)))
    group = mark(FIRST, around, ranged(4, 9))
    assert one_of(floors([*single, group])).whole.least == 5
    larger = mark(FIRST, around, ranged(7, 9))
    assert one_of(floors([*single, larger])).whole.least == 7
    beside = mark(FIRST, Region(Shape.BOX, ((500.0, 280.0), (600.0, 320.0))), ranged(7, 9))
    assert one_of(floors([*single, beside])).whole.least == 12


def test_two_people_who_mark_one_picture_do_not_double_it() -> None:
    ada = [mark(FIRST, (100.0 + 80 * place, 300.0)) for place in range(5)]
    lior = [mark(FIRST, (103.0 + 80 * place, 302.0), author="Lior") for place in range(6)]
    found = one_of(floors([*ada, *lior])).whole
    assert (found.least, found.merged, found.naive) == (6, 6, 11)


@pytest.fixture
def people() -> list[Mark]:
    """Eight people on a wall: five on either picture, two of them on both."""
    spots = np.array([[-2.5 + 0.8 * place, -1.5 + 0.45 * place, 10.0] for place in range(8)])
    first, second = seen(FIRST, spots), seen(SECOND, spots)
    return [
        *(mark(FIRST, (float(x), float(y))) for x, y in first[:5]),
        *(mark(SECOND, (float(x), float(y))) for x, y in second[3:]),
    ]


def test_geometry_tells_people_apart_and_nobody_is_counted_twice(people: list[Mark]) -> None:
    found = one_of(floors(people, [registered(FIRST, SECOND)]))
    assert (found.whole.least, found.whole.bound, found.whole.merged, found.whole.naive) == (8, 8, 8, 10)
    assert found.whole.grounds.keys() >= {Ground.ONE_PICTURE}
    assert len(found.scenes) == 1
    assert one_of(floors(people)).whole.least == 5, "without geometry the better picture"
    turned = registered(SECOND, FIRST)
    assert one_of(floors(people, [turned])).whole.least == 8


def test_movement_doubt_and_occlusion_lower_the_minimum(people: list[Mark]) -> None:
    view = registered(FIRST, SECOND)
    moved = word(Manner.MOVED, FIRST, SECOND)
    assert one_of(floors(people, [view], [moved])).whole.least == 5
    taken_back = word(Manner.AS_MARKED, SECOND, FIRST)
    assert one_of(floors(people, [view], [moved, taken_back])).whole.least == 8
    none = word(Manner.MAY_BE_NONE, people[0].record)
    assert one_of(floors(people, [view], [none])).whole.least == 7
    hidden = word(Manner.MAY_BE_ONE, people[0].record, people[1].record)
    assert one_of(floors(people, [view], [hidden])).whole.least == 7


def test_who_says_apart_of_pictures_that_show_one_place_is_not_believed(people: list[Mark]) -> None:
    apart = word(Manner.APART, FIRST, SECOND)
    found = one_of(floors(people, [registered(FIRST, SECOND)], [apart]))
    assert found.whole.least == 8
    assert found.not_believed == (apart,)
    assert one_of(floors(people, (), [apart])).whole.least == 10


def test_a_mark_without_bounds_or_without_a_place_proves_little(people: list[Mark]) -> None:
    vague = mark(FIRST, (10.0, 10.0), Range(best=40, qualifier=Qualifier.ABOUT))
    found = one_of(floors([*people, vague], [registered(FIRST, SECOND)]))
    assert found.whole.least == 8
    assert found.unclear == (vague.record,)
    whole_picture = mark(SECOND, None, ranged(6, 9))
    assert one_of(floors([*people, whole_picture], [registered(FIRST, SECOND)])).whole.least == 8


def test_a_coarser_reach_never_proves_more(people: list[Mark]) -> None:
    least = [
        one_of(floors(people, [registered(FIRST, SECOND)], reach=reach / 1024)).whole.least
        for reach in (3, 12, 40, 120, 500)
    ]
    assert least == sorted(least, reverse=True)
    assert least[0] == 8
    assert least[-1] == 5


def test_a_copy_holds_marks_against_its_original() -> None:
    copied = Match(
        FIRST,
        SECOND,
        "features 1",
        0,
        "identity",
        "a copy",
        "…",
        (0.5, 0.0, 0.0, 0.0, 0.5, 0.0),
        measured=Facts(overlap=1.0, of_query=1.0),
    )
    ada = [mark(FIRST, (100.0 * place + 50, 300.0)) for place in range(6)]
    again = [mark(SECOND, (50.0 * place + 25, 150.0)) for place in range(3, 8)]
    assert one_of(floors([*ada, *again], [copied])).whole.least == 8


def test_views_that_other_pictures_contradict_are_not_used() -> None:
    good = [registered(FIRST, SECOND), registered(SECOND, THIRD)]
    right = registered(FIRST, THIRD)
    assert consistent([*good, right]) == ((*good, right), ())
    shifted = wall()
    there = seen(THIRD, shifted + np.array([0.0, 1.1, 0.0]))
    pairs = np.concatenate([seen(FIRST, shifted), there], axis=1)[:60]
    wrong = Match(
        FIRST,
        THIRD,
        "views 1",
        256,
        "other viewpoint",
        "made up",
        "made up",
        correspondences=tuple(Correspondence((a, b), (c, d)) for a, b, c, d in pairs.tolist()),
        measured=Facts(inliers=60, paired=60, fundamental=(tuple(fundamental(pairs).ravel().tolist()),)),
    )
    assert consistent([*good, wrong]) == (tuple(good), (wrong,))


def test_scenes_add_up_only_if_apart_and_places_join_scenes() -> None:
    marks = [mark(FIRST, (10.0, 10.0)), mark(FIRST, (200.0, 10.0)), mark(SECOND, (10.0, 10.0))]
    found = one_of(floors(marks, same_place=[frozenset((FIRST, SECOND))]))
    assert [one.least for one in found.scenes] == [2, 1]
    assert [one.least for one in found.places] == [2]
    assert found.whole.merged == 2
    apart = one_of(floors(marks, (), [word(Manner.APART, FIRST, SECOND)]))
    assert (apart.whole.least, apart.whole.merged) == (3, 3)


def test_kinds_are_counted_by_themselves() -> None:
    people, lorry = mark(FIRST, (10.0, 10.0)), mark(FIRST, (99.0, 10.0))
    lorry = Mark(
        lorry.record, FIRST, kind_of("a lorry, canvas over hoops"), Range(best=1), "Ada", WIDTH, lorry.region
    )
    assert [(one.kind, one.whole.least) for one in floors([people, lorry])] == [
        ("people", 1),
        ("vehicles", 1),
    ]
    assert kind_of("men in a line along the wall") == "people"
    assert kind_of("Three BODIES beside a truck") == "bodies"
    assert kind_of("") == "things"
    assert kind_of("tents") == "tents"


def test_a_search_that_ends_early_gives_what_it_proved_and_a_bound() -> None:
    ring = [{(one - 1) % 9, (one + 1) % 9} for one in range(9)]
    assert largest([1] * 9, ring).weight == 4
    early = largest([1] * 9, ring, most_steps=0)
    assert early.weight <= 4 <= early.bound
    assert largest([], []).weight == 0


@pytest.mark.parametrize(
    ("manner", "other", "author", "reason"),
    [
        (Manner.MOVED, None, person("Ada"), "why"),
        (Manner.APART, FIRST, person("Ada"), "why"),
        (Manner.MAY_BE_NONE, SECOND, person("Ada"), "why"),
        (Manner.MAY_BE_ONE, SECOND, Agent("tool", AgentKind.SOFTWARE), "why"),
        (Manner.MAY_BE_ONE, SECOND, person("Ada"), "  "),
    ],
)
def test_a_word_that_makes_no_sense_cannot_be_born(
    manner: Manner, other: Digest | None, author: Agent, reason: str
) -> None:
    with pytest.raises(MalformedError):
        Counting(FIRST, manner, reason, author, NOW, other)
