"""The shells bash and zsh: one script, which differs in how the proxy is asked and in how a prompt is waited for."""

import os
from shlex import quote
from typing import Final

from tallystick.shell.script import filled
from tallystick.shell.shell import Person, Places, Shell

ASKING: Final = r"""# For bash: whether the proxy at port $1 answers. A connection that nobody takes hangs for minutes: it is another process's.
  local said= before=${!-} limit=0.3
  # Bash 3 knows whole seconds only, and does not tell in $! which process that is.
  case $BASH_VERSION in [123].*) limit=1 ;; esac
  IFS= read -r -t "$limit" said < <(
    exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET /health HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$1" >&3 &&
      IFS= read -r -t 1 said <&3 && printf '%s\n' "$said"
  )
  if [ "${!-}" != "$before" ]; then kill "$!"; fi
  [[ $said == HTTP/1.[01]' 200 '* ]]"""
"""The body of a function; it may write to stderr."""
_BODY: Final = r"""# Tallystick: leads coding tools through its proxy, as long as that answers.
_tally_value() {
  # Sets _tally_given: what variable $1 holds while the proxy at $2 is used.
  local host=
  case $1 in
    @PROXIES@) _tally_given=$2 ;;
    @SWITCHES@) _tally_given=1 ;;
    @ADDING@) _tally_given=@EXTRA@ ;;
    @EXCEPTIONS@)
      if [ "$1" = NO_PROXY ]; then _tally_given=${_TALLY_OWN_NO_PROXY-${_TALLY_OWN_no_proxy-}}
      else _tally_given=${_TALLY_OWN_no_proxy-${_TALLY_OWN_NO_PROXY-}}; fi
      for host in @LOCAL@; do
        case ",$_tally_given," in *",$host,"*) ;; *) _tally_given="${_tally_given:+$_tally_given,}$host" ;; esac
      done ;;
    *) _tally_given=@BUNDLE@ ;;
  esac
}
_tally_leave() {
  # Whether variable $1 is left to the person, who has $2 in it: it names certificates that the bundle does not hold.
  local line=
  case $1 in
    @PROXIES@|@EXCEPTIONS@|@SWITCHES@) return 1 ;;
    @WHERE_SET@) [ -n "$2" ] || return 0 ;;
  esac
  [ -n "$2" ] || return 1
  while IFS= read -r line; do
    if [ "$line" = "$1=$2" ]; then return 1; fi
  done 2>/dev/null < @NAMED@
  return 0
}
_tally_take() {
  # Sets each variable for the proxy at $1; what is in them and is not ours is the person's, and is noted.
  local name= now= there= own= _tally_given=
  for name in @NAMES@; do
    eval "now=\${$name-} there=\${$name+x}"
    if [ -n "${_TALLY_PROXY-}" ]; then
      _tally_value $name "$_TALLY_PROXY"
      if [ "$there$now" = "x$_tally_given" ]; then continue; fi
    fi
    if [ -n "$there" ]; then export "_TALLY_OWN_$name=$now"; else unset "_TALLY_OWN_$name"; fi
  done
  for name in @NAMES@; do
    eval "own=\${_TALLY_OWN_$name-}"
    if _tally_leave $name "$own"; then unset "_TALLY_OWN_$name"; continue; fi
    _tally_value $name "$1"
    export "$name=$_tally_given"
  done
  export _TALLY_PROXY="$1"
}
_tally_release() {
  # Gives each variable back what the person had in it; what was changed since stays.
  local name= now= there= own= _tally_given=
  for name in @NAMES@; do
    eval "now=\${$name-} there=\${_TALLY_OWN_$name+x} own=\${_TALLY_OWN_$name-}"
    _tally_value $name "$_TALLY_PROXY"
    if [ "$now" != "$_tally_given" ]; then continue; fi
    if [ -n "$there" ]; then export "$name=$own"; else unset $name; fi
  done
  for name in @NAMES@; do unset "_TALLY_OWN_$name"; done
  unset _TALLY_PROXY
}
_tally_answers() {
  # Sets _tally_port when the proxy answers. No program is started for it, and a file that is gone is the end of it.
  local told= pid= now=${SECONDS-}
  if [ "${TALLY_SHELL-}" = off ] || ! [ -r @PROXY@ ] || ! [ -s @EXTRA@ ] || ! [ -s @BUNDLE@ ]; then return 1; fi
  IFS= read -r -d '' told 2>/dev/null < @PROXY@
  case $told in *\"port\"*) ;; *) return 1 ;; esac
  case $told in *\"pid\"*) ;; *) return 1 ;; esac
  _tally_port=${told#*\"port\"} pid=${told#*\"pid\"}
  _tally_port=${_tally_port#"${_tally_port%%[0-9]*}"} pid=${pid#"${pid%%[0-9]*}"}
  _tally_port=${_tally_port%%[!0-9]*} pid=${pid%%[!0-9]*}
  # Its process too: after a crash somebody else may listen there.
  kill -0 "$pid" 2>/dev/null || return 1
  # One that hangs takes 0.3 s to find out: for ten seconds it is not asked again. In zsh SECONDS may have a fraction.
  now=${now%%.*}
  if [ "$told" = "${_tally_silent-}" ] && [ "$now" -ge "$_tally_since" ] && [ "$now" -lt $((_tally_since + 10)) ]; then
    return 1
  fi 2>/dev/null
  if _tally_ask "$_tally_port"; then _tally_silent=; return 0; fi
  _tally_silent=$told _tally_since=$now
  return 1
}
_tally_look() {
  # Once more with everything when $1 is not empty: what this shell was started with may not be all ours.
  local _tally_port=
  if _tally_answers; then
    case ${_TALLY_PROXY-} in
      # With a name before the address it was set for one run of a tool.
      http://127.0.0.1:$_tally_port|http://*@127.0.0.1:$_tally_port) if [ -n "$1" ]; then _tally_take "$_TALLY_PROXY"; fi ;;
      *) _tally_take "http://127.0.0.1:$_tally_port" ;;
    esac
  elif [ -n "${_TALLY_PROXY-}" ]; then
    _tally_release
  fi
}
"""
_BASH: Final = r"""_tally_ask() {
  # Apart, for $! is the person's.
  local none=
  none=$(_tally_asked "$1" 2>/dev/null)
}
_tally_prompt() {
  local code=$?
  _tally_look ''
  return $code
}
_tally_look all
case "${PROMPT_COMMAND[*]-}" in
  *_tally_prompt*) ;;
  *)
    case "$(declare -p PROMPT_COMMAND 2>/dev/null)" in
      'declare -a'*) PROMPT_COMMAND=(_tally_prompt "${PROMPT_COMMAND[@]}") ;;
      *) PROMPT_COMMAND="_tally_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}" ;;
    esac ;;
esac
"""
_ZSH: Final = r"""_tally_ask() {
  # A connection that nobody takes hangs for minutes: it is another process's.
  local said= line=
  zmodload zsh/net/tcp zsh/system 2>/dev/null || return 1
  # Not read < <(...), which waits until that has ended.
  exec {line}< <(_tally_asked $1 2>/dev/null)
  IFS= read -r -t 0.3 -u $line said
  kill $sysparams[procsubstpid] 2>/dev/null
  exec {line}<&-
  [[ $said == HTTP/1.[01]' 200 '* ]]
}
_tally_asked() {
  local REPLY= said=
  ztcp 127.0.0.1 $1 && print -rnu $REPLY -- "GET /health HTTP/1.0"$'\r\n'"Host: 127.0.0.1:$1"$'\r\n\r\n' &&
    IFS= read -r -t 1 -u $REPLY said && print -r -- $said
}
_tally_prompt() {
  local code=$?
  emulate -L zsh
  _tally_look ''
  return $code
}
_tally_begin() {
  emulate -L zsh
  _tally_look all
}
_tally_begin
unfunction _tally_begin
autoload -Uz add-zsh-hook && add-zsh-hook precmd _tally_prompt
"""


_ASKED: Final = f"_tally_asked() {{\n  {ASKING}\n}}\n"


def _script(places: Places, rest: str) -> str:
    return filled(_BODY, places, quote, " ".join, "|".join) + rest


def _line(script: str) -> str:
    return f"if [ -r {quote(script)} ]; then . {quote(script)}; fi"


def _export(name: str, value: str) -> str:
    return f"export {name}={quote(value)}"


def _bashrc(person: Person) -> str:
    # Terminals of macOS open login shells, which read no .bashrc.
    login = os.path.join(person.home, ".bash_profile")
    return login if person.platform == "darwin" and os.path.exists(login) else os.path.join(person.home, ".bashrc")


def _zshrc(person: Person) -> str:
    return os.path.join(person.environ.get("ZDOTDIR") or person.home, ".zshrc")


BASH: Final = Shell("bash", "bash", "bash", _bashrc, _line, lambda places: _script(places, _ASKED + _BASH), _export)
ZSH: Final = Shell("zsh", "zsh", "zsh", _zshrc, _line, lambda places: _script(places, _ZSH), _export)
