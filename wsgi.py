"""Where a WSGI server finds the application."""

from cms.app import create_app

app = create_app()
