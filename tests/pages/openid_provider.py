"""A small OpenID provider on the loopback interface: discovery, authorize, token, keys and userinfo, with a key of its own.

It knows one person at a time (`claims`), and can be told to err: `token` makes the identity token, `sign` signs it.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "credence", "a secret of the tests"


class Provider:
    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims = {"sub": "subject-1", "email": "ada@school.example", "email_verified": True}
        self.told = {}
        self.changes = {}
        self.algorithm, self.signing_key = "RS256", self.key
        self.codes = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def configuration(self):
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys", "userinfo_endpoint": "me"}
        return {"issuer": self.address, **{name: f"{self.address}/{path}" for name, path in endpoints.items()}}

    def keys(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked):
        """Where the browser is sent back to: the person has just signed in here."""
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent):
        """The answer to a code; None where it is unknown, used, or not of who asks."""
        asked = self.codes.pop(sent.get("code"), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or sent.get("client_secret") != SECRET:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"], **self.claims}
        claims = {name: value for name, value in (claims | self.changes).items() if value is not None}
        token = jwt.encode(claims, self.signing_key, self.algorithm, headers={"kid": "one"})
        return {"access_token": "an access token", "token_type": "Bearer", "id_token": token}


def handler_of(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize({name: values[0] for name, values in query.items()}))
                self.end_headers()
                return
            pages = {"/.well-known/openid-configuration": provider.configuration, "/keys": provider.keys, "/me": lambda: provider.told}
            self.say(pages[path]())

        def do_POST(self):
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = provider.token({name: values[0] for name, values in sent.items()})
            self.say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def say(self, content, status=200):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_):
            pass

    return Handler
