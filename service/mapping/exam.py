"""Examinations: modality, sequence and contrast out of every code that names an examination, composed where one code is not enough.

Source: terminology/vocabulary, rows of role modality; derivations D76, D77, D78.
"""

from collections.abc import Iterable
from typing import Final

from service.mapping import codes
from service.mapping.concept import Concept, Condition, Match, Meaning, Polarity, Role
from service.model.coded import CodedItem

_COMPOSED: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (("RID10321", "RID10380"), "modality", "ct-myelography"),
    (("RID10321", "RID28770"), "modality", "ct-myelography"),
    (("RID10341", "RID11701"), "modality", "fdg-pet-ct"),
    (("RID10341", "RID45804"), "modality", "naf-pet"),
    (("RID10794", "RID28694", "RID10685"), "mr-sequence", "t1-fat-sat-post-contrast"),
    (("RID10794", "RID10685"), "mr-sequence", "t1-fat-sat"),
    (("RID10795", "RID10685"), "mr-sequence", "t2-fat-sat"),
)
"""RadLex codes of one examination that mean more together, the longest combination first."""


def exam_meanings(concepts: Iterable[Concept]) -> tuple[Meaning, ...]:
    """Return what the codes of one examination say; a combination takes the place of what its codes say of that finding."""
    found = {concept.code: concept for concept in concepts}
    meanings = [exam for concept in found.values() for exam in concept.exams]
    for parts, finding, value in _COMPOSED:
        used = {f"{codes.RADLEX}|{part}" for part in parts}
        if used <= found.keys():
            meanings = [meaning for meaning in meanings if meaning.finding != finding or meaning.code not in used]
            meanings.append(_composed(parts, finding, value))
            for code in used:
                found.pop(code)
    return tuple(meanings)


def modality_of(concepts: Iterable[Concept]) -> tuple[str, ...]:
    """Return the modalities that the codes of one examination name, sorted."""
    values = {meaning.value for meaning in exam_meanings(concepts) if meaning.finding == "modality"}
    return tuple(sorted(value for value in values if value is not None))


def study_of(item: CodedItem) -> str:
    """Return the key of an item's examination with every code system under its canonical address.

    Two spellings of one address are one examination; intake, which knows no code system, keys by the address as sent.
    """
    sent = min((f"{coding.system or ''}|{coding.code}" for coding in item.method), default="")
    if not sent or not item.study.endswith(sent):
        return item.study
    return item.study.removesuffix(sent) + min(f"{codes.normalise(coding.system or '')}|{coding.code}" for coding in item.method)


def _composed(parts: tuple[str, ...], finding: str, value: str) -> Meaning:
    return Meaning(
        finding=finding,
        value=value,
        polarity=Polarity.PRESENT,
        role=Role.MODALITY,
        match=Match.EXACT,
        condition=Condition.NONE,
        why=None,
        code=f"{codes.RADLEX}|{'+'.join(parts)}",
    )
