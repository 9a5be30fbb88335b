"""Validation with the R4B classes of fhir.resources.

Equal elements (the subject, the category, the same code again) are validated once for each dossier, codes once for all: the class
of the resource takes the validated element as it is. And resources of one form are validated once: which elements there are is
what their class adds to the verdicts on the elements. That is the same verdict for a fraction of the time.

Every problem becomes a Fault with a FHIRPath and a sentence of ours: a message of pydantic can repeat what it was given.

Source: specifications c5 (how fhir.resources fails).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from fhir.resources.R4B.annotation import Annotation
from fhir.resources.R4B.bodystructure import BodyStructure
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.identifier import Identifier
from fhir.resources.R4B.imagingstudy import ImagingStudy
from fhir.resources.R4B.meta import Meta
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.quantity import Quantity
from fhir.resources.R4B.reference import Reference
from pydantic import BaseModel, ValidationError

from service.errors import Fault
from service.intake.forms import form_of, key_of
from service.intake.parse import Node
from service.intake.shapes import ANNOTATION, CONCEPT, IDENTIFIER, META, QUANTITY, REFERENCE, SHAPES, Fields
from service.intake.walk import Trail, path_of, walk

_RESOURCES: Final[Mapping[str, type[BaseModel]]] = {
    "BodyStructure": BodyStructure,
    "Condition": Condition,
    "DiagnosticReport": DiagnosticReport,
    "ImagingStudy": ImagingStudy,
    "Observation": Observation,
    "Patient": Patient,
    "Procedure": Procedure,
}
_ELEMENTS: Final[Mapping[str, type[BaseModel]]] = {
    "meta": Meta,
    "identifier": Identifier,
    "subject": Reference,
    "encounter": Reference,
    "performer": Reference,
    "device": Reference,
    "derivedFrom": Reference,
    "basedOn": Reference,
    "partOf": Reference,
    "result": Reference,
    "hasMember": Reference,
    "imagingStudy": Reference,
    "focus": Reference,
    "note": Annotation,
    "code": CodeableConcept,
    "category": CodeableConcept,
    "bodySite": CodeableConcept,
    "method": CodeableConcept,
    "interpretation": CodeableConcept,
    "dataAbsentReason": CodeableConcept,
    "valueCodeableConcept": CodeableConcept,
    "valueQuantity": Quantity,
    "clinicalStatus": CodeableConcept,
    "verificationStatus": CodeableConcept,
}
"""Elements validated on their own; their class is the same wherever the types that are read have them."""

_OTHER_CLASS: Final[Mapping[str, frozenset[str]]] = {
    "Procedure": frozenset({"performer"}),
    "ImagingStudy": frozenset(_ELEMENTS) - {"meta", "identifier", "subject"},
}
"""Where an element of that name has another class."""

_ELEMENTS_OF: Final[Mapping[str, Mapping[str, type[BaseModel]]]] = {
    kind: {name: model for name, model in _ELEMENTS.items() if name not in _OTHER_CLASS.get(kind, ())} for kind in _RESOURCES
}

_ELEMENT_NAME: Final = re.compile(r"_?[a-z][A-Za-z0-9]{0,63}")
_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("The element is required.", "required"),
    "model_field_validation.missing": ("The element is required.", "required"),
    "extra_forbidden": ("FHIR R4 has no such element here.", "structure"),
}
_SHAPES: Final[Mapping[type[BaseModel], Fields]] = {
    Meta: META,
    Reference: REFERENCE,
    CodeableConcept: CONCEPT,
    Annotation: ANNOTATION,
    Identifier: IDENTIFIER,
    Quantity: QUANTITY,
}
_RAISED: Final = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, ImportError, RecursionError)
"""What fhir.resources and pydantic raise on input that is no FHIR; ValidationError is a ValueError."""

_MISFIT: Final = ("The element does not have the form that FHIR R4 gives it (its type, or one of a choice).", "value")


_MOST_REMEMBERED: Final = 4096
"""Elements kept before all are forgotten: enough for the codes of a hospital, little memory."""

_CONCEPTS: Final[dict[tuple[object, ...], BaseModel]] = {}
"""Valid concepts of all dossiers: reports of one hospital repeat the same codes; they name no patient."""


class Models:
    """The validator of one dossier; it remembers the elements and the forms of resources that it found valid.

    Its models are there for the verdict alone: what is read is read as sent.
    """

    def __init__(self) -> None:
        """Start with nothing validated."""
        self._valid: dict[tuple[object, ...], BaseModel] = {}
        self._forms: set[object] = set()

    def faults(self, kind: str, prepared: Node, path: str) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
        """Return which elements that are read have another type than they must have, and what the class says against a resource.

        Args:
            kind: resourceType, one of those that are read.
            prepared: the resource as `prepare` returns it.
            path: FHIRPath of the resource.
        """
        form = form_of(kind, prepared)
        if form is not None and form in self._forms:
            return (), ()
        misshapen: list[Fault] = []
        walk(prepared, SHAPES[kind], path, misshapen)
        refused = _refused(_RESOURCES[kind], prepared, path)
        if form is not None and not misshapen and not refused:
            self._forms.add(form)
        return tuple(misshapen), refused

    def prepare(self, kind: str, node: Node) -> Node:
        """Return a resource without what it contains, with validated models in the place of elements that are valid."""
        prepared = self._with_models(node, _ELEMENTS_OF[kind])
        prepared.pop("contained", None)
        if kind == "Observation" and isinstance(components := node.get("component"), list):
            prepared["component"] = [self._with_models(each, _ELEMENTS) if isinstance(each, dict) else each for each in components]
        return prepared

    def _with_models(self, node: Node, elements: Mapping[str, type[BaseModel]]) -> Node:
        prepared = node.copy()
        for name, value in node.items():
            if (model := elements.get(name)) is None:
                continue
            if value.__class__ is list:
                prepared[name] = [self._validated(model, each) for each in value]
            else:
                prepared[name] = self._validated(model, value)
        return prepared

    def _validated(self, model: type[BaseModel], value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return a valid element that stands for this one; an invalid one stays, so that its place is named with the resource."""
        if value.__class__ is not dict:
            return value
        remembered = _CONCEPTS if model is CodeableConcept else self._valid
        key = key_of(model, value)
        known = remembered.get(key)
        if known is None:
            misshapen: list[Fault] = []
            walk(value, _SHAPES[model], "", misshapen)
            try:
                known = None if misshapen else model(**value)
            except _RAISED:
                return value
            if known is not None:
                if len(remembered) >= _MOST_REMEMBERED:
                    remembered.clear()
                remembered[key] = known
        return value if known is None else known


def misfit(path: str) -> Fault:
    """Return the fault of what has not the form that its class asks for."""
    return Fault(text=_MISFIT[0], path=path, code=_MISFIT[1])


def _refused(model: type[BaseModel], prepared: Node, path: str) -> tuple[Fault, ...]:
    """Return every problem of a resource that its class refuses."""
    try:
        model(**prepared)  # a tenth cheaper than model_validate, which is asked only to name what is wrong
    except _RAISED:
        pass
    else:
        return ()
    try:
        model.model_validate(prepared)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple({_fault(path, each["type"], each["loc"]): None for each in found})
    except _RAISED:
        pass  # the class gave no place: the fault below names the resource as a whole
    return (misfit(path),)


def is_element_name(name: str) -> bool:
    """Tell whether a JSON key can be a FHIR element: only such keys are repeated in messages."""
    return _ELEMENT_NAME.fullmatch(name) is not None


def _fault(root: str, kind: str, location: tuple[int | str, ...]) -> Fault:
    text, code = _TEXTS.get(kind, _MISFIT)
    trail: Trail = root
    for step in location:
        if step == "root" or (isinstance(step, str) and not is_element_name(step)):
            break
        trail = (trail, step)
    return Fault(text=text, path=path_of(trail), code=code)
