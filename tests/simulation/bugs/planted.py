"""Bugs to plant: each takes the place of one part of the product, for one test only.

What a simulation does not find when it is there, it would not find when somebody writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.simulation.bugs import config as configured
from tests.simulation.bugs import delivery as sent
from tests.simulation.bugs import evaluation as judged
from tests.simulation.bugs import late_data as late
from tests.simulation.bugs.state import (
    RaceIgnored,
    SentBeforeStored,
    version_not_raised_on_record,
)
from tests.simulation.run import Wrap


@dataclass(frozen=True)
class Bug:
    """One bug: what it replaces, or what it puts around the adapter."""

    plant: Callable[[pytest.MonkeyPatch], None] = lambda _: None
    wrap: Wrap = lambda state: state
    seed: int = 1
    """A story in which it shows: looking for it begins there."""


BUGS = {
    "sent before it is stored": Bug(wrap=SentBeforeStored, seed=7),
    "a lost race is ignored": Bug(wrap=RaceIgnored, seed=7),
    "what waited keeps its old number": Bug(sent.waiting_keeps_its_old_number, seed=21),
    "a lease is not respected": Bug(sent.lease_not_respected, seed=46),
    "a lease is shorter than the function": Bug(sent.lease_too_short, seed=46),
    "the version is not raised on a record": Bug(version_not_raised_on_record, seed=7),
    "the watermark passes a project that was missed": Bug(
        judged.watermark_passes_what_was_missed, seed=64
    ),
    "the watermark of a failed query moves": Bug(judged.watermark_moves_on_failure, seed=19),
    "settle is ignored": Bug(judged.settle_ignored, seed=36),
    "an open window is used for a lower bound": Bug(judged.open_window_for_a_lower_bound, seed=14),
    "hysteresis is inverted": Bug(judged.hysteresis_inverted, seed=7),
    "a retry changes the id": Bug(sent.retry_changes_the_id, seed=7),
    "the second channel is skipped after the first failed": Bug(
        sent.second_channel_skipped_after_the_first_failed, seed=41
    ),
    "missed is told as nothing": Bug(judged.missed_told_as_nothing, seed=85),
    "overtaking is ignored": Bug(sent.overtaking_ignored, seed=7),
    "the dead letter is skipped": Bug(sent.dead_letter_skipped, seed=12),
    "judged_at is ignored": Bug(judged.judged_at_ignored, seed=35),
    "a dead sender is taken for one that sent nothing": Bug(
        sent.dead_sender_has_sent_nothing, seed=50
    ),
    "an ambiguous answer is taken for a refusal": Bug(
        sent.ambiguous_answer_taken_for_a_refusal, seed=49
    ),
    "a failed send is taken for accepted": Bug(sent.failed_send_taken_for_accepted, seed=49),
    "the next notice does not wait for the first": Bug(sent.next_notice_does_not_wait, seed=85),
    "an incident that an edit closed fires under its old id": Bug(
        judged.closed_incident_fires_under_its_old_id, seed=672
    ),
    "the first try to read a project is forgotten": Bug(judged.first_try_forgotten, seed=188),
    "reminders have no end": Bug(judged.reminders_without_end, seed=4),
    "what follows the undeliverable does not wait": Bug(
        sent.what_follows_the_undeliverable_goes_on, seed=98
    ),
    "a poisoned notice holds back others": Bug(sent.poisoned_notice_holds_back_others),
    "a digest forgets what it named": Bug(sent.digest_forgets_what_it_named, seed=12),
    "a bad channel stops its project": Bug(configured.bad_channel_stops_its_project, seed=9),
    "the last good version is forgotten": Bug(configured.last_good_version_forgotten, seed=6),
    "late data is taken for no calls": Bug(late.late_taken_for_no_calls),
    "an answer that stops is taken for silence": Bug(late.stopped_answer_taken_for_silence, seed=5),
    "a correction is not told": Bug(late.correction_not_told, seed=13),
    "what came and went between two checks is not told": Bug(
        late.what_came_and_went_is_not_told, seed=126
    ),
    "what was told is told again after its end": Bug(late.told_again_after_its_end),
    "what was before a project was new or edited is told": Bug(late.history_is_news),
    "a channel that asked to wait is not left alone": Bug(sent.asked_to_wait_ignored, seed=19),
    "each project tells of a shared cause": Bug(judged.each_project_tells_of_a_shared_cause),
    "a channel that comes to need a shared alert is left out": Bug(
        judged.joined_channels_not_notified, seed=1403
    ),
    "a refused notice is dropped before its report is stored": Bug(
        sent.refused_notice_dropped_before_its_report, seed=6
    ),
    "a notice that waits is not reported": Bug(sent.waiting_notice_not_reported),
    "a failed send is reported as not tried": Bug(sent.failed_send_reported_as_not_tried),
    "a notice that waits is reported as withheld": Bug(sent.waiting_notice_reported_as_withheld),
}
