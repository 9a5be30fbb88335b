"""`python -m benchmarks`: the table of ratios that README quotes; exit 1 when a limit is missed beyond the tolerance."""

import argparse
import platform
import sys
from typing import Final

from benchmarks import accepting, draining, growth, instruments, loading, whole_path
from benchmarks.ground import QUICK, Effort, Ground
from benchmarks.runner import TOLERANCE, Row, Verdict, run, show

ROWS: Final[tuple[Row, ...]] = (
    *whole_path.ROWS,
    *instruments.ROWS,
    *growth.ROWS,
    *loading.ROWS,
    *accepting.ROWS,
    *draining.ROWS,
)
"""Every row, in the order of the table."""


def main(words: list[str] | None = None) -> int:
    """Measure the rows that were asked for and print each as soon as it is known.

    Args:
        words: of the command line; None = those of this process.
    """
    arguments = _arguments(words)
    effort = QUICK if arguments.quick else Effort(rounds=arguments.rounds)
    print(f"CPython {platform.python_version()}; medians of {effort.rounds} interleaved rounds, fewer where a round takes long;")
    print("the report has 30 Observations, three lesions and 48 KB unless another is named;")
    print(f"a limit is missed when a ratio is more than {TOLERANCE:.0%} above it\n")
    verdicts: list[Verdict] = []
    with Ground(effort) as ground:
        for result in run(_chosen(arguments.only), ground):
            print(show(result), end="\n\n", flush=True)
            verdicts.append(result.verdict)
    return 1 if Verdict.MISSED in verdicts and not arguments.quick else 0


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print the ratios that README quotes.")
    parser.add_argument("--only", choices=[row.name for row in ROWS], metavar="NAME", action="append", help="measure this row")
    parser.add_argument("--rounds", type=_rounds, default=Effort().rounds, help="rounds of a row (default: %(default)s)")
    parser.add_argument(
        "--quick", action="store_true", help="one round of each row: shows that all can be measured, and fails for no limit"
    )
    return parser.parse_args(words)


def _rounds(text: str) -> int:
    if (rounds := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return rounds


def _chosen(names: list[str] | None) -> tuple[Row, ...]:
    return tuple(row for row in ROWS if names is None or row.name in names)


if __name__ == "__main__":
    sys.exit(main())
