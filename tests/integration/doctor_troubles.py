"""One thing broken each: how it is broken, the lines that tell of it, and the fix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headroom.bootstrap import system_clock
from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.windows import window_of
from headroom.state.baseline_items import key as baseline_key
from headroom.state.items import WATERMARK, key
from headroom_cli.simulator.polyai import Key
from tests.builders import T0, document, incident, notice, watermark
from tests.integration.doctor_setup import RULES, USUAL, WEBHOOK, DoctorSetup

Break = Callable[[DoctorSetup], AbstractContextManager[object] | None]
LOG = "aws logs tail /aws/lambda/prod-check --since 30m --format short"
CHECK_LOG = "-> aws logs tail /aws/lambda/prod-check --since 20m --format short"
MEND = "fix it in your file, then: headroom push --config alerts.yaml --prefix /headroom/prod"
NEW_KEY = (
    "read -rs KEY; aws ssm put-parameter --type SecureString --overwrite "
    '--name /headroom/prod/keys/default --value "$KEY"'
)
KMS = "arn:aws:kms:eu-west-2:123456789012:key/own"
SUBSCRIBE = (
    "aws sns subscribe --topic-arn {} --protocol email --notification-endpoint you@example.com"
)
TOPIC = "arn:aws:sns:eu-west-2:123456789012:"


@dataclass(frozen=True)
class Broken:
    """One trouble; `lines` are in what doctor says, ways out included."""

    name: str
    broken: Break
    lines: tuple[str, ...]

    def by(self, setup: DoctorSetup) -> AbstractContextManager[object]:
        """Break it, for as long as the block lasts where it can be mended."""
        return self.broken(setup) or nullcontext()


def answering(operation: str, change: Callable[[Any], None]) -> Break:
    """AWS says otherwise."""
    return lambda setup: setup.aws.answering(operation, change)


def status(word: str) -> Break:
    """The stack is in this status."""
    return answering("DescribeStacks", lambda said: said["Stacks"][0].update(StackStatus=word))


def function(**said: str) -> Break:
    """Lambda says so."""
    return answering("GetFunctionConfiguration", lambda answer: answer.update(said))


def schedule(**said: str) -> Break:
    """Scheduler says so."""
    return answering("GetSchedule", lambda answer: answer.update(said))


def throttled(setup: DoctorSetup) -> None:
    """Somebody pressed "Throttle" in the console."""
    setup.deployed.client("lambda").put_function_concurrency(
        FunctionName=setup.deployed.stack.function, ReservedConcurrentExecutions=0
    )


def evaluated(seconds_ago: int | None) -> Break:
    """The watermark stands there, or nowhere."""

    def moved(setup: DoctorSetup) -> None:
        setup.deployed.client("dynamodb").delete_item(
            TableName=setup.deployed.stack.table, Key=WATERMARK
        )
        if seconds_ago is not None:
            window = window_of(system_clock() - seconds_ago)
            setup.deployed.store(watermark=watermark(window=window))

    return moved


def checks(*, well: tuple[int, ...] = (), failed: tuple[int, ...] = ()) -> Break:
    """CloudWatch knows of one check in each of these minutes, counted from now backwards."""

    def counted(said: Any) -> None:  # noqa: ANN401 (an answer of botocore's)
        now = datetime.fromtimestamp(system_clock() // 60 * 60, UTC)
        said["MetricDataResults"] = [
            {
                "Id": name,
                "Timestamps": [now - timedelta(minutes=ago) for ago in minutes],
                "Values": [1.0] * len(minutes),
            }
            for name, minutes in (("well", well), ("failed", failed))
        ]

    return answering("GetMetricData", counted)


def never_made(attempted: int | None) -> Break:
    """A baseline is missing; the first attempt to make it failed so many seconds ago."""

    def missing(setup: DoctorSetup) -> None:
        client, table = setup.deployed.client("dynamodb"), setup.deployed.stack.table
        client.delete_item(TableName=table, Key=baseline_key(USUAL))
        if attempted is not None:
            at = system_clock() - attempted
            asyncio.run(setup.deployed.baselines.failed(USUAL, at))

    return missing


@contextmanager
def just_deployed(setup: DoctorSetup) -> Iterator[None]:
    """No check has begun yet."""
    evaluated(None)(setup)
    with setup.aws.answering("GetMetricData", lambda said: said.update(MetricDataResults=[])):
        yield


def ringing(setup: DoctorSetup) -> None:
    """One alarm rings."""
    setup.deployed.client("cloudwatch").set_alarm_state(
        AlarmName=f"{setup.deployed.stack.name}-no-checks", StateValue="ALARM", StateReason="none"
    )


def unsure(setup: DoctorSetup) -> None:
    """One alarm has never had data."""
    setup.deployed.client("cloudwatch").set_alarm_state(
        AlarmName=f"{setup.deployed.stack.name}-no-checks",
        StateValue="INSUFFICIENT_DATA",
        StateReason="none",
    )


@contextmanager
def without_metrics(setup: DoctorSetup) -> Iterator[None]:
    """As on MiniStack: log lines become no metrics, and alarms stay without data."""
    unsure(setup)
    with setup.aws.answering("GetMetricData", lambda said: said.update(MetricDataResults=[])):
        yield


def switched_off(setup: DoctorSetup) -> None:
    """One alarm tells nobody."""
    setup.deployed.client("cloudwatch").disable_alarm_actions(
        AlarmNames=[f"{setup.deployed.stack.name}-no-checks"]
    )


def unforgetting(said: Any) -> None:  # noqa: ANN401 (an answer of botocore's)
    """TTL was switched off."""
    said["TimeToLiveDescription"] = {"TimeToLiveStatus": "DISABLED"}


def pending(seconds: int, delivery: PendingDelivery) -> Break:
    """A channel has owed one notice for so long."""

    def stored(setup: DoctorSetup) -> None:
        told = notice()
        waiting = PendingNotice(1, told, system_clock() - seconds, {"ops-slack": delivery})
        setup.deployed.store(
            document(outbox={told.id: waiting}, incidents={told.alert_id: incident()})
        )

    return stored


def unreadable(setup: DoctorSetup) -> None:
    """A newer Headroom wrote this, or somebody by hand."""
    item = {**key("support-line"), "version": {"N": "1"}, "body": {"S": "{}"}, "outbox": {"M": {}}}
    setup.deployed.client("dynamodb").put_item(TableName=setup.deployed.stack.table, Item=item)


def letters(setup: DoctorSetup) -> None:
    """A notice that nobody was told, and a check that failed."""
    for id_ in ("a", "b"):
        setup.deployed.letter(replace(notice(), id=id_), "ops-slack", "404 no_service")
    setup.deployed.letter(notice(), "on-call")
    failed_check(setup)


def held(setup: DoctorSetup) -> None:
    """Somebody reads these just now, or was killed while reading."""
    setup.deployed.letter(notice(), "ops-slack")
    failed_check(setup)
    setup.deployed.client("sqs").receive_message(
        QueueUrl=setup.deployed.stack.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=300
    )


def failed_check(setup: DoctorSetup) -> None:
    """One check failed."""
    setup.deployed.message({"requestContext": {}})


def put(name: str, value: object, *, secure: bool = False) -> Break:
    """Somebody edited Parameter Store by hand."""
    return lambda setup: setup.deployed.put(name, value, secure=secure)


def stored_plain(setup: DoctorSetup) -> None:
    """The key is a String."""
    name = f"{setup.deployed.stack.prefix}/keys/default"
    setup.deployed.client("ssm").delete_parameter(Name=name)
    setup.deployed.put("keys/default", "a-key-for-everybody")


def deleted(*names: str) -> Break:
    """These parameters are gone."""

    def delete(setup: DoctorSetup) -> None:
        prefix = setup.deployed.stack.prefix
        setup.deployed.client("ssm").delete_parameters(Names=[f"{prefix}/{each}" for each in names])

    return delete


def rotated(setup: DoctorSetup) -> None:
    """PolyAI does not know the key any more."""
    setup.simulator.keys = {"another": Key(frozenset({"acme"}))}


def elsewhere(url: str) -> Break:
    """The stack's PolyaiUrl leads there."""

    def moved(said: Any) -> None:  # noqa: ANN401 (an answer of botocore's)
        for each in said["Stacks"][0]["Parameters"]:
            if each["ParameterKey"] == "PolyaiUrl":
                each["ParameterValue"] = url

    return answering("DescribeStacks", moved)


