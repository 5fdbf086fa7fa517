"""Where a WSGI server finds the application."""

import os
import sys

from cms.app import create_app
from cms.orphans import leave_with_parent
from cms.settings import WrongSetting

try:
    app = create_app()
except WrongSetting as wrong:
    sys.stderr.write(f"cms: {wrong}\n")
    raise SystemExit(2) from None
leave_with_parent(lambda: os._exit(0))
