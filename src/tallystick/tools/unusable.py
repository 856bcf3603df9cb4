"""Tools whose files give no counts here: what they are called, where they lie, why they are not counted, and what would be."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

_KEEPS_COUNTS: Final = "It keeps counts, which Tallystick does not read yet."
_KEEP_FILES: Final = "Keep its files: a version that reads them counts what is in them from the beginning."
_ON_THE_WIRE: Final = "Its requests would have to be metered on their way to the model, by a proxy or gateway."
_ACCOUNT: Final = "Only the usage page of its account tells what was used."
_TELEMETRY: Final = "Its OpenTelemetry export tells the tokens of each call; let a collector keep them."


class Unusable(NamedTuple):
    """A tool that may be installed without being counted."""

    name: str
    title: str
    places: tuple[str, ...]
    """Below a home, or below one of the folders that differ by system: `{config}`, `{data}`, `{local}`, `{code}`."""
    why: str = _KEEPS_COUNTS
    instead: str = _KEEP_FILES
    variable: str = ""
    """The tool's own variable for its folder."""

    @property
    def keeps_counts(self) -> bool:
        """Tell whether its files hold counts, so that only a reader is missing."""
        return self.why == _KEEPS_COUNTS


def _extension(name: str, title: str, folder: str, why: str = _KEEPS_COUNTS, instead: str = _KEEP_FILES) -> Unusable:
    """Return an extension of VS Code and its relatives."""
    return Unusable(name, title, (f"{{code}}/User/globalStorage/{folder}",), why, instead)


_NO_COUNTS: Final = "It writes no token counts into its files."
_CREDITS: Final = "It writes down credits and estimates, and no token counts."