@contextmanager
def own_key(setup: DoctorSetup) -> Iterator[None]:
    """The stack has a `KmsKeyArn`."""

    def given(said: Any) -> None:  # noqa: ANN401 (an answer of botocore's)
        for each in said["Stacks"][0]["Parameters"]:
            if each["ParameterKey"] == "KmsKeyArn":
                each["ParameterValue"] = KMS

    put("keys/default", "short", secure=True)(setup)
    put("channels/on-call", {"type": "pagerduty"}, secure=True)(setup)
    with setup.aws.answering("DescribeStacks", given):
        yield


@contextmanager
def unheard(setup: DoctorSetup) -> Iterator[None]:
    """Nobody has subscribed to anything, or not confirmed it yet."""

    def nobody(said: Any) -> None:  # noqa: ANN401 (an answer of botocore's)
        waits = "1" if "Operations" in said["Attributes"]["TopicArn"] else "0"
        said["Attributes"].update(SubscriptionsConfirmed="0", SubscriptionsPending=waits)

    with setup.aws.answering("GetTopicAttributes", nobody):
        yield


def strange_topic(setup: DoctorSetup) -> None:
    """A channel names a topic that the stack was not told of."""
    arn = setup.deployed.client("sns").create_topic(Name="strange")["TopicArn"]
    setup.subscribe(arn)
    setup.deployed.put("channels/data-team", {"type": "sns", "topic_arn": arn}, secure=True)


