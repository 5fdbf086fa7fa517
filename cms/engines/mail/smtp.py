"""Mail by SMTP, through one server, with a connection of its own for each mail.

``smtp://[USER:PASSWORD@]HOST[:PORT][?from=ADDRESS&tls=required|never]`` upgrades to TLS when the server offers it
(always, with a password or ``tls=required``; not at all with ``tls=never``); ``smtps://…`` speaks TLS from the start.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from urllib.parse import parse_qs, unquote, urlsplit

from cms.interfaces import Mail, MailRefused

PATIENCE = 20
"""Seconds that a server may take over each answer."""

TLS = ("offered", "required", "never")


@dataclass(frozen=True)
class SmtpMailer:
    host: str
    port: int
    user: str
    password: str
    sender: str
    name: str
    secure: bool
    tls: str

    def send(self, mail: Mail) -> None:
        try:
            message = self._message(mail)
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            [(code, said)] = refused.recipients.values()
            problem = f"{mail.to} was refused: {code} {said.decode('utf-8', 'replace')}"
            raise (MailRefused if code >= 500 else OSError)(problem) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            said = refused.smtp_error if isinstance(refused.smtp_error, bytes) else str(refused.smtp_error).encode()
            raise OSError(f"the server answered {refused.smtp_code} {said.decode('utf-8', 'replace')}") from None

        except ValueError as unfit:  # an address that no header or server can take
            raise MailRefused(f"{mail.to!r} is not an address: {unfit}") from None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            server.ehlo_or_helo_if_needed()
            if not self.secure and self.tls != "never":
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                elif self.tls == "required" or self.password:
                    raise OSError(f"{self.host} offers no TLS; add ?tls=never if that is meant")
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = formataddr((self.name, self.sender))
        message["To"] = mail.to
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = mail.at
        message["Message-ID"] = f"<{mail.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday answers are not wanted
        message.set_content(mail.text)
        return message


def smtp_mailer(url: str, *, name: str, domain: str) -> SmtpMailer:
    """The mailer that a CMS_MAIL_URL names. Raises ValueError, with what it takes, for one that it can't be."""
    parts = urlsplit(url)
    asked = {key: values[-1] for key, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
    tls = asked.get("tls", "offered")
    if not parts.hostname or asked.keys() - {"from", "tls"} or tls not in TLS:
        raise ValueError("takes smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS&tls=required")
    sender = asked.get("from", f"copydesk@{domain}")
    if "@" not in sender.strip("@") or any(sign.isspace() for sign in sender):
        raise ValueError("takes an address after from=")
    secure = parts.scheme == "smtps"
    return SmtpMailer(
        host=parts.hostname,
        port=parts.port or (465 if secure else 587 if parts.username else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
        name=name,
        secure=secure,
        tls=tls,
    )
