#!/usr/bin/env python3
"""A relay that counts: connections, answers, refusals. It offers PIPELINING and can be slow or refuse recipients.

Prints its port; on SIGTERM a line of JSON with what it saw. Everything that has come in by one read is answered by one
write, so the number of writes within transactions is the number of times the sender had to wait: the round trips.
"""

import argparse
import asyncio
import json
import signal
import statistics
import time

OFFERS = (
    b"250-relay.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n"
    b"250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
)


class Seen:
    def __init__(self):
        self.connections = self.open = self.at_once = self.accepted = self.recipients = self.refused = self.trips = 0
        self.first = self.last = None
        self.gaps: list[float] = []

    def report(self) -> str:
        known = {k: v for k, v in vars(self).items() if k != "gaps"}
        return json.dumps(known | {"gap": statistics.median(self.gaps) if self.gaps else None})


class Connection(asyncio.Protocol):
    def __init__(self, seen: Seen, delay: float, refuse_every: int):
        self.seen, self.delay, self.refuse_every = seen, delay, refuse_every
        self.waiting, self.in_message, self.good, self.dot_answered = b"", False, 0, None

    def connection_made(self, transport):
        seen, self.transport = self.seen, transport
        seen.first = seen.first or time.monotonic()
        seen.connections, seen.open = seen.connections + 1, seen.open + 1
        seen.at_once = max(seen.at_once, seen.open)
        self.answer(b"220 relay.example ESMTP\r\n")

    def connection_lost(self, _):
        self.seen.open -= 1
        self.seen.last = time.monotonic()

    def answer(self, replies: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.write, replies)
        else:
            self.write(replies)

    def write(self, replies: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(replies)
            if replies.endswith(b"221 2.0.0 bye\r\n"):
                self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        replies, transaction = [], False
        while True:
            if self.in_message:
                end = 0 if self.waiting.startswith(b".\r\n") else self.waiting.find(b"\r\n.\r\n") + 2
                if end == 1:
                    break
                self.waiting = self.waiting[end + 3 :]
                replies.append(self.dot())
                transaction = True
                continue
            line, found, rest = self.waiting.partition(b"\r\n")
            if not found:
                break
            self.waiting = rest
            reply, of_transaction = self.command(line.upper())
            replies.append(reply)
            transaction |= of_transaction
        if replies:
            self.seen.trips += transaction
            self.answer(b"".join(replies))

    def dot(self) -> bytes:
        seen, now = self.seen, time.monotonic()
        if self.dot_answered is not None:
            seen.gaps.append(now - self.dot_answered - self.delay)
        self.dot_answered, self.in_message = now, False
        seen.accepted += 1
        return b"250 2.0.0 taken\r\n"

    def command(self, line: bytes) -> tuple[bytes, bool]:
        """The reply, and whether the command belongs to a transaction."""
        seen = self.seen
        if line.startswith(b"EHLO"):
            return OFFERS, False
        if line.startswith(b"MAIL"):
            self.good = 0
            return b"250 2.1.0 ok\r\n", True
        if line.startswith(b"RCPT"):
            seen.recipients += 1
            if self.refuse_every and seen.recipients % self.refuse_every == 0:
                seen.refused += 1
                return b"550 5.1.1 no such user\r\n", True
            self.good += 1
            return b"250 2.1.5 ok\r\n", True
        if line.startswith(b"DATA"):
            self.in_message = self.good > 0
            return (b"354 go on\r\n" if self.in_message else b"554 5.5.1 no valid recipients\r\n"), True
        if line.startswith(b"QUIT"):
            return b"221 2.0.0 bye\r\n", False
        return b"250 2.0.0 ok\r\n", line.startswith(b"RSET")


async def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    args.add_argument("--refuse-every", type=int, default=0, help="every so many recipients one is unknown")
    args = args.parse_args()
    seen, loop, over = Seen(), asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(lambda: Connection(seen, args.delay, args.refuse_every), "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()
    print(seen.report(), flush=True)


asyncio.run(main())
