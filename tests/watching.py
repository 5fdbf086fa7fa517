"""Requests that remember which fields and parameters a page asked for, so that a new one joins a test by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict


@dataclass
class Watched:
    """What requests were asked for, of their form and of their address."""

    asked: set[str] = field(default_factory=set)

    def request_class(self) -> type[Request]:
        asked = self.asked

        class Form(ImmutableMultiDict[str, str]):
            def get(self, key: str, *rest: Any, **more: Any) -> Any:
                asked.add(key)
                return super().get(key, *rest, **more)

            def getlist(self, key: str, *rest: Any, **more: Any) -> Any:
                asked.add(key)
                return super().getlist(key, *rest, **more)

            def __contains__(self, key: object) -> bool:
                asked.add(str(key))
                return super().__contains__(key)

        class Watching(Request):
            parameter_storage_class = Form

        return Watching
