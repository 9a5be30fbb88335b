"""The same path as somebody writes it who takes the model classes of fhir.resources for everything that is FHIR.

It does what the service does to the report of these benchmarks (a test holds both results against each other), with the same
tables, rules and rows. What the service checks and says beyond that (invariants, exact numbers, repeated keys, references,
withdrawal, context) is left out, in favour of the plain way.
"""
