"""Each module of the package has the file of its tests, where everybody looks for it."""

from __future__ import annotations

from pathlib import Path

import gradioproxy

PACKAGE = Path(gradioproxy.__file__).parent
UNIT = Path(__file__).resolve().parents[1] / "unit"
ELSEWHERE = {
    "__main__": "unit/cli/test_root.py",
    "_pickling": "contract/test_pickles.py",
    "_version": "a number",
    "builtin": "by those who use it, in unit/values/test_encode.py",
    "calls.async_iteration": "unit/calls/test_job.py",
    "calls.call_journal": "a protocol, which is a type",
    "calls.described": "two protocols, which are types",
    "calls.engine": "integration/test_secrets.py and servers/test_calls.py",
    "calls.feed": "servers/test_feeds.py",
    "calls.future": "unit/calls/test_job.py",
    "calls.iteration": "unit/calls/test_job.py",
    "calls.lane": "integration/test_lanes.py",
    "calls.posting": "integration/test_lanes.py",
    "calls.progress": "environment/test_terminal.py",
    "calls.reader": "integration/test_lanes.py",
    "calls.record": "unit/calls/test_call.py and unit/calls/test_job.py",
    "calls.moving": "unit/client/test_replicas.py",
    "calls.replica": "unit/client/test_replicas.py",
    "calls.replica_engine": "unit/client/test_replicas.py and servers/test_replicas.py",
    "calls.scheduler": "integration/test_lanes.py",
    "calls.sight": "unit/calls/test_display.py",
    "calls.settle": "integration/test_lanes.py",
    "calls.status": "unit/calls/test_job.py",
    "calls.watching": "unit/mcp/test_reports.py",
    "calls.under_way": "unit/calls/test_job.py and servers/test_calls.py",
    "cli.asking": "unit/cli/test_hub.py",
    "cli.call": "servers/test_command_line.py",
    "cli.completion": "environment/test_command_line_completion.py",
    "cli.doctor": "unit/cli/test_root.py",
    "cli.endpoint": "servers/test_command_line.py",
    "cli.exit_codes": "unit/cli/test_failures.py",
    "cli.export": "servers/test_command_line_exports.py",
    "cli.info": "servers/test_command_line.py",
    "client.advice": "integration/test_diagnose.py",
    "cli.lock": "servers/test_command_line_locks.py",
    "cli.mcp": "servers/test_mcp.py",
    "cli.shell": "environment/test_command_line_shell.py",
    "client.connect": "unit/client/test_registry.py",
    "client.connection": "unit/client/test_collisions.py",
    "client.diagnose": "integration/test_diagnose.py and servers/test_diagnose.py",
    "client.display": "unit/client/test_discovery.py and environment/test_prompt.py",
    "client.examination": "integration/test_diagnose.py and servers/test_diagnose.py",
    "client.exported_calls": "unit/client/test_exported.py and servers/test_export.py",
    "client.function_maker": "unit/client/test_app_module.py",
    "client.function_set": "unit/client/test_collisions.py",
    "client.inbox": "servers/test_primitives.py, unit/test_limits.py and unit/calls/test_call.py",
    "client.info": "unit/client/test_open.py",
    "client.make_session": "unit/client/test_registry.py and unit/test_uncopyable.py",
    "client.opening": "unit/client/test_app_module.py and unit/test_uncopyable.py",
    "client.page_load": "servers/test_rendered.py",
    "client.primitive": "servers/test_primitives.py",
    "client.replica_apps": "unit/client/test_replicas.py",
    "client.session": "unit/client/test_collisions.py and servers/test_calls.py",
    "client.sessions": "unit/client/test_registry.py",
    "client.tool_call": "servers/test_tools.py",
    "client.unpickle": "unit/client/test_app_module.py",
    "client.worker_sessions": "servers/test_executors.py",
    "files.call_end": "unit/files/test_live.py and unit/files/test_stream_download.py",
    "files.call_files": "servers/test_streams.py and unit/files/test_stream.py",
    "files.download": "unit/files/test_file.py",
    "files.filedata": "unit/files/test_payload.py",
    "files.image_size": "unit/files/test_blanks.py",
    "files.spool": "unit/files/test_live.py",
    "functions.calling": "a protocol, which is a type",
    "functions.caller": "integration/test_secrets.py and servers/test_calls.py",
    "functions.executor_calls": "servers/test_executors.py",
    "functions.check": "integration/test_secrets.py and integration/test_hostile.py",
    "functions.file_like": "unit/functions/test_annotations.py",
    "functions.function": "unit/client/test_create.py",
    "functions.module_source": "unit/client/test_export.py and integration/test_hostile_exports.py",
    "functions.settings": "unit/client/test_collisions.py",
    "functions.signature": "unit/functions/test_codegen.py",
    "functions.table_like": "environment/test_exported_types.py",
    "functions.value_shapes": "unit/functions/test_annotations.py",
    "functions.tool_calls": "servers/test_tools.py",
    "hub.address": "unit/hub/test_locate.py",
    "hub.failures": "unit/hub/test_rest.py",
    "hub.functions": "unit/hub/test_rest.py",
    "hub.records": "unit/hub/test_rest.py",
    "ipython.extension": "environment/test_ipython.py",
    "ipython.shell": "environment/test_ipython.py",
    "ipython.showing": "environment/test_notebook.py",
    "mcp.apps": "servers/test_mcp.py",
    "mcp.bounds": "numbers",
    "mcp.clients": "servers/test_mcp.py and servers/test_mcp_http.py",
    "mcp.ending": "servers/test_mcp_ends.py",
    "mcp.resources": "servers/test_mcp.py and servers/test_mcp_bounds.py",
    "mcp.server": "servers/test_mcp.py",
    "mcp.stdio": "servers/test_mcp_ends.py",
    "notices": "unit/client/test_collisions.py and unit/calls/test_history.py",
    "many.chunk": "unit/many/test_chunk_runner.py and unit/many/test_worker.py",
    "many.dask_workers": "servers/test_clusters.py",
    "many.entry": "servers/test_journals.py",
    "many.executors": "servers/test_executors.py",
    "many.feeding": "unit/many/test_chunk_runner.py",
    "many.losses": "servers/test_executors.py",
    "many.pending": "unit/many/test_chunk_runner.py",
    "many.journal": "servers/test_journals.py",
    "many.ledger": "a protocol, and what knows nothing",
    "many.runner": "two protocols, which are types",
    "many.session_runner": "servers/test_mapping.py and integration/test_interrupts.py",
    "many.thread_runner": "servers/test_executors.py",
    "many.workers": "two protocols, which are types",
    "protocols.cancelling": "unit/protocols/test_conformance.py",
    "protocols.conversation": "unit/protocols/test_conformance.py",
    "protocols.events": "unit/protocols/test_messages.py",
    "protocols.machine": "unit/protocols/test_conformance.py",
    "protocols.settling": "unit/protocols/test_sse_v1.py",
    "protocols.states": "unit/protocols/test_sse_v1.py",
    "schema.entries": "unit/schema/test_parse.py",
    "schema.gradio3": "servers/test_components_before.py and unit/schema/test_parse.py",
    "schema.limits": "unit/schema/test_shape.py and unit/schema/test_match.py",
    "stable_names": "contract/test_pickles.py",
    "statuses": "unit/calls/test_job.py",
    "testing.cassette": "unit/testing/test_storage.py",
    "testing.described": "unit/testing/test_faked_app.py",
    "testing.faked_calls": "unit/testing/test_faked_app.py",
    "testing.faked_files": "unit/testing/test_faked_app.py",
    "testing.locked": "unit/testing/test_faked_app.py",
    "testing.performance": "unit/testing/test_peer.py",
    "testing.recorder": "unit/testing/test_sessions.py and servers/test_testing.py",
    "testing.recording": "unit/testing/test_normalizing.py and servers/test_testing.py",
    "testing.uploading": "unit/testing/test_player.py",
    "testing.watched": "servers/test_testing.py",
    "transport.adapter": "unit/transport/test_pool.py",
    "transport.login": "unit/transport/test_connections.py and servers/test_login.py",
    "transport.origin": "unit/transport/test_roads.py",
    "transport.request": "unit/transport/test_http.py",
    "transport.requester": "unit/transport/test_http.py",
    "transport.retry_after": "unit/transport/test_response.py",
    "transport.socks": "unit/transport/test_http.py",
    "transport.text_socket": "unit/transport/test_http.py",
    "transport.whole_response": "unit/transport/test_response.py",
    "values.argument": "unit/values/test_stages.py",
    "values.choices": "unit/values/test_encode.py",
    "values.file_slots": "unit/values/test_encode.py",
    "values.foreign": "unit/values/test_components.py",
    "values.grids": "unit/values/test_components.py",
    "values.kinds": "unit/values/test_encode.py",
    "values.markers": "unit/values/test_encode.py",
    "values.shorthand": "unit/values/test_encode.py",
    "values.union": "unit/values/test_encode.py",
    "values.write": "unit/values/test_encode.py",
}
"""Modules without one, and where they are tested instead; it gets shorter."""

