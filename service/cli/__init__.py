"""Commands of the command line: one module each; `add` registers its words, `run` does its work and returns the exit code."""
