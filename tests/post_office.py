"""A mail server to send to: real SMTP on a local port, that keeps what it is given and refuses what it is told to."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, cast


class PostOffice(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.received: list[tuple[str, EmailMessage]] = []
        self.answers: list[str] = []
        """What the next mails are answered instead of being taken, one each: ``451 Later``, ``550 Unknown``."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=desk@news.example"


class _Counter(socketserver.StreamRequestHandler):
    """RFC 5321, as much of it as one sender needs."""

    def handle(self) -> None:
        office, to = cast(PostOffice, self.server), ""
        self._say("220 post.example")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.split(":")[0].split()[0].upper()
            if verb == "RCPT":
                answer = office.answers.pop(0) if office.answers else "250 ok"
                to = line.split("<")[1].split(">")[0]
                self._say(answer)
            elif verb == "DATA":
                self._say("354 go on")
                office.received.append((to, self._message()))
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return cast(EmailMessage, email.message_from_bytes(b"".join(lines), policy=cast(Any, email.policy.default)))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield office
        office.shutdown()
        thread.join()
