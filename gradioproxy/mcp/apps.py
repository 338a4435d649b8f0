"""An app as the server uses it: what is behind a session, and no function of its own can hide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..transport.redaction import chain_filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..calls.job import Job
    from ..client.connection import Connection
    from ..client.function_set import Functions
    from ..client.session import Session
    from ..schema.endpoint import App as Description
    from ..transport.redaction import Redactor


class App(NamedTuple):
    """An app that is connected to.

    Attributes:
        name: The session's name.
        functions: Its functions, with the options of their calls.
        redactors: Take out of texts what was sent to it, and to the apps beside it.
    """

    name: str
    functions: Functions
    redactors: tuple[Redactor, ...]

    @classmethod
    def of(cls, session: Session) -> App:
        """Return the app of a session."""
        # By their own names, without the warning where the app has functions of these names.
        functions: Functions = vars(session)["functions"]
        engine = functions.__connection__.engine
        return cls(session.__session_name__, functions, (engine.transport.requester.redactor,))

    def beside(self, others: Iterable[App]) -> App:
        """Return the app as one of several, of which it may say what another was sent.

        A file of one is passed to another as it is, which then says what is in it.
        """
        redactors = [*self.redactors, *(each for app in others for each in app.redactors)]
        return self._replace(redactors=tuple(dict.fromkeys(redactors)))

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
        """Return a text without the secrets that were sent to apps, which may say them again."""
        return chain_filters(redactor.hide for redactor in self.redactors)(text)

    def make_filter(self) -> Callable[[str], str]:
        """Return what does so with the many texts of a result."""
        return chain_filters(redactor.make_filter() for redactor in self.redactors)

    def forget(self, job: Job[Any]) -> None:
        """Give a call up, if it is not over, and keep nothing of it."""
        job.cancel()
        self.connection.engine.jobs.forget([job])
