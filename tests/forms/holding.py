"""How a report holds its Observations: listed, contained, derived from one another, or linked by day and category alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.builders import Json
from tests.builders import report as report_of
from tests.forms.features import Form, Holding, Wrapping
from tests.forms.shapes import Placed
from tests.forms.wrapping import renamed


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A report and the Observations that stand beside it.

    Attributes:
        report: the DiagnosticReport.
        beside: Observations and BodyStructures that it does not contain.
        names: what the sources of contained Observations are called, by their reference.
    """

    report: Json
    beside: list[Json]
    names: dict[str, str]


def possible(form: Form, placed: Placed, *, has_other_report: bool, shares_structures: bool) -> Holding:
    """Return how the report holds its Observations: as the form asks, or by listing the topmost where that cannot be.

    A report that is posted alone contains them.

    Args:
        form: what is asked for.
        placed: the Observations.
        has_other_report: with several reports it is not known whose an unlisted Observation is.
        shares_structures: Observations beside the report refer to the same BodyStructures.
    """
    asked = Holding.CONTAINED if form.wrapping is Wrapping.REPORT_ALONE else form.holding
    has_members = bool(placed.below) and bool(placed.tops)
    fits = {
        Holding.TOP_LISTED: True,
        Holding.ALL_LISTED: True,
        Holding.LEAVES_LISTED: has_members,
        Holding.MEMBERS_CONTAINED: has_members,
        Holding.CONTAINED: bool(placed.tops) and not shares_structures,
        Holding.LINKED: bool(placed.tops) and not has_other_report,
        Holding.DERIVED: len(placed.tops) > 1,
    }[asked]
    return asked if fits else Holding.TOP_LISTED


def hold(placed: Placed, holding: Holding, code: Json, conclusions: list[Json]) -> Held:
    """Return the report, with its code and conclusions, and its Observations."""
    observations = [*placed.tops, *placed.below]
    listed = {
        Holding.TOP_LISTED: placed.tops,
        Holding.CONTAINED: placed.tops,
        Holding.MEMBERS_CONTAINED: placed.tops,
        Holding.ALL_LISTED: observations,
        Holding.LEAVES_LISTED: [each for each in observations if "hasMember" not in each],
        Holding.LINKED: [],
        Holding.DERIVED: placed.tops[:1],
    }[holding]
    report = report_of(code=code, result=_references(listed) or None, conclusionCode=conclusions or None)
    names: dict[str, str] = {}
    if holding is Holding.CONTAINED:
        inner = [*observations, *placed.structures]
        local = {_name(each): f"#{each['id']}" for each in inner}
        names = {name: f"DiagnosticReport/r1{fragment}" for name, fragment in local.items()}
        return Held(report=renamed({**report, "contained": inner}, local), beside=[], names=names)
    if holding is Holding.MEMBERS_CONTAINED:
        observations, names = _with_members_inside(placed)
    if holding is Holding.DERIVED:
        placed.tops[0]["derivedFrom"] = _references(placed.tops[1:])
    return Held(report=report, beside=[*observations, *placed.structures], names=names)


def _with_members_inside(placed: Placed) -> tuple[list[Json], dict[str, str]]:
    """Return the topmost Observations with everything below each of them contained in it, and the new names."""
    below = {_name(each): each for each in placed.below}
    names: dict[str, str] = {}
    tops = []
    for top in placed.tops:
        inside = _below(top, below)
        local = {name: f"#{each['id']}" for name, each in inside.items()}
        names |= {name: f"{_name(top)}{fragment}" for name, fragment in local.items()}
        tops.append(renamed({**top, "contained": list(inside.values())}, local) if inside else top)
    return tops, names


def _below(top: Json, known: dict[str, Json]) -> dict[str, Json]:
    """Return every Observation below another one, by its reference."""
    inside: dict[str, Json] = {}
    ahead = [each["reference"] for each in top.get("hasMember", [])]
    while ahead:
        name = ahead.pop(0)
        inside[name] = known[name]
        ahead += [each["reference"] for each in known[name].get("hasMember", [])]
    return inside


def _name(made: Json) -> str:
    return f"{made['resourceType']}/{made['id']}"


def _references(made: Iterable[Json]) -> list[Json]:
    return [{"reference": _name(each)} for each in made]
