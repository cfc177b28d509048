"""Amazon SNS, a standard topic: the sending. `sns_message` has the message.

Outcomes by the error codes of Publish (docs.aws.amazon.com, SNS API Reference, "Publish") and the
common errors of AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
)
from botocore.parsers import ResponseParserError

from headroom.channels.http import safe
from headroom.channels.sns_message import publication
from headroom.domain.notices import Notice
from headroom.errors import DeliveryError
from headroom.net.responses import retry_after
from headroom.net.threads import Threads

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 2, 4, 2
"""What bootstrap configures the client with: seconds, seconds, tries (standard mode)."""

TIMEOUT = 15.0
"""Seconds for one send in all: the tries, and at most a second of botocore's own pause between.

They end before it: a send that is given up leaves no thread busy for long.
"""

THREADS = 32
"""For the sends of all topics: so many may hang and the next is still sent at once."""

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
"""No such topic or key, or no permission: no notice is taken."""

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
"""Codes that do not change by waiting. Any other is tried again: throttling, an expired token, a
clock that is wrong (InvalidSecurity), a key that is disabled or pending (KMSDisabled)."""

_NOT_SNS = (ResponseParserError, LookupError)
"""What botocore's parser ends in when a body is not XML, or XML of somebody else."""

_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown")


class Sns:
    """One SNS topic. `chatbot`: Amazon Q Developer listens on its https side."""

    pages = False
    timeout = TIMEOUT

    def __init__(
        self,
        name: str,
        topic_arn: str,
        client: Callable[[], SNSClient],
        threads: Threads,
        *,
        chatbot: bool = False,
    ) -> None:
        """Take a function that gives the client, so that it is made only when something is sent.

        `threads` are those of all topics.
        """
        self._name = name
        self._topic_arn = topic_arn
        self._client = client
        self._threads = threads
        self._chatbot = chatbot

    @property
    def name(self) -> str:
        """As projects name it."""
        return self._name

    async def send(self, notice: Notice) -> None:
        """Return when SNS took the message. Raises DeliveryError."""
        error = await self._attempt(notice)
        if error:
            raise error

    async def _attempt(self, notice: Notice) -> DeliveryError | None:
        """Return the error instead of raising it: the cause must not hang on to it."""
        message = publication(notice, chatbot=self._chatbot)
        try:
            async with asyncio.timeout(self.timeout):
                publish = self._client().publish  # on this thread: sessions are not made for two
                taken = await self._threads.run(publish, TopicArn=self._topic_arn, **message)
        except ClientError as error:
            return _refused(error)
        except TimeoutError:
            return DeliveryError("no answer in time", retryable=True, ambiguous=True)
        except _NOT_SNS:
            # Its status is lost too: botocore parses before it looks.
            return DeliveryError("the answer is not SNS's", retryable=True, ambiguous=True)
        except BotoCoreError as error:
            ambiguous = isinstance(error, HTTPClientError)
            reason = type(error).__name__
            return DeliveryError(
                reason, retryable=True, ambiguous=ambiguous, channel_at_fault=not ambiguous
            )
        if not taken.get("MessageId"):
            return DeliveryError("success without a message id", retryable=True, ambiguous=True)
        return None


def _refused(error: ClientError) -> DeliveryError:
    """Judge an answer with a status of 300 or more; a page has neither code nor words."""
    told, answer = error.response.get("Error", {}), error.response["ResponseMetadata"]
    code, said, status = told.get("Code", ""), told.get("Message", ""), answer["HTTPStatusCode"]
    waits = retry_after(answer.get("HTTPHeaders", {}))
    late = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT
    busy = status == HTTPStatus.TOO_MANY_REQUESTS or code.startswith(_THROTTLED)
    permanent = code in PERMANENT and status >= HTTPStatus.BAD_REQUEST and not late
    return DeliveryError(
        safe(f"{code or f'{status} without a code'}: {said}".rstrip(": ")),
        retryable=not permanent,
        ambiguous=late,
        retry_after=waits,
        channel_at_fault=_of_the_topic(code, said) or busy or waits is not None,
    )


def _of_the_topic(code: str, said: str) -> bool:
    """Whether any other notice would be refused too; `Invalid parameter: TopicArn` says so."""
    return code in OF_THE_TOPIC or (code in OF_THE_NOTICE and "TopicArn" in said)
