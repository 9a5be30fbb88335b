"""What follows from other outcomes: computed after the instruments."""
