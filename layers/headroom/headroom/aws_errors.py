"""Errors of AWS, as the exceptions and codes that Headroom uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from headroom.errors import StateUnavailable

REFUSED = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed"})
"""The condition of a write did not hold; the second is the code within a cancelled transaction:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""

CONFLICT = frozenset({"TransactionConflictException", "TransactionConflict"})
"""Another transaction is writing the item right now; botocore does not try again."""


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Raise every failure of the client as StateUnavailable; `what` names call and resource.

    Only the first line of AWS's message is kept, and no cause: after it, the error about a wrong
    signature shows the request's headers with the session token.
    """
    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        message = detail["Message"].partition("\n")[0]
        raise StateUnavailable(f"{what}: {detail['Code']}: {message}") from None
    except BotoCoreError as error:
        raise StateUnavailable(f"{what}: {type(error).__name__}: {error}") from error


def codes(error: ClientError) -> set[str]:
    """Return the error's code and those within a cancelled transaction."""
    parts = error.response.get("CancellationReasons") or []
    return {error.response["Error"]["Code"], *(part.get("Code", "") for part in parts)}
