"""``gradioproxy completion``: what makes a shell complete commands, apps, endpoints and options."""

from __future__ import annotations

import os
import shlex

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from .output import print_text

_EPILOG = """\b
Examples:
  eval "$(gradioproxy completion bash)"     in ~/.bashrc
  eval "$(gradioproxy completion zsh)"      in ~/.zshrc
  gradioproxy completion fish | source      in ~/.config/fish/config.fish
"""

_BASH = """\
%(complete_func)s() {
    local item kind
    COMPREPLY=()
    while IFS= read -r item; do
        kind="${item%%%%,*}"
        item="${item#*,}"
        case "$kind" in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$item") ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class ColonBashComplete(BashComplete):
    """Completion for bash, which takes the colons of addresses for the ends of words."""

    name = "bash"
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and that one."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        if not words or line[-1:].isspace():
            return words[1:], ""
        return words[1:-1], words[-1]

    def format_completion(self, item: CompletionItem) -> str:
        """Return a line for the script: a kind, and what takes the place of what bash completes."""
        incomplete = self.get_completion_args()[1]
        # Names and choices are a stranger's, and bash would run what is in ``$(…)``.
        value = shlex.quote(item.value) if item.type == "plain" else item.value
        if (
            value == item.value
            and ":" in os.environ.get("COMP_WORDBREAKS", ":")
            and ":" in incomplete
        ):
            value = value[incomplete.rindex(":") + 1 :]
        return f"{item.type},{value}"


@click.command(
    name="completion",
    epilog=_EPILOG,
    short_help="What makes a shell complete these commands.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, /, shell: str) -> None:
    """Print what makes a SHELL complete commands and options.

    Also the apps that were used before, their endpoints, parameters and choices: no request is made
    for that.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}", context)
    program = context.find_root()
    name = program.info_name or "gradioproxy"
    print_text(kind(program.command, {}, name, f"_{name.upper()}_COMPLETE").source())
