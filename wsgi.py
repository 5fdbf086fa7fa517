"""Where a WSGI server finds the application."""

import gc
import os
import sys

gc.disable()  # what is loaded stays: to look through it for what could go takes a third of the time

from cms.app import create_app  # noqa: E402
from cms.orphans import leave_with_parent  # noqa: E402
from cms.settings import WrongSetting  # noqa: E402

try:
    app = create_app()
except WrongSetting as wrong:
    sys.stderr.write(f"cms: {wrong}\n")
    raise SystemExit(2) from None
gc.freeze()
gc.enable()
leave_with_parent(lambda: os._exit(0))