def slack_at(url: str) -> Break:
    """The webhook leads there."""
    return put("channels/ops-slack", {"type": "slack", "webhook_url": url}, secure=True)


MAKE_NOW = "-> aws lambda invoke --function-name prod-baseline "
ONE = "baselines          1 of 1 (support-line (client_env=live))"
NOT_MADE = f"{ONE} not made yet: their rules of usual wait"
TROUBLES = (
    Broken(
        "a rule of usual is new",
        never_made(None),
        (f"warn  {NOT_MADE}", MAKE_NOW),
    ),
    Broken(
        "a baseline cannot be made",
        never_made(3 * 3600),
        (f"FAIL  {NOT_MADE}", MAKE_NOW),
    ),
    Broken(
        "baselines are not made any more",
        lambda setup: setup.made(system_clock() - 49 * 3600),
        (
            f"FAIL  {ONE} made over two days ago: rules go on with them",
            MAKE_NOW,
        ),
    ),
    Broken(
        "the last update of the stack failed",
        status("UPDATE_ROLLBACK_COMPLETE"),
        (
            "warn  stack              prod is UPDATE_ROLLBACK_COMPLETE: the last update failed,",
            "-> aws cloudformation describe-stack-events --stack-name prod",
        ),
    ),
    Broken(
        "the stack was never made",
        status("ROLLBACK_COMPLETE"),
        ("FAIL  stack              prod is ROLLBACK_COMPLETE\n",),
    ),
    Broken(
        "somebody deploys",
        status("UPDATE_IN_PROGRESS"),
        ("warn  stack              prod is UPDATE_IN_PROGRESS: a deployment is running",),
    ),
    Broken(
        "the function cannot start",
        function(State="Failed", StateReason="the layer is gone"),
        (
            "FAIL  function           prod-check is Failed, its last update Successful: the",
            "-> make deploy STAGE=test",
        ),
    ),
    Broken(
        "the function has another Python",
        function(Runtime="python3.11"),
        (
            "warn  function           prod-check is Active, its last update Successful, on python3",
            "-> make deploy STAGE=test",
        ),
    ),
    Broken(
        "the function is throttled to nothing",
        throttled,
        (
            "FAIL  function           prod-check has a concurrency limit of 0: no check runs",
            "-> aws lambda delete-function-concurrency --function-name prod-check",
        ),
    ),
    Broken(
        "the schedule is switched off",
        schedule(State="DISABLED"),
        (
            "FAIL  schedule           prod-check is DISABLED: no check runs",
            "-> aws scheduler update-schedule --state ENABLED --cli-input-json '{",
            '"Name":"prod-check"',
            '"ScheduleExpression":"cron(* * * * ? *)"',
            '"RoleArn":"arn:aws:iam::123456789012:role/schedule"',
        ),
    ),
    Broken(
        "the schedule is switched off and too long to write",
        schedule(State="DISABLED", Description="x" * 900),
        (
            "FAIL  schedule           prod-check is DISABLED: no check runs\n",
            "-> enable it in the console: EventBridge, Schedules\n",
        ),
    ),
    Broken(
        "the schedule is another",
        schedule(ScheduleExpression="rate(5 minutes)"),
        (
            "warn  schedule           prod-check runs at rate(5 minutes), not every minute",
            "-> make deploy STAGE=test",
        ),
    ),
    Broken(
        "no check is heard of",
        answering("GetMetricData", lambda said: said.update(MetricDataResults=[])),
        ("FAIL  last check         CloudWatch has none in the last 15 minutes\n", CHECK_LOG),
    ),
    Broken(
        "a local AWS keeps no metrics, and all else is well",
        without_metrics,
        ("warn  last check         this local AWS keeps no metrics: the line 'state' shows",),
    ),
    Broken(
        "no check has ended well for some minutes",
        checks(well=(5, 6, 7)),
        (
            "FAIL  last check         none has succeeded for 3 minutes: the last N min ago; ",
            CHECK_LOG,
        ),
    ),
    Broken(
        "the last checks failed",
        checks(well=(2, 3, 4), failed=(0, 1)),
        (
            "FAIL  last check         the last 2 failed: the last success N min ago; N checks",
            CHECK_LOG,
        ),
    ),
    Broken(
        "all checks fail",
        checks(failed=(0, 1, 2)),
        ("FAIL  last check         N checks succeeded in 15 minutes, 3 failed\n",),
    ),
    Broken(
        "one check failed just now",
        checks(well=(1, 2, 3), failed=(0,)),
        ("warn  last check         N min ago; N checks succeeded in 15 minutes, 1 failed\n",),
    ),
    Broken(
        "the stack was deployed just now",
        just_deployed,
        (
            "warn  last check         CloudWatch has no data yet, and no check has ever succeeded",
            "FAIL  state              no check has ever succeeded",
            f"-> if it was just deployed, run this again in two minutes; otherwise: {LOG}",
        ),
    ),
    Broken(
        "some checks fail",
        lambda setup: setup.count("AWS/Lambda", "Errors", "FunctionName", 1.0, 1.0),
        (
            "warn  last check         N min ago; N checks succeeded in 15 minutes, 2 failed",
            "-> aws logs tail /aws/lambda/prod-check --since 20m --format short",
        ),
    ),
    Broken(
        "checks stopped",
        evaluated(7200),
        (
            "FAIL  state              evaluated up to TIME, N h ago: later windows",
            f"-> {LOG}",
        ),
    ),
    Broken(
        "no check ever came through",
        evaluated(None),
        ("FAIL  state              no check has ever succeeded",),
    ),
    Broken(
        "an alarm rings",
        ringing,
        (
            "FAIL  alarm no-checks    Headroom is blind. No check has succeeded for 3 minutes, so",
            "-> see whether the schedule prod-check is enabled, and read the last errors in",
        ),
    ),
    Broken(
        "an alarm tells nobody",
        switched_off,
        (
            "warn  alarms             prod-no-checks is disabled: it notifies nobody",
            "-> aws cloudwatch enable-alarm-actions --alarm-names prod-no-checks",
        ),
    ),
    Broken(
        "an alarm knows nothing",
        unsure,
        ("ok    alarms             none of N alarms is in ALARM; 1 without data yet\n",),
    ),
    Broken(
        "there are no alarms",
        answering("DescribeAlarms", lambda said: said.update(MetricAlarms=[])),
        (
            "warn  alarms             there are none: nobody is notified when Headroom stops",
            "-> make deploy STAGE=test",
        ),
    ),
    Broken(
        "the table keeps what has expired",
        answering("DescribeTimeToLive", unforgetting),
        (
            "warn  table              TABLE does not delete expired items: TTL is DISABLED",
            "-> make deploy STAGE=test",
        ),
    ),
    Broken(
        "a channel has been down for long",
        pending(1260, PendingDelivery(attempts=7, retry_at=T0)),
        (
            "FAIL  notices            1 for ops-slack, the oldest for N min, tried 7 times, next",
            f"-> {LOG} | grep ops-slack",
        ),
    ),
    Broken(
        "a channel hiccups",
        pending(120, PendingDelivery(attempts=1, retry_at=T0)),
        ("warn  notices            1 for ops-slack, the oldest for N min, tried 1 time, next by",),
    ),
    Broken(
        "a document makes no sense",
        unreadable,
        (
            "FAIL  document support-line the stored document",
            "-> fix it as described; do not delete it: it may hold notices",
        ),
    ),
    Broken(
        "a notice was given up",
        letters,
        (
            "FAIL  dead letters       2 notices for ops-slack: 404 no_service\n",
            "-> fix channels/ops-slack, then: headroom redrive --stack prod\n",
            "FAIL  dead letters       1 notice for on-call: given up after N hours\n",
            "-> fix channels/on-call, then: headroom redrive --stack prod\n",
            "warn  dead letters       1 failed check\n",
        ),
    ),
    Broken(
        "a check failed",
        failed_check,
        (
            "warn  dead letters       1 failed check\n",
            "-> headroom redrive --stack prod --tidy",
        ),
    ),
    Broken(
        "another redrive has the messages",
        held,
        (
            "warn  dead letters       2 messages hidden: a redrive is running or was interrupted\n",
            "-> run this again in 5 minutes\n",
        ),
    ),
    Broken(
        "a notice cannot be read",
        lambda setup: setup.deployed.message({"notice": {}, "channel": "a", "reason": "b"}),
        (
            "FAIL  dead letters       unreadable notice: message ",
            "-> nobody was notified; read it in the console: SQS, ",
        ),
    ),
    Broken(
        "nothing is configured",
        deleted("projects/support-line", "projects/sales-line"),
        (
            "FAIL  parameters         there is no project under /headroom/prod: nothing is watched",
            "-> headroom push --config alerts.yaml --prefix /headroom/prod",
        ),
    ),
    Broken(
        "a project is invalid, and its last good version is in force",
        put("projects/sales-line", {"project_id": "sales", "rules": RULES}),
        (
            "FAIL  parameters         invalid: sales-line: rules.near-limit.warning: '>=",
            "v2 is invalid, v1 of 20",
            f"-> {MEND}",
            "ok    projects           PolyAI answers for 2 projects\n",
        ),
    ),
    Broken(
        "a key is stored in plain text",
        stored_plain,
        (
            "FAIL  parameters         keys/default is stored in plain text, so it is not used",
            f"-> change the secret, then: {MEND}",
            f"-> aws ssm delete-parameter --name /headroom/prod/keys/default; {NEW_KEY}",
        ),
    ),
    Broken(
        "a key is no key",
        put("keys/default", "short", secure=True),
        (
            "FAIL  parameters         keys.default: an API key has at least 8 characters: give all",
            "v2 is invalid, v1 of 20",
            f"-> {NEW_KEY}\n",
            "ok    projects           PolyAI answers for 2 projects\n",
        ),
    ),
    Broken(
        "the secrets have a key of their own, and one of them is wrong",
        own_key,
        (
            "FAIL  parameters         channels.on-call: ",
            f"-> {NEW_KEY.replace('--name', f'--key-id {KMS} --name')}",
            f"-> {MEND} --kms-key {KMS}\n",
        ),
    ),
    Broken(
        "a channel cannot be used",
        put("channels/on-call", {"type": "pagerduty", "routing_key": "short"}, secure=True),
        ("FAIL  parameters         channels.on-call: ",),
    ),
    Broken(
        "a parameter has a slip in its name",
        put("chanels/on-call", "x"),
        (
            "warn  parameters         chanels/on-call: unknown parameter, ignored",
            "-> aws ssm delete-parameter --name /headroom/prod/chanels/on-call",
        ),
    ),
    Broken(
        "PolyAI does not know the key any more",
        rotated,
        (
            "FAIL  projects           sales-line, support-line (key default, uk-1): 401 expired or",
            "-> read -rs KEY; aws ssm put-parameter --type SecureString --overwrite --name ",
            '/headroom/prod/keys/default --value "$KEY"',
        ),
    ),
    Broken(
        "a project is in another region",
        put("projects/sales-line", {"project_id": "gone", "limit": 20, "rules": RULES}),
        (
            "ok    projects           PolyAI answers for 1 of 2 projects",
            "FAIL  projects           sales-line (key default, uk-1): 404 no such account or",
            "-> compare region, account_id and project_id with ",
            "https://studio.uk.poly.ai/acme/gone",
        ),
    ),
    Broken(
        "PolyAI is out of reach",
        elsewhere("http://127.0.0.1:9"),
        (
            "FAIL  projects           sales-line, support-line (key default, uk-1): no answer",
            "127.0.0.1: Connection refused",
            "-> check the DNS, network and proxy of this machine, then run this again",
        ),
    ),
    Broken(
        "nobody listens",
        unheard,
        (
            "warn  channel default    nobody is subscribed\n",
            f"-> {SUBSCRIBE.format(TOPIC + 'prod-NoticeTopic')}",
            "warn  operations topic   nobody is subscribed; 1 subscription not confirmed yet",
            "-> open the link in the email from AWS",
        ),
    ),
    Broken(
        "the stack was not told of a topic",
        strange_topic,
        (
            "FAIL  channel data-team  the function may not publish to its topic",
            f'-> write "TopicArns={TOPIC}calls,{TOPIC}strange" into samconfig.toml, then: make dep',
        ),
    ),
    Broken(
        "a topic is gone",
        put("channels/data-team", {"type": "sns", "topic_arn": f"{TOPIC}gone"}, secure=True),
        ("FAIL  channel data-team  sns:GetTopicAttributes was answered with NotFound",),
    ),
    Broken(
        "a host does not answer",
        slack_at(f"http://127.0.0.1:9/services/T0/B0/{WEBHOOK}"),
        ("FAIL  channel ops-slack  no answer from 127.0.0.1: Connection refused",),
    ),
    Broken(
        "there is no heartbeat",
        deleted("heartbeat"),
        ("ok    heartbeat          not set; a heartbeat service would alert you",),
    ),
)
