"""The hospital's FHIR server: reading what is missing, delivering the result."""
