"""What the files for running a server say is what the program does."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with schemathesis, without types

from tallystick import __version__
from tallystick.faces.compat.tokenfold import BODY_MOST
from tallystick.faces.http.routes.push import WAY
from tallystick.faces.http.site import PREFIX
from tallystick.intake.proxy.plan import PORT as PROXY_PORT
from tallystick.settings import Server, load, server

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
PORT = Server().port
NOBODY = 10_001
"""The number of the image's user."""


class Step(NamedTuple):
    """One instruction of the Dockerfile."""

    stage: int
    word: str
    rest: str


@cache
def steps() -> tuple[Step, ...]:
    """Return the Dockerfile's instructions, each in one line."""
    text = re.sub(r"^#.*\n", "", (CHECKOUT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[Step] = []
    stage = -1
    for line in text.replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        if word:
            found.append(Step(stage, word, rest.strip()))
    return tuple(found)


def only(word: str, stage: int = 1) -> str:
    """Return what the one instruction of that name says."""
    (found,) = (step.rest for step in steps() if (step.stage, step.word) == (stage, word))
    return found


def environment() -> dict[str, str]:
    """Return what the image sets."""
    return dict(each.split("=", 1) for each in shlex.split(only("ENV")))


def extras() -> str:
    """Return the extras that the image has unless it is told otherwise."""
    return only("ARG", 0).removeprefix("EXTRAS=")


def compose(name: str = "tallystick") -> Any:  # noqa: ANN401  what YAML holds
    """Return a service of compose.yaml."""
    return yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"][name]


def text(name: str) -> str:
    """Return a file without its comments."""
    return re.sub(r"^\s*#.*$", "", (CHECKOUT / name).read_text(), flags=re.MULTILINE)


def unit() -> dict[str, list[str]]:
    """Return the settings of the systemd unit."""
    found: dict[str, list[str]] = {}
    for line in text("deploy/tallystick.service").splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found.setdefault(name, []).append(value)
    return found


def test_the_image_is_of_this_version_and_of_the_python_that_it_is_developed_on() -> None:
    wanted = (CHECKOUT / ".python-version").read_text().strip()
    assert {step.rest.split()[0] for step in steps() if step.word == "FROM"} == {f"python:{wanted}-slim"}
    assert only("ARG") == f"VERSION={__version__}"
    assert compose()["image"] == f"tallystick:{__version__}"
    labels = dict(each.split("=", 1) for each in shlex.split(only("LABEL")))
    assert labels["org.opencontainers.image.licenses"] == PROJECT["project"]["license"]
    assert labels["org.opencontainers.image.description"] == PROJECT["project"]["description"]


def test_the_image_brings_the_extras_that_a_server_has_and_no_others() -> None:
    (installed,) = (step.rest for step in steps() if step.word == "RUN" and "uv pip install" in step.rest)
    assert '".[${EXTRAS}]"' in installed
    assert sorted(extras().split(",")) == ["charts", "server"]
    assert {*extras().split(","), compose("proxy")["build"]["args"]["EXTRAS"]} <= set(
        PROJECT["project"]["optional-dependencies"]
    )
    # Every version and hash is that of the lock.
    assert "--constraints requirements.lock --build-constraints requirements.lock" in installed


def test_what_the_image_sets_is_understood() -> None:
    given = environment()
    chosen = load(given, "/var/lib/tally")
    assert (chosen.data_dir, chosen.config) == ("/data", "/etc/tallystick/config.toml")
    assert chosen.data_dir == only("VOLUME")
    served = server(chosen, given)
    assert (served.host, served.port, served.everywhere) == ("0.0.0.0", PORT, True)  # noqa: S104  nothing listens here
    assert only("EXPOSE") == str(PORT)
    assert only("STOPSIGNAL") == "SIGTERM"
    ours = {name for name in given if name.startswith("TALLY_SERVER_")}
    assert ours <= {f"TALLY_SERVER_{name.upper()}" for name in Server._fields}


def test_the_image_runs_as_nobody_special_with_a_number_that_stays() -> None:
    assert only("USER") == f"{NOBODY}:{NOBODY}"
    (made,) = (step.rest for step in steps() if step.word == "RUN" and step.stage == 1)
    assert f"--gid {NOBODY} tally" in made
    assert f"--uid {NOBODY} --gid tally" in made
    assert "--owner tally --group tally --mode 0700 /data" in made


def test_everything_that_the_build_copies_gets_past_the_ignored() -> None:
    allowed = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for step in steps() if step.word == "COPY" and step.stage == 0 for name in step.rest.split()[:-1]}
    assert copied == allowed
    assert all((CHECKOUT / name).exists() for name in copied)


def test_compose_runs_what_the_image_is_made_for() -> None:
    service = compose()
    assert service["healthcheck"]["test"] == ["CMD", *health()]
    assert service["ports"] == [f"${{TALLY_PUBLISH:-127.0.0.1:{PORT}}}:{PORT}"]
    assert f"data:{only('VOLUME')}" in service["volumes"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"


def test_compose_runs_the_proxy_for_this_host_alone_and_only_where_it_is_wanted() -> None:
    server, proxy = compose(), compose("proxy")
    assert (proxy["profiles"], proxy["command"], proxy["network_mode"]) == (["proxy"], ["proxy"], "host")
    assert "ports" not in proxy
    assert f"data:{only('VOLUME')}" in proxy["volumes"]
    assert f"http://127.0.0.1:{PROXY_PORT}/health" in proxy["healthcheck"]["test"][-1]
    for hardened in ("read_only", "cap_drop", "security_opt", "init", "restart"):
        assert proxy[hardened] == server[hardened]
    assert proxy["image"] == f"tallystick-proxy:{__version__}"


def health() -> list[str]:
    """Return the command of the image's health check."""
    found: list[str] = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    return found


def test_the_example_of_an_environment_names_what_compose_reads() -> None:
    named = {line.split("=")[0] for line in text(".env.example").splitlines() if line.strip()}
    read = set(re.findall(r"\$\{(\w+):-", text("compose.yaml")))
    assert named == read
    assert {name for name in named if name.startswith("TALLY_SERVER_")} <= {
        f"TALLY_SERVER_{name.upper()}" for name in Server._fields
    }


def test_requests_to_providers_get_through_a_proxy_whatever_their_size_and_shape() -> None:
    (block,) = re.findall(r"location /gateway/ \{(.*?)\n    \}", text("deploy/nginx.conf"), re.DOTALL)
    for line in (
        *("client_max_body_size 0;", "proxy_request_buffering off;", "proxy_set_header Upgrade $http_upgrade;"),
        *("proxy_set_header Connection $tally_connection;", "proxy_pass http://127.0.0.1:3847;"),
    ):
        assert line in block
    assert re.search(r"@other not path /api/ingest /gateway/\*\n\s+request_body @other", text("deploy/Caddyfile"))


@pytest.mark.parametrize(
    "name, limit", [("nginx.conf", r"client_max_body_size (\d+)m;"), ("Caddyfile", r"max_size (\d+)MiB")]
)
def test_a_proxy_lets_through_what_the_server_takes(name: str, limit: str) -> None:
    said = text(f"deploy/{name}")
    # tokenfold's client has a bound of its own, on its own address.
    assert [int(found) << 20 for found in re.findall(limit, said)] == [WAY.body_most, BODY_MOST]
    (batches,) = re.findall(r"(?:location = (/\S+) \{\s+client_max_body_size 32m;|@batches path (/\S+))", said)
    assert "".join(batches) == "/api/ingest"
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", said)) == {str(PORT)}


def test_nginx_hands_on_streams_as_they_come_and_says_what_it_was_asked() -> None:
    said = text("deploy/nginx.conf")
    found = re.findall(r"location (?:= )?(/\S*) \{(.*?)\n    \}", said, re.DOTALL)
    blocks = dict(found)
    assert [path for path, _ in found] == ["/", "/api/ingest", "/gateway/", f"{PREFIX}/stream"]
    for path in ("/gateway/", f"{PREFIX}/stream"):
        assert "proxy_buffering off;" in blocks[path]
        assert "proxy_read_timeout 1h;" in blocks[path]
    for block in blocks.values():
        assert "proxy_set_header Host $http_host;" in block
        assert "proxy_set_header X-Forwarded-Proto $scheme;" in block


def test_the_unit_serves_where_the_proxies_look_and_may_write_where_the_ledger_is() -> None:
    said = unit()
    assert said["ExecStart"] == [f"/opt/tallystick/bin/tally serve --host {Server().host} --port {PORT}"]
    given = dict(each.split("=", 1) for each in said["Environment"][0].split())
    chosen = load(given, "/var/lib/tallystick")
    assert (chosen.data_dir, chosen.config) == (
        f"/var/lib/{said['StateDirectory'][0]}",
        "/etc/tallystick/config.toml",
    )


def _checked(*command: str, **more: Any) -> "subprocess.CompletedProcess[str]":  # noqa: ANN401  what subprocess takes
    """Run a checker; skip where it is not here."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **more)


def test_systemd_analyze_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        assert not os.environ.get("TALLY_REQUIRE_SYSTEMD"), "systemd-analyze is missing"
    # It looks whether the program is there.
    program = tmp_path / "tally"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    file = tmp_path / "tallystick.service"
    said = (CHECKOUT / "deploy" / "tallystick.service").read_text()
    file.write_text(said.replace("/opt/tallystick/bin/tally", str(program)))
    found = _checked("systemd-analyze", "--man=no", "--generators=no", "verify", str(file))
    complaints = [line for line in found.stderr.splitlines() if file.name in line]
    assert (found.returncode, complaints) == (0, []), found.stderr


def test_hadolint_finds_nothing_to_complain_of() -> None:
    found = _checked("hadolint", str(CHECKOUT / "Dockerfile"))
    assert (found.returncode, found.stdout) == (0, "")


def test_compose_itself_understands_its_file() -> None:
    found = _checked("docker-compose", "--file", str(CHECKOUT / "compose.yaml"), "config", "--quiet")
    assert found.returncode == 0, found.stderr


def test_caddy_understands_its_file(tmp_path: Path) -> None:
    around = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    file = str(CHECKOUT / "deploy" / "Caddyfile")
    found = _checked("caddy", "validate", "--adapter", "caddyfile", "--config", file, env=around)
    assert found.returncode == 0, found.stderr
    assert _checked("caddy", "fmt", "--diff", file, env=around).returncode == 0


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    names = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "fullchain.pem"))
    made = _checked("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=example", *names)
    assert made.returncode == 0, made.stderr
    site = tmp_path / "site.conf"
    site.write_text(
        (CHECKOUT / "deploy" / "nginx.conf").read_text().replace("/etc/ssl/tally.example.com", str(tmp_path))
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\nevents {{}}\nhttp {{ access_log off; include {site}; }}\n"
    )
    found = _checked("nginx", "-t", "-c", str(whole))
    assert found.returncode == 0, found.stderr
