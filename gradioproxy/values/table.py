"""Tables that an app sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..pydantic_schemas import TABLE, KnownToPydantic, PydanticSchema
from ..schema.shape import Array, Object

if TYPE_CHECKING:
    import pandas as pd

    from ..schema.shape import Shape


class Table(KnownToPydantic, dict[str, Any]):
    """A table as the app sent it: a dictionary with ``headers``, ``data`` and what else came."""

    def to_pandas(self) -> pd.DataFrame:
        """Return it as a DataFrame of pandas, for which pandas has to be installed.

        Raises:
            ModuleNotFoundError: It is not.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            message = "to_pandas() needs pandas: pip install 'gradioproxy[pandas]'"
            raise ModuleNotFoundError(message, name=error.name) from None
        headers, rows = self.get("headers"), self.get("data") or []
        # Some versions send one row without cells for a table without rows.
        return pd.DataFrame([] if rows == [[]] else rows, columns=headers or None)

    @classmethod
    def _describe_to_pydantic(cls) -> PydanticSchema:
        shown = {**TABLE, "type": ["object", "null"]}
        return PydanticSchema(shown, lambda table: isinstance(table, dict | None), "a table", dict)

    def _repr_html_(self) -> str:
        from ..markup import render_table  # late: few scripts look

        return render_table(self)


def is_table(shape: Shape) -> bool:
    """Tell whether values of a shape are tables."""
    if not isinstance(shape, Object):
        return False
    lists = {part.name for part in shape.fields if isinstance(part.shape, Array)}
    return {"headers", "data"} <= lists
