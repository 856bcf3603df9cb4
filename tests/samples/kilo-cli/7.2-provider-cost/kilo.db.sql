CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL,
  title text NOT NULL, version text NOT NULL, revert text, agent text, model text, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
INSERT INTO session (id, project_id, parent_id, slug, directory, title, version, time_created, time_updated) VALUES ('ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 'global', NULL, 'calm-otter', '/home/dev/shop', 'Mend the checkout', '7.2.1', 1795168800000, 1795169000000);
INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES ('msg_1f8660ef4030sample00000048', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168800500, 1795168800500, '{"role":"user","time":{"created":1795168800500},"agent":"build","model":{"providerID":"anthropic","modelID":"claude-sonnet-4-5"},"summary":{"diffs":[]}}');
INSERT INTO part (id, message_id, session_id, time_created, time_updated, data) VALUES ('prt_1f8660ef4031sample00000049', 'msg_1f8660ef4030sample00000048', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168800500, 1795168800500, '{"type":"text","text":"x"}');
INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES ('msg_1f86610e8032sample00000050', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168801000, 1795168801000, '{"parentID":"msg_0","role":"assistant","mode":"build","agent":"build","path":{"cwd":"/home/dev/shop","root":"/"},"cost":0.0071,"tokens":{"total":5000,"input":900,"output":80,"reasoning":20,"cache":{"write":0,"read":4000}},"modelID":"anthropic/claude-sonnet-4.5","providerID":"kilo","time":{"created":1795168801000,"completed":1795168807000},"finish":"stop","session_id":"ses_e05a0c000ffeSAMPLEaaaaaaaaaa"}');
INSERT INTO part (id, message_id, session_id, time_created, time_updated, data) VALUES ('prt_1f86627f4033sample00000051', 'msg_1f86610e8032sample00000050', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168806900, 1795168806900, '{"type":"step-finish","reason":"stop","cost":0.0071,"tokens":{"total":5000,"input":900,"output":80,"reasoning":20,"cache":{"write":0,"read":4000}}}');
