"""The words of the page by language: headings, labels, levels and stances.

English is complete. In another language the frame speaks that language and the sentences, which are
composed in English, are marked as English. A new language is a new table with the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping

from witnessmark.errors import UsageError
from witnessmark.model import Purpose, Stance, Status, Topic

ENGLISH: Mapping[str, str] = {
    "dir": "ltr",
    "kicker": "Verification brief",
    "skip": "Skip to the brief",
    "contents": "Contents",
    "warning": "Before you read",
    "claims": "What is claimed, and by whom",
    "numbers": "Numbers side by side",
    "matrix": "Claims and voices",
    "unverified": "What nobody could verify",
    "pictures": "Pictures and recordings",
    "undone": "What could not be examined",
    "method": "How this was made",
    "limits": "What this cannot tell",
    "exhibits": "Exhibits",
    "references": "References",
    "check": "How to check this yourself",
    "made": "Made",
    "opened": "Opened",
    "authorization": "Authority",
    "counts": "Holds",
    "log": "Custody log",
    "checkpoint": "Entries covered",
    "fingerprint": "Key fingerprint",
    "verifier_key": "Verifier key",
    "witnesses": "Outside witnesses",
    "time_stamps": "Outside time-stamps",
    "no_witness": "no outside witness",
    "no_time_stamp": "no outside time-stamp",
    "footer": "No picture leaves this page uncovered. The page asks nothing of any other machine.",
}

ARABIC: Mapping[str, str] = {
    "dir": "rtl",
    "kicker": "موجز تحقّق",
    "skip": "انتقل إلى الموجز",
    "contents": "المحتويات",
    "warning": "قبل أن تقرأ",
    "claims": "ما يُقال ومن يقوله",
    "numbers": "الأرقام جنبًا إلى جنب",
    "matrix": "الادعاءات والأصوات",
    "unverified": "ما لم يستطع أحد التثبّت منه",
    "pictures": "الصور والتسجيلات",
    "undone": "ما تعذّر فحصه",
    "method": "كيف أُعدّ هذا الموجز",
    "limits": "ما لا يستطيع هذا الموجز قوله",
    "exhibits": "المستندات",
    "references": "المراجع",
    "check": "كيف تفحص هذا بنفسك",
    "made": "تاريخ الإعداد",
    "opened": "تاريخ الفتح",
    "authorization": "السند",
    "counts": "يضم",
    "log": "سجل الحيازة",
    "checkpoint": "القيود المشمولة",
    "fingerprint": "بصمة المفتاح",
    "verifier_key": "مفتاح الفحص",
    "witnesses": "شهود من الخارج",
    "time_stamps": "أختام زمنية من الخارج",
    "no_witness": "لا شاهد من الخارج",
    "no_time_stamp": "لا ختم زمنيًا من الخارج",
    "footer": "لا تظهر أي صورة في هذه الصفحة دون غطاء، ولا تطلب الصفحة شيئًا من أي جهاز آخر.",
}

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "ar": ARABIC}


def words_in(language: str) -> Mapping[str, str]:
    """The words of the page in `language`; UsageError if there is no table for it."""
    if language not in LANGUAGES:
        raise UsageError(
            f"no brief can be made in {language!r}", advice=f"choose one of: {', '.join(sorted(LANGUAGES))}"
        )
    return LANGUAGES[language]


LEVELS: tuple[str, ...] = ("none", "distressing", "injury", "death", "extreme")
"""What each level of graphic content is called, 0 to 4."""

STANCES: Mapping[Stance, str] = {
    Stance.ASSERTS: "asserts",
    Stance.CONFIRMS: "confirms",
    Stance.DENIES: "denies",
    Stance.DOUBTS: "doubts",
    Stance.CANNOT_VERIFY: "could not verify",
    Stance.DECLINES_TO_CONFIRM: "declined to confirm",
    Stance.UNDER_VERIFICATION: "still checking",
    Stance.CONDITIONAL: "on a condition",
    Stance.RETRACTS: "withdrew",
    Stance.REPORTS: "reports, unsourced",
}
"""The label of a stance."""

DEEDS: Mapping[Stance, str] = {
    Stance.ASSERTS: " said",
    Stance.CONFIRMS: " confirmed it",
    Stance.DENIES: " denied it",
    Stance.DOUBTS: " doubted it",
    Stance.CANNOT_VERIFY: " said that it could not verify this",
    Stance.DECLINES_TO_CONFIRM: " declined to confirm it",
    Stance.UNDER_VERIFICATION: " said that this was still being checked",
    Stance.CONDITIONAL: " spoke of it only on a condition",
    Stance.RETRACTS: " withdrew an earlier statement",
    Stance.REPORTS: " reported it without saying from whom",
}
"""What a voice did, after its name."""

PASSED_ON: Mapping[Stance, tuple[str, str]] = {
    Stance.REPORTS: (" passed on what ", " said"),
    Stance.ASSERTS: (" repeated as fact what ", " said"),
    Stance.CONFIRMS: (" repeated in words of confirmation, adding no voice of its own, what ", " said"),
    Stance.DENIES: (" denied the claim, passing on what ", " said"),
    Stance.DOUBTS: (" doubted the claim, passing on what ", " said"),
    Stance.CANNOT_VERIFY: (" passed on, saying that it could not verify it, what ", " said"),
    Stance.DECLINES_TO_CONFIRM: (" passed on, declining to confirm it, what ", " said"),
    Stance.UNDER_VERIFICATION: (" passed on, saying that it was still checking, what ", " said"),
    Stance.CONDITIONAL: (" passed on under a condition what ", " said"),
    Stance.RETRACTS: (" withdrew its report of what ", " said"),
}
"""What a relay did, around the name of the one from whom it had it."""

TOPICS: Mapping[Topic, str] = {
    Topic.AUTHENTICITY: "authenticity",
    Topic.NUMBER: "number",
    Topic.VICTIMS: "who the victims are",
    Topic.PERPETRATOR: "who did it",
    Topic.PLACE: "place",
    Topic.TIME: "time",
    Topic.EQUIPMENT: "equipment",
    Topic.COMPARISON: "comparison",
    Topic.OTHER: "other",
}

STATUSES: Mapping[Status, str] = {
    Status.SUPPORTED: "supported",
    Status.CONTESTED: "contested",
    Status.UNSUPPORTED: "unsupported",
    Status.REFUTED: "refuted",
    Status.UNDETERMINED: "undetermined",
}

PURPOSES: Mapping[Purpose, str] = {
    Purpose.EQUIPMENT: "equipment",
    Purpose.CLOTHING: "clothing",
    Purpose.COUNT: "a count",
    Purpose.PLACE: "a sign of the place",
    Purpose.NOTE: "a note",
    Purpose.MASK: "a mask",
}
