#!/usr/bin/env python3
"""Builds the web page into the program: embed_page.py DIST MISSING out.c out.bin

All files of DIST (what `npm run build` left in web/dist) go into one file of
bytes, as they are and, where that is smaller, gzipped; out.c has the table of
them (struct page_files, src/api/page.h) and takes the bytes in with .incbin. Without
a DIST the file MISSING becomes the page. Outputs are written only when they
changed, so that nothing is compiled for a page that is the same.
"""
import gzip
import hashlib
import json
import os
import re
import sys

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

# Vite names what it bundles after its content: assets/index-B1c2D3e4.js.
IMMUTABLE = re.compile(r"assets/.*-[\w-]{8}\.\w+")

SOURCE = """\
/* The built page; written by tools/embed_page.py. Its bytes have the digest {digest}. */

#include "api/page.h"

extern const unsigned char parlando_page_bytes[] __attribute__((visibility("hidden")));

__asm__(".section .rodata\\n"
        ".balign 16\\n"
        ".globl parlando_page_bytes\\n"
        ".hidden parlando_page_bytes\\n"
        "parlando_page_bytes:\\n"
        ".incbin " {path} "\\n"
        ".byte 0\\n"
        ".previous\\n");

static const struct page_file files[] = {{
{rows}}};

const struct page_files page_built = {{ files, {count} }};
"""


def fail(message):
    sys.exit(f"tools/embed_page.py: {message}")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def read_folder(folder):
    """What the page consists of: {path from the folder: bytes}."""
    names = (
        os.path.relpath(os.path.join(parent, name), folder)
        for parent, _, names in os.walk(folder)
        for name in names
        if not name.endswith(".map")
    )
    return {name: read(os.path.join(folder, name)) for name in sorted(names)}


def check_whole(files):
    """A build that was cut off, or is being written just now, is no page."""
    for name in re.findall(r'(?:src|href)="/(assets/[^"]+)"', files["index.html"].decode()):
        if name not in files:
            fail(f"web/dist/index.html needs {name}, which is not there: build the page again (make page)")


class Bytes:
    """One piece after the other, and where each stands."""

    def __init__(self):
        self.all = bytearray()

    def add(self, piece):
        etag = hashlib.sha256(piece).hexdigest()[:32]
        row = f'{{ "{etag}", parlando_page_bytes + {len(self.all)}, {len(piece)} }}'
        self.all += piece
        return row


def table_row(name, content, out):
    extension = os.path.splitext(name)[1]
    if extension not in MEDIA_TYPES:
        fail(f"web/dist/{name}: this kind of file has no media type in MEDIA_TYPES")
    gzipped = gzip.compress(content, compresslevel=9, mtime=0)
    return (
        f"    {{ .path = {json.dumps(name)},\n"
        f'      .media_type = "{MEDIA_TYPES[extension]}",\n'
        f"      .is_immutable = {'true' if IMMUTABLE.fullmatch(name) else 'false'},\n"
        f"      .plain = {out.add(content)},\n"
        + (f"      .gzip = {out.add(gzipped)},\n" if len(gzipped) < len(content) else "")
        + "    },\n"
    )


def write_if_changed(path, content):
    if not os.path.exists(path) or read(path) != content:
        with open(path, "wb") as file:
            file.write(content)


def main(dist, missing, source, binary):
    is_built = os.path.exists(os.path.join(dist, "index.html"))
    files = read_folder(dist) if is_built else {"index.html": read(missing)}
    check_whole(files)
    out = Bytes()
    rows = "".join(table_row(name, content, out) for name, content in files.items())
    # Inside the string of __asm__, the assembler's own quotes.
    path = json.dumps(json.dumps(os.path.abspath(binary), ensure_ascii=False), ensure_ascii=False)
    text = SOURCE.format(digest=hashlib.sha256(out.all).hexdigest(), path=path, rows=rows, count=len(files))
    write_if_changed(binary, bytes(out.all))
    write_if_changed(source, text.encode())


main(*sys.argv[1:])
