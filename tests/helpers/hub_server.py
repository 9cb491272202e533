"""A loopback stand-in for the Hugging Face Hub that stores and serves commits."""

import base64
import hashlib
import json
import os
import re
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGE = (".h5", ".tflite", ".png")
"""Suffixes of large files, which are uploaded separately and served from another host."""


class HubServer:
    """Server for huggingface_hub on two ports: the Hub's and its file store's.

    Attributes:
        url: value for HF_ENDPOINT.
        token: the only token that may write.
        fault: what is wrong with every response: "" (nothing), "hanging", "status 500",
            "wrong bytes", "truncated", "stalled" (half a body, then silence) or "other commit".
        commits: {repository: {commit: {path: bytes}}}, oldest commit first.
        requests: "METHOD /path" of every request so far.
    """

    def __init__(self):
        self.token = "hf_loopback"
        self.fault = ""
        self.commits = defaultdict(dict)
        self.requests = []
        self.stored = {}
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
        self.url, self.store_url = (f"http://127.0.0.1:{s.server_port}" for s in self._servers)
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def publish(self, repository: str, files: dict[str, bytes]) -> str:
        """Add a commit that contains only these files, and return its id."""
        seed = f"{repository} {len(self.commits[repository])}"
        commit = hashlib.sha1(seed.encode()).hexdigest()
        self.commits[repository][commit] = files
        self.stored |= {hashlib.sha256(content).hexdigest(): content for content in files.values()}
        return commit

    def head(self, repository: str) -> str:
        """Return the newest commit of a repository."""
        return list(self.commits[repository])[-1]

    def client_environment(self, home: Path) -> dict[str, str]:
        """Return the environment for a child process of this Hub, with its cache below ``home``."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        return kept | {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_TOKEN": self.token,
            "HF_HUB_DISABLE_XET": "1",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def stop(self) -> None:
        """Stop listening, and end hanging connections."""
        self.released.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._respond(self._serve)

    def do_GET(self):
        self._respond(self._serve)

    def do_POST(self):
        self._respond(self._receive)

    def do_PUT(self):
        self._respond(self._store)

    def _respond(self, method):
        self.hub.requests.append(f"{self.command} {self.path}")
        if self.hub.fault == "hanging":
            self.hub.released.wait()
        elif self.hub.fault == "status 500":
            self._send(500)
        else:
            method(unquote(urlsplit(self.path).path))

    def _serve(self, path):
        if match := re.fullmatch(r"/store/(\w+)", path):
            self._send_file(self.hub.stored[match[1]])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._resolve(*match.groups())
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/main", path):
            if files := self._files(match[1], "main"):
                self._send_json(
                    [
                        {
                            "type": "file",
                            "path": path,
                            "size": len(content),
                            "oid": _sha256(content),
                        }
                        for path, content in files.items()
                    ]
                )
        else:
            self._send(404)

    def _files(self, repository, revision):
        commits = self.hub.commits.get(repository)
        if commits is None:
            self._send(401, {"X-Error-Code": "RepoNotFound"})
        elif revision == "main" and not commits:
            self._send_json([])
        elif revision not in {"main", *commits}:
            self._send(404, {"X-Error-Code": "RevisionNotFound"})
        else:
            return commits[self.hub.head(repository) if revision == "main" else revision]

    def _resolve(self, repository, revision, path):
        files = self._files(repository, revision)
        if files is None:
            return
        if path not in files:
            self._send(404, {"X-Error-Code": "EntryNotFound"})
            return
        commit = self.hub.head(repository) if revision == "main" else revision
        if self.hub.fault == "other commit":
            commit = "f" * 40
        oid = _sha256(files[path])
        headers = {"X-Repo-Commit": commit, "ETag": f'"{oid}"'}
        if path.endswith(LARGE):
            headers |= {
                "Location": f"{self.hub.store_url}/store/{oid}",
                "X-Linked-ETag": f'"{oid}"',
                "X-Linked-Size": str(len(files[path])),
            }
            self._send(302, headers)
        else:
            self._send_file(files[path], headers)

    def _send_file(self, content, headers=None):
        if self.hub.fault == "wrong bytes":
            content = bytes(byte ^ 1 for byte in content)
        length = len(content)
        if self.hub.fault in ("truncated", "stalled"):
            content = content[: length // 2]
        self._send(200, {**(headers or {}), "Content-Length": str(length)}, content)
        if self.hub.fault == "stalled":
            self.hub.released.wait()

    def _receive(self, path):
        body = self._body()
        if self.headers["Authorization"] != f"Bearer {self.hub.token}":
            self._send(401, {"X-Error-Message": "Invalid credentials in Authorization header"})
        elif path == "/api/repos/create":
            content = json.loads(body)
            repository = f"{content['organization']}/{content['name']}"
            status = 409 if repository in self.hub.commits else 200
            self.hub.commits[repository]  # A defaultdict: this creates it.
            self._send_json({"url": f"{self.hub.url}/{repository}"}, status)
        elif path == "/api/validate-yaml":
            self._send_json({"errors": [], "warnings": []})
        elif path.endswith("/preupload/main"):
            self._send_json({"files": [_upload_mode(file) for file in json.loads(body)["files"]]})
        elif path.endswith(".git/info/lfs/objects/batch"):
            self._send_json(
                {"objects": [self._upload_action(file) for file in json.loads(body)["objects"]]}
            )
        elif path == "/store/verify":
            self._send(200 if json.loads(body)["oid"] in self.hub.stored else 404)
        elif match := re.fullmatch(r"/api/models/(.+)/commit/main", path):
            self._commit(match[1], [json.loads(line) for line in body.splitlines()])
        else:
            self._send(404)

    def _upload_action(self, file):
        verify = {"href": f"{self.hub.url}/store/verify"}
        upload = {"href": f"{self.hub.store_url}/store/{file['oid']}"}
        return {**file, "actions": {"upload": upload, "verify": verify}}

    def _store(self, path):
        content = self._body()
        self.hub.stored[_sha256(content)] = content
        self._send(200 if path == f"/store/{_sha256(content)}" else 400)

    def _commit(self, repository, lines):
        commits = self.hub.commits[repository]
        files = dict(commits[self.hub.head(repository)]) if commits else {}
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.hub.stored[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        commit = self.hub.publish(repository, files)
        url = f"{self.hub.url}/{repository}/commit/{commit}"
        self._send_json({"commitOid": commit, "commitUrl": url})

    def _body(self):
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        return content

    def _send_json(self, content, status=200):
        self._send(status, {"Content-Type": "application/json"}, json.dumps(content).encode())

    def _send(self, status, headers=None, content=b""):
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _upload_mode(file):
    mode = "lfs" if file["path"].endswith(LARGE) else "regular"
    return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}


def _sha256(content):
    return hashlib.sha256(content).hexdigest()
