"""Mail that goes nowhere but into the log: the default, so that nothing leaves a machine unasked."""

from __future__ import annotations

import logging

from cms.interfaces import Mail

log = logging.getLogger("copydesk.mail")


class LogMailer:
    def send(self, mail: Mail) -> None:
        """One line, whatever the text holds."""
        log.info("mail %s to %s: %r %r", mail.id, mail.to, mail.subject, mail.text)
