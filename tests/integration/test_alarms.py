"""Headroom watches itself: what each alarm reads, when it goes off, and whom it tells."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from headroom.pipeline.fetch import RESERVE
from tests.alarms import Samples, reads, state
from tests.deployment import (
    ACCOUNT,
    REGION,
    ROOT,
    STACK,
    deployed,
    listed,
    of_type,
    resource,
    statements,
)
from tests.metrics import of_stack, printed

ALARMS = of_type("AWS::CloudWatch::Alarm")
TOPIC = {"Ref": "OperationsTopic"}
each_alarm = pytest.mark.parametrize("name", sorted(ALARMS))

READS = {
    "NoChecksAlarm": ("Headroom", "ProjectsChecked", "SampleCount", 60),
    "ChecksFailAlarm": ("AWS/Lambda", "Errors", "Sum", 60),
    "ChecksThrottledAlarm": ("AWS/Lambda", "Throttles", "Sum", 60),
    "ChecksSlowAlarm": ("AWS/Lambda", "Duration", "Maximum", 60),
    "NoticesPendingAlarm": ("Headroom", "OldestPendingSeconds", "Maximum", 60),
    "TopicFailsAlarm": ("AWS/SNS", "NumberOfNotificationsFailed", "Sum", 300),
    "DeadLettersAlarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 60),
    "ConfigErrorsAlarm": ("Headroom", "ConfigErrors", "Maximum", 60),
    "ProjectsUnreachableAlarm": ("Headroom", "ProjectsUnreachable", "Maximum", 60),
    "BaselinesOverdueAlarm": ("Headroom", "BaselinesOverdue", "Minimum", 3600),
    "BaselinesFailAlarm": ("AWS/Lambda", "Errors", "Sum", 3600),
}
"""Namespace, metric, statistic and the seconds of one period."""

WELL: dict[str, Samples] = {
    "NoChecksAlarm": [[3]] * 9,
    "ChecksFailAlarm": [[0]] * 9,
    "ChecksThrottledAlarm": [[0]] * 9,
    "ChecksSlowAlarm": [[30_000]] * 9,
    "NoticesPendingAlarm": [[599]] * 9,
    "TopicFailsAlarm": [[0]] * 9,
    "DeadLettersAlarm": [[0]] * 9,
    "ConfigErrorsAlarm": [[0]] * 20,
    "ProjectsUnreachableAlarm": [[0]] * 20,
    "BaselinesOverdueAlarm": [[0, 0]] * 20,
    "BaselinesFailAlarm": [[0]] * 9,
}
TROUBLE: dict[str, Samples] = {
    "NoChecksAlarm": [[]] * 3,
    "ChecksFailAlarm": [[1], [0], [0], [1]],
    "ChecksThrottledAlarm": [[2], [1]],
    "ChecksSlowAlarm": [[40_000], [50_000], [900], [40_000]],
    "NoticesPendingAlarm": [[600]],
    "TopicFailsAlarm": [[1]],
    "DeadLettersAlarm": [[1]],
    "ConfigErrorsAlarm": [[1]] * 15,
    "ProjectsUnreachableAlarm": [[2]] * 15,
    "BaselinesOverdueAlarm": [[1, 2]] * 12,
    "BaselinesFailAlarm": [[1], [0], [2]],
}
NOT_YET: dict[str, Samples] = {
    "NoChecksAlarm": [[]] * 2,
    "ChecksFailAlarm": [[1]],
    "ChecksThrottledAlarm": [[1]],
    "ChecksSlowAlarm": [[50_000]] * 2,
    "ConfigErrorsAlarm": [[1]] * 14,
    "ProjectsUnreachableAlarm": [*[[2]] * 14, [0], [2]],
    "BaselinesOverdueAlarm": [*[[1, 2]] * 11, [1, 0], [2, 2]],
    "BaselinesFailAlarm": [[1]],
}


@each_alarm
def test_an_alarm_goes_off_at_its_trouble_and_not_before(name: str) -> None:
    alarm, well = ALARMS[name], list(WELL[name])
    assert state(alarm, well) == "OK"
    assert state(alarm, [*well, *NOT_YET.get(name, [])]) == "OK"
    assert state(alarm, [*well, *TROUBLE[name]]) == "ALARM"
    assert state(alarm, [*well, *TROUBLE[name], *well], before="ALARM") == "OK"


@each_alarm
def test_silence_is_trouble_for_one_alarm_and_news_for_none_other(name: str) -> None:
    """Without checks the other alarms know nothing new: none goes off, none of ours recovers."""
    silence: Samples = [[]] * 20
    never = "ALARM" if name == "NoChecksAlarm" else "OK"
    assert state(ALARMS[name], silence) == never
    if reads(ALARMS[name])[0] == "Headroom":
        assert state(ALARMS[name], silence, before="ALARM") == "ALARM"


def test_a_check_is_one_even_if_there_is_nothing_to_check_or_it_comes_late() -> None:
    assert state(ALARMS["NoChecksAlarm"], [[0]] * 5) == "OK"
    assert state(ALARMS["NoChecksAlarm"], [[1], [], [1, 1], [], [1, 1], [1]]) == "OK"


def test_a_slow_check_is_one_near_its_end_and_not_one_that_waits_for_polyai() -> None:
    seconds = ALARMS["ChecksSlowAlarm"]["Threshold"] / 1000
    timeout = resource("CheckFunction")["Timeout"]
    assert timeout - RESERVE < seconds < timeout


@each_alarm
def test_an_alarm_reads_what_it_is_about_and_what_this_stack_sends(name: str) -> None:
    alarm = ALARMS[name]
    read = (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"], alarm["Period"])
    assert read == READS[name]
    assert reads(alarm) in of_stack()


def test_two_stacks_in_one_account_do_not_see_each_other() -> None:
    read = {
        stack: {reads(alarm, stack) for alarm in ALARMS.values()}
        for stack in ("headroom-dev", "headroom-prod")
    }
    assert not read["headroom-dev"] & read["headroom-prod"]
    assert not printed("headroom-dev") & printed("headroom-prod")


@each_alarm
def test_alarm_and_recovery_go_to_the_operations_topic_alone(name: str) -> None:
    """By the notices' way, a broken way would hide itself."""
    assert ALARMS[name]["AlarmActions"] == ALARMS[name]["OKActions"] == [TOPIC]


