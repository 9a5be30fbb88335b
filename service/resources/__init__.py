"""Assessment to every FHIR resource that we emit."""
