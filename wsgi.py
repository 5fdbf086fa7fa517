"""Where a WSGI server finds the application."""

import os

from cms.app import create_app
from cms.orphans import leave_with_parent

app = create_app()
leave_with_parent(lambda: os._exit(0))
