CREATE TABLE schema_version (version INTEGER NOT NULL);
INSERT INTO schema_version VALUES (8);
CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, host_type TEXT, branch TEXT, summary TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE assistant_usage_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, turn_index INTEGER, agent_id TEXT, parent_tool_call_id TEXT,
  model TEXT NOT NULL, copilot_usage_model TEXT, input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER,
  cache_write_tokens INTEGER, reasoning_tokens INTEGER, total_nano_aiu INTEGER, request_multiplier REAL, duration_ms INTEGER,
  initiator TEXT, token_details_json TEXT, created_at TEXT DEFAULT (datetime('now')));
INSERT INTO sessions (id, cwd, branch, summary, created_at) VALUES ('5e551011-0000-4000-8000-000000000008', '/home/dev/shop', 'main', NULL, '2026-11-20T10:00:00.000Z');
INSERT INTO assistant_usage_events (session_id, turn_index, agent_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, total_nano_aiu, initiator, created_at) VALUES ('5e551011-0000-4000-8000-000000000008', 0, NULL, 'claude-sonnet-4.5', 5000, 100, 3000, 1000, 0, 500000000, 'user', '2026-11-20T10:00:10.005Z');
INSERT INTO assistant_usage_events (session_id, turn_index, agent_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, total_nano_aiu, initiator, created_at) VALUES ('5e551011-0000-4000-8000-000000000008', 0, NULL, 'claude-sonnet-4.5', 6000, 200, 5000, 500, 0, 600000000, 'agent', '2026-11-20T10:00:20.005Z');
INSERT INTO assistant_usage_events (session_id, turn_index, agent_id, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, total_nano_aiu, initiator, created_at) VALUES ('5e551011-0000-4000-8000-000000000008', 1, NULL, 'claude-sonnet-4.5', 7000, 90, 6000, 500, 0, 700000000, 'user', '2026-11-20T11:00:10.005Z');
