"""The scenarios that do not apply to some versions of Gradio, each with the reason.

Every other test that asks for a version runs against all of them.
"""

from __future__ import annotations

SHARED = (4, 9)
UPLOAD = (3, 19)
LOGS = (3, 36)
COMPONENTS = (4, 44)
ALL_COMPONENTS = "the app with an endpoint for each component uses what came until 4.44"

EXCEPTIONS: dict[str, tuple[tuple[int, ...], str]] = {
    "test_a_crowded_app_cancels_no_neighbour": (
        SHARED,
        "before 4.9 every call has a connection of its own, and those beyond the limit wait",
    ),
    "test_a_rewritten_file_is_sent_again": (
        UPLOAD,
        "before 3.19 there is no upload: files are in the call itself, every time",
    ),
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
    "test_no_component_is_forgotten": (COMPONENTS, ALL_COMPONENTS),
    "test_answers_are_those_of_the_official_client": (COMPONENTS, ALL_COMPONENTS),
    "test_what_else_a_component_takes": (COMPONENTS, ALL_COMPONENTS),
    "test_results_are_copied_and_pickled": (COMPONENTS, ALL_COMPONENTS),
    "test_a_check_shows_what_would_be_sent": (COMPONENTS, ALL_COMPONENTS),
    "test_numbers_of_images_mean_what_they_mean_to_gradio": (COMPONENTS, ALL_COMPONENTS),
    "test_numbers_of_sounds_mean_what_they_mean_to_gradio": (COMPONENTS, ALL_COMPONENTS),
}
"""By the test's name: the first version to which it applies, and the reason."""
