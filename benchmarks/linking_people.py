"""Invented lists of victims with the error rates of real Arabic ones, and the truth about them.

What was measured on a real pair of lists (5,569 and 34,344 rows, 3,181 links made by people): in true pairs
16 % of names are equal letter by letter and 31 % after normalisation; names have 2 to 4 words against 4; ages
are equal in 65 % and within a year in 97 %; sexes agree in 98 %. Families die together, so that the lists are
full of brothers. Names are put together at random; family names are made up of letters.

Run by itself it prints the rates that it comes to.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from witnessmark.weigh.linking.letters import folded
from witnessmark.weigh.linking.lexicon import lexicon

LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"
ROMAN = dict(
    zip(
        "بتثجحخدذرزسشصضطظعغفقكلمن",
        "b t th j h kh d dh r z s sh s d t z  gh f q k l m n".replace("z  gh", "z a gh").split(),
        strict=True,
    )
)
LOOSE = (
    *(("ee", "i"), ("ou", "u"), ("kh", "k"), ("q", "k"), ("th", "t"), ("dh", "d"), ("gh", "g"), ("j", "g")),
    *(("a", "e"), ("i", "e"), ("u", "o"), ("sh", "ch"), ("h", ""), ("i", "y"), ("s", "ss"), ("m", "mm")),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist: four words of a name, age, sex and town."""

    number: int
    words: tuple[str, str, str, str]
    age: int
    sex: str
    town: int
    household: int


@dataclass(frozen=True, slots=True)
class World:
    """A population in households, and which spelling in Latin letters each word usually has."""

    people: tuple[Person, ...]
    roman: dict[str, str]


SERVANTS = {
    "عبد الله": "abdullah",
    "عبد الرحمن": "abdulrahman",
    "عبد الكريم": "abdulkarim",
    "عبد العزيز": "abdulaziz",
    "عبد القادر": "abdulqader",
    "عبد الهادي": "abdulhadi",
}
COMMONEST = ("محمد", "احمد", "محمود", "خالد", "علي")


@dataclass(frozen=True, slots=True)
class Names:
    """The names to choose from, the commonest first."""

    men: list[str]
    women: list[str]
    families: list[str]

    def man(self, chance: random.Random) -> str:
        """The given name of a man."""
        return self.men[_zipf(chance, len(self.men), 1.0)]

    def woman(self, chance: random.Random) -> str:
        """The given name of a woman."""
        return self.women[_zipf(chance, len(self.women), 1.0)]

    def family(self, chance: random.Random) -> str:
        """A family name."""
        return self.families[_zipf(chance, len(self.families), 0.9)]


