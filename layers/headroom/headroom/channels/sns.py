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
    ParamValidationError,
)
from botocore.parsers import ResponseParserError

from headroom.channels.http import safe
from headroom.channels.sns_message import publication
from headroom.domain.notices import Notice
from headroom.errors import DeliveryError
from headroom.outgoing.threads import Threads
from headroom.retry_after import retry_after

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

PERMANENT = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "EndpointDisabled",
        "InvalidParameter",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidSecurity",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "KMSOptInRequired",
        "NotFound",
        "NotFoundException",
        "ParameterValueInvalid",
        "PlatformApplicationDisabled",
        "ValidationError",
        "ValidationException",
    }
)
"""Codes that do not change by waiting. Any other (throttling, an expired token) is tried again."""


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
                await self._threads.run(publish, TopicArn=self._topic_arn, **message)
        except ClientError as error:
            return _refused(error)
        except ParamValidationError:
            return DeliveryError("the topic's ARN cannot be used", retryable=False)
        except TimeoutError:
            return DeliveryError("no answer in time", retryable=True, ambiguous=True)
        except BotoCoreError as error:
            ambiguous = isinstance(error, HTTPClientError | ResponseParserError)
            return DeliveryError(type(error).__name__, retryable=True, ambiguous=ambiguous)
        return None


def _refused(error: ClientError) -> DeliveryError:
    told, answer = error.response["Error"], error.response["ResponseMetadata"]
    code = told.get("Code", "unknown")
    return DeliveryError(
        safe(f"{code}: {told.get('Message', '')}".rstrip(": ")),
        retryable=code not in PERMANENT,
        ambiguous=answer["HTTPStatusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR,
        retry_after=retry_after(answer.get("HTTPHeaders", {})),
    )
