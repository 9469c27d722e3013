"""The same two answers as Parlando's, by FastAPI: a project with its segments from the same database
file, and a recording with Range. Run by uvicorn (uvloop, httptools), one process. Written to be quick
in the ways that come naturally: the connection is kept, rows are read in one query each, answers go
out as they are without validation by models."""

import os
import re
import sqlite3
import sys
from contextlib import closing
from datetime import datetime

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

data, port = sys.argv[1], int(sys.argv[2])
app = FastAPI()
database = sqlite3.connect(f"file:{data}/studio.db?mode=ro", uri=True, check_same_thread=False)
database.row_factory = sqlite3.Row
media = os.path.realpath(os.path.join(data, "media"))


PROJECT = """SELECT id, title, author, status, created_at, updated_at, segment_count, audio_count,
    locked_count, stale_count, duration_us / 1e6 AS duration FROM projects WHERE id = ?"""
SEGMENTS = """SELECT id, project_id AS project, sequence_index, text_content, image_prompt, chapter,
    image_file, audio_file, audio_duration, audio_engine, audio_voice, audio_stale, audio_error,
    is_locked, NULL AS task_id, created_at, updated_at
    FROM segments WHERE project_id = ? ORDER BY sequence_index"""


def rows(sql, *values):
    with closing(database.execute(sql, values)) as cursor:
        return [dict(row) for row in cursor]


def moment(ms):
    return datetime.utcfromtimestamp(ms / 1000).isoformat(timespec="milliseconds") + "Z"


def shown(row):
    for name in ("created_at", "updated_at"):
        row[name] = moment(row[name])
    for name in ("audio_stale", "is_locked"):
        if name in row:
            row[name] = bool(row[name])
    return row


@app.get("/api/projects/{project_id}/")
async def project(project_id: str):
    found = rows(PROJECT, project_id)
    if not found:
        return JSONResponse({"detail": "Not found."}, 404)
    return JSONResponse({**shown(found[0]), "segments": [shown(row) for row in rows(SEGMENTS, project_id)]})


def pieces(path, first, length):
    with open(path, "rb") as file:
        file.seek(first)
        while length > 0:
            piece = file.read(min(length, 1 << 16))
            if not piece:
                return
            length -= len(piece)
            yield piece


@app.get("/media/{path:path}")
async def recording(path: str, request: Request):
    full = os.path.realpath(os.path.join(media, path))
    if not full.startswith(media + os.sep) or not os.path.isfile(full):
        return JSONResponse({"detail": "Not found."}, 404)
    size = os.stat(full).st_size
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    first = int(wanted[1]) if wanted else 0
    last = min(int(wanted[2]), size - 1) if wanted and wanted[2] else size - 1
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(last - first + 1)}
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return StreamingResponse(pieces(full, first, last - first + 1), 206 if wanted else 200, headers, "audio/wav")


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
