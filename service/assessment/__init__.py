"""The catalogue of instruments on a case: outcomes, pointers and statements."""