@each_alarm
def test_an_alarm_says_what_is_wrong_and_what_to_do_first(name: str) -> None:
    text = deployed(ALARMS[name]["AlarmDescription"])
    wrong, first = text.split(". First, ")
    assert len(wrong) > 40
    assert first.startswith(f"run headroom doctor --stack {STACK}; then ")
    assert len(first) > 100
    assert (
        len(text) <= 1024
    )  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html


def test_dead_letters_names_the_command_that_sends_them_again() -> None:
    text = deployed(ALARMS["DeadLettersAlarm"]["AlarmDescription"])
    assert f"(headroom redrive --stack {STACK})" in text


def test_dead_letters_lie_as_long_as_the_alarm_says() -> None:
    """As long as SQS keeps anything: somebody may be on holiday.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    """
    assert " for 14 days. " in deployed(ALARMS["DeadLettersAlarm"]["AlarmDescription"])
    assert resource("DeadLetterQueue")["MessageRetentionPeriod"] == 14 * 24 * 3600


@each_alarm
def test_the_handbook_has_a_line_for_each_alarm(name: str) -> None:
    own = deployed(ALARMS[name]["AlarmName"]).removeprefix(f"{STACK}-")
    assert f"\n| `{own}` |" in (ROOT / "docs/operations.md").read_text("utf-8")


def test_the_operations_topic_takes_what_this_stacks_alarms_say_and_nothing_else() -> None:
    (policy,) = of_type("AWS::SNS::TopicPolicy").values()
    (allowed,) = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [allowed["Resource"]] == [TOPIC]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "sns:Publish")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    condition = deployed(allowed["Condition"])
    assert condition["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    source = condition["ArnLike"]["aws:SourceArn"]
    assert all(fnmatchcase(deployed({"Fn::GetAtt": [name, "Arn"]}), source) for name in ALARMS)
    assert not fnmatchcase(f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:billing", source)


def test_cloudwatch_can_publish_to_the_operations_topic() -> None:
    """With aws/sns it cannot: the policy of AWS's key does not name it, and cannot be changed.

    https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
    """
    assert "KmsMasterKeyId" not in resource("OperationsTopic")


def test_headroom_itself_has_no_way_to_the_operations_topic() -> None:
    for name in ("CheckFunction", "BaselineFunction"):
        assert TOPIC not in resource(name)["Environment"]["Variables"].values()
    for role in of_type("AWS::IAM::Role"):
        assert not any(TOPIC in listed(each["Resource"]) for _, each in statements(role))


def test_each_address_hears_of_its_own_topic() -> None:
    topics = {
        each["Endpoint"]["Ref"]: each["TopicArn"]["Ref"]
        for each in of_type("AWS::SNS::Subscription").values()
    }
    assert topics == {"Email": "NoticeTopic", "OperationsEmail": "OperationsTopic"}
