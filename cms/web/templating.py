"""The templates' environment."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from flask.templating import Environment


class Templates(Environment):
    """Flask's, whose globals all stand before the first template is read: so each is given them in a plain dictionary
    and not in a chain of two, in which every page would look for each of them when it is made."""

    def make_globals(self, d: Mapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}
