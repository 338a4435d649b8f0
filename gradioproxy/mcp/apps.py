"""An app as the server uses it: what is behind a session, and no function of its own can hide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..calls.job import Job
    from ..client.connection import Connection
    from ..client.function_set import Functions
    from ..client.session import Session
    from ..schema.endpoint import App as Description


class App(NamedTuple):
    """An app that is connected to.

    Attributes:
        name: The session's name.
        functions: Its functions, with the options of their calls.
    """

    name: str
    functions: Functions

    @classmethod
    def of(cls, session: Session) -> App:
        """Return the app of a session."""
        # By their own names, without the warning where the app has functions of these names.
        return cls(session.__session_name__, vars(session)["functions"])

    @property
    def connection(self) -> Connection:
        """What is known of the app, and runs its calls."""
        return self.functions.__connection__

    @property
    def description(self) -> Description:
        """What it says of itself at the moment; another object once it says something else."""
        return self.connection.description.app

    @property
    def title(self) -> str:
        """The title that its author gave it, as far as there is one."""
        config: Any = self.connection.description.config
        title = config.get("title") if isinstance(config, dict) else None
        return title if isinstance(title, str) else ""

    def hide(self, text: str) -> str:
        """Return a text without the secrets that were sent to the app, which may say them again."""
        return self.connection.engine.transport.hide(text)

    def make_filter(self) -> Callable[[str], str]:
        """Return what does so with the many texts of a result."""
        return self.connection.engine.transport.requester.redactor.make_filter()

    def forget(self, job: Job[Any]) -> None:
        """Give a call up, if it is not over, and keep nothing of it."""
        job.cancel()
        self.connection.engine.jobs.forget([job])
