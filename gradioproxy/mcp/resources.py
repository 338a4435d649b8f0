"""The files of results as resources, which clients read when they want them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp import types
from mcp.shared.exceptions import MCPError

from .failures import describe_failure
from .kept_files import TEMPLATE
from .media import check_mime_type, read_content

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from mcp.server.context import ServerRequestContext

    from .bounds import Bounds
    from .kept_files import KeptFile, KeptFiles

    Context = ServerRequestContext[Any, Any]
    Contents = types.TextResourceContents | types.BlobResourceContents


class Resources:
    """Answers what clients ask of resources.

    Args:
        bounds: How large one may be.
        kept: The files.
        pool: Has the threads on which they are fetched.
    """

    def __init__(self, bounds: Bounds, kept: KeptFiles, pool: Executor) -> None:
        self._limit, self._kept, self._pool = bounds.resource, kept, pool

    async def list(
        self, _context: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """List none: results have links to them, and nobody hears of those of another client."""
        return types.ListResourcesResult(resources=[])

    async def list_templates(
        self, _context: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """List the form of their URIs."""
        described = "A file of a result, as long as this server remembers it."
        template = types.ResourceTemplate(
            uri_template=TEMPLATE, name="result files", description=described
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read(
        self, _context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        """Return what a file holds.

        Raises:
            MCPError: There is none of that URI, it is too large, or it can't be fetched.
        """
        uri = str(params.uri)
        kept = self._kept.find(uri)
        if kept is None:
            text = "Resource not found: this server has returned no such file, or forgotten it."
            raise MCPError(types.INVALID_PARAMS, text)
        try:
            read = partial(self._read, uri, kept)
            content = await asyncio.get_running_loop().run_in_executor(self._pool, read)
        except Exception as error:  # noqa: BLE001 - a client is there to be told
            raise MCPError(types.INTERNAL_ERROR, describe_failure(error, kept.hide)) from None
        if content is None:
            text = f"The file has more than {self._limit:,} bytes, which is too much to be read."
            raise MCPError(types.INVALID_PARAMS, text)
        return types.ReadResourceResult(contents=[content])

    def _read(self, uri: str, kept: KeptFile) -> Contents | None:
        """Return what a file holds, or ``None`` if that is too much."""
        content, mime_type = kept.content, check_mime_type(kept.mime_type)
        held = content if isinstance(content, bytes) else read_content(content, self._limit)
        if held is None:
            return None
        # What is text may say again what the app was sent, whatever the app calls it.
        with contextlib.suppress(UnicodeDecodeError):
            text = kept.hide(held.decode())
            if mime_type.startswith("text/") or mime_type == "application/json":
                return types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)
            held = text.encode()
        blob = base64.b64encode(held).decode()
        return types.BlobResourceContents(uri=uri, mime_type=mime_type, blob=blob)
