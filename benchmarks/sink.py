"""A journal that takes everything, for measuring the client alone: `python -m benchmarks.sink SECONDS_PER_CALL`.

Prints the port it listens on. After each line on standard input it prints what it has taken: how many records, how many
of them came a second time, and how many came out of order.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Taken:
    """Records are numbered by their sender; bits tell which have come."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.last = -1
        self.count = self.twice = self.disordered = 0

    def take(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            number = int(record["exec_id"])
            if number >= len(self.seen):
                self.seen.extend(bytes(number + 100_000 - len(self.seen)))
            self.twice += self.seen[number]
            self.disordered += number <= self.last
            self.seen[number] = 1
            self.last = number
            self.count += 1


def main() -> None:
    delay = float(sys.argv[1])
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            ((_, records),) = body.items()
            time.sleep(delay)
            taken.take(records)
            answer = json.dumps({"results": [{"status": "created"}] * len(records)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(
        ("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for _ in sys.stdin:
        print(json.dumps([taken.count, taken.twice, taken.disordered]), flush=True)


if __name__ == "__main__":
    main()
