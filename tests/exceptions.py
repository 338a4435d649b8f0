"""The scenarios that do not apply to some versions of Gradio, each with the reason.

Every other test that asks for a version runs against all of them.
"""

from __future__ import annotations

SHARED = (4, 9)
UPLOAD = (3, 19)
LOGS = (3, 36)
STREAMS = (3, 50)
PLAYLISTS = (5, 0)
NO_STREAMS = "3.36 has no outputs that stream, and 3.50 has them"
COMPONENTS = (4, 44)
ALL_COMPONENTS = "the app with an endpoint for each component uses what came until 4.44"

TABS = (4, 22)
UNKNOWN_TABS = "before 4.22 an app's functions can't know the session"

EXCEPTIONS: dict[str, tuple[tuple[int, ...], str]] = {
    "test_a_crowded_app_cancels_no_neighbour": (
        SHARED,
        "before 4.9 every call has a connection of its own, and those beyond the limit wait",
    ),
    "test_a_rewritten_file_is_sent_again": (
        UPLOAD,
        "before 3.19 there is no upload: files are in the call itself, every time",
    ),
    "test_uploads_of_a_session_are_remembered": (UPLOAD, "before 3.19 there is no upload"),
    "test_jobs_and_uploads_are_remembered": (UPLOAD, "before 3.19 there is no upload"),
    "test_files_come_back_when_they_are_used": (
        UPLOAD,
        "before 3.19 the server gives files names of its own",
    ),
    "test_files_go_where_they_are_told": (
        UPLOAD,
        "before 3.19 the server gives files names of its own",
    ),
    "test_files_are_sent_to_the_new_server": (
        UPLOAD,
        "before 3.19 the server gives files names of its own",
    ),
    "test_files_inside_objects": (
        UPLOAD,
        "before 3.19 files are in the call itself, and have no server's name",
    ),
    "test_what_the_app_tells_people": (LOGS, "gr.Info and gr.Warning came with 3.36"),
    "test_closing_a_session_runs_the_unload_handlers": (
        (4, 29),
        "before 4.29 an app does not say whether it wants a heartbeat",
    ),
    "test_a_cancelled_call_past_the_queue_holds_nobody_up": (
        (3, 23),
        "3.16 does not say which functions are generators, whose next value has to be waited for",
    ),
    "test_calls_one_after_the_other_share_the_sessions_hash": (TABS, UNKNOWN_TABS),
    "test_each_session_is_a_tab_of_its_own": (TABS, UNKNOWN_TABS),
    "test_calls_that_overlap_have_hashes_of_lanes": (TABS, UNKNOWN_TABS),
    "test_a_session_goes_on_after_a_call_that_was_cancelled": (TABS, UNKNOWN_TABS),
    "test_every_call_or_none_is_apart": (TABS, UNKNOWN_TABS),
    "test_a_login_changes_nothing": (TABS, UNKNOWN_TABS),
    "test_every_hash_is_told_to_have_ended": (TABS, UNKNOWN_TABS),
    "test_a_forked_child_is_another_tab": (TABS, UNKNOWN_TABS),
    "test_the_apps_own_checks": ((5, 45), "validators came with 5.45"),
    "test_streamed_inputs_take_one_value": (
        (5,),
        "before 5.0 each chunk of a streamed input is a call like any other",
    ),
    "test_tones_come_back_as_one_file": (STREAMS, NO_STREAMS),
    "test_samples_come_back_as_one_file": (STREAMS, NO_STREAMS),
    "test_a_stream_beside_another_result": (STREAMS, NO_STREAMS),
    "test_a_partial_result_can_be_used_while_the_call_runs": (STREAMS, NO_STREAMS),
    "test_what_came_before_an_error_can_be_used": (STREAMS, NO_STREAMS),
    "test_a_stream_outlives_its_session": (STREAMS, NO_STREAMS),
    "test_a_stream_can_be_passed_on": (STREAMS, NO_STREAMS),
    "test_a_stream_goes_where_files_go": (STREAMS, NO_STREAMS),
    "test_a_stream_without_an_end_can_be_cancelled": (STREAMS, NO_STREAMS),
    "test_clips_come_back_as_one_film": (PLAYLISTS, "before 5.0 video can't be streamed"),
    "test_no_component_is_forgotten": (COMPONENTS, ALL_COMPONENTS),
    "test_answers_are_those_of_the_official_client": (COMPONENTS, ALL_COMPONENTS),
    "test_what_came_out_goes_in_again": (COMPONENTS, ALL_COMPONENTS),
    "test_defaults_of_all_are_what_annotations_say": (COMPONENTS, ALL_COMPONENTS),
    "test_what_is_given_is_sent": (COMPONENTS, ALL_COMPONENTS),
    "test_what_else_a_component_takes": (COMPONENTS, ALL_COMPONENTS),
    "test_results_are_copied_and_pickled": (COMPONENTS, ALL_COMPONENTS),
    "test_a_check_shows_what_would_be_sent": (COMPONENTS, ALL_COMPONENTS),
    "test_numbers_of_images_mean_what_they_mean_to_gradio": (COMPONENTS, ALL_COMPONENTS),
    "test_numbers_of_sounds_mean_what_they_mean_to_gradio": (COMPONENTS, ALL_COMPONENTS),
}
"""By the test's name: the first version to which it applies, and the reason."""
