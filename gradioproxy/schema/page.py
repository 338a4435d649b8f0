"""What the page around a function says of it: what is shown, what changes what, what calls what.

Rule: which components are parameters and results is decided in `places`, and not by what is shown.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from ..text import one_line
from .endpoint import Target, Trigger
from .places import is_number, read_component_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .endpoint import JSON, Choice

    Raw = Mapping[str, JSON]

# A chain of events longer than this leads nowhere; one that leads to itself is among them.
MAX_CHAIN = 50
MAX_LABEL = 60


def unseen_components(layout: JSON, components: Mapping[int, Raw]) -> frozenset[int]:
    """Return the components that the page does not show at first.

    Args:
        layout: The tree of numbers that ``/config`` has.
        components: The components by number.

    Returns:
        The numbers of those that are invisible themselves, or stand in what is.
    """
    unseen = {number for number, raw in components.items() if not _is_visible(raw)}
    todo = [(layout, False)]
    while todo:
        node, inside = todo.pop()
        if not isinstance(node, dict):
            continue
        number, children = node.get("id"), node.get("children")
        known = number if is_number(number) else None
        inside = inside or known in unseen
        if inside and known is not None:
            unseen.add(known)
        todo += [(child, inside) for child in children] if isinstance(children, list) else []
    return frozenset(unseen)


def changed_components(
    functions: Mapping[int, Raw], components: Mapping[int, Raw]
) -> frozenset[int]:
    """Return the components whose choices and limits a function of the app could change.

    Args:
        functions: The functions by number, as ``/config`` has them.
        components: The components by number.

    Returns:
        The numbers of the components that are outputs; not of what only the browser runs (the
        button that clears an `Interface`), of which the server knows nothing, or what puts an
        example into its inputs, which sets values alone.
    """
    return frozenset(
        number
        for raw in functions.values()
        if raw.get("backend_fn") is not False and not _puts_example(raw, components)
        for number in _numbers(raw.get("outputs"))
    )


def find_trigger(
    raw: Raw,
    functions: Mapping[int, Raw],
    components: Mapping[int, Raw],
    label_of: Callable[[object], str],
) -> Trigger | None:
    """Return what on the page calls a function.

    Args:
        raw: The function, as ``/config`` has it.
        functions: All of them by number.
        components: The components by number.
        label_of: Makes text of a label, which can be a translation.

    Returns:
        The first of what calls it, one with a label before others; where it follows another
        function, what calls that one; ``None`` if the description names none.
    """
    follows = False
    for _ in range(MAX_CHAIN):
        found = [
            _trigger(event, components.get(number) if number is not None else None, label_of)
            for event, number in _targets(raw)
        ]
        known = [trigger for trigger in found if trigger is not None]
        labelled = [trigger for trigger in known if trigger.label]
        if known:
            return replace((labelled or known)[0], follows=follows)
        after = raw.get("trigger_after")
        before = functions.get(after) if is_number(after) else None
        if before is None:
            return None
        raw, follows = before, True
    return None


def find_target(raw: Raw, components: Mapping[int, Raw]) -> Target | None:
    """Return the first component's event that calls a function, if one does."""
    for event, number in _targets(raw):
        if number is not None:
            kind = one_line(components.get(number, {}).get("type") or "", MAX_LABEL).lower()
            return Target(number, event, kind)
    return None


def _trigger(event: str, source: Raw | None, label_of: Callable[[object], str]) -> Trigger | None:
    """Return an event of a component, or of the page; ``None`` for what says nothing."""
    if source is None:
        return Trigger(event) if event == "load" else None
    kind = one_line(source.get("type") or "", MAX_LABEL).lower()
    label = _label(kind, source.get("props"), label_of)
    says_nothing = not kind or (not label and event == "click")
    return None if says_nothing else Trigger(event, kind, label)


def is_empty_on_page(value: JSON, choices: tuple[Choice, ...] | None, *, shown: bool) -> bool:
    """Tell whether the page sends nothing for a component that nobody touches, and means it.

    Nobody can fill in what is not shown, and "nothing" may be one of the choices.
    """
    chosen = any(choice.value is None for choice in choices or ())
    return value is None and (chosen or not shown)


