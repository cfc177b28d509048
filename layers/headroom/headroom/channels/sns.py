"""Sends to an Amazon SNS standard topic; `sns_message` makes the message.

Failures follow the error codes of Publish (docs.aws.amazon.com, SNS API Reference, "Publish") and
the common errors of AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 (botocore's own)
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from headroom.channels.http import safe
from headroom.channels.outcomes import reason_of
from headroom.channels.sns_message import publication
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.notices import Notice
from headroom.net.responses import retry_after
from headroom.net.threads import Threads

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 2, 4, 2
"""The settings of the client: seconds, seconds, tries (standard mode)."""

TIMEOUT = 15.0
"""Seconds for one send: longer than its tries with botocore's pause of at most a second between
them, so a send that is cancelled does not keep a thread busy for long."""

THREADS = 32
"""Threads that all topics share: a send waits only while so many others hang."""

OF_THE_TOPIC = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "KMSAccessDenied",
        "KMSNotFound",
        "NotFound",
        "NotFoundException",
    }
)
"""No such topic or key, or no permission: every notice fails."""

OF_THE_NOTICE = frozenset(
    {
        "InvalidParameter",
        "InvalidParameterException",
        "InvalidParameterValue",
        "ParameterValueInvalid",
        "ValidationError",
        "ValidationException",
    }
)
"""Something in this publication is invalid."""

PERMANENT = OF_THE_TOPIC | OF_THE_NOTICE
"""Permanent codes. After any other the notice is tried again: throttling, an expired token, a wrong
clock (InvalidSecurity), a disabled or pending key (KMSDisabled)."""

_NOT_SNS = (ResponseParserError, LookupError)
"""What botocore's parser raises when a body is not XML, or not SNS's XML."""

_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")


class Sns:
    """One SNS topic. `chatbot`: Amazon Q Developer is subscribed to it by https."""

    is_pager = False
    timeout = TIMEOUT

    def __init__(
        self,
        topic_arn: str,
        client: Callable[[], SNSClient],
        threads: Threads,
        *,
        chatbot: bool = False,
    ) -> None:
        """`client` returns the client, made on first use; all topics share `threads`."""
        self._topic_arn = topic_arn
        self._client = client
        self._threads = threads
        self._chatbot = chatbot

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """See `Channel.send`."""
        message = publication(notice, chatbot=self._chatbot)
        try:
            async with asyncio.timeout(self.timeout):
                publish = self._client().publish  # here: boto3 sessions are not thread-safe
                taken = await self._threads.run(publish, TopicArn=self._topic_arn, **message)
        except ClientError as error:
            return _answered(error)
        except TimeoutError:
            return _doubtful(FailureReason.TIMEOUT, "no answer in time")
        except _NOT_SNS:
            # The status is lost as well: botocore parses the body first.
            return _doubtful(FailureReason.UNEXPECTED_ANSWER, "the answer is not SNS's")
        except BotoCoreError as error:
            return _unanswered(error)
        if not taken.get("MessageId"):
            return _doubtful(FailureReason.UNEXPECTED_ANSWER, "success without a message id")
        return None


def _doubtful(reason: FailureReason, detail: str) -> DeliveryFailure:
    """The message may have arrived."""
    return DeliveryFailure(reason, detail, retryable=True, ambiguous=True)


def _unanswered(error: BotoCoreError) -> DeliveryFailure:
    """Without an answer: the connection failed, or botocore lacks credentials or a region."""
    ambiguous = isinstance(error, HTTPClientError)
    reason = FailureReason.NOT_CONFIGURED
    if isinstance(error, ReadTimeoutError | ConnectTimeoutError):
        reason = FailureReason.TIMEOUT
    elif ambiguous or isinstance(error, ConnectionError):
        reason = FailureReason.NETWORK
    return DeliveryFailure(
        reason,
        type(error).__name__,
        retryable=True,
        ambiguous=ambiguous,
        channel_at_fault=not ambiguous,
    )


def _answered(error: ClientError) -> DeliveryFailure:
    """An answer with a status of 300 or more; a proxy's page has neither code nor message."""
    details, answer = error.response.get("Error", {}), error.response["ResponseMetadata"]
    code, said = details.get("Code", ""), details.get("Message", "")
    status = answer["HTTPStatusCode"]
    waits = retry_after(answer.get("HTTPHeaders", {}))
    late = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT
    busy = status == HTTPStatus.TOO_MANY_REQUESTS or code.startswith(_THROTTLED)
    permanent = code in PERMANENT and status >= HTTPStatus.BAD_REQUEST and not late
    waiting = busy or waits is not None
    return DeliveryFailure(
        FailureReason.REFUSED if permanent else reason_of(status, waits=waiting),
        safe(f"{code or f'{status} without a code'}: {said}".rstrip(": ")),
        retryable=not permanent,
        ambiguous=late,
        retry_after=waits,
        channel_at_fault=_of_the_topic(code, said) or waiting,
    )


def _of_the_topic(code: str, said: str) -> bool:
    """Whether any other notice would be refused too; `Invalid parameter: TopicArn` says so."""
    return code in OF_THE_TOPIC or (code in OF_THE_NOTICE and "TopicArn" in said)
