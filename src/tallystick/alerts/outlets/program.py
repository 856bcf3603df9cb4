"""Any program: the alert as JSON on its standard input, the most important of it in variables, and no shell."""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World


def send(alert: Alert, to: To, world: World) -> str:
    """Run the program."""
    told = {"ID": str(alert.id), "RULE": alert.rule, "LEVEL": alert.level, "TITLE": alert.title, "TEXT": alert.text}
    variables = {f"TALLY_ALERT_{name}": _plain(text) for name, text in told.items()}
    variables["TALLY_ALERT_TEST"] = "1" if alert.is_test else ""
    variables["TALLY_ALERT_OVER"] = "1" if alert.ended else ""
    ended = world.run(to.said["run"], alert.body() + b"\n", {**world.environ, **variables}, to.timeout)
    return ended.trouble or (f"it ended with {ended.code}" if ended.code else "")


def _plain(text: str) -> str:
    """Return a text as the system takes it in a variable."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the command."""
    run = said["run"]
    if not run or not all(isinstance(each, str) and "\0" not in each for each in run) or not run[0]:
        return 'run must be a list of texts, such as ["/usr/local/bin/tell", "--loud"]'
    return ""


PROGRAM: Final = Outlet("command", {"run": Field(list, needed=True)}, send, check)
