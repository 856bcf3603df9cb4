CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT, branch TEXT, summary TEXT, created_at TEXT);
CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY, session_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, total_nano_aiu INTEGER);
INSERT INTO sessions (id, cwd, branch, summary, created_at) VALUES ('5e551011-0000-4000-8000-000000000006', '/home/dev/shop', 'main', NULL, '2026-07-15T09:00:00Z');
INSERT INTO assistant_usage_events (session_id, model, input_tokens, output_tokens, total_nano_aiu) VALUES ('5e551011-0000-4000-8000-000000000006', 'gpt-5', 500, 50, 100);
INSERT INTO assistant_usage_events (session_id, model, input_tokens, output_tokens, total_nano_aiu) VALUES ('5e551011-0000-4000-8000-000000000006', NULL, 700, 70, NULL);