def world(size: int, seed: int = 5) -> World:
    """A population of about `size` people in households."""
    chance = random.Random(seed)  # noqa: S311 - reproducible fiction
    roman = dict(SERVANTS)
    names = _names(chance, roman, max(60, min(900, size // 40)))
    people: list[Person] = []
    household = 0
    while len(people) < size:
        household += 1
        people += _household(chance, names, household)
    return World(tuple(replace(one, number=n) for n, one in enumerate(people[:size])), roman)


def _names(chance: random.Random, roman: dict[str, str], families: int) -> Names:
    """Names known to the lexicon, others that are not, and made-up families; with how they are read."""
    for spelling, name in lexicon().names.items():
        if spelling.isascii() and 2 < len(name) < 9:
            roman.setdefault(name, spelling)
    known = sorted(roman.keys() - SERVANTS.keys() - set(COMMONEST))
    chance.shuffle(known)
    given = [*known[:240], *(_made_up(chance, roman, 3, 5) for _ in range(60))]
    chance.shuffle(given)
    half = len(given) // 2
    men = [*COMMONEST, *SERVANTS, *given[:half]]
    return Names(men, given[half:], [_family(chance, roman) for _ in range(families)])


def _household(chance: random.Random, names: Names, number: int) -> list[Person]:
    """A man, a woman of another family, and their children."""
    family, grandfather, father = names.family(chance), names.man(chance), names.man(chance)
    town, parent = chance.randrange(25), chance.randint(24, 60)
    words = (father, grandfather, names.man(chance), family)
    first = Person(0, words, parent, "m", town, number)
    words = (names.woman(chance), names.man(chance), names.man(chance), names.family(chance))
    found = [first, replace(first, words=words, age=max(18, parent - chance.randint(0, 9)), sex="f")]
    youngest = max(1, parent - 20)
    taken: set[str] = set()
    for age in sorted(chance.sample(range(youngest), k=min(youngest, chance.randint(0, 6)))):
        sex = chance.choice("mf")
        name = names.man(chance) if sex == "m" else names.woman(chance)
        if name not in taken:
            taken.add(name)
            found.append(Person(0, (name, father, grandfather, family), age, sex, town, number))
    return found


def _zipf(chance: random.Random, size: int, steepness: float) -> int:
    """A place in a list of which the first are the commonest; the steeper the more."""
    if steepness == 1:
        return min(size - 1, int(size ** chance.random() - 1))
    return int(size * chance.random() ** (1 + steepness))


def _made_up(chance: random.Random, roman: dict[str, str], low: int, high: int) -> str:
    """A word of Arabic letters that is no name known to us, and how it would be read."""
    while True:
        letters = [chance.choice(LETTERS[:24]) for _ in range(chance.randint(low, high))]
        long_vowel = chance.choice(("", "ا", "و", "ي"))
        place = chance.randint(1, len(letters) - 1)
        word = "".join([*letters[:place], long_vowel, *letters[place:]])
        if any(one == other for one, other in pairwise(letters)) or word in roman:
            continue
        vowels = [chance.choice(("a", "a", "i", "u")) for _ in letters]
        vowels[place - 1] = {"ا": "a", "و": "ou", "ي": "ee", "": vowels[place - 1]}[long_vowel]
        roman[word] = "".join(
            ROMAN[letter] + vowel for letter, vowel in zip(letters, vowels, strict=True)
        ).rstrip("u")
        return word


def _family(chance: random.Random, roman: dict[str, str]) -> str:
    root = _made_up(chance, roman, 3, 4)
    kind = chance.random()
    if kind < 0.55:
        family = f"ال{root}"
        roman[family] = f"al {roman[root]}"
    elif kind < 0.72:
        family = f"ابو {root}"
        roman[family] = f"abu {roman[root]}"
    else:
        family = f"{root}ي" if kind < 0.86 else root
        roman[family] = roman[root] + ("i" if kind < 0.86 else "")
    return family


@dataclass(frozen=True, slots=True)
class Lists:
    """Two lists as rows with a header, and for each row of the first the row of the second, both from 1."""

    first: list[list[str]]
    second: list[list[str]]
    links: dict[int, int]
    pairs: list[tuple[Person, list[str], list[str]]]


def arabic_lists(first: int, second: int, both: int, seed: int = 5) -> Lists:
    """A short list by volunteers and a long one by clerks, of whom `both` are on both."""
    chance = random.Random(seed)  # noqa: S311 - reproducible fiction
    made = world(int(1.8 * (first + second)), seed)
    by_house: dict[int, list[Person]] = {}
    for one in made.people:
        by_house.setdefault(one.household, []).append(one)
    houses = list(by_house.values())
    chance.shuffle(houses)
    listed = [one for house in houses for one in house if chance.random() < 0.75]
    on_second = listed[:second]
    known = {one.number for one in on_second}
    beside = [one for house in houses for one in house if one.number not in known]
    kin = {one.household for one in on_second}
    beside.sort(key=lambda one: (one.household not in kin, one.number))
    shared = chance.sample(on_second, both)
    strangers = chance.sample(beside[: max(3 * (first - both), 1)], first - both)
    on_first = shared + strangers
    chance.shuffle(on_first)
    chance.shuffle(on_second)
    rows_first = [_by_volunteers(one, chance) for one in on_first]
    rows_second = [_by_clerks(one, chance) for one in on_second]
    where = {one.number: n for n, one in enumerate(on_second, 1)}
    links = {n: where[one.number] for n, one in enumerate(on_first, 1) if one.number in where}
    pairs = [(on_first[n - 1], rows_first[n - 1], rows_second[m - 1]) for n, m in links.items()]
    return Lists(
        [["name", "age", "sex"], *rows_first], [["الاسم", "العمر", "الجنس"], *rows_second], links, pairs
    )


def _by_clerks(person: Person, chance: random.Random) -> list[str]:
    name = " ".join(person.words)
    if chance.random() < 0.25:
        name = _hands(name, chance)
    return [name, str(person.age), {"m": "ذكر", "f": "أنثى"}[person.sex]]


def _by_volunteers(person: Person, chance: random.Random) -> list[str]:
    given, father, grandfather, family = person.words
    length = chance.choices((2, 3, 4), (0.22, 0.33, 0.45))[0]
    words = [*(given, father, grandfather)[: length - 1], family]
    if length == 3 and chance.random() < 0.12:
        words = [given, father, grandfather]
    if length == 3 and chance.random() < 0.05:
        words = [given, grandfather, family]
    words = [_slip(word, chance) for word in words]
    name = " ".join(words)
    if chance.random() < 0.5:
        name = _hands(name, chance)
    if chance.random() < 0.015:
        name = f"الشهيد {name}"
    age = person.age + chance.choices((0, 1, -1, 2, -2, 5, -7, 10), (65, 18, 14, 0.8, 0.7, 0.5, 0.5, 0.5))[0]
    sex = person.sex if chance.random() < 0.98 else ("f" if person.sex == "m" else "m")
    return [name, "" if chance.random() < 0.06 else str(max(0, age)), "" if chance.random() < 0.03 else sex]


def _slip(word: str, chance: random.Random) -> str:
    """A word as somebody else hears or types it: mostly as it is."""
    if chance.random() > 0.085:
        return word
    place = chance.randrange(1, len(word))
    near = str.maketrans("ضظذثصسطتقكحه", "ظضدتسصتطكقهح")
    slips = {
        word[:place] + chance.choice(LETTERS) + word[place + 1 :]: 30,
        word[:place] + word[place + 1 :]: 20,
        word[:place] + chance.choice("اويهن") + word[place:]: 15,
        word.removeprefix("ال").removeprefix("ابو "): 15,
        word.translate(near): 10,
        "".join(chance.sample(word, len(word))): 4,
        word[: max(3, len(word) // 2)]: 6,
    }
    return chance.choices(list(slips), list(slips.values()))[0]


def _hands(name: str, chance: random.Random) -> str:
    """A name by a keyboard with other habits: the same after normalisation."""
    changes = [
        ("ا", "أ", 0.25),
        ("ه ", "ة ", 0.7),
        ("ي ", "ى ", 0.5),
        ("عبد ال", "عبدال", 0.6),
        ("ابو ", "أبو ", 0.6),
    ]
    name = f"{name} "
    for old, new, how_often in changes:
        if old in name and chance.random() < how_often + 0.2:
            name = name.replace(old, new, 1)
    if chance.random() < 0.12:
        name = name.replace(" ", "  ", 1)
    return name.strip()


def romanised(words: Sequence[str], made: World, chance: random.Random) -> str:
    """A name as somebody writes it in Latin letters: by ear, each time a little otherwise."""
    return " ".join(_by_ear(made.roman[word], chance).title() for word in words)


def _by_ear(word: str, chance: random.Random) -> str:
    for old, new in LOOSE:
        if old in word and chance.random() < 0.10:
            word = word.replace(old, new, 1)
    return word


def rates(lists: Lists) -> dict[str, float]:
    """What true pairs of the lists have in common."""
    pairs = lists.pairs
    folds = [
        (" ".join(map(folded, one[0].split())), " ".join(map(folded, two[0].split())))
        for _, one, two in pairs
    ]
    ages = [abs(int(one[1]) - int(two[1])) for _, one, two in pairs if one[1]]
    sexes = [one[2] == {"ذكر": "m", "أنثى": "f"}[two[2]] for _, one, two in pairs if one[2]]
    return {
        "equal letter by letter": sum(one[0] == two[0] for _, one, two in pairs) / len(pairs),
        "equal after normalisation": sum(
            one.replace("عبد ال", "عبدال") == two.replace("عبد ال", "عبدال") for one, two in folds
        )
        / len(pairs),
        "ages equal": ages.count(0) / len(ages),
        "ages within a year": sum(age <= 1 for age in ages) / len(ages),
        "sexes agree": sum(sexes) / len(sexes),
    }


def main() -> None:
    """Print the rates that the generator comes to."""
    made = arabic_lists(5569, 34344, 3181)
    for what, share in rates(made).items():
        print(f"{what:28} {share:.1%}")
    print("words of names", dict(sorted(Counter(len(row[0].split()) for row in made.first[1:]).items())))


if __name__ == "__main__":
    main()
