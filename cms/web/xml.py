"""Writing XML that every parser reads: namespaces declared once, and no character that XML forbids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lxml import etree

_PLACE = "pieces"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Part:
    """An element, to which children are added by prefixed name: ``item.add("dc:creator", name)``."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def add(self, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> Part:
        """A child; its text may hold anything and is escaped. Characters that XML has no way to write are left
        out of it."""
        child = etree.SubElement(self._element, _qualified(name, self._element.nsmap))
        return Part(_filled(child, text, attributes or {}))

    def leave_place(self) -> None:
        """Here stand the pieces that ``document`` is given."""
        self._element.append(etree.Comment(_PLACE))

    def document(self, pieces: Iterable[bytes] = ()) -> bytes:
        """The whole, in UTF-8 and saying so. ``pieces`` were written before, under the same namespaces."""
        written: bytes = etree.tostring(self._element.getroottree(), xml_declaration=True, encoding="UTF-8")
        return written.replace(f"<!--{_PLACE}-->".encode(), b"".join(pieces), 1)

    def pieces(self) -> bytes:
        """What stands within this element, as it may stand in any document whose root has the same namespaces."""
        written: bytes = etree.tostring(self._element, encoding="UTF-8", xml_declaration=False)
        return written[written.index(b">") + 1 : written.rindex(b"</")]


def root(name: str, namespaces: Mapping[str | None, str], attributes: Mapping[str, str] | None = None) -> Part:
    """The element that holds all others. Without a prefix a name is of the namespace under None, if there is one."""
    element = etree.Element(_qualified(name, namespaces), nsmap=dict(namespaces))
    return Part(_filled(element, "", attributes or {}))


def _filled(element: etree._Element, text: str, attributes: Mapping[str, str]) -> etree._Element:
    element.text = _FORBIDDEN.sub("", text) or None
    for name, value in attributes.items():
        own = "{http://www.w3.org/XML/1998/namespace}lang" if name == "xml:lang" else name
        element.set(own, _FORBIDDEN.sub("", value))
    return element


def _qualified(name: str, namespaces: Mapping[str | None, str]) -> str:
    prefix, colon, local = name.rpartition(":")
    namespace = namespaces.get(prefix if colon else None)
    return f"{{{namespace}}}{local}" if namespace else name
