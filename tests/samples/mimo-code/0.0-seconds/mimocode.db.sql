CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL,
  title text NOT NULL, version text NOT NULL, revert text, agent text, model text, time_created integer NOT NULL, time_updated integer NOT NULL);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
INSERT INTO session (id, project_id, parent_id, slug, directory, title, version, time_created, time_updated) VALUES ('ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 'global', NULL, 'calm-otter', '/home/dev/shop', 'Mend the checkout', '0.0.9', 1795168800, 1795169000);
INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES ('msg_1f86610e803dsample00000061', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168801, 1795168801, '{"parentID":"msg_0","role":"assistant","mode":"build","agent":"build","path":{"cwd":"/home/dev/shop","root":"/"},"cost":0,"tokens":{"input":1000,"output":300},"modelID":"mimo-v2.5","providerID":"mimo","time":{"created":1795168801,"completed":1795168804},"finish":"stop"}');
INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES ('msg_1f866121403esample00000062', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168801, 1795168801, '{"parentID":"msg_0","role":"assistant","mode":"build","agent":"build","path":{"cwd":"/home/dev/shop","root":"/"},"cost":0,"tokens":{"input":1200,"output":10},"modelID":"mimo-v2.5","providerID":"mimo","time":{"created":1795168801,"completed":1795168804},"finish":"stop"}');
INSERT INTO message (id, session_id, time_created, time_updated, data) VALUES ('msg_1f866328003fsample00000063', 'ses_e05a0c000ffeSAMPLEaaaaaaaaaa', 1795168809, 1795168809, '{"parentID":"msg_0","role":"assistant","mode":"build","agent":"build","path":{"cwd":"/home/dev/shop","root":"/"},"cost":0,"tokens":{"input":1300,"output":20},"modelID":"mimo-v2.5","providerID":"mimo","time":{"created":1795168809,"completed":1795168812},"finish":"stop"}');
