-- Version 2 of studio.db: profiles and the history of what was spoken and heard.

-- Each resource that a page watches has a number that grows with its changes.
CREATE TABLE revisions (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

INSERT INTO revisions (name) VALUES ('profiles'), ('history');

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

-- An entry has one file at most, which lives as long as its row says, so that the row holds the file's
-- path itself: nothing is gained by a row in assets beside it, and the triggers below make it
-- impossible to take one away without asking for the other's removal.
--
-- Large columns come last: what lists read lies before them. search_text is the text, the voice and
-- the file's name, folded (the program's fold()). A search reads it from one end to the other: ten
-- thousand entries of a paragraph each take a few milliseconds, of four pages each some thirty. An
-- index of trigrams would be quicker, but not find parts of two characters (a Chinese word, say),
-- take several times the texts' room, and cost each speech more than a search.
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

CREATE INDEX history_of_type ON history_entries (type);
CREATE INDEX history_of_profile ON history_entries (profile_id) WHERE profile_id IS NOT NULL;
CREATE INDEX history_audio ON history_entries (number, output_bytes) WHERE output_path IS NOT NULL;

CREATE TABLE history_totals (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    entries INTEGER NOT NULL DEFAULT 0 CHECK (entries >= 0),
    bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0)
) STRICT;

INSERT INTO history_totals (number) VALUES (1);

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

-- NULL: as the program is configured.
ALTER TABLE settings ADD COLUMN history_enabled INTEGER CHECK (history_enabled IN (0, 1));
ALTER TABLE settings ADD COLUMN history_retain_audio INTEGER CHECK (history_retain_audio IN (0, 1));
ALTER TABLE settings ADD COLUMN history_max_entries INTEGER CHECK (history_max_entries >= 0);
ALTER TABLE settings ADD COLUMN history_max_mb INTEGER CHECK (history_max_mb >= 0);
