"""What the playground serves as files: the page under its policy, and what was sent, as downloads."""

import os
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.playground.files import StoredFile

PAGE = Path(__file__).parent / "page"
_NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'self'"
)
_PAGE_HEADERS = _NO_SNIFFING | {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
}
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class PageFiles(StaticFiles):
    """The page's own files; a browser asks each time whether they changed."""

    def file_response(
        self,
        full_path: "str | os.PathLike[str]",
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with a file, or with 304 where the browser has it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_PAGE_HEADERS)
        return response


def sent_file(stored: StoredFile) -> Response:
    """Answer with a file that somebody sent; all but pictures are saved, never opened on the page's origin."""
    upload = stored.upload
    shown = upload.mime_type in _PICTURES
    headers = dict(_NO_SNIFFING)
    if not shown:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(upload.name, safe='')}"
    kind = upload.mime_type if shown else "application/octet-stream"
    return Response(upload.content, media_type=kind, headers=headers)
