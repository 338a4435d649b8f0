# The public names for type checkers; "as" says that a name is one. When the package runs,
# `__init__.py` imports each as it is used.
# ruff: noqa: I001 - one statement for each module

from . import hub as hub
from ._version import __version__ as __version__
from .calls.job import Job as Job
from .calls.status import Status as Status
from .calls.feed import Feed as Feed
from .calls.stream import Stream as Stream
from .client.connect import connect as connect
from .client.create import (
    create_functions as create_functions,
    created_functions as created_functions,
    remove_functions as remove_functions,
)
from .client.diagnose import diagnose as diagnose
from .client.diagnosis import Diagnosis as Diagnosis
from .client.export import export as export
from .client.inbox import Update as Update
from .client.info import get_info as get_info
from .client.jobs import Jobs as Jobs
from .client.pipe import pipe as pipe
from .client.primitive import (
    Event as Event,
    event as event,
    send as send,
    upload as upload,
)
from .client.raw import Response as Response, request as request
from .client.session import Session as Session
from .client.sessions import (
    session as session,
    sessions as sessions,
    set_default as set_default,
)
from .errors import (
    AppError as AppError,
    ArgumentError as ArgumentError,
    AuthenticationError as AuthenticationError,
    ConnectError as ConnectError,
    ConnectionLost as ConnectionLost,
    FileGone as FileGone,
    FileNotSaved as FileNotSaved,
    FileTooLarge as FileTooLarge,
    GradioProxyError as GradioProxyError,
    JobCancelled as JobCancelled,
    JournalError as JournalError,
    MissingFile as MissingFile,
    NameCollision as NameCollision,
    NameTaken as NameTaken,
    NoDefaultSession as NoDefaultSession,
    NotGradio as NotGradio,
    ProtocolError as ProtocolError,
    QueueFull as QueueFull,
    QuotaExceeded as QuotaExceeded,
    RateLimited as RateLimited,
    SchemaChanged as SchemaChanged,
    SchemaError as SchemaError,
    ServerError as ServerError,
    SessionClosed as SessionClosed,
    SessionExists as SessionExists,
    SpaceError as SpaceError,
    Timeout as Timeout,
    TooLarge as TooLarge,
    TooManyJobs as TooManyJobs,
    UnknownEndpoint as UnknownEndpoint,
)
from .files.file import File as File
from .limits import Limits as Limits
from .many.journal import Journal as Journal
from .functions.file_like import FileLike as FileLike
from .functions.codegen import REQUIRED as REQUIRED
from .functions.function import Function as Function
from .values.markers import file as file

def load_ipython_extension(shell: object) -> None: ...
def unload_ipython_extension(shell: object) -> None: ...

__all__: list[str]  # noqa: PYI035 - computed; the names above are those in it
