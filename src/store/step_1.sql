-- Version 1 of studio.db. Released steps are never edited: a change of shape is a step of its own.
--
-- Ids from outside are text and UUIDs; `number` is the row's own, in the order of making. Moments are
-- milliseconds since 1970, UTC; now_ms() is the store's clock, for steps only. What can be counted is kept by triggers, so that no statement that
-- changes a row can forget it; what needs a clock (revision, status, updated_at) is settled by the
-- program, once a transaction.

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

CREATE INDEX assets_of_project ON assets (project_id);

-- What is still to be done with files, in order: ids are never used again.
CREATE TABLE file_operations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('rename', 'remove', 'remove_tree')),
    source TEXT CHECK ((source IS NOT NULL) = (kind = 'rename')),
    target TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    default_voice_id TEXT NOT NULL,
    tts_speed REAL NOT NULL CHECK (tts_speed BETWEEN 0.5 AND 2.0),
    engine TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO settings VALUES (1, 'af_bella', 1.0, 'auto', now_ms());

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE INDEX jobs_active ON jobs (priority, number) WHERE finished_at IS NULL;
CREATE INDEX jobs_of_project ON jobs (project_id, number);
CREATE INDEX jobs_busy ON jobs (project_id) WHERE queued + running > 0;

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

-- Nothing is made twice at once.
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
