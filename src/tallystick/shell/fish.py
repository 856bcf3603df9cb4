"""The shell fish: the script in its own words; the proxy is asked by whatever is at hand, for fish cannot."""

import os
from typing import Final

from tallystick.shell.posix import ASKING
from tallystick.shell.script import filled
from tallystick.shell.shell import Person, Places, Shell

_SCRIPT: Final = r"""# Tallystick: leads coding tools through its proxy, as long as that answers.
function __tally_value --argument-names name address
    # Prints what a variable holds while the proxy at an address is used.
    switch $name
        case @PROXIES@
            echo -n $address
        case @SWITCHES@
            echo -n 1
        case @ADDING@
            echo -n @EXTRA@
        case @EXCEPTIONS@
            set -l order _TALLY_OWN_NO_PROXY _TALLY_OWN_no_proxy
            test $name = NO_PROXY; or set order $order[2 1]
            set -l given ''
            if set -q $order[1]
                set given $$order[1]
            else if set -q $order[2]
                set given $$order[2]
            end
            for host in @LOCAL@
                string match -q -- "*,$host,*" ",$given,"; and continue
                test -n "$given"; and set given "$given,$host"; or set given $host
            end
            echo -n $given
        case '*'
            echo -n @BUNDLE@
    end
end
function __tally_leave --argument-names name own
    # Whether a variable is left to the person: it names certificates that the bundle does not hold.
    switch $name
        case @PROXIES@ @EXCEPTIONS@ @SWITCHES@
            return 1
        case @WHERE_SET@
            test -n "$own"; or return 0
    end
    test -n "$own"; or return 1
    if test -r @NAMED@
        while read -l line
            test "$line" = "$name=$own"; and return 1
        end < @NAMED@
    end
    return 0
end
function __tally_take --argument-names address
    # Sets each variable; what is in them and is not ours is the person's, and is noted.
    for name in @NAMES@
        if set -q _TALLY_PROXY; and set -q $name
            test "$$name" = (__tally_value $name $_TALLY_PROXY | string collect); and continue
        end
        if set -q $name
            set -gx _TALLY_OWN_$name "$$name"
        else
            set -e _TALLY_OWN_$name
        end
    end
    for name in @NAMES@
        set -l note _TALLY_OWN_$name
        set -l own ''
        set -q $note; and set own "$$note"
        if __tally_leave $name "$own"
            set -e $note
            continue
        end
        set -gx $name (__tally_value $name $address | string collect)
    end
    set -gx _TALLY_PROXY $address
end
function __tally_release
    # Gives each variable back what the person had in it; what was changed since stays.
    for name in @NAMES@
        set -q $name; or continue
        test "$$name" = (__tally_value $name $_TALLY_PROXY | string collect); or continue
        set -l note _TALLY_OWN_$name
        set -e -g $name
        if set -q $note
            set -q $name; and test "$$name" = "$$note"; or set -gx $name "$$note"
        end
    end
    for name in @NAMES@
        set -e _TALLY_OWN_$name
    end
    set -e _TALLY_PROXY
end
function __tally_port
    # Prints the port when the proxy answers.
    test "$TALLY_SHELL" != off; and test -r @PROXY@; and test -s @EXTRA@; and test -s @BUNDLE@; or return 1
    read -l -z told < @PROXY@
    set -l port (string match -r '"port":\s*(\d+)' -- $told)[2]
    set -l pid (string match -r '"pid":\s*(\d+)' -- $told)[2]
    test -n "$port"; and test -n "$pid"; or return 1
    # One that hangs takes 0.3 s to find out: for ten seconds it is not asked again.
    if test "$told" = "$_tally_silent"
        set -l since (math (command date +%s) - $_tally_since)
        test $since -ge 0; and test $since -lt 10; and return 1
    end
    if __tally_ask $pid $port
        set -e -g _tally_silent
        echo $port
    else
        set -g _tally_silent $told
        set -g _tally_since (command date +%s)
        return 1
    end
end
function __tally_ask --argument-names pid port
    # Its process too: after a crash somebody else may listen there.
    if command -q bash
        BASH_ENV= command bash -c @ASKING@ - $port $pid 2>/dev/null
    else
        # Not nc: several close their half once they have asked, and the proxy gives such a caller no answer.
        command kill -0 $pid 2>/dev/null; or return 1
        command curl -s -f -m 0.3 --noproxy '*' -o /dev/null http://127.0.0.1:$port/health 2>/dev/null
    end
end
function __tally_look --argument-names all
    # Once more with everything when asked to: what this shell was started with may not be all ours.
    if set -l port (__tally_port)
        if string match -q -r -- "^http://(.*@)?127\.0\.0\.1:$port\$" "$_TALLY_PROXY"
            # With a name before the address it was set for one run of a tool.
            test -n "$all"; and __tally_take $_TALLY_PROXY
        else
            __tally_take http://127.0.0.1:$port
        end
    else if set -q _TALLY_PROXY
        __tally_release
    end
end
function __tally_prompt --on-event fish_prompt
    # fish keeps the code of the last command by itself.
    __tally_look ''
end
__tally_look all
"""


def quoted(text: str) -> str:
    """Return a text as fish takes it for itself: in single quotes only the backslash and the quote mean something."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _file(person: Person) -> str:
    config = person.environ.get("XDG_CONFIG_HOME") or os.path.join(person.home, ".config")
    return os.path.join(config, "fish", "conf.d", "tallystick.fish")


def _line(script: str) -> str:
    return f"test -r {quoted(script)}; and source {quoted(script)}"


def _export(name: str, value: str) -> str:
    return f"set -gx {name} {quoted(value)}"


def _script(places: Places) -> str:
    asking = f'asked() {{\n  {ASKING}\n}}\nkill -0 "$2" && asked "$1"'
    return filled(_SCRIPT.replace("@ASKING@", quoted(asking)), places, quoted, " ".join, " ".join)


FISH: Final = Shell("fish", "fish", "fish", _file, _line, _script, _export)