UNUSABLE: Final[tuple[Unusable, ...]] = (
    Unusable(
        "cursor",
        "Cursor",
        ("{config}/Cursor/User/globalStorage/state.vscdb", ".cursor/projects"),
        "Its database holds zeros where the counts were, and its transcripts hold none.",
        "The usage page of cursor.com exports each request with its tokens as CSV.",
    ),
    _extension(
        "copilot-vscode",
        "GitHub Copilot in VS Code",
        "github.copilot-chat",
        "Its chats lack what was read from and written to a cache, and its traces are soon deleted.",
        _TELEMETRY,
    ),
    Unusable(
        "copilot-jetbrains",
        "GitHub Copilot in JetBrains",
        (".config/github-copilot/intellij", ".config/github-copilot/ic", ".config/github-copilot/iu"),
        _NO_COUNTS,
        "GitHub's billing page tells what was used.",
    ),
    Unusable(
        "windsurf",
        "Windsurf",
        ("{config}/Windsurf/User", ".codeium/windsurf"),
        _NO_COUNTS,
        _ACCOUNT,
    ),
    Unusable("trae", "Trae", ("{config}/Trae/User",), _NO_COUNTS, _ACCOUNT),
    Unusable("aider", "Aider", (".aider", ".aider.conf.yml"), _NO_COUNTS, "`--analytics-log FILE` lets it log counts."),
    Unusable(
        "crush",
        "Crush",
        ("{data}/crush/projects.json", "{local}/crush/projects.json"),
        "It overwrites its counts with the size of the last prompt; only a cost adds up.",
        _ON_THE_WIRE,
        "CRUSH_GLOBAL_DATA",
    ),
    Unusable(
        "antigravity",
        "Antigravity",
        (".gemini/antigravity", ".gemini/antigravity-ide", ".gemini/antigravity-cli"),
        "Its conversations are encrypted; only the program itself knows the counts, while it runs.",
        "Tallystick would have to ask it while it runs, and does not do that yet.",
    ),
    Unusable(
        "kiro",
        "Kiro",
        (".kiro/sessions", "{data}/kiro-cli", "{config}/Kiro/User/globalStorage/kiro.kiroagent"),
        _CREDITS,
        _ACCOUNT,
        "KIRO_HOME",
    ),
    Unusable(
        "warp",
        "Warp",
        (
            ".local/state/warp-terminal",
            "{local}/warp/Warp/data",
            "Library/Group Containers/2BBY89MBSN.dev.warp/Library/Application Support/dev.warp.Warp-Stable",
        ),
        "It keeps one sum for each conversation, without days.",
        _ACCOUNT,
    ),
    Unusable(
        "codewhale",
        "CodeWhale",
        (".codewhale/sessions", ".deepseek/sessions"),
        "It keeps only a total for each session, input and output together.",
        _ON_THE_WIRE,
        "CODEWHALE_HOME",
    ),
    Unusable("iflow", "iFlow CLI", (".iflow",), _NO_COUNTS, _ON_THE_WIRE),
    Unusable("qoder", "Qoder", ("{config}/Qoder/User", ".qoder"), _NO_COUNTS, _ACCOUNT),
    _extension("zencoder", "Zencoder", "zencoderai.zencoder", _NO_COUNTS, _ACCOUNT),
    Unusable(
        "amp",
        "Amp",
        ("{data}/amp/threads", ".local/share/amp/threads"),
        instead="Keep its files. Recent versions hold threads on their server: `amp threads export` fetches them.",
        variable="AMP_DATA_DIR",
    ),
    Unusable("droid", "Droid", (".factory/sessions",), variable="FACTORY_DIR"),
    Unusable(
        "goose",
        "Goose",
        ("{data}/goose/sessions", "{data}/Block/goose/sessions", "{config}/Block/goose/data/sessions"),
        variable="GOOSE_PATH_ROOT",
    ),
    Unusable("hermes", "Hermes Agent", (".hermes/state.db",), variable="HERMES_HOME"),
    Unusable("kimi-cli", "Kimi CLI", (".kimi/sessions",), variable="KIMI_SHARE_DIR"),
    Unusable("pi", "Pi", (".pi/agent/sessions",), variable="PI_CODING_AGENT_DIR"),
    Unusable("omp", "Oh My Pi", (".omp/agent/sessions",)),
    Unusable("openclaw", "OpenClaw", (".openclaw/agents",)),
    Unusable("zed", "Zed", ("{data}/zed/threads/threads.db", "{local}/Zed/threads/threads.db")),
    _extension("cline", "Cline", "saoudrizwan.claude-dev/tasks")._replace(
        places=("{code}/User/globalStorage/saoudrizwan.claude-dev/tasks", ".cline/data"), variable="CLINE_DIR"
    ),
    _extension("roo-code", "Roo Code", "rooveterinaryinc.roo-cline/tasks"),
    _extension("kilo-code", "Kilo Code in VS Code", "kilocode.kilo-code/tasks"),
    _extension("zoo-code", "Zoo Code", "zoocodeorganization.zoo-code/tasks"),
    Unusable(
        "bob",
        "IBM Bob",
        (
            "{config}/IBM Bob/User/globalStorage/ibm.bob-code/tasks",
            "{config}/Bob-IDE/User/globalStorage/ibm.bob-code/tasks",
        ),
    ),
    Unusable("traex", "TraeX", (".trae/cli/sessions",)),
    Unusable("grok-build", "Grok Build", (".grok/sessions",), variable="GROK_HOME"),
    Unusable(
        "codebuff",
        "Codebuff",
        (".config/manicode/projects", ".config/manicode-dev/projects", ".config/manicode-staging/projects"),
        variable="CODEBUFF_DATA_DIR",
    ),
    Unusable("vibe", "Mistral Vibe", (".vibe/logs/session",), variable="VIBE_HOME"),
    Unusable("mux", "Mux", (".mux/sessions",), variable="MUX_ROOT"),
    Unusable("zcode", "ZCode", (".zcode/cli/db/db.sqlite", ".zcode/projects")),
    Unusable("devin", "Devin", ("{data}/devin/cli", ".local/share/devin/cli", "{config}/Devin/User/acp-events")),
    Unusable("deepseek-harness", "DeepSeek Harness", (".dsh/sessions",), variable="DSH_HOME"),
    Unusable("junie", "Junie", (".junie/sessions",)),
    Unusable("augment", "Augment", (".augment/sessions",)),
    Unusable("command-code", "Command Code", (".commandcode/projects",)),
    Unusable("jcode", "Jcode", (".jcode/sessions",), variable="JCODE_HOME"),
    Unusable("forge", "Forge", (".forge/.forge.db",)),
    Unusable("piebald", "Piebald", ("{data}/piebald/app.db", "{config}/piebald/app.db")),
    Unusable("shelley", "Shelley", (".config/shelley/shelley.db",)),
    Unusable("gptme", "gptme", (".local/share/gptme/logs",)),
    Unusable("openhands", "OpenHands", (".openhands/conversations",)),
    Unusable("omnigent", "Omnigent", (".omnigent/chat.db",)),
    Unusable("posit-assistant", "Posit Assistant", (".posit/assistant/workspaces",)),
    Unusable("poolside", "Poolside", (".local/state/poolside/trajectories", "{data}/poolside/trajectories")),
    Unusable("workbuddy", "WorkBuddy", (".workbuddy/projects",)),
    Unusable("codebuddy", "CodeBuddy", (".codebuddy/projects",)),
    Unusable("lingtai", "LingTai", (".lingtai",), variable="LINGTAI_HOME"),
    Unusable("quick-desktop", "Quick Desktop", (".quickwork/metrics",), variable="QUICKWORK_HOME"),
    Unusable("reasonix", "Reasonix", (".reasonix/stats",), variable="REASONIX_HOME"),
    Unusable("zerostack", "Zerostack", ("{data}/zerostack/sessions",), variable="ZS_DATA_DIR"),
    Unusable("fx", "fx", (".fx/sessions",)),
    Unusable("opencodereview", "OpenCodeReview", (".opencodereview/sessions",)),
    Unusable("octofriend", "Octofriend", (".local/share/octofriend/sqlite.db",)),
    Unusable("lm-studio", "LM Studio", (".lmstudio/server-logs",), variable="LM_STUDIO_HOME"),
    Unusable("unsloth", "Unsloth Studio", (".unsloth/studio/studio.db",), variable="UNSLOTH_STUDIO_HOME"),
)
"""Those without counts first, in the order in which people are shown them; a tool that gets a reader leaves this list."""

