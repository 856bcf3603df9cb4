"""Who asked: headers as the real clients send them (realclients' ledgers), and what cannot be told."""

from tallystick.providers.clients import Client, client
from tallystick.providers.provider import Asked


def who(**headers: str) -> Client:
    return client(
        Asked("POST", "api.example.com", "/", {name.replace("_", "-"): said for name, said in headers.items()})
    )


def test_claude_code_names_session_and_agent() -> None:
    assert who(
        user_agent="claude-cli/2.1.330 (external, sdk-cli)",
        x_claude_code_session_id="0af34175-a0ec-4a0f-b5c0-d175e3901518",
        x_claude_code_agent_id="a9496f7c38d819623",
        x_claude_code_parent_agent_id="abebff5d1f05c090a",
    ) == Client(
        "claude-code", "2.1.330", "0af34175-a0ec-4a0f-b5c0-d175e3901518", "a9496f7c38d819623", "abebff5d1f05c090a"
    )
    assert who(user_agent="claude-code/2.1.330") == Client("claude-code", "2.1.330")
    assert who(user_agent="node", x_claude_code_session_id="s") == Client("claude-code", "", "s")


def test_codexs_session_is_its_thread() -> None:
    agent = "codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.169.0)"
    thread = "01a200ec-f6ee-7ef0-8d3a-eda4876f07e6"
    assert who(user_agent=agent, session_id="01a2-parent", thread_id=thread) == Client("codex", "0.169.0", thread)
    review = who(user_agent=agent, thread_id=thread, x_openai_subagent="review", x_codex_parent_thread_id="01a2-parent")
    assert review == Client("codex", "0.169.0", thread, "review", "01a2-parent")
    spawned = who(user_agent=agent, thread_id=thread, x_openai_subagent="collab_spawn")
    assert spawned == Client("codex", "0.169.0", thread)
    assert who(user_agent="Codex Desktop/1.4 (Mac)").tool == "codex"
    assert who(user_agent="codex_cli_rs/0.44.0 (Linux)", conversation_id="c") == Client("codex", "0.44.0", "c")


def test_codexs_metadata_tells_what_other_headers_do_not() -> None:
    cut = '{"installation_id":"1b59","session_id":"s","thread_id":"01a2-t","turn_id":"01a2…'
    assert who(user_agent="codex_exec/0.169.0", x_codex_turn_metadata=cut) == Client("codex", "0.169.0", "01a2-t")


def test_gemini_cli_and_qwen_code_name_only_themselves() -> None:
    agent = "GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)"
    assert who(user_agent=agent) == Client("gemini-cli", "0.61.0")
    assert who(user_agent="GeminiCLI/0.4.1/gemini-2.5-pro (linux; x64)") == Client("gemini-cli", "0.4.1")
    assert who(user_agent="QwenCode/0.15.10 (linux; x64)") == Client("qwen-code", "0.15.10")


def test_opencode_names_session_and_parent() -> None:
    agent = "opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14"
    assert who(
        user_agent=agent, x_session_affinity="ses_dff0a", x_parent_session_id="ses_dff0b", x_initiator="agent"
    ) == Client("opencode", "1.18.33", "ses_dff0a", "", "ses_dff0b")


def test_opencodes_relatives_are_told_from_it() -> None:
    # As Kilo's own source puts them together: to its gateway, to Anthropic, to any other provider.
    gateway = who(
        user_agent="kilo/latest/7.2.31/cli ai-sdk/openai-compatible/1.0.0",
        x_kilo_session="ses_a",
        x_kilocode_taskid="ses_a",
        x_kilocode_parent_taskid="ses_b",
    )
    assert gateway == Client("kilo-cli", "7.2.31", "ses_a", "", "ses_b")
    to_anthropic = who(
        user_agent="kilo/dev/7.2.31/cli", x_session_affinity="ses_a", x_session_id="ses_a", x_parent_session_id="ses_b"
    )
    assert to_anthropic == Client("kilo-cli", "7.2.31", "ses_a", "", "ses_b")
    assert who(user_agent="Kilo-Code/7.2.31", x_session_affinity="ses_a") == Client("kilo-cli", "7.2.31", "ses_a")
    assert who(user_agent="Bun/1.3.14", x_kilo_session="ses_a") == Client("kilo-cli", "", "ses_a")
    mimo = who(user_agent="mimocode/0.3.1", x_session_affinity="ses_c", x_parent_session_id="ses_d")
    assert mimo == Client("mimo-code", "0.3.1", "ses_c", "", "ses_d")
    # It still has OpenCode's headers for OpenCode's own provider.
    assert who(user_agent="mimocode/0.3.1", x_opencode_session="ses_c") == Client("mimo-code", "0.3.1", "ses_c")
    assert who(user_agent="kilometer/1.0") == Client("")


def test_kimi_code_names_only_itself() -> None:
    assert who(user_agent="kimi-code-cli/0.29.1", x_msh_platform="kimi_code_cli") == Client("kimi-code", "0.29.1")
    assert who(user_agent="kimi-code-cli/0.29.1 (acp)") == Client("kimi-code", "0.29.1")
    assert who(user_agent="OpenAI/JS 6.9.0", x_msh_platform="kimi_code_cli") == Client("kimi-code")
    # Its predecessor, whose logs lie elsewhere, and the website.
    assert who(user_agent="KimiCLI/1.50.0", x_msh_platform="kimi_cli") == Client("")
    assert who(user_agent="Mozilla/5.0", x_msh_platform="web") == Client("")


def test_copilot_goes_by_its_librarys_name_and_who_began() -> None:
    assert who(user_agent="OpenAI/JS 5.20.1", x_initiator="user") == Client("copilot-cli")
    assert who(user_agent="Anthropic/JS 0.94.0", x_initiator="agent") == Client("copilot-cli")
    assert who(user_agent="copilot/1.0.102 (client/cli)", x_initiator="agent") == Client("copilot-cli", "1.0.102")


def test_anybody_else_is_nobody() -> None:
    assert who(user_agent="OpenAI/JS 5.20.1") == Client("")
    assert who(user_agent="curl/8.5.0", x_initiator="user") == Client("")
    assert who() == Client("")


def test_nothing_longer_than_an_id_is_kept() -> None:
    assert len(who(user_agent="claude-cli/2.1", x_claude_code_session_id="x" * 9_999).session) == 200
