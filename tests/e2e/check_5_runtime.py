"""What was built, under the runtime client of Lambda and the Python that it runs there."""

from __future__ import annotations

import pytest

from tests.integration.test_runtime import (
    around,
    test_a_check_that_is_killed_while_it_sends_leaves_the_notice_to_one_after_its_lease,
    test_a_good_event_is_answered_with_the_report,
    test_a_missing_setting_is_told_by_every_event_and_mended_by_the_next_start,
    test_an_event_that_is_none_is_an_error_and_the_process_goes_on,
    test_code_that_cannot_be_imported_fails_at_the_start_and_the_next_one_works,
)
from tests.integration.test_runtime_deadline import (
    test_a_send_without_time_for_its_own_time_out_is_not_begun_and_the_next_check_sends,
    test_a_silent_project_ends_no_check_and_keeps_the_others_waiting_for_one_at_most,
)
from tests.local.aws import PYTHON
from tests.local.sandbox import Code
from tests.local.stack import BUILD

__all__ = [
    "around",
    "test_a_check_that_is_killed_while_it_sends_leaves_the_notice_to_one_after_its_lease",
    "test_a_good_event_is_answered_with_the_report",
    "test_a_missing_setting_is_told_by_every_event_and_mended_by_the_next_start",
    "test_a_send_without_time_for_its_own_time_out_is_not_begun_and_the_next_check_sends",
    "test_a_silent_project_ends_no_check_and_keeps_the_others_waiting_for_one_at_most",
    "test_an_event_that_is_none_is_an_error_and_the_process_goes_on",
    "test_code_that_cannot_be_imported_fails_at_the_start_and_the_next_one_works",
]


@pytest.fixture(scope="module")
def code() -> Code:
    """The function and its layers as Lambda unpacks them."""
    layers = (BUILD / "DependenciesLayer/python", BUILD / "HeadroomLayer/python")
    return Code(PYTHON, BUILD / "CheckFunction", layers)
