"""Objects that nobody copies or pickles: they hold connections, threads or secrets.

Picklers that take by value what they can't name, such as dill, would read the streams and wait for
ever, or write the secrets down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Self


class Uncopyable:
    """A mixin for their classes.

    Attributes:
        _instead: What to do instead, for the error.
    """

    _instead = "Functions, sessions and files can be."

    def __reduce_ex__(self, protocol: Any, /) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} can't be pickled, as it holds connections or secrets. "
            f"{self._instead}"
        )

    def __copy__(self) -> Self:
        raise TypeError(
            f"{type(self).__name__} can't be copied, as it holds connections or secrets."
        )

    def __deepcopy__(self, memo: Any) -> Self:
        return self.__copy__()
