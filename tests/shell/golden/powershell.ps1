# Tallystick: leads coding tools through its proxy, as long as that answers.
function global:__TallyGet([string]$name) { [Environment]::GetEnvironmentVariable($name) }
function global:__TallySet([string]$name, $value) {
    # Not through the Environment class: with an empty text it would take the variable away.
    if ($null -eq $value) { Remove-Item -LiteralPath "Env:$name" -ErrorAction SilentlyContinue }
    else { Set-Item -LiteralPath "Env:$name" -Value $value }
}
function global:__TallyNames {
    $names = @('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy', 'NODE_USE_ENV_PROXY', 'NODE_EXTRA_CA_CERTS', 'CODEX_CA_CERTIFICATE', 'DENO_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT', 'GIT_SSL_CAINFO', 'AWS_CA_BUNDLE', 'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE', 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH', 'NIX_SSL_CERT_FILE', 'HTTPLIB2_CA_CERTS')
    # Windows knows no case in these names.
    if ($env:OS -eq 'Windows_NT') { $names | Where-Object { $_ -ceq $_.ToUpperInvariant() } } else { $names }
}
function global:__TallyValue([string]$name, [string]$address) {
    # Returns what a variable holds while the proxy at an address is used.
    if (@('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy') -ccontains $name) { return $address }
    if (@('NODE_USE_ENV_PROXY') -ccontains $name) { return '1' }
    if (@('NODE_EXTRA_CA_CERTS', 'CODEX_CA_CERTIFICATE', 'DENO_CERT') -ccontains $name) { return 'C:\it''s\extra.pem' }
    if (@('NO_PROXY', 'no_proxy') -ccontains $name) {
        $other = if ($name -ceq 'NO_PROXY') { 'no_proxy' } else { 'NO_PROXY' }
        $given = __TallyGet "_TALLY_OWN_$name"
        if ($null -eq $given) { $given = __TallyGet "_TALLY_OWN_$other" }
        foreach ($local in @('localhost', '127.0.0.1', '::1')) {
            if (-not ",$given,".Contains(",$local,")) { $given = if ($given) { "$given,$local" } else { $local } }
        }
        return $given
    }
    return 'C:\it''s\bundle.pem'
}
function global:__TallyLeave([string]$name, [string]$own) {
    # Whether a variable is left to the person: it names certificates that the bundle does not hold.
    if (@('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy', 'NODE_USE_ENV_PROXY') -ccontains $name) { return $false }
    if (-not $own) { return @('NIX_SSL_CERT_FILE', 'HTTPLIB2_CA_CERTS') -ccontains $name }
    $held = @(Get-Content -LiteralPath 'C:\it''s\named.txt' -Encoding UTF8 -ErrorAction SilentlyContinue)
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
    foreach ($file in @('C:\it''s\proxy.json', 'C:\it''s\extra.pem', 'C:\it''s\bundle.pem')) { if (-not [IO.File]::Exists($file)) { return } }
    $told = [IO.File]::ReadAllText('C:\it''s\proxy.json')
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
