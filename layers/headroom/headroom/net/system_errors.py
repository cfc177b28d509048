"""Why a connection failed, in the words of the system: `Connection refused`, never an address."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator


def why(error: BaseException) -> str:
    """The reasons of an error and of all its causes; the name of its class without one."""
    return ", ".join(dict.fromkeys(filter(None, map(_reason, causes(error))))) or _name(error)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all its causes; each address of a host fails in its own way."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from causes(one)
        error = error.__cause__ or error.__context__


def tls_reason(error: ssl.SSLError) -> str:
    """Why a certificate was rejected, or what broke the handshake."""
    # Both are set by OpenSSL alone: an error that Python code makes has neither.
    said = getattr(error, "verify_message", None) or getattr(error, "reason", None)
    return said or _name(error)


def _reason(error: BaseException) -> str:
    """The system's own message for the error; '' without one.

    asyncio writes `Connect call failed ('127.0.0.1', 9)` over `Connection refused`; the number of
    a name that is not found belongs to another table.
    """
    if isinstance(error, ssl.SSLError):
        return tls_reason(error)
    if not isinstance(error, OSError):
        return ""
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or ""
    return os.strerror(error.errno)


def _name(error: BaseException) -> str:
    return type(error).__name__