COMMON = {
    "calls.interrupts": "Ctrl-C wherever it can come while calls are under way",
    "fuzzing": "whatever takes in a stranger's bytes",
    "protocols.conformance": "what every machine owes whoever drives it",
    "protocols.shared_calls": "several calls in one conversation",
    "transport.roads": "what holds on every way to a server",
    "values.stages": "what holds at each stage of encoding and decoding",
}
"""Files about several modules."""


def test_each_module_has_its_tests() -> None:
    """Or says where they are; who gets a file is taken from the list."""
    modules = {
        path.relative_to(PACKAGE).with_suffix("")
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }
    without = {
        ".".join(module.parts)
        for module in modules
        if not (UNIT / module.parent / f"test_{module.name}.py").is_file()
    }
    assert without == set(ELSEWHERE)


def test_each_file_of_tests_has_its_module() -> None:
    """Or says what its modules have in common."""
    files = {
        path.relative_to(UNIT).parent / path.stem.removeprefix("test_")
        for path in UNIT.rglob("test_*.py")
    }
    without = {".".join(file.parts) for file in files if not (PACKAGE / f"{file}.py").is_file()}
    assert without == set(COMMON)


def test_what_is_named_instead_is_there() -> None:
    tests = UNIT.parent
    named = [word for reason in ELSEWHERE.values() for word in reason.split() if "/" in word]
    assert [word for word in named if not (tests / word.strip(",")).exists()] == []
