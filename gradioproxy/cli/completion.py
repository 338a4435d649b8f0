"""``gradioproxy completion``: what makes a shell complete commands, apps, endpoints and options."""

from __future__ import annotations

import os
import re
import shlex

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
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


# As click's, but that empty words are not lost among the others, and that what stands before the
# equals sign of an option stays.
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a plain described response
    local type key about before
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    [[ "${words[CURRENT]}" == --*=* ]] && before="${words[CURRENT]%%%%=*}="
    for type key about in "${(@)response}"; do
        case "$type" in
            dir|file)
                [[ -n "$before" ]] && compset -P 1 '*='
                if [[ "$type" == dir ]]; then _path_files -/; else _path_files -f; fi
                ;;
            plain)
                if [[ "$about" == "_" ]]; then
                    plain+=("$key")
                else
                    described+=("$key:$about")
                fi
                ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -P "$before" -V unsorted -a plain
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

# As click's, but that values with commas are whole, and that options are completed behind an equals
# sign, too.
_FISH = """\
function %(complete_func)s
    set -l before (string match -r -- '^--[^=]*=' (commandline -ct))
    for item in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
            COMP_CWORD=(commandline -ct) %(prog_name)s)
        set -l found (string split -m 1 "," -- $item)
        switch $found[1]
            case dir
                set found (__fish_complete_directories $found[2])
            case file
                set found (__fish_complete_path $found[2])
            case '*'
                set found $found[2]
        end
        for one in $found
            printf '%%s%%s\\n' "$before" $one
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


@add_completion_class
class WordZshComplete(ZshComplete):
    """Completion for zsh."""

    name = "zsh"
    source_template = _ZSH


@add_completion_class
class CommaFishComplete(FishComplete):
    """Completion for fish."""

    name = "fish"
    source_template = _FISH


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
        value = item.value
        if item.type == "plain":
            quoted = _quote_for_bash(value, _find_open_quote(os.environ["COMP_LINE"]))
            if quoted is None:
                return "none,"
            value = quoted
        if (
            value == item.value
            and ":" in os.environ.get("COMP_WORDBREAKS", ":")
            and ":" in incomplete
        ):
            value = value[incomplete.rindex(":") + 1 :]
        return f"{item.type},{value}"


def _find_open_quote(line: str) -> str:
    """Return the quotation mark that is open at the end of a line of bash, if one is."""
    quote, escaped = "", False
    for letter in line:
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif letter == quote:
            quote = ""
        elif not quote and letter in "'\"":
            quote = letter
    return quote


def _quote_for_bash(value: str, quote: str) -> str | None:
    """Return a value as one word, in which nothing is run: it may be a stranger's.

    Args:
        value: The value.
        quote: The quotation mark that is open. With another one, bash would leave that standing
            before the word, and what is in ``$(…)`` outside of any.

    Returns:
        The word; ``None`` if there is none that begins like that.
    """
    if quote != '"':
        return shlex.quote(value)
    # In these, nothing takes its meaning of earlier commands from an exclamation mark.
    return None if "!" in value else '"' + re.sub(r'([\\"$`])', r"\\\1", value) + '"'


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
