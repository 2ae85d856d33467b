"""What a page will ask for, told with the page: a browser then asks for all of it at once, not one by one.

As `Link` headers (RFC 8288; preload and modulepreload of the HTML standard). A browser that does not know
them asks as before.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_STATIC_IMPORT = re.compile(r"""\bfrom\s*["']([^"']+\.js)["']""")
_SESSION = re.compile(r"[0-9]{1,10}")
CHARTS = "/static/charts.js"


class Ahead:
    """Reads which modules a script needs from the scripts themselves."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """folders: where files are, by the longest URL prefix first, such as '/static/echarts/'."""
        self._folders = folders
        self.modules = cache(self._modules)

    def _modules(self, url: str) -> tuple[str, ...]:
        """The script of that URL and all it imports, each once; imports on demand are left out."""
        found: dict[str, None] = {}
        waiting = [url]
        while waiting:
            at = waiting.pop()
            if at in found:
                continue
            found[at] = None
            prefix = next(prefix for prefix in self._folders if at.startswith(prefix))
            text = (self._folders[prefix] / at.removeprefix(prefix)).read_text(encoding="utf-8")
            folder = at.rpartition("/")[0]
            for name in _STATIC_IMPORT.findall(text):
                waiting.append(name if name.startswith("/") else f"{folder}/{name.removeprefix('./')}")
        return tuple(found)

    def link(self, page: str, query: Mapping[str, str]) -> str:
        """The Link header of a page; '' of one without plots, where nothing is to come before the styles."""
        data: list[str] = []
        number = query.get("id", "")
        if page == "sessions" and _SESSION.fullmatch(number):
            data = [f"/api/sessions/{number}", "/api/settings"]
        elif page != "progress" and not (page == "sessions" and "compare" in query):
            return ""
        modules = dict.fromkeys([*self.modules(f"/static/{page}.js"), *self.modules(CHARTS)])
        parts = [f"<{url}>; rel=preload; as=fetch; crossorigin=anonymous" for url in data]
        return ", ".join([*parts, *(f"<{url}>; rel=modulepreload" for url in modules)])
