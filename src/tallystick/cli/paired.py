"""With which server this machine is paired, and what it shows there: the environment counts before the file of `tally join`."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

from tallystick import __version__
from tallystick.access.grant import INGEST
from tallystick.access.tokens import scope_of
from tallystick.errors import Misused, Refused, Unavailable
from tallystick.intake.push.delivering import complaint, is_open
from tallystick.intake.push.pairing import Pairing, read, write
from tallystick.intake.push.policy import Policy, policy
from tallystick.settings import Settings

URL: Final = "TALLY_PUSH_URL"
INSECURE: Final = "TALLY_PUSH_INSECURE"
TOKEN: Final = "TALLY_PUSH_TOKEN"  # noqa: S105  the name of a variable
_SEEDS: Final = ("TOKENFOLD", "CLAUDE_STATS")
"""How the variables of tokenfold's client begin: those of today, and those before."""
NOT_PAIRED: Final = "This machine is not paired with a server: `tally server invite` on the server prints the command for that (`tally join …`)."


class Target(NamedTuple):
    """Where to send to."""

    url: str
    """Without a slash at its end."""
    token: str
    machine: str
    source: str
    """Where all that is from."""
    named: bool = False
    """Whether the machine has to say its name, since its token is not its own."""
    verbose: bool = False

    @property
    def server(self) -> str:
        """What the outbox is kept for."""
        return f"{self.url} {self.machine}"

    @property
    def headers(self) -> dict[str, str]:
        """What each request shows."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "User-Agent": f"tally/{__version__}",
        }
        # A machine's own token says whose it is.
        named = self.named and scope_of(self.token) != INGEST
        return headers | ({"X-Tally-Machine": quote(self.machine)} if named else {})


def target(path: str, chosen: Settings, environ: Mapping[str, str]) -> Target:
    """Return where to send to; `path` is the file of the pairing. Raise Unavailable when this machine is not paired."""
    found = sought(path, chosen, environ)
    if found is None:
        raise Unavailable(NOT_PAIRED)
    return found


def sought(path: str, chosen: Settings, environ: Mapping[str, str]) -> Target | None:
    """Return where to send to; None when this machine is not paired. Raise Misused for what makes no sense, Refused for what goes in the clear."""
    url, token = environ.get(URL, "").strip(), environ.get(TOKEN, "").strip()
    kept = _kept(path)
    if url:
        same = kept is not None and kept.url.rstrip("/") == url.rstrip("/")
        if not token and not same:
            raise Misused(f"{URL} in the environment names a server without a token for it: set {TOKEN} too.")
        token = token or (kept.token if kept else "")
        machine = kept.machine if kept and same else chosen.machine
        made = _checked(Target(url, token, machine, f"{URL} in the environment", named=not same))
        if is_open(made.url) and not same and environ.get(INSECURE, "").strip() != "1":
            raise Refused(
                f"Over {made.url} the token of this machine could be read on the way. Use https://, or set {INSECURE}=1"
                f" in a network that you trust, such as a VPN. It was set by {made.source}."
            )
        return made
    if kept is not None:
        return _checked(Target(kept.url, token or kept.token, kept.machine, path))
    return _of_seeds(chosen, environ)


def _kept(path: str) -> Pairing | None:
    found = read(path)
    # A file may hold no more than the key for pseudonyms.
    return found if found and found.url and found.token else None


def _of_seeds(chosen: Settings, environ: Mapping[str, str]) -> Target | None:
    """Return the server that tokenfold's variables name."""

    def said(name: str) -> str:
        return next((value for seed in _SEEDS if (value := environ.get(f"{seed}_{name}", "").strip())), "")

    url, token = said("URL"), said("API_KEY")
    if not url or not token:
        return None
    source = next(f"{seed}_URL" for seed in _SEEDS if environ.get(f"{seed}_URL", "").strip())
    return _checked(
        Target(
            url, token, said("MACHINE") or chosen.machine, f"{source} in the environment", named=True, verbose=said("VERBOSE") == "1"
        )
    )  # fmt: skip


def _checked(found: Target) -> Target:
    if wrong := complaint(found.url):
        raise Misused(f"{wrong} It was set by {found.source}.")
    if not (found.token.isascii() and found.token.isprintable()) or " " in found.token:
        raise Misused(f"The token beside {found.source} is none: it holds what no token has in it.")
    return found._replace(url=found.url.rstrip("/"))


def policy_of(path: str, chosen: Settings) -> Policy:
    """Return what may leave this machine; where something is hidden that needs a key, there is one afterwards."""
    made = policy(chosen.push, chosen.home, b"")
    if made.keeps_all:
        return made
    found = read(path) or write(path, Pairing("", "", ""))
    return made._replace(key=found.key)
