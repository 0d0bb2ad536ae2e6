"""A small OpenID Connect provider on loopback; it signs for whomever the test says."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "banbury-test", "a secret of the test"


class Provider:
    """Authorization code flow with PKCE; `claims` and `lie` are what the test turns.

    Attributes:
        claims: what the next ID token says.
        lie: changes the claims, or signs with another key, to see that it is found out.
    """

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.claims, self.lie = {}, None
        self.codes = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def document(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
        }

    def authorize(self, asked):
        """Return where the browser goes: its person agreed."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form, header):
        """Return a token for a code, once, to the client that shows secret and verifier."""
        asked = self.codes.pop(form["code"])
        given = base64.b64decode(header.removeprefix("Basic ")).decode()
        assert given.partition(":")[0] == CLIENT
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        assert proof == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.claims,
        }
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims):
        if self.lie == "key":
            other = RSAKey.generate_key(2048, {"kid": "one"})
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, other)
        if self.lie == "none":
            parts = [json.dumps(p).encode() for p in ({"alg": "none"}, claims)]
            return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts) + "."
        return jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, **(self.lie or {})}, self.key)

    def _handler(provider):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
                if parts.path == "/authorize":
                    self.send_response(303)
                    self.send_header("Location", provider.authorize(asked))
                    self.end_headers()
                elif parts.path == "/keys":
                    self.say(KeySet([provider.key]).as_dict(private=False))
                else:
                    self.say(provider.document())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {k: v[0] for k, v in parse_qs(body).items()}
                self.say(provider.token(form, self.headers["Authorization"]))

            def say(self, value):
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler
