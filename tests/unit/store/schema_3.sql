-- A journal as the program before schema 4 left it, with a session that was never closed.
BEGIN TRANSACTION;
CREATE TABLE diary (
	id INTEGER NOT NULL, 
	runner VARCHAR NOT NULL, 
	day VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	payload VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE events (
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	t_s FLOAT NOT NULL, 
	kind VARCHAR NOT NULL, 
	level VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE form (
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	t_s FLOAT NOT NULL, 
	sensor VARCHAR NOT NULL, 
	gait VARCHAR, 
	start_s FLOAT NOT NULL, 
	metrics VARCHAR NOT NULL, 
	doubts VARCHAR NOT NULL, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE inputs (
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	t_s FLOAT NOT NULL, 
	kind VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	payload BLOB NOT NULL, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','3');
CREATE TABLE orders (
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	t_s FLOAT NOT NULL, 
	kind VARCHAR NOT NULL, 
	value INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	wish FLOAT, 
	reason VARCHAR NOT NULL, 
	bounds VARCHAR NOT NULL, 
	result VARCHAR, 
	result_s FLOAT, 
	readback_kmh FLOAT, 
	readback_s FLOAT, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE samples (
	session_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	t_s FLOAT NOT NULL, 
	phase VARCHAR NOT NULL, 
	speed_kmh FLOAT, 
	incline_percent FLOAT, 
	distance_m FLOAT NOT NULL, 
	wished_kmh FLOAT, 
	ordered_kmh FLOAT, 
	ordered_percent FLOAT, 
	heart_rate_bpm INTEGER, 
	cadence_spm FLOAT, 
	PRIMARY KEY (session_id, seq), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE sessions (
	id INTEGER NOT NULL, 
	runner VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	machine VARCHAR NOT NULL, 
	started_unix_s FLOAT NOT NULL, 
	day VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	belt_time_s FLOAT NOT NULL, 
	distance_m FLOAT NOT NULL, 
	top_speed_kmh FLOAT, 
	mean_heart_rate_bpm FLOAT, 
	curve VARCHAR, 
	address VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE setups (
	session_id INTEGER NOT NULL, 
	start_s FLOAT NOT NULL, 
	setup VARCHAR NOT NULL, 
	summary VARCHAR, 
	PRIMARY KEY (session_id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_start ON sessions (runner, started_unix_s);
INSERT INTO "sessions" VALUES(1,'me','walk','mill',1790000000.0,'2026-09-21','completed',600.0,500.0,5.0,110.0,'{"60": 5.0}','F0');
INSERT INTO "sessions" VALUES(2,'me','walk','mill',1790100000.0,'2026-09-22','running',0.0,0.0,NULL,NULL,NULL,'F0');
INSERT INTO "setups" VALUES(1,100.0,'{"some": "setup"}','{"felt": null}');
INSERT INTO "setups" VALUES(2,100.0,'{"some": "setup"}',NULL);
INSERT INTO "samples" VALUES(1,1,101.0,'main',5.0,2.0,1.4,5.0,5.0,2.0,110,NULL);
INSERT INTO "diary" VALUES(1,'me','2026-09-21','shoe','{"what": "add", "name": "x"}');
COMMIT;
