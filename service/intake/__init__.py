"""Dossier to coded items: what the report says, with where it says it."""
