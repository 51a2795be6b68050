"""An answer as a document in which only what must agree is left: no signatures, no ciphertexts."""

import hashlib
import hmac
import json
import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from .http import Answer
from .side import Step

Json = Any  # a decoded JSON document

# What the connection says of itself, not the service of the answer.
TRANSPORT = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}

_SIGNED = re.compile(r"(.+)\.([A-Za-z0-9+/_-]{43}=?)")
_JWT = re.compile(r"ey[\w-]+\.ey[\w-]+\.[\w-]+")
_CHUNK = re.compile(r"\.\d+$")
_JWE = re.compile(r"ey[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+")


def document_of(step: Step, secret: str) -> Json:
    """What a step gave.

    That is `status`, `reason`, `header`, `cookie` and `body`, or `to`, `link` and `code`, or
    `stored`.
    """
    if step.letter is not None:
        letter = step.letter
        return {"to": letter.to, "link": letter.link, "code": f"{len(letter.code)} digits"}
    if step.entries is not None:
        return {"stored": step.entries}
    if step.answer is None:
        return {}
    answer = step.answer
    return {
        "status": answer.status,
        "reason": answer.reason,
        "header": _headers(answer, secret),
        "cookie": _cookies(answer.all("set-cookie"), secret),
        **_body(answer, secret),
    }


def _headers(answer: Answer, secret: str) -> Json:
    """By name, because only lines of one name have an order."""
    names = sorted({name for name, _ in answer.headers} - TRANSPORT - {"set-cookie"})
    return {name: [opened(value, secret) for value in answer.all(name)] for name in names}


def _body(answer: Answer, secret: str) -> Json:
    text = answer.body.decode(errors="replace")
    if not text or answer.status == 204:
        return {"body": text}
    try:
        found = json.loads(text)
    except ValueError:
        return {"body": _page(text) if text[:15].lower() == "<!doctype html>" else text}
    compact = json.dumps(found, separators=(",", ":"), ensure_ascii=False) == text
    return {"body": _opened_within(found, secret), "compact": compact}


def _page(text: str) -> Json:
    words = _Words()
    words.feed(text)
    words.close()
    return {"design": text, "words": words.found}


class _Words(HTMLParser):
    """What a page says, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._is_hidden = tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden and data.strip():
            self.found.append(" ".join(data.split()))


def _opened_within(document: Json, secret: str) -> Json:
    if isinstance(document, dict):
        masked = {**document, **_lengths(document)}
        return {key: _opened_within(value, secret) for key, value in masked.items()}
    if isinstance(document, list):
        return [_opened_within(value, secret) for value in document]
    return opened(document, secret) if isinstance(document, str) else document


def _lengths(document: Json) -> Json:
    """The numbers of a public key, which differ, by their lengths, which do not."""
    numbers = {"x", "y", "n"} & document.keys() if "kty" in document else set()
    return {name: f"a number of {len(document[name])} digits" for name in numbers}


def _cookies(lines: list[str], secret: str) -> Json:
    """In order; the first of several chunks says what they hold together."""
    found = [_cookie(line) for line in lines]
    chunks = [each for each in found if _CHUNK.search(each["name"]) and each["value"]]
    whole = "".join(each["value"] for each in chunks)
    for each in found:
        each["value"] = f"{len(each['value'])} bytes" if each in chunks else each["value"]
    if chunks:
        chunks[0]["whole"] = opened(whole, secret)
    return [{**each, "value": opened(each["value"], secret)} for each in found]


def _cookie(line: str) -> Json:
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    return {"name": name, "value": unquote(value), "attributes": attributes}


def opened(text: str, secret: str) -> Json:
    """A JWT as header and claims, a signed value with a word on its signature."""
    if _JWT.fullmatch(text):
        return _token(text, secret)
    if _JWE.fullmatch(text):
        return _decrypted(text, secret)
    if text.startswith("eyJzZXNzaW9uIjp7"):  # {"session":{ in base64
        return _compact_cache(text, secret)
    if found := _SIGNED.fullmatch(text):
        wanted = b64encode(hmac.digest(secret.encode(), found[1].encode(), "sha256")).decode()
        return {"value": found[1], "signature": "right" if found[2] == wanted else "wrong"}
    return text


def _token(text: str, secret: str) -> Json:
    claims = jwt.decode(text, options={"verify_signature": False})
    header = jwt.get_unverified_header(text)
    lifetime = claims["exp"] - claims["iat"] if {"exp", "iat"} <= claims.keys() else None
    document = {"header": header, "claims": claims, "lifetime": lifetime}
    if header["alg"] == "HS256":
        document["signature"] = _is_signed(text, secret)
    return document


def _is_signed(token: str, secret: str) -> str:
    try:
        jwt.decode(token, secret, ["HS256"], options={"verify_aud": False, "verify_exp": False})
    except jwt.InvalidTokenError:
        return "wrong"
    return "right"


def _compact_cache(text: str, secret: str) -> Json:
    """`session.cookieCache.strategy` compact; its signature covers the payload and `expiresAt`."""
    document = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    signed = {**document["session"], "expiresAt": document["expiresAt"]}
    message = json.dumps(signed, separators=(",", ":"), ensure_ascii=False).encode()
    digest = hmac.digest(secret.encode(), message, hashlib.sha256)
    wanted = urlsafe_b64encode(digest).decode().rstrip("=")
    document["signature"] = "right" if document["signature"] == wanted else "wrong"
    # In whole seconds: a clock that is read twice may tick in between.
    document["lifetime"] = round((document["expiresAt"] - document["session"]["updatedAt"]) / 1000)
    return document


def _decrypted(text: str, secret: str) -> Json:
    """`session.cookieCache.strategy` jwe, with the key that Better Auth derives."""
    info = b"BetterAuth.js Generated Encryption Key"
    key = HKDF(SHA256(), 64, b"better-auth-session", info).derive(secret.encode())
    try:
        found = jwe.decrypt_compact(
            text, OctKey.import_key(key), algorithms=["dir", "A256CBC-HS512"]
        )
    except JoseError as error:
        return {"undecryptable": type(error).__name__}
    assert found.plaintext is not None
    return {"header": found.headers(), "claims": json.loads(found.plaintext)}
