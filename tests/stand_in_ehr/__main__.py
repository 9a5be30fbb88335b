"""`python -m tests.stand_in_ehr --port 8090`: the stand-in as a process of its own."""

import argparse
import signal
import threading

from tests.stand_in_ehr.ehr import StandInEhr
from tests.stand_in_ehr.switches import Switches


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.stand_in_ehr", description="A FHIR R4 server in memory, on loopback.")
    parser.add_argument("--port", type=int, default=8090, help="0 = any free one")
    parser.add_argument("--bearer", help="token that clients must send")
    parser.add_argument("--notify", action="append", default=[], metavar="TYPE=ENDPOINT", help="rest-hook subscription")
    parser.add_argument("--header", action="append", default=[], metavar="NAME: VALUE", help="sent with every notification")
    chosen = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with StandInEhr(port=chosen.port, switches=Switches(bearer=chosen.bearer)) as ehr:
        for each in chosen.notify:
            criteria, _, endpoint = each.partition("=")
            ehr.subscribe(criteria, endpoint, dict(line.split(": ", 1) for line in chosen.header))
        print(f"stand-in EHR at {ehr.base}", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
