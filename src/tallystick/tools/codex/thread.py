"""Whose rollout it is, and what is in force at the moment: model, provider, tier, folder."""

from typing import Any, Final

from tallystick.tools.codex.plain import Fields, Turn
from tallystick.usage.event import Context, Variant

NAME: Final = "codex"
_FALLBACK: Final = "gpt-5"
"""The model of the first versions that told usage, which did not write down the model."""
_STANDARD: Final = ("", "default", "auto", "standard")
"""Names of the tier that costs what the list says.

Any other one is kept as recorded. `fast` is what Codex calls priority processing and is billed as that: a request
for it is answered with the tier `priority` on the wire.
"""
_IMPORTED: Final = "external-import-turn-"
"""How turns are named that were imported from Claude Code, whose own logs tell of them."""


class Thread:
    """One thread: its names, and what its latest lines set."""

    __slots__ = (
        "agent",
        "branch",
        "context",
        "id",
        "is_known",
        "model",
        "project",
        "provider",
        "request_tier",
        "tier",
        "turn",
        "variant",
        "version",
    )

    def __init__(self, identity: str, state: list[Any] | None = None) -> None:
        """Begin with the id that the file's name tells, or go on from `state()`."""
        self.id = identity
        self.is_known = False
        """The file's own `session_meta` was read."""
        self.provider, self.model = "openai", ""
        self.tier, self.request_tier = "", ""
        self.project, self.branch, self.agent, self.version, self.turn = "", "", "", "", ""
        if state:
            self.id, self.is_known, self.provider, self.model, self.tier, self.request_tier = state[:6]
            self.project, self.branch, self.agent, self.version, self.turn = state[6:]
        self.variant, self.context = Variant("", ""), Context(NAME)
        self._settle()

    def state(self) -> list[Any]:
        """Return what another one needs to go on, as JSON holds it."""
        said = [self.id, self.is_known, self.provider, self.model, self.tier, self.request_tier]
        return [*said, self.project, self.branch, self.agent, self.version, self.turn]

    def _settle(self) -> None:
        """Make anew what every event refers to, if it differs."""
        tier = self.request_tier or self.tier
        variant = Variant(self.provider, self.model or _FALLBACK, "" if tier in _STANDARD else tier)
        if variant != self.variant:
            self.variant = variant
        context = Context(NAME, self.id, self.project, self.branch, self.agent, self.version)
        if context != self.context:
            self.context = context

    @property
    def imported(self) -> bool:
        """Whether the present turn was imported from another tool."""
        return self.turn.startswith(_IMPORTED)

    def adopt(self, identity: str) -> None:
        """Take the id that a line carries, where neither the file's name nor its beginning told one."""
        self.id = identity
        self._settle()

    def meta(self, fields: Fields) -> bool:
        """Take a `session_meta`; tell False when it is another thread's, copied with that thread's lines.

        The first one is the file's own.
        """
        identity = fields.text("id") or self.id
        if self.is_known:
            return identity == self.id
        self.id, self.is_known = identity, True
        git = fields.inner("git")
        self.branch = git.text("branch") if git else ""
        fields.absorb(git)
        self.project, self.version = fields.text("cwd"), fields.text("cli_version")
        self.provider = fields.text("model_provider") or self.provider
        self.agent = _agent_of(fields)
        self._settle()
        return True

    def begin(self, turn: str) -> None:
        """Take the beginning of a turn."""
        self.turn = turn or self.turn

    def turn_context(self, turn: Turn, *, copied: bool) -> None:
        """Take a `turn_context`. One that was copied from a parent tells of the model, not of this thread's folder."""
        name, model, project, tier = turn
        if copied:
            project, tier = "", self.request_tier
        else:
            self.turn = name or self.turn
        # A tier in a request's own lines holds until the next `turn_context`.
        self._set(model or self.model, project or self.project, tier, self.tier, self.provider)

    def settings(self, model: str, provider: str, tier: str) -> None:
        """Take `thread_settings_applied`, which holds until the next one: without a tier it sets the standard one."""
        self._set(self.model or model, self.project, self.request_tier, tier, provider or self.provider)

    def _set(self, *said: str) -> None:
        if said != (self.model, self.project, self.request_tier, self.tier, self.provider):
            self.model, self.project, self.request_tier, self.tier, self.provider = said
            self._settle()

    def told(self, model: str, tier: str) -> None:
        """Take what a usage line says of its own request."""
        if tier:
            self.request_tier = tier
        self.model = self.model or model
        self._settle()


def _agent_of(fields: Fields) -> str:
    """Return what a thread that no person leads is called: its role, else its nickname, else its kind."""
    named = fields.text("agent_role") or fields.text("agent_nickname")
    source = fields.either("source")
    kind = source.either("subagent") if isinstance(source, Fields) else None
    if isinstance(kind, str):
        return kind
    if isinstance(kind, Fields):
        spawn = kind.inner("thread_spawn")
        if spawn:
            named = spawn.text("agent_role") or spawn.text("agent_nickname") or named
        return named or kind.text("other") or "subagent"
    led_by = fields.text("thread_source")
    if led_by in ("", "user"):
        return ""
    return "guardian" if led_by.startswith("guardian") else named or led_by
