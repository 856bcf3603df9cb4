"""PowerShell 5.1 and 7: the script in its own words, around whatever writes the prompt."""

import os
from collections.abc import Iterable
from typing import Final

from tallystick.shell.script import filled
from tallystick.shell.shell import Person, Places, Shell

_QUOTES: Final = "'\u2018\u2019\u201a\u201b"
"""The plain single quote and the typeset ones: each ends a text in single quotes; doubled, one of them stands in it."""
_SCRIPT: Final = r"""# Tallystick: leads coding tools through its proxy, as long as that answers.
function global:__TallyGet([string]$name) { [Environment]::GetEnvironmentVariable($name) }
function global:__TallySet([string]$name, $value) {
    # Not through the Environment class: with an empty text it would take the variable away.
    if ($null -eq $value) { Remove-Item -LiteralPath "Env:$name" -ErrorAction SilentlyContinue }
    else { Set-Item -LiteralPath "Env:$name" -Value $value }
}
function global:__TallyNames {
    $names = @(@NAMES@)
    # Windows knows no case in these names.
    if ($env:OS -eq 'Windows_NT') { $names | Where-Object { $_ -ceq $_.ToUpperInvariant() } } else { $names }
}
function global:__TallyValue([string]$name, [string]$address) {
    # Returns what a variable holds while the proxy at an address is used.
    if (@(@PROXIES@) -ccontains $name) { return $address }
    if (@(@SWITCHES@) -ccontains $name) { return '1' }
    if (@(@ADDING@) -ccontains $name) { return @EXTRA@ }
    if (@(@EXCEPTIONS@) -ccontains $name) {
        $other = if ($name -ceq 'NO_PROXY') { 'no_proxy' } else { 'NO_PROXY' }
        $given = __TallyGet "_TALLY_OWN_$name"
        if ($null -eq $given) { $given = __TallyGet "_TALLY_OWN_$other" }
        foreach ($local in @(@LOCAL@)) {
            if (-not ",$given,".Contains(",$local,")) { $given = if ($given) { "$given,$local" } else { $local } }
        }
        return $given
    }
    return @BUNDLE@
}
function global:__TallyLeave([string]$name, [string]$own) {
    # Whether a variable is left to the person: it names certificates that the bundle does not hold.
    if (@(@PROXIES@, @EXCEPTIONS@, @SWITCHES@) -ccontains $name) { return $false }
    if (-not $own) { return @(@WHERE_SET@) -ccontains $name }
    $held = @(Get-Content -LiteralPath @NAMED@ -Encoding UTF8 -ErrorAction SilentlyContinue)
    return -not ($held -ccontains "$name=$own")
}
function global:__TallyTake([string]$address) {
    # Sets each variable; what is in them and is not ours is the person's, and is noted.
    $before = __TallyGet '_TALLY_PROXY'
    foreach ($name in __TallyNames) {
        $now = __TallyGet $name
        if ($before -and $null -ne $now -and $now -ceq (__TallyValue $name $before)) { continue }
        __TallySet "_TALLY_OWN_$name" $now
    }
    foreach ($name in __TallyNames) {
        if (__TallyLeave $name (__TallyGet "_TALLY_OWN_$name")) { __TallySet "_TALLY_OWN_$name" $null; continue }
        __TallySet $name (__TallyValue $name $address)
    }
    __TallySet '_TALLY_PROXY' $address
}
function global:__TallyRelease {
    # Gives each variable back what the person had in it; what was changed since stays.
    $before = __TallyGet '_TALLY_PROXY'
    foreach ($name in __TallyNames) {
        if ((__TallyGet $name) -ceq (__TallyValue $name $before)) { __TallySet $name (__TallyGet "_TALLY_OWN_$name") }
    }
    foreach ($name in __TallyNames) { __TallySet "_TALLY_OWN_$name" $null }
    __TallySet '_TALLY_PROXY' $null
}
function global:__TallyPort {
    # Returns the port when the proxy answers, and nothing otherwise.
    if ($env:TALLY_SHELL -eq 'off') { return }
    foreach ($file in @(@PROXY@, @EXTRA@, @BUNDLE@)) { if (-not [IO.File]::Exists($file)) { return } }
    $told = [IO.File]::ReadAllText(@PROXY@)
    if ($told -notmatch '"port":\s*(\d+)') { return }
    $port = [int]$Matches[1]
    if ($told -notmatch '"pid":\s*(\d+)') { return }
    # Its process too: after a crash somebody else may listen there.
    if (-not (Get-Process -Id ([int]$Matches[1]) -ErrorAction SilentlyContinue)) { return }
    $client = New-Object Net.Sockets.TcpClient
    try {
        if (-not $client.ConnectAsync('127.0.0.1', $port).Wait(300)) { return }
        # One that is stopped still takes connections.
        $stream = $client.GetStream()
        $stream.ReadTimeout = 300
        $asked = [Text.Encoding]::ASCII.GetBytes("GET /health HTTP/1.0`r`nHost: 127.0.0.1:$port`r`n`r`n")
        $stream.Write($asked, 0, $asked.Length)
        if ((New-Object IO.StreamReader $stream).ReadLine() -match '^HTTP/1\.[01] 200 ') { $port }
    }
    catch { } finally { $client.Dispose() }
}
function global:__TallyLook([bool]$all) {
    # Once more with everything when asked to: what this shell was started with may not be all ours.
    try {
        $port = __TallyPort
        if ($port) {
            # With a name before the address it was set for one run of a tool.
            if ("$env:_TALLY_PROXY" -match "^http://(.*@)?127\.0\.0\.1:$port`$") { if ($all) { __TallyTake $env:_TALLY_PROXY } }
            else { __TallyTake "http://127.0.0.1:$port" }
        }
        elseif ($env:_TALLY_PROXY) { __TallyRelease }
    }
    catch { }
}
if (-not (Test-Path Variable:global:__TallyPrompt)) {
    $global:__TallyPrompt = $function:prompt
    function global:prompt {
        # First what was there, for it may tell of the last command.
        $text = & $global:__TallyPrompt
        $code = $global:LASTEXITCODE
        __TallyLook $false
        $global:LASTEXITCODE = $code
        $text
    }
}
__TallyLook $true
"""


def quoted(text: str) -> str:
    """Return a text as PowerShell takes it for itself."""
    return "'" + "".join(sign * 2 if sign in _QUOTES else sign for sign in text) + "'"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(quoted, words))


def _script(places: Places) -> str:
    return filled(_SCRIPT, places, quoted, _listed, _listed)


def _file(person: Person) -> str:
    if person.platform == "win32":
        return os.path.join(person.home, "Documents", "PowerShell", "profile.ps1")
    config = person.environ.get("XDG_CONFIG_HOME") or os.path.join(person.home, ".config")
    return os.path.join(config, "powershell", "profile.ps1")


def _line(script: str) -> str:
    return f"if (Test-Path -LiteralPath {quoted(script)}) {{ . {quoted(script)} }}"


def _export(name: str, value: str) -> str:
    return f"$env:{name} = {quoted(value)}"


POWERSHELL: Final = Shell("powershell", "PowerShell", "ps1", _file, _line, _script, _export)
