-- A database as version 2 left it: `sqlite3 studio.db .dump`, and the two numbers that a dump leaves out.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE projects (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL DEFAULT 1,
    status TEXT NOT NULL DEFAULT 'DRAFT'
        CHECK (status IN ('DRAFT', 'PROCESSING', 'COMPLETED', 'FAILED')),
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    segment_count INTEGER NOT NULL DEFAULT 0 CHECK (segment_count >= 0),
    audio_count INTEGER NOT NULL DEFAULT 0 CHECK (audio_count >= 0),
    locked_count INTEGER NOT NULL DEFAULT 0 CHECK (locked_count >= 0),
    stale_count INTEGER NOT NULL DEFAULT 0 CHECK (stale_count >= 0),
    unspoken_count INTEGER NOT NULL DEFAULT 0 CHECK (unspoken_count >= 0),
    duration_us INTEGER NOT NULL DEFAULT 0 CHECK (duration_us >= 0) -- whole, so that sums stay exact
) STRICT;
INSERT INTO projects VALUES(1,'01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',16,'PROCESSING','The fox','Aesop',1790000000000,1790000000000,4,2,1,1,3,666666);
CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    sequence_index INTEGER NOT NULL CHECK (sequence_index >= 0),
    text_content TEXT NOT NULL,
    image_prompt TEXT NOT NULL DEFAULT '',
    chapter TEXT NOT NULL DEFAULT '',
    image_file TEXT,
    audio_file TEXT,
    audio_duration REAL CHECK (audio_duration >= 0),
    audio_engine TEXT,
    audio_voice TEXT,
    audio_text TEXT, -- what the audio says, when that is not text_content any more
    audio_error TEXT,
    is_locked INTEGER NOT NULL DEFAULT 0 CHECK (is_locked IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    audio_stale INTEGER NOT NULL AS (audio_text IS NOT NULL) VIRTUAL,
    -- It has something to say (more than Unicode's white space) that no audio says.
    is_unspoken INTEGER NOT NULL AS (
        (audio_file IS NULL OR audio_text IS NOT NULL)
        AND trim(text_content, char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195,
                                    8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239,
                                    8287, 12288)) <> '') VIRTUAL,
    UNIQUE (project_id, sequence_index),
    CHECK ((audio_file IS NULL) = (audio_duration IS NULL)),
    CHECK (audio_text IS NULL OR (audio_file IS NOT NULL AND audio_text <> text_content))
) STRICT;
INSERT INTO segments VALUES(1,'01a1fe85-b66f-7661-940c-f7bd790ab2b0','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',0,'Once upon a time.','','I',NULL,'/media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-7661-940c-f7bd790ab2b0.wav',0.33333333333333331482,'espeak','en-us',NULL,NULL,0,1790000000000,1790000000000);
INSERT INTO segments VALUES(2,'01a1fe85-b66f-726b-9d44-29775994af36','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',1,'There was a wolf.','A fox','',NULL,'/media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-726b-9d44-29775994af36.wav',0.33333333333333331482,'espeak','en-us','There was a fox.','There is no voice fox.',0,1790000000000,1790000000000);
INSERT INTO segments VALUES(3,'01a1fe85-b66f-7beb-96c8-4155c0021220','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',2,'It’s gone – “where”?','','',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1790000000000,1790000000000);
INSERT INTO segments VALUES(4,'01a1fe85-b66f-75f9-a214-5156060fb662','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',3,'The end.','','','/media/projects/p/images/a.png',NULL,NULL,NULL,NULL,NULL,NULL,0,1790000000000,1790000000000);
CREATE TABLE assets (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    segment_id TEXT REFERENCES segments (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('segment_audio', 'segment_image')),
    path TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    rate_hz INTEGER, -- of audio
    created_at INTEGER NOT NULL,
    UNIQUE (segment_id, kind)
) STRICT;
INSERT INTO assets VALUES(1,'01a1fe85-b690-7d4a-8e16-11f653dc6fd3','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f','01a1fe85-b66f-7661-940c-f7bd790ab2b0','segment_audio','media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-7661-940c-f7bd790ab2b0.wav','audio/wav',48044,24000,1790000000000);
INSERT INTO assets VALUES(2,'01a1fe85-b6a4-7c13-9578-b759a5d0306b','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f','01a1fe85-b66f-726b-9d44-29775994af36','segment_audio','media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-726b-9d44-29775994af36.wav','audio/wav',48044,24000,1790000000000);
INSERT INTO assets VALUES(3,'01a1fe85-b6c8-7bbe-b94c-51e0d45f7b76','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f','01a1fe85-b66f-75f9-a214-5156060fb662','segment_image','media/projects/p/images/a.png','image/png',99,NULL,1790000000000);
CREATE TABLE file_operations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('rename', 'remove', 'remove_tree')),
    source TEXT CHECK ((source IS NOT NULL) = (kind = 'rename')),
    target TEXT NOT NULL
) STRICT;
INSERT INTO file_operations VALUES(1,'rename','media/staged/01a1fe85-b66f-7661-940c-f7bd790ab2b0.wav','media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-7661-940c-f7bd790ab2b0.wav');
INSERT INTO file_operations VALUES(2,'rename','media/staged/01a1fe85-b66f-726b-9d44-29775994af36.wav','media/projects/01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f/audio/01a1fe85-b66f-726b-9d44-29775994af36.wav');
INSERT INTO file_operations VALUES(3,'rename','media/staged/a.png','media/projects/p/images/a.png');
CREATE TABLE settings (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    default_voice_id TEXT NOT NULL,
    tts_speed REAL NOT NULL CHECK (tts_speed BETWEEN 0.5 AND 2.0),
    engine TEXT NOT NULL,
    updated_at INTEGER NOT NULL
, history_enabled INTEGER CHECK (history_enabled IN (0, 1)), history_retain_audio INTEGER CHECK (history_retain_audio IN (0, 1)), history_max_entries INTEGER CHECK (history_max_entries >= 0), history_max_mb INTEGER CHECK (history_max_mb >= 0)) STRICT;
INSERT INTO settings VALUES(1,'af_bella',1.5,'espeak',1790000000000,NULL,NULL,500,NULL);
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO marks VALUES('sample',1790000000000);
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    project_id TEXT, -- stays when the project goes
    priority INTEGER NOT NULL CHECK (priority IN (0, 1)), -- live, bulk: the order of claiming
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
    is_cancelled INTEGER NOT NULL DEFAULT 0 CHECK (is_cancelled IN (0, 1)), -- asked for
    params TEXT NOT NULL,
    error TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    queued INTEGER NOT NULL DEFAULT 0 CHECK (queued >= 0),
    running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
    failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'running', 'paused')))
) STRICT;
INSERT INTO jobs VALUES(1,'tts_batch_1','segment','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',1,'done',0,'{"speed":1}',NULL,1790000000000,1790000000000,1790000000000,6,0,0,2,0,0);
INSERT INTO jobs VALUES(2,'tts_batch_2','segment','01a1fe85-b66f-71ec-bc8a-5f4bec4e8f3f',1,'running',0,'{"speed":1}',NULL,1790000000000,1790000000000,NULL,5,1,1,0,1,0);
CREATE TABLE units (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_number INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    kind TEXT NOT NULL, -- the job's, here for units_active
    subject TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    deaths INTEGER NOT NULL DEFAULT 0 CHECK (deaths >= 0), -- the process ended during it
    not_before INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    lease_until INTEGER,
    error TEXT,
    result TEXT,
    started_at INTEGER,
    ended_at INTEGER,
    UNIQUE (job_number, position),
    CHECK ((state = 'running') = (owner IS NOT NULL)),
    CHECK ((state = 'running') = (lease_until IS NOT NULL))
) STRICT;
INSERT INTO units VALUES(1,1,'segment','01a1fe85-b66f-7661-940c-f7bd790ab2b0',0,'done',1,0,0,NULL,NULL,NULL,'{}',1790000000000,1790000000000);
INSERT INTO units VALUES(2,1,'segment','01a1fe85-b66f-726b-9d44-29775994af36',1,'done',1,0,0,NULL,NULL,NULL,'{}',1790000000000,1790000000000);
INSERT INTO units VALUES(3,2,'segment','01a1fe85-b66f-726b-9d44-29775994af36',0,'failed',1,0,0,NULL,NULL,'There is no voice fox.',NULL,1790000000000,1790000000000);
INSERT INTO units VALUES(4,2,'segment','01a1fe85-b66f-7beb-96c8-4155c0021220',1,'running',1,0,0,'worker',1790000000100,NULL,NULL,1790000000000,NULL);
INSERT INTO units VALUES(5,2,'segment','01a1fe85-b66f-75f9-a214-5156060fb662',2,'queued',0,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE revisions (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
INSERT INTO revisions VALUES('history',3);
INSERT INTO revisions VALUES('profiles',3);
CREATE TABLE profiles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE, -- the same for names that differ in case only
    backend TEXT NOT NULL,
    model TEXT,
    voice TEXT NOT NULL,
    speed REAL NOT NULL CHECK (speed BETWEEN 0.25 AND 4.0),
    format TEXT NOT NULL CHECK (format IN ('mp3', 'opus', 'aac', 'flac', 'wav', 'pcm')),
    blend TEXT,
    reference_audio_id TEXT,
    effects_json TEXT NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO profiles VALUES(1,'01a1fe86-0000-7000-8000-000000000001','Évening','évening','kokoro','kokoro-82m','af_bella',1.25,'opus','af_bella(2)+af_sky(1)',NULL,'[]',1,1790000000000,1790000000500);
INSERT INTO profiles VALUES(2,'01a1fe86-0000-7000-8000-000000000002','Plain','plain','auto',NULL,'en-us',1.0,'mp3',NULL,NULL,'[]',0,1790000000000,1790000000000);
CREATE TABLE history_entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL CHECK (type IN ('tts', 'stt')),
    created_at INTEGER NOT NULL,
    engine TEXT,
    model TEXT,
    voice TEXT,
    speed REAL CHECK (speed > 0),
    format TEXT,
    language TEXT,
    profile_id TEXT REFERENCES profiles (id) ON DELETE SET NULL,
    duration_s REAL NOT NULL CHECK (duration_s >= 0),
    text_preview TEXT NOT NULL,
    input_filename TEXT,
    output_path TEXT UNIQUE, -- relative to the data folder
    output_bytes INTEGER CHECK (output_bytes >= 0),
    words_are_measured INTEGER NOT NULL CHECK (words_are_measured IN (0, 1)),
    search_text TEXT NOT NULL,
    full_text TEXT NOT NULL,
    words_json TEXT,
    segments_json TEXT,
    CHECK ((output_path IS NULL) = (output_bytes IS NULL))
) STRICT;
INSERT INTO history_entries VALUES(1,'01a1fe86-0000-7000-8000-00000000000a','tts',1790000001000,'kokoro','kokoro-82m','af_bella',1.25,'opus',NULL,'01a1fe86-0000-7000-8000-000000000001',1.5,'The Fox speaks.',NULL,'assets/history/01a1fe86-0000-7000-8000-00000000000a.opus',6000,1,replace('the fox speaks.\naf_bella\n','\n',char(10)),'The Fox speaks.','[0,300,"The",300,700,"Fox",700,1500,"speaks."]',NULL);
INSERT INTO history_entries VALUES(2,'01a1fe86-0000-7000-8000-00000000000b','stt',1790000002000,'moonshine','moonshine-tiny',NULL,NULL,NULL,'en',NULL,2.0,'It was heard.','Fox.wav',NULL,NULL,0,replace('it was heard.\n\nfox.wav','\n',char(10)),'It was heard.',NULL,'[0,2000,"It was heard."]');
CREATE TABLE history_totals (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    entries INTEGER NOT NULL DEFAULT 0 CHECK (entries >= 0),
    bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0)
) STRICT;
INSERT INTO history_totals VALUES(1,2,6000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',2);
INSERT INTO sqlite_sequence VALUES('units',5);
INSERT INTO sqlite_sequence VALUES('file_operations',3);
INSERT INTO sqlite_sequence VALUES('history_entries',2);
CREATE TRIGGER segments_inserted AFTER INSERT ON segments BEGIN
    UPDATE projects SET
        segment_count = segment_count + 1,
        audio_count = audio_count + (NEW.audio_file IS NOT NULL),
        locked_count = locked_count + NEW.is_locked,
        stale_count = stale_count + NEW.audio_stale,
        unspoken_count = unspoken_count + NEW.is_unspoken,
        duration_us = duration_us + CAST(round(coalesce(NEW.audio_duration, 0) * 1e6) AS INTEGER)
    WHERE id = NEW.project_id;
END;
CREATE TRIGGER segments_updated
AFTER UPDATE OF text_content, audio_file, audio_duration, audio_text, is_locked ON segments BEGIN
    UPDATE projects SET
        audio_count = audio_count + (NEW.audio_file IS NOT NULL) - (OLD.audio_file IS NOT NULL),
        locked_count = locked_count + NEW.is_locked - OLD.is_locked,
        stale_count = stale_count + NEW.audio_stale - OLD.audio_stale,
        unspoken_count = unspoken_count + NEW.is_unspoken - OLD.is_unspoken,
        duration_us = duration_us + CAST(round(coalesce(NEW.audio_duration, 0) * 1e6) AS INTEGER)
            - CAST(round(coalesce(OLD.audio_duration, 0) * 1e6) AS INTEGER)
    WHERE id = NEW.project_id;
END;
CREATE TRIGGER segments_deleted AFTER DELETE ON segments BEGIN
    UPDATE projects SET
        segment_count = segment_count - 1,
        audio_count = audio_count - (OLD.audio_file IS NOT NULL),
        locked_count = locked_count - OLD.is_locked,
        stale_count = stale_count - OLD.audio_stale,
        unspoken_count = unspoken_count - OLD.is_unspoken,
        duration_us = duration_us - CAST(round(coalesce(OLD.audio_duration, 0) * 1e6) AS INTEGER)
    WHERE id = OLD.project_id;
END;
CREATE INDEX assets_of_project ON assets (project_id);
CREATE INDEX jobs_active ON jobs (priority, number) WHERE finished_at IS NULL;
CREATE INDEX jobs_of_project ON jobs (project_id, number);
CREATE INDEX jobs_busy ON jobs (project_id) WHERE queued + running > 0;
CREATE UNIQUE INDEX units_active ON units (subject, kind) WHERE state IN ('queued', 'running');
CREATE INDEX units_waiting ON units (job_number, position) WHERE state = 'queued';
CREATE INDEX units_running ON units (job_number) WHERE state = 'running';
CREATE INDEX units_delayed ON units (not_before) WHERE state = 'queued' AND not_before > 0;
CREATE TRIGGER units_inserted AFTER INSERT ON units BEGIN
    UPDATE jobs SET
        queued = queued + (NEW.state = 'queued'),
        running = running + (NEW.state = 'running'),
        done = done + (NEW.state = 'done'),
        failed = failed + (NEW.state = 'failed'),
        cancelled = cancelled + (NEW.state = 'cancelled')
    WHERE number = NEW.job_number;
END;
CREATE TRIGGER units_updated AFTER UPDATE OF state ON units BEGIN
    UPDATE jobs SET
        queued = queued + (NEW.state = 'queued') - (OLD.state = 'queued'),
        running = running + (NEW.state = 'running') - (OLD.state = 'running'),
        done = done + (NEW.state = 'done') - (OLD.state = 'done'),
        failed = failed + (NEW.state = 'failed') - (OLD.state = 'failed'),
        cancelled = cancelled + (NEW.state = 'cancelled') - (OLD.state = 'cancelled')
    WHERE number = NEW.job_number;
END;
CREATE TRIGGER units_deleted AFTER DELETE ON units BEGIN
    UPDATE jobs SET
        queued = queued - (OLD.state = 'queued'),
        running = running - (OLD.state = 'running'),
        done = done - (OLD.state = 'done'),
        failed = failed - (OLD.state = 'failed'),
        cancelled = cancelled - (OLD.state = 'cancelled')
    WHERE number = OLD.job_number;
END;
CREATE UNIQUE INDEX profiles_default ON profiles (is_default) WHERE is_default;
CREATE TRIGGER profiles_inserted AFTER INSERT ON profiles BEGIN
    UPDATE revisions SET revision = revision + 1 WHERE name = 'profiles';
END;
CREATE TRIGGER profiles_updated AFTER UPDATE ON profiles BEGIN
    UPDATE revisions SET revision = revision + 1 WHERE name = 'profiles';
END;
CREATE TRIGGER profiles_deleted AFTER DELETE ON profiles BEGIN
    UPDATE revisions SET revision = revision + 1 WHERE name = 'profiles';
END;
CREATE INDEX history_of_type ON history_entries (type);
CREATE INDEX history_of_profile ON history_entries (profile_id) WHERE profile_id IS NOT NULL;
CREATE INDEX history_audio ON history_entries (number, output_bytes) WHERE output_path IS NOT NULL;
CREATE TRIGGER history_inserted AFTER INSERT ON history_entries BEGIN
    UPDATE history_totals SET
        entries = entries + 1,
        bytes = bytes + coalesce(NEW.output_bytes, 0);
    UPDATE revisions SET revision = revision + 1 WHERE name = 'history';
END;
CREATE TRIGGER history_updated AFTER UPDATE ON history_entries BEGIN
    INSERT INTO file_operations (kind, target)
        SELECT 'remove', OLD.output_path
        WHERE OLD.output_path IS NOT NULL AND NEW.output_path IS NOT OLD.output_path;
    UPDATE history_totals SET
        bytes = bytes + coalesce(NEW.output_bytes, 0) - coalesce(OLD.output_bytes, 0);
    UPDATE revisions SET revision = revision + 1 WHERE name = 'history';
END;
CREATE TRIGGER history_deleted AFTER DELETE ON history_entries BEGIN
    INSERT INTO file_operations (kind, target)
        SELECT 'remove', OLD.output_path WHERE OLD.output_path IS NOT NULL;
    UPDATE history_totals SET
        entries = entries - 1,
        bytes = bytes - coalesce(OLD.output_bytes, 0);
    UPDATE revisions SET revision = revision + 1 WHERE name = 'history';
END;
COMMIT;
PRAGMA application_id = 1348563564;
PRAGMA user_version = 2;
