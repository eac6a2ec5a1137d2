"""`bncalc completion`: what a shell needs to complete calls of bncalc."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

VARIABLE = "_BNCALC_COMPLETE"
"""Set by the scripts below: bncalc then answers a line in COMP_LINE, and runs no command."""


class Shell(StrEnum):
    """A shell that has a script here."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


_SCRIPTS = {
    Shell.bash: """\
_bncalc() {
    local IFS=$'\\n'
    COMPREPLY=($(_BNCALC_COMPLETE=bash COMP_LINE="${COMP_LINE:0:COMP_POINT}" \\
        COMP_WORDBREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null))
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=@] ]]; then compopt -o nospace; fi
}
complete -o default -F _bncalc bncalc
""",
    Shell.zsh: """\
#compdef bncalc
_bncalc() {
    local -a answers
    answers=("${(@f)$(_BNCALC_COMPLETE=zsh COMP_LINE="${(j: :)${(@q)words[1,CURRENT]}}" \\
        "${words[1]}" 2>/dev/null)}")
    answers=("${(@)answers:#}")
    if (( ${#answers} == 0 )); then _files; return; fi
    compadd -S '' -- "${(@M)answers:#*[/=@]}"
    compadd -- "${(@)answers:#*[/=@]}"
}
compdef _bncalc bncalc
""",
    Shell.fish: """\
function __bncalc_answered
    set -lx _BNCALC_COMPLETE fish
    set -lx COMP_LINE (commandline -cp | string collect)
    set -g __bncalc_answers (bncalc 2>/dev/null)
    set -q __bncalc_answers[1]
end
complete -c bncalc -n __bncalc_answered -f -a '$__bncalc_answers'
""",
}


def completion(
    shell: Annotated[
        Shell, typer.Argument(metavar="SHELL", help=f"{', '.join(Shell)}.", show_default=False)
    ],
) -> None:
    """Print the script that completes bncalc commands in a shell.

    Add it to the shell's start-up file: ~/.bashrc, ~/.zshrc after compinit, or for fish a file in
    ~/.config/fish/completions.

    Examples:
    bncalc completion bash >> ~/.bashrc
    bncalc completion zsh >> ~/.zshrc
    bncalc completion fish > ~/.config/fish/completions/bncalc.fish
    """
    from bncalc.cli.answer import deliver

    deliver(_SCRIPTS[shell])


def answer(environment: Mapping[str, str], commands: Mapping[str, str]) -> str:
    """Return the answer to a shell, one candidate a line; nothing where there is none."""
    from bncalc.cli.candidates import answered

    breaks = environment.get("COMP_WORDBREAKS", "") if environment[VARIABLE] == "bash" else ""
    lines = answered(environment.get("COMP_LINE", ""), commands, breaks)
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))
