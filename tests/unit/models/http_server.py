#!/usr/bin/env python3
"""A file server with faults, for the tests of src/models: http_server.py

Listens on a free port of 127.0.0.1, which it prints. /KIND/N answers with N
bytes of the pattern that test_pull.c knows, in the manner of KIND; /log lists
the requests so far as "PATH RANGE" lines; /release lets the /held ones go.
It ends when its standard input does.
"""
import http.server
import re
import sys
import threading

released = threading.Event()
ended = threading.Event()
log = []
seen = set()
lock = threading.Lock()


def pattern(count):
    return bytes((i * 7 + i // 251) & 255 for i in range(count))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, length=None, headers=()):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def drop(self):
        """Ends the connection though more was promised."""
        self.close_connection = True

    def do_GET(self):
        wanted = self.headers.get("Range", "")
        if self.path == "/log":
            with lock:
                return self.answer(200, "".join(log).encode())
        if self.path == "/release":
            released.set()
            return self.answer(200, b"ok")
        with lock:
            log.append(f"{self.path} {wanted}\n")
            is_first = self.path not in seen
            seen.add(self.path)
        kind, count = re.fullmatch(r"/([a-z]+)/(\d+)", self.path).groups()
        body = pattern(int(count))
        getattr(self, kind)(body, wanted, is_first)

    def ok(self, body, wanted, _):
        if not wanted:
            return self.answer(200, body)
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1))
        if start >= len(body):
            return self.answer(416, b"")
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.answer(206, body[start:], headers=[("Content-Range", span)])

    def whole(self, body, _, __):
        """Knows no ranges."""
        self.answer(200, body)

    def shifted(self, body, wanted, is_first):
        """Answers a range with another one."""
        if not wanted:
            return self.half(body, wanted, True)
        self.answer(206, body, headers=[("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")])

    def redirect(self, body, _, __):
        self.answer(302, b"", headers=[("Location", f"/ok/{len(body)}")])

    def elsewhere(self, body, _, __):
        """Redirects to a protocol that is not allowed."""
        self.answer(302, b"", headers=[("Location", "file:///etc/passwd")])

    def half(self, body, wanted, is_first):
        """Breaks off in the middle the first time."""
        if not is_first:
            return self.ok(body, wanted, is_first)
        self.answer(200, body[: len(body) // 2], length=len(body))
        self.drop()

    def wrong(self, body, _, __):
        self.answer(200, bytes(len(body)))

    def longer(self, body, _, __):
        self.answer(200, body + b"more")

    def endless(self, body, _, __):
        """More than the file has, without saying so beforehand."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body + body)
        self.drop()

    def missing(self, *_):
        self.answer(404, b"there is nothing here")

    def busy(self, *_):
        self.answer(503, b"come back later")

    def stall(self, body, _, __):
        self.answer(200, body[: len(body) // 2], length=len(body))
        ended.wait()
        self.drop()

    def held(self, body, wanted, is_first):
        released.wait()
        self.ok(body, wanted, is_first)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients that leave are part of the tests


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
ended.set()
