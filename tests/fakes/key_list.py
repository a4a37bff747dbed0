"""A server of public keys as a secret scanner runs one, with a P-256 key of its own. It counts, and can fail."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HOST = "scanner.example"


class Scanner:
    """Signs reports, and serves the keys with which it signs. A context manager; `url` is the list's."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.asked = 0
        self.status = 200
        self.add("key-1")
        scanner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                scanner.asked += 1
                body = scanner.document()
                self.send_response(scanner.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """The test's output is no place for it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # As OUTBOUND_ROUTES names it.
        self.place = f"127.0.0.1:{self._server.server_port}"
        self.url = f"https://{HOST}/keys"

    def __enter__(self) -> Scanner:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, identifier: str) -> None:
        """Sign with one more key from now on."""
        self.keys[identifier] = ec.generate_private_key(ec.SECP256R1())

    def document(self) -> bytes:
        """The list in the partner programme's form."""
        items = [
            {"key_identifier": name, "key": _pem(key.public_key()), "is_current": True}
            for name, key in self.keys.items()
        ]
        return json.dumps({"public_keys": items}).encode()

    def sign(self, body: bytes, identifier: str = "key-1") -> dict[str, str]:
        """The headers of a report with this body."""
        signature = self.keys[identifier].sign(body, ec.ECDSA(hashes.SHA256()))
        return {
            "Github-Public-Key-Identifier": identifier,
            "Github-Public-Key-Signature": base64.b64encode(signature).decode(),
        }


def _pem(key: ec.EllipticCurvePublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
