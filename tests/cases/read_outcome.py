"""An outcome read back from Assessment JSON, so that answers over HTTP are held against the same expectations as written cases."""

from collections.abc import Mapping
from typing import Any

from service.model.outcome import Applicability, Outcome, Ratio, Reason, Score, Share


def read_outcome(content: Mapping[str, Any]) -> Outcome:
    """Return what the JSON of one outcome says; places of statements and citations stay in the JSON."""
    score, ratio, ranking = content["score"], content["likelihood_ratio"], content["ranking"]
    return Outcome(
        instrument=content["instrument"],
        version=content["version"],
        applicability=Applicability(content["applicability"]),
        verdicts=tuple(content["verdicts"]),
        score=None if score is None else Score(low=score["low"], high=score["high"], attainable=tuple(score["attainable"])),
        likelihood_ratio=None if ratio is None else Ratio(**ratio),
        probability=content["probability"],
        ranking=None if ranking is None else tuple(Share(**each) for each in ranking),
        measure=content["measure"],
        reasons=tuple(
            Reason(finding=each["finding"], value=each["value"], evidence=each["evidence"], weight=each.get("weight"))
            for each in content["reasons"]
        ),
        missing=tuple(content["missing"]),
        decisive=tuple(map(tuple, content["decisive"])),
        flags=tuple(content["flags"]),
        recommendations=tuple(content["recommendations"]),
        requests=tuple(content["requests"]),
        caveats=tuple(content["caveats"]),
    )
