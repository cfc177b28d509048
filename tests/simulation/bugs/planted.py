"""The planted bugs: each replaces one part of the product, for one test.

A fault that the simulation does not find when it is planted would not be found in new code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.simulation.bugs import config, delivery, evaluation, groups, hours, late_data, usual
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
    """A scenario in which it shows: the search begins there."""


BUGS = {
    "sent before it is stored": Bug(wrap=SentBeforeStored, seed=7),
    "a lost race is ignored": Bug(wrap=RaceIgnored, seed=7),
    "a pending notice is not updated": Bug(delivery.pending_notice_not_updated, seed=21),
    "a lease is not respected": Bug(delivery.lease_not_respected, seed=663),
    "a lease is shorter than the function": Bug(delivery.lease_too_short, seed=663),
    "the version is not raised on a record": Bug(version_not_raised_on_record, seed=7),
    "the watermark passes a project that was missed": Bug(
        evaluation.watermark_passes_what_was_missed, seed=64
    ),
    "the watermark of a failed query moves": Bug(evaluation.watermark_moves_on_failure, seed=19),
    "settle is ignored": Bug(evaluation.settle_ignored, seed=36),
    "an open window is used for a lower bound": Bug(
        evaluation.open_window_for_a_lower_bound, seed=122
    ),
    "hysteresis is inverted": Bug(evaluation.hysteresis_inverted, seed=7),
    "a retry changes the id": Bug(delivery.retry_changes_the_id, seed=7),
    "the second channel is skipped after the first failed": Bug(
        delivery.second_channel_skipped_after_the_first_failed, seed=122
    ),
    "missed is not notified": Bug(evaluation.missed_not_notified, seed=1239),
    "superseding is ignored": Bug(delivery.superseding_ignored, seed=122),
    "the dead letter is skipped": Bug(delivery.dead_letter_skipped, seed=122),
    "judged_at is ignored": Bug(evaluation.judged_at_ignored, seed=120),
    "an expired lease is taken for unsent": Bug(delivery.expired_lease_taken_for_unsent, seed=56),
    "an ambiguous answer is taken for a refusal": Bug(
        delivery.ambiguous_answer_taken_for_a_refusal, seed=49
    ),
    "a failed send is taken for accepted": Bug(delivery.failed_send_taken_for_accepted, seed=7),
    "the next notice does not wait for the first": Bug(
        delivery.next_notice_does_not_wait, seed=663
    ),
    "an incident that an edit closed fires under its old id": Bug(
        evaluation.closed_incident_fires_under_its_old_id, seed=672
    ),
    "the first try to read a project is forgotten": Bug(evaluation.first_try_forgotten, seed=19),
    "reminders have no end": Bug(evaluation.reminders_without_end, seed=4),
    "what follows an undeliverable notice does not wait": Bug(
        delivery.notice_after_an_undeliverable_one_is_sent, seed=98
    ),
    "a refused notice holds back others": Bug(delivery.refused_notice_holds_back_others, seed=138),
    "a digest leaves notices out": Bug(delivery.digest_leaves_notices_out, seed=663),
    "a bad channel stops its project": Bug(config.bad_channel_stops_its_project, seed=122),
    "the last good version is forgotten": Bug(config.last_good_version_forgotten, seed=122),
    "late data is taken for no calls": Bug(late_data.late_data_taken_for_no_calls, seed=7),
    "an answer that stops is taken for no calls": Bug(
        late_data.stopped_data_taken_for_no_calls, seed=364
    ),
    "a correction is not notified": Bug(late_data.correction_not_notified, seed=13),
    "a severity between two checks is not notified": Bug(
        late_data.recovered_severity_not_notified, seed=126
    ),
    "an incident is notified again after its end": Bug(
        late_data.notified_again_after_its_end, seed=7
    ),
    "what was before a project was new or edited is notified": Bug(
        late_data.history_notified, seed=1239
    ),
    "a back-off is ignored": Bug(delivery.back_off_ignored, seed=19),
    "each project alerts on a shared cause": Bug(
        evaluation.each_project_alerts_on_a_shared_cause, seed=7
    ),
    "a channel that joins a shared alert is not notified": Bug(
        evaluation.joined_channels_not_notified, seed=1403
    ),
    "a refused notice is dropped before its report is stored": Bug(
        delivery.refused_notice_dropped_before_its_report, seed=364
    ),
    "a notice that waits is not reported": Bug(delivery.waiting_notice_not_reported, seed=122),
    "a failed send is reported as not tried": Bug(
        delivery.failed_send_reported_as_not_tried, seed=7
    ),
    "a notice that waits is reported as withheld": Bug(
        delivery.waiting_notice_reported_as_withheld, seed=98
    ),
    "hours are ignored on open windows": Bug(hours.hours_ignored_on_open_windows, seed=2),
    "M of N is counted across the night": Bug(hours.windows_counted_across_the_night, seed=15),
    "hours are in UTC": Bug(hours.hours_by_the_clock_of_utc, seed=2),
    "the end of hours is taken for recovery": Bug(hours.end_of_hours_taken_for_recovery, seed=5),
    "holidays are ignored": Bug(hours.holidays_ignored, seed=15),
    "the week of the window is usual too": Bug(usual.week_of_the_window_counted, seed=9),
    "weeks are those of UTC": Bug(usual.weeks_of_utc, seed=23),
    "weeks with incidents are usual": Bug(usual.weeks_with_incidents_counted, seed=9),
    "holidays of earlier weeks are usual": Bug(usual.holidays_of_earlier_weeks_counted, seed=35),
    "there is no band around usual": Bug(usual.band_dropped, seed=17),
    "the band ends incidents": Bug(usual.band_needed_to_go_on, seed=9),
    "weeks that cannot be read end incidents": Bug(usual.unread_weeks_taken_for_none, seed=6),
    "the error of a forecast is ignored": Bug(usual.error_of_the_forecast_ignored, seed=6),
    "a trend below usual fires": Bug(usual.trend_below_usual_fires, seed=9),
    "a partial group is taken for whole": Bug(groups.partial_group_taken_for_whole, seed=8),
    "a member is counted twice": Bug(groups.member_counted_twice, seed=12),
    "the largest member is taken for the sum": Bug(groups.largest_member_taken_for_the_sum, seed=9),
    "equal queries are sent for each": Bug(groups.equal_queries_sent_for_each, seed=8),
    "what becomes known of a channel changes nothing": Bug(
        delivery.unknown_channels_never_known, seed=836
    ),
}