def read_label(label: object, translations: object, limit: int = 200) -> str:
    """Return what a label says.

    Args:
        label: A text, or what stands for one in several languages.
        translations: The app's own translations by language.
        limit: The longest text.

    Returns:
        The text on one line; empty if there is none.
    """
    label = _translation(label, translations)
    if isinstance(label, dict):
        label = next((text for text in label.values() if isinstance(text, str)), "")
    return one_line(label, limit) if isinstance(label, str | int | float) else ""


def _translation(label: object, translations: object) -> object:
    """Return what a label says that the browser would translate, in English if there is any.

    Such a label is ``{"key": ...}``, or the same as text behind ``__i18n__``.
    """
    if isinstance(label, str) and label.startswith("__i18n__{"):
        try:
            label = json.loads(label.removeprefix("__i18n__"))
        except (ValueError, RecursionError):
            return label
    key = label.get("key") if isinstance(label, dict) else None
    if not isinstance(key, str):
        return label
    languages = translations if isinstance(translations, dict) else {}
    for known in (languages.get("en"), *languages.values()):
        if isinstance(known, dict) and isinstance(known.get(key), str):
            return known[key]
    return key


def _targets(raw: Raw) -> Iterator[tuple[str, int | None]]:
    """Yield event and component of each target: pairs, or numbers alone before Gradio 3.50."""
    targets = raw.get("targets")
    for target in targets if isinstance(targets, list) else []:
        pair = target if isinstance(target, list) else [target, raw.get("trigger")]
        if len(pair) == 2 and isinstance(pair[1], str):  # noqa: PLR2004
            number = pair[0] if is_number(pair[0]) else None
            yield one_line(pair[1], MAX_LABEL), number


def _label(kind: str, properties: JSON, label_of: Callable[[object], str]) -> str:
    if not isinstance(properties, dict):
        return ""
    # What stands on a button is its value.
    name = "value" if kind.endswith("button") else "label"
    return one_line(label_of(properties.get(name)), MAX_LABEL)


def _is_visible(raw: Raw) -> bool:
    properties = raw.get("props")
    # Gradio 6 has "hidden" for what is on the page and not seen.
    return not isinstance(properties, dict) or properties.get("visible") not in (False, "hidden")


def _puts_example(raw: Raw, components: Mapping[int, Raw]) -> bool:
    """Tell whether a function is Gradio's own that puts an example where its inputs are."""
    name, inputs = raw.get("api_name"), _numbers(raw.get("inputs"))
    # It had no name before 4.13, and goes past the queue.
    named = name.startswith("load_example") if isinstance(name, str) else raw.get("queue") is False
    of_dataset = len(inputs) == 1 and components.get(inputs[0], {}).get("type") == "dataset"
    return named and of_dataset


def _numbers(value: JSON) -> list[int]:
    return [one for one in value if is_number(one)] if isinstance(value, list) else []


def find_part(raw: Raw, components: Mapping[int, Raw]) -> int | None:
    """Return the part of the page that a function makes anew, with functions in it.

    Args:
        raw: What ``/config`` says of the function: it is one of ``gr.render``, or makes none.
        components: The components of the page by their numbers.
    """
    outputs = read_component_numbers(raw, "outputs")
    if len(outputs) != 1 or outputs[0] is None:
        return None
    if "render_id" in raw:
        return outputs[0] if is_number(raw["render_id"]) else None
    # Gradio 4 and early releases of 5 don't say so: it is hidden, and its part shows progress, as
    # no row and no column does by itself.
    part = components.get(outputs[0], {})
    properties = part.get("props")
    is_one = (
        "rendered_in" in raw
        and raw.get("show_api") is False
        and part.get("type") in {"column", "row"}
        and isinstance(properties, dict)
        and properties.get("show_progress") is True
    )
    return outputs[0] if is_one else None


def is_rendered(raw: Raw) -> bool:
    """Tell whether a function was made by another one, while the app ran."""
    return is_number(raw.get("rendered_in"))


def runs_at_load(raw: Raw) -> bool:
    """Tell whether the page calls a function when it is loaded."""
    targets = raw.get("targets")
    return isinstance(targets, list) and any(
        isinstance(target, list) and target[1:] == ["load"] for target in targets
    )
