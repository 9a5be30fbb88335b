"""What is known of the patient: tumour, treatment, suspicion: D54, D55, D57-D61, D80, D82; age and sex: D90, D91.

Source: Wu 2022, Table 1; Shah 2011, section 3.1; Montoya-Bordon 2023, CT (untreated lesions).
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Final

from service.findings.anatomy import levels_of
from service.findings.derive.rule import Derived, Rule, View, affirms, says
from service.model.coded import Interval, Reading
from service.model.finding import Finding

_PRIMARY: Final = "primary-cancer"
_KNOWN: Final = "known-malignancy"
_TREATMENT: Final = "lesion-treatment"
_IRRADIATION: Final = "spinal-irradiation"
_YEARS: Final = (Decimal(0), Decimal(120))


def d54_brain_tumour(view: View) -> Collection[Derived]:
    """Medulloblastoma and malignant brain tumours are malignant primary brain tumours; tumours without a site are not."""
    known = view.some(_PRIMARY, "medulloblastoma", "malignant-brain-tumour")
    return (affirms("malignant-primary-brain-tumour", known),) if known else ()


def d55_cord_astrocytoma(view: View) -> Collection[Derived]:
    """A primary astrocytoma of the cord is one of unknown grade until a grade is stated."""
    known = view.some(_PRIMARY, "cord-astrocytoma")
    return (says("cord-astrocytoma-grade", "grade-not-stated", known),) if known else ()


def d57_primary_is_malignancy(view: View) -> Collection[Derived]:
    """A stated primary, also an unknown one, is a known malignancy."""
    known = view.present(_PRIMARY)
    return (affirms(_KNOWN, known),) if known else ()


def d58_metastasis_is_malignancy(view: View) -> Collection[Derived]:
    """A spinal metastasis is a bone metastasis and a known malignancy; its absence says nothing."""
    known = view.present("spinal-metastasis")
    return (affirms("bone-metastases", known), affirms(_KNOWN, known)) if known else ()


def d59_bone_metastases(view: View) -> Collection[Derived]:
    """Bone metastases are a known malignancy."""
    known = view.present("bone-metastases")
    return (affirms(_KNOWN, known),) if known else ()


def d60_systemic_therapy(view: View) -> Collection[Derived]:
    """Chemotherapy before the study has treated the lesion."""
    known = view.present("chemotherapy")
    before = [said for said in known.sources if _predates(view, said)] if known else []
    return (says(_TREATMENT, "systemic-therapy", *before),) if before else ()


def d61_radiotherapy(view: View) -> Collection[Derived]:
    """Irradiation has treated the lesion: of the whole spine always, of a part when its field holds a level of the lesion."""
    known = view.present(_IRRADIATION)
    if known is None:
        return ()
    if known.value == "whole-spine":
        return (says(_TREATMENT, "radiotherapy", known),)
    covering = [said for said in known.sources if _field(said) & view.levels]
    return (says(_TREATMENT, "radiotherapy", *covering),) if covering else ()


def d80_infection_suspected(view: View) -> Collection[Derived]:
    """A named infective diagnosis is a suspicion of infection."""
    known = view.some("reported-diagnosis", "discitis-osteomyelitis", "epidural-abscess")
    return (says("clinical-suspicion", "infection", known),) if known else ()


def d82_cauda_equina(view: View) -> Collection[Derived]:
    """A cauda equina syndrome is a severe deficit."""
    known = view.present("cauda-equina-syndrome")
    return (says("neurological-deficit", "severe-or-progressive", known),) if known else ()


def d90_age(reading: Reading, because: tuple[Finding, ...] = ()) -> Derived | None:
    """Return completed years between birth and the report; an interval where one of the dates is partial.

    Args:
        reading: birth date and date of the report.
        because: statements to cite; Patient.birthDate is no finding.

    Returns:
        None = a date is missing or the dates do not fit together.
    """
    report = reading.report
    seen = _days(report.effective) or (_days(report.said_at.date().isoformat()) if report.said_at else None)
    born = _days(reading.birth_date)
    if seen is None or born is None:
        return None
    low, high = _completed_years(born[1], seen[0]), _completed_years(born[0], seen[1])
    if high < _YEARS[0] or low > _YEARS[1]:
        return None
    return Derived("age-at-lesion", None, because, Interval(low=max(low, _YEARS[0]), high=min(high, _YEARS[1])))


def d91_sex(reading: Reading, because: tuple[Finding, ...] = ()) -> Derived | None:
    """Return the administrative sex when it is male or female; None = other, unknown or not stated."""
    return Derived("sex", reading.gender, because) if reading.gender in {"male", "female"} else None


def _predates(view: View, said: Finding) -> bool:
    """Tell whether treatment was before the study: the report itself speaks of the past, others must be dated."""
    if not said.source.from_other_report:
        return True
    return said.source.said_at is not None and view.report_at is not None and said.source.said_at < view.report_at


def _field(said: Finding) -> frozenset[str]:
    return frozenset(said.place.levels) | levels_of(said.place.regions)


def _days(sent: str | None) -> tuple[date, date] | None:
    """Return the first and last day that a date, possibly of a year or a month only, may mean; None = not a date."""
    parts = (sent or "")[:10].split("-")
    try:
        numbers = [int(part) for part in parts]
        year, month = numbers[0], numbers[1] if len(numbers) > 1 else None
        if len(numbers) > 2:  # noqa: PLR2004 - year, month, day
            whole = date(year, numbers[1], numbers[2])
            return whole, whole
        first = date(year, month or 1, 1)
        last_month = month or 12
        after = date(year + last_month // 12, last_month % 12 + 1, 1)
    except ValueError:
        return None
    return first, date.fromordinal(after.toordinal() - 1)


def _completed_years(born: date, seen: date) -> Decimal:
    return Decimal(seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day)))


RULES: Final = (
    Rule(id="D54", reads=(_PRIMARY,), derive=d54_brain_tumour, where="case", entails=True),
    Rule(id="D55", reads=(_PRIMARY,), derive=d55_cord_astrocytoma, where="case", entails=True),
    Rule(id="D57", reads=(_PRIMARY,), derive=d57_primary_is_malignancy, where="case", entails=True),
    Rule(id="D58", reads=("spinal-metastasis",), derive=d58_metastasis_is_malignancy, where="case", entails=True),
    Rule(id="D59", reads=("bone-metastases",), derive=d59_bone_metastases, where="case", entails=True),
    Rule(id="D60", reads=("chemotherapy",), derive=d60_systemic_therapy),
    Rule(id="D61", reads=(_IRRADIATION,), derive=d61_radiotherapy),
    Rule(id="D80", reads=("reported-diagnosis",), derive=d80_infection_suspected, entails=True),
    Rule(id="D82", reads=("cauda-equina-syndrome",), derive=d82_cauda_equina, where="case", entails=True),
)
