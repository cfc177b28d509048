"""What AWS answers when it does not do as asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from headroom.errors import StateUnavailable

REFUSED = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed"})
"""The condition did not hold; the second is the reason of a cancelled transaction's part:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""

CONFLICT = frozenset({"TransactionConflictException", "TransactionConflict"})
"""Another writer is at work on the item at this moment. botocore does not try these again."""


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turn every failure of the client into StateUnavailable; `what` names call and resource.

    Of what AWS says only the first line counts, and the cause is not shown: below it a refused
    signature has the request's headers, and with them the session token.
    """
    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        said = detail["Message"].partition("\n")[0]
        raise StateUnavailable(f"{what}: {detail['Code']}: {said}") from None
    except BotoCoreError as error:
        raise StateUnavailable(f"{what}: {type(error).__name__}: {error}") from error


def codes(error: ClientError) -> set[str]:
    """The error's own code and those of the parts of a cancelled transaction."""
    parts = error.response.get("CancellationReasons") or []
    return {error.response["Error"]["Code"], *(part.get("Code", "") for part in parts)}