_EDITORS: Final = (
    "Code",
    "Code - Insiders",
    "VSCodium",
    "Cursor",
    "Windsurf",
    "Positron",
    "Antigravity",
    "Trae",
)
_SERVERS: Final = (".vscode-server/data", ".vscode-server-insiders/data")


def off_the_shelf(known: Iterable[Unusable], shelf: Sequence[str]) -> list[Unusable]:
    """Return those tools that have no reader, given the names of those that have one."""
    return [each for each in known if each.name not in shelf]


def places_of(tool: Unusable, home: str, environ: Mapping[str, str]) -> list[str]:
    """Return every path at which a tool may be found, in the ways of all systems, its own variable's first."""
    told = [part.strip() for part in environ.get(tool.variable, "").split(",")] if tool.variable else []
    found = [home + part[1:] if part.startswith("~/") else part for part in told if part]
    bases = _bases(home, environ)
    for place in tool.places:
        kind, slash, rest = place.partition("/")
        found += [f"{base}/{rest}" for base in bases[kind]] if kind in bases and slash else [f"{home}/{place}"]
    return list(dict.fromkeys(found))


def _bases(home: str, environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the folders that differ by system: Linux, macOS, Windows."""
    support = f"{home}/Library/Application Support"
    config = [
        environ.get("XDG_CONFIG_HOME") or f"{home}/.config",
        support,
        environ.get("APPDATA") or f"{home}/AppData/Roaming",
    ]
    local = environ.get("LOCALAPPDATA") or f"{home}/AppData/Local"
    return {
        "{config}": config,
        "{data}": [environ.get("XDG_DATA_HOME") or f"{home}/.local/share", support, local],
        "{local}": [local],
        "{code}": [
            *(f"{base}/{editor}" for base in config for editor in _EDITORS),
            *(f"{home}/{server}" for server in _SERVERS),
        ],
    }
