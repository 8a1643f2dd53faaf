#!/usr/bin/env python3
"""Checks the vectors of specs/vectors/ without the project's code: Python 3, standard library only.

What is judged here: strict JSON, ids, keys, ed25519 and SSHSIG signatures, envelopes, heads, bodies, checkpoints,
cosignatures, Merkle roots and proofs, charter chains, successions, lists, the ref register, catalogue
roots, which versions of merge requests are refs; and, with the schemas of specs/schemas/, what a schema can say of heads, envelopes, charters, successions (cases
tagged `beyond-schema` are those that it cannot). BLAKE3 is not in the standard library: its vectors are skipped.
Prints one line per file; exits 1 if anything differs.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE / "vectors"


class Refused(Exception):
    """A vector's input is not valid; the message says why."""


def need(condition, why):
    if not condition:
        raise Refused(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- strict JSON (R-01-01 to R-01-07)

MAX_INT = 2**53 - 1


def strict_json(data):
    """Parses bytes, writes what was understood, and refuses a difference."""

    def pairs(members):
        names = [n.encode() for n, _ in members]
        need(all(a < b for a, b in zip(names, names[1:])), "members not sorted and distinct")
        return dict(members)

    def no(_):
        raise Refused("not an integer")

    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=pairs, parse_float=no, parse_constant=no)
    except (ValueError, RecursionError) as e:
        raise Refused(f"not JSON: {e}") from e
    need(write_json(value).encode() == data, "not in its own form")
    return value


def write_json(value, depth=0):
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        need(0 <= value <= MAX_INT, "integer out of range")
        return str(value)
    if isinstance(value, str):
        need(all(c >= " " for c in value), "control character")
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    need(isinstance(value, (list, dict)), "null")
    need(depth < 8, "nested too deep")
    if isinstance(value, list):
        return "[" + ",".join(write_json(v, depth + 1) for v in value) + "]"
    members = (write_json(k) + ":" + write_json(v, depth + 1) for k, v in value.items())
    return "{" + ",".join(members) + "}"


def strict_object(data):
    value = strict_json(data)
    need(isinstance(value, dict), "not an object")
    return value


# ---- ids and keys (R-01-10, R-01-30, R-01-31)


def b32(data):
    return base64.b32encode(data).decode().rstrip("=").lower()


def from_b32(text):
    need(isinstance(text, str) and text == text.lower() and "=" not in text, "not base32")
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError as e:
        raise Refused("not base32") from e
    need(b32(data) == text, "not base32 with zero trailing bits")
    return data


def an_id(text):
    data = from_b32(text)
    need(len(data) == 32, "not 32 bytes")
    return data


def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise Refused("not base64") from e
    need(base64.b64encode(data).decode() == text, "not base64 with zero trailing bits")
    return data


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def a_key(did):
    """The 32 bytes of a did:key, checked to be a usable point."""
    need(isinstance(did, str) and did.startswith("did:key:z"), "not a did:key")
    number, text = 0, did[9:]
    need(text and not text.startswith("1") and all(c in BASE58 for c in text), "not base58")
    for c in text:
        number = number * 58 + BASE58.index(c)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    need(len(data) == 34 and data[:2] == b"\xed\x01", "not an ed25519 key")
    point = decompress(data[2:])
    need(not same_point(times(8, point), ZERO), "a key of small order")
    return data[2:]


# ---- ed25519 (RFC 8032), strict

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, point):
    out = ZERO
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def decompress(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    need(y < P, "not the point's own encoding")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    need((x * x - square) % P == 0, "no point of the curve")
    need(x or not sign, "not the point's own encoding")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
POWERS = [BASE]
while len(POWERS) < 256:
    POWERS.append(add(POWERS[-1], POWERS[-1]))


def verify(key, message, signature):
    need(len(signature) == 64, "a signature has 64 bytes")
    s = int.from_bytes(signature[32:], "little")
    need(s < ORDER, "S is not below the order")
    r, a = decompress(signature[:32]), decompress(key)
    need(not same_point(times(8, r), ZERO), "R is of small order")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left = ZERO
    for bit, power in enumerate(POWERS):
        if s >> bit & 1:
            left = add(left, power)
    need(same_point(left, add(r, times(k, a))), "the signature does not verify")


def text_of(data, at):
    size = int.from_bytes(data[at : at + 4], "big")
    need(len(data) >= at + 4 + size, "an SSHSIG blob ends early")
    return data[at + 4 : at + 4 + size], at + 4 + size


def prefixed(data):
    return len(data).to_bytes(4, "big") + data


def verify_any(key, message, signature):
    """A plain signature or an unarmoured SSHSIG blob (R-01-32, R-01-33)."""
    if len(signature) == 64:
        return verify(key, message, signature)
    return verify_ssh(key, message, signature, b"commun", ("sha512",))


def verify_ssh(key, message, signature, namespace, hashes):
    """An unarmoured SSHSIG blob of this key."""
    need(signature[:10] == b"SSHSIG\0\0\0\1", "neither 64 bytes nor SSHSIG version 1")
    wire, at = text_of(signature, 10)
    need(wire == prefixed(b"ssh-ed25519") + prefixed(key), "the SSHSIG key is another")
    space, at = text_of(signature, at)
    reserved, at = text_of(signature, at)
    name, at = text_of(signature, at)
    blob, at = text_of(signature, at)
    need((space, reserved) == (namespace, b"") and name.decode() in hashes, "namespace or hash")
    need(at == len(signature), "bytes after the SSHSIG blob")
    head = prefixed(b"ssh-ed25519")
    need(blob[: len(head) + 4] == head + (64).to_bytes(4, "big"), "not an ed25519 signature")
    digest = hashlib.new(name.decode(), message).digest()
    signed = b"SSHSIG" + prefixed(space) + prefixed(b"") + prefixed(name) + prefixed(digest)
    return verify(key, signed, blob[len(head) + 4 :])


# ---- envelopes (R-01-15 to R-01-22)

LIMITS = {"statement": (32768, 16), "charter": (1 << 20, 1024), "succession": (32768, 16)}


def pae(kind, payload):
    name = f"application/vnd.commun.{kind}.v1+json".encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


OPENED = {}


def open_envelope(kind, data):
    """The payload and the keys that signed."""
    known = OPENED.get((kind, data))
    if known:
        return known
    size, count = LIMITS[kind]
    need(len(data) <= size, "too large")
    envelope = strict_object(data)
    need(set(envelope) == {"payload", "payloadType", "signatures"}, "members")
    need(envelope["payloadType"] == f"application/vnd.commun.{kind}.v1+json", "payload type")
    payload = b64(envelope["payload"])
    signatures = envelope["signatures"]
    need(isinstance(signatures, list) and 1 <= len(signatures) <= count, "how many signatures")
    for s in signatures:
        need(isinstance(s, dict) and set(s) == {"keyid", "sig"}, "a signature's members")
    ids = [s["keyid"] for s in signatures]
    need(all(a < b for a, b in zip(ids, ids[1:])), "signatures not sorted by distinct keyid")
    for s in signatures:
        verify_any(a_key(s["keyid"]), pae(kind, payload), b64(s["sig"]))
    OPENED[kind, data] = payload, ids
    return payload, ids


# ---- heads (R-02-01 to R-02-10)

RESERVED = "api search log oai oembed healthz metrics login logout static feed sitemap about admin new me".split()


def a_handle(text):
    need(isinstance(text, str) and 2 <= len(text) <= 39 and text not in RESERVED, "handle")
    parts = text.split("-")
    need(all(p and all(c in "abcdefghijklmnopqrstuvwxyz0123456789" for c in p) for p in parts), "handle")


def id_list(value, low, high):
    need(isinstance(value, list) and low <= len(value) <= high, "how many ids")
    for i in value:
        an_id(i)
    need(all(a < b for a, b in zip(value, value[1:])), "ids not sorted and distinct")


INVISIBLE = {0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0}
INVISIBLE_RANGES = (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xFFF0, 0xFFFF), (0xE0000, 0xE0FFF)
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {d + str(n) for d in ("COM", "LPT") for n in range(1, 10)}


def a_ref_name(name):
    """R-02-20."""
    start = next((p for p in ("refs/heads/", "refs/tags/") if name.startswith(p)), None)
    need(start and len(name.encode()) <= 200, "prefix or length")
    need(".." not in name and "@{" not in name and not name.endswith("."), "..")
    for part in name[len(start) :].split("/"):
        need(part not in ("", "@", "HEAD") and part[0] not in ".-", "a part")
        need(not part.lower().endswith(".lock"), ".lock")
        need(part.split(".")[0].upper() not in DEVICES, "a device of Windows")
    for c in name:
        n = ord(c)
        hidden = n in INVISIBLE or any(low <= n <= high for low, high in INVISIBLE_RANGES)
        control = n < 0x20 or 0x7F <= n <= 0x9F
        need(not (hidden or control or c.isspace() or c in '~^:?*[\\"<>|'), "a character")


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def a_head(payload):
    """The head, or None of another version."""
    head = strict_object(payload)
    need(is_int(head.get("v")), "v")
    if head["v"] != 1:
        return None
    for name in ("kind", "commons", "institution", "nonce", "author"):
        need(isinstance(head.get(name), str), name)
    need(1 <= len(head["kind"]) <= 64, "kind")
    need(all(c in "abcdefghijklmnopqrstuvwxyz-" for c in head["kind"]), "kind")
    an_id(head["commons"])
    a_handle(head["institution"])
    need(len(from_b32(head["nonce"])) == 16, "nonce")
    a_key(head["author"])
    need(is_int(head.get("time")), "time")
    for name in ("item", "for", "body"):
        if name in head:
            an_id(head[name])
    if "supersedes" in head:
        id_list(head["supersedes"], 1, 16)
    return head


def a_statement(entry, commons, log):
    payload, signers = open_envelope("statement", entry)
    head = a_head(payload)
    if head:
        need(head["author"] in signers, "the author did not sign")
        need(head["commons"] == commons and head["institution"] == log, "another log")
    return payload, head


# ---- trees and notes (R-03-01 to R-03-07)


def leaf(entry):
    return sha256(b"\0", entry)


def tree_root(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1", tree_root(leaves[:half]), tree_root(leaves[half:]))


def check_consistency(old, old_root, new, new_root, proof):
    """RFC 9162, section 2.1.4.2, and the sizes that it leaves out."""
    need(old <= new, "the old tree is the larger one")
    if old in (0, new):
        need(not proof, "no hash is needed")
        need(old_root == (sha256() if old == 0 else new_root), "roots")
        return
    if old & (old - 1) == 0:
        proof = [old_root] + proof
    need(proof, "the proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for node in proof[1:]:
        need(sn, "a hash too many")
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\1", node, fr), sha256(b"\1", node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\1", sr, node)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "a hash is missing")
    need((fr, sr) == (old_root, new_root), "another root")


def a_note(text):
    cut = text.rfind("\n\n")
    need(cut >= 0 and text.endswith("\n") and "\r" not in text, "not a note")
    body, lines = text[: cut + 1], text[cut + 2 : -1].split("\n")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "—", "a signature line")
        signatures.append((parts[1], b64(parts[2])))
    return body, signatures


def key_hash(name, kind, key):
    return sha256(name.encode(), b"\n", bytes([kind]), key)[:4]


def decimal(text):
    need(text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"), "a number")
    return int(text)


def checkpoint(case):
    body, signatures = a_note(case["note"])
    lines = body.split("\n")
    need(len(lines) == 4 and lines[3] == "", "three lines")
    name, commons, handle, epoch = lines[0].split("/")
    need(name == "commun", "origin")
    an_id(commons)
    a_handle(handle)
    decimal(epoch)
    size, root = decimal(lines[1]), b64(lines[2])
    need(len(root) == 32, "root")
    need(lines[0] == case["origin"], "another origin")
    key = a_key(case["writer"])
    start = key_hash(lines[0], 1, key)
    signed = [b[4:] for n, b in signatures if n == lines[0] and b[:4] == start]
    need(signed, "no signature of the writer")
    verify(key, body.encode(), signed[0])
    need((size, root.hex()) == (case["size"], case["root_hex"]), "size and root")


def cosignature(case):
    body, signatures = a_note(case["note"])
    name = f"commun/{case['commons']}/{case['cosigner']}/cosigner"
    key = a_key(case["key"])
    start = key_hash(name, 4, key)
    signed = [b[4:] for n, b in signatures if n == name and b[:4] == start]
    need(signed, "no such cosignature")
    time = int.from_bytes(signed[0][:8], "big")
    verify(key, f"cosignature/v1\ntime {time}\n{body}".encode(), signed[0][8:])
    need(time == case["time"], "time")


# ---- charters and successions (R-03-10 to R-03-28)


def count_signed(charter, signers):
    return sum(
        sum(k in signers for k in i["keys"]) >= i["threshold"] for i in charter["institutions"]
    )


def an_amendment(data):
    payload, signers = open_envelope("charter", data)
    a = strict_object(payload)
    as_schema("charter", a)
    for name in ("v", "number", "round", "time", "copies"):
        need(is_int(a.get(name)), name)
    need(a["v"] == 1, "version")
    for name in ("institutions", "licences", "required"):
        need(isinstance(a.get(name), list), name)
    handles, keys = [], []
    for i in a["institutions"]:
        a_handle(i["handle"])
        handles.append(i["handle"])
        keys += i["keys"]
        for k in i["keys"]:
            a_key(k)
        need(all(x < y for x, y in zip(i["keys"], i["keys"][1:])), "keys not sorted")
        need(1 <= i["threshold"] <= len(i["keys"]) <= 8, "threshold")
    need(handles and handles == sorted(set(handles)), "institutions not sorted")
    need(len(keys) == len(set(keys)), "a key of two institutions")
    first = a["number"] == 0
    need(first == ("prev" not in a) == ("commons" not in a), "prev and commons")
    need((a["round"] == 0) == ("failed" not in a), "a round and its proof")
    return b32(sha256(payload)), a, signers


def follows(chain, a, signers):
    """Whether an amendment follows in a chain of (id, amendment)."""
    commons = chain[0][0]
    need(a["commons"] == commons, "another commons")
    n = a["number"]
    need(1 <= n <= len(chain) and a["prev"] == chain[n - 1][0], "unlinked")
    before = chain[n - 1][1]
    need(2 * count_signed(before, signers) > len(before["institutions"]), "no majority")
    now = {i["handle"]: (i["keys"], i["threshold"]) for i in a["institutions"]}
    cuts = {c["institution"] for c in a.get("cuts", [])}
    was = {i["handle"]: (i["keys"], i["threshold"]) for i in before["institutions"]}
    for handle, keys in was.items():
        need((now.get(handle) != keys) == (handle in cuts), "changed if and only if cut")
    need(cuts <= set(was), "a cut of no member")
    used = {i["handle"] for _, c in chain[:n] for i in c["institutions"]}
    need(all(h in was or h not in used for h in now), "a handle is used again")
    if a["round"]:
        silent, best = set(was), 0
        for text in a["failed"]:
            _, other, other_signers = an_amendment(b64(text))
            same = [other["number"], other["prev"], other["round"]]
            need(same == [n, a["prev"], a["round"] - 1], "a proof of another round")
            best = max(best, count_signed(before, other_signers))
            for i in before["institutions"]:
                if sum(k in other_signers for k in i["keys"]) >= i["threshold"]:
                    silent.discard(i["handle"])
        need(2 * (best + len(silent)) <= len(was), "the round before can still succeed")


def a_chain(envelopes):
    chain = []
    for text in envelopes:
        name, a, signers = an_amendment(text.encode())
        if chain:
            follows(chain, a, signers)
        else:
            need(a["number"] == 0, "a chain begins with 0")
            need(count_signed(a, signers) == len(a["institutions"]), "all sign charter 0")
        chain.append((name, a))
    return chain


def charter_case(case):
    if not case["before"]:
        chain = a_chain([case["amendment"]])
        need(chain[0][0] == case["commons"], "commons id")
        return
    chain = a_chain(case["before"])
    name, a, signers = an_amendment(case["amendment"].encode())
    follows(chain, a, signers)
    n = a["number"]
    verdict = "new" if n == len(chain) else "known" if chain[n][0] == name else "fork"
    need(verdict == case["verdict"], f"verdict {verdict}")


def succession_case(case):
    chain = a_chain(case["charters"])
    charters = dict(chain)
    known = []
    verdict = None
    for text in case["before"] + [case["succession"]]:
        payload, signers = open_envelope("succession", text.encode())
        s = strict_object(payload)
        as_schema("succession", s)
        need(s.get("v") == 1 and is_int(s.get("epoch")) and is_int(s.get("size")), "form")
        a_handle(s["institution"])
        an_id(s["root"])
        need("writer" in s, "no writer")
        a_key(s["writer"])
        first = s["epoch"] == 0
        need(first == ("prev" not in s), "prev")
        need(not first or (s["size"] == 0 and an_id(s["root"]) == sha256()), "the first")
        name = b32(sha256(payload))
        if name in [n for n, _ in known]:
            verdict = "known"
            continue
        need(s["commons"] == chain[0][0], "another commons")
        need(s["charter"] in charters, "unknown charter")
        members = {i["handle"]: i for i in charters[s["charter"]]["institutions"]}
        member = members.get(s["institution"])
        need(member, "no member")
        need(sum(k in signers for k in member["keys"]) >= member["threshold"], "unsigned")
        if not first:
            need(s["epoch"] <= len(known), "the one before is not known")
            before, what = known[s["epoch"] - 1]
            need(s["prev"] == before and s["size"] >= what["size"], "does not follow")
        verdict = "fork" if s["epoch"] < len(known) else "new"
        if verdict == "new":
            known.append((name, s))
    need(verdict == case["verdict"], f"verdict {verdict}")


# ---- the ref register


def resolve(given):
    """Heads, what is served, states, and the names that Git gets."""
    order = sorted(given["statements"], key=lambda s: (s["institution"], s["position"]))
    policies = {p["id"]: p for p in given["policies"]}
    newest, states = {}, {}
    for s in order:
        states[s["id"]] = standing(given, policies, newest, s)
    names = sorted({c["ref"] for s in order for c in s.get("changes", [])})
    refs, live, applied = {}, {s["id"]: 0 for s in order}, {s["id"]: 0 for s in order}
    for name in names:
        said = [(s, c) for s in order for c in s.get("changes", []) if c["ref"] == name]
        heads, waiting, here, counted = one_ref(given, name, said, states)
        for i in here:
            live[i] += 1
        for i in counted:
            applied[i] += 1
        if heads or waiting:
            refs[name] = {"heads": heads}
        if heads and "oid" in heads[0]:
            refs[name]["served"] = heads[0]["oid"]
        if waiting:
            refs[name]["waiting"] = waiting
    for i, state in states.items():
        if state == "in-force" and not live[i]:
            states[i] = "superseded" if applied[i] else "refused"
    return {"refs": refs, "states": states, "git": project(given, refs)}


def standing(given, policies, newest, s):
    if s["verdict"] != "in-force":
        return s["verdict"]
    policy = policies.get(s["policy"])
    if not policy:
        return "refused" if s["policy"] in given["no_policies"] else "pending"
    if policy["position"] < newest.get(s["institution"], 0):
        return "refused"
    listed = [p for p in policy["pushers"] if p["institution"] == s["institution"]]
    if not listed:
        return "refused"
    persons = listed[0].get("persons")
    if not (s["developer"] if persons is None else s.get("person") in persons):
        return "refused"
    floor = 0
    for p in given["policies"]:
        for c in p["cuts"]:
            if c["institution"] == s["institution"]:
                floor = max(floor, c["size"])
                if p["position"] >= policy["position"] and s["position"] >= floor:
                    return "refused"
    if "changes" not in s:
        return "pending"
    newest[s["institution"]] = policy["position"]
    return "in-force"


def covers(pattern, name):
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1]) and len(name) > len(pattern) - 1
    return name == pattern


def one_ref(given, name, said, states):
    tag = name.startswith("refs/tags/")
    there, applied = {}, []
    for s, c in said:
        if states[s["id"]] != "in-force" or (tag and there.get(s["institution"]) and not c["forced"]):
            continue
        there[s["institution"]] = "new" in c
        applied.append((s, c))
    last_policy = given["policies"][-1] if given["policies"] else {"pushers": [], "protected": []}
    pushers = [p["institution"] for p in last_policy["pushers"]]
    rule = next((r for r in last_policy["protected"] if covers(r["pattern"], name)), None)

    def counts(s, c):
        if not rule or s["id"] in rule["base"]:
            return True
        fits = (rule["force"] or not c["forced"]) and (rule["delete"] or "new" in c)
        return fits and s["institution"] in pushers

    if rule and rule["threshold"] > 1:
        return agreed(given, rule, pushers, said, applied, counts, tag)
    counted = [(s, c) for s, c in applied if counts(s, c)]
    edges = {s["id"]: [] if tag and not c["forced"] else c["over"] for s, c in said}
    reached, todo = set(), [i for s, _ in counted for i in edges[s["id"]]]
    while todo:
        i = todo.pop()
        if i in edges and i not in reached:
            reached.add(i)
            todo += edges[i]
    last = {s["institution"]: (s, c) for s, c in counted}
    heads = [(s, c) for s, c in last.values() if s["id"] not in reached]
    if any("new" in c for _, c in heads):
        heads = [(s, c) for s, c in heads if "new" in c]
    heads.sort(key=lambda h: (rank(given, pushers, h[0]["institution"]), h[0]["id"]))
    live = [
        s["id"]
        for s, _ in applied
        if s["id"] not in reached
        and not (s["institution"] in last and last[s["institution"]][0]["position"] > s["position"])
    ]
    return [shown_head(s, c) for s, c in heads], [], live, [s["id"] for s, _ in applied]


def shown_head(s, c, **more):
    oid = {"oid": c["new"]} if "new" in c else {}
    return {"id": s["id"], "institution": s["institution"], **oid, **more}


def reach(edges, start):
    """What lies beyond some nodes."""
    found, todo = set(), [n for s in start for n in edges.get(s, ())]
    while todo:
        n = todo.pop()
        if n not in found:
            found.add(n)
            todo += edges.get(n, ())
    return found


def agreed(given, rule, pushers, said, applied, counts, tag):
    """A ref under a threshold (R-05-11, R-05-17 to R-05-19). None stands for a deletion."""
    t = rule["threshold"]
    over = {s["id"]: [] if tag and not c["forced"] else c["over"] for s, c in said}
    known = set(over)
    bases = [s["id"] for s, _ in applied if s["id"] in rule["base"]]
    behind = reach(over, bases) & known
    value = {s["id"]: c.get("new") for s, c in said if s["id"] not in behind}
    fitting = [(s, c) for s, c in applied if s["id"] not in behind and counts(s, c)]

    def builds_on(s, c):
        return {value[i] for i in over[s["id"]] if i in value} - {c.get("new")}

    last, saying, support = {}, {}, {}
    for s, c in fitting:
        if s["institution"] in pushers:
            last[s["institution"]] = (s, c)
            for below in builds_on(s, c):
                saying.setdefault((c.get("new"), below), set()).add(s["institution"])
    above = {}
    for (v, below), by in saying.items():
        if len(by) >= t:
            above.setdefault(v, []).append(below)
    for who, (s, c) in last.items():
        for v in {c.get("new")} | builds_on(s, c):
            support.setdefault(v, set()).add(who)

    def stands(s, c):
        if len(support[c.get("new")]) >= t:
            return {c.get("new")}
        return {v for v in builds_on(s, c) if len(support[v]) >= t}

    at = {who: stands(s, c) for who, (s, c) in last.items()}
    all_values = {v for vs in at.values() for v in vs}
    stand = {v for v in all_values if sum(v in vs for vs in at.values()) >= t}
    stand |= {c.get("new") for s, c in fitting if s["id"] in rule["base"]}
    heads_of = {}
    for v in stand:
        here = {}
        for s, c in fitting:
            if c.get("new") == v and (s["id"] in rule["base"] or v in at.get(s["institution"], ())):
                here[s["institution"]] = (s, c)
        if not here:
            named = {i for who, vs in at.items() if v in vs for i in over[last[who][0]["id"]]}
            named = [(s, c) for s, c in fitting if c.get("new") == v and s["id"] in named]
            here = {s["institution"]: (s, c) for s, c in named[:1]}
        if here:
            heads_of[v] = here
    # A value without a head hides nothing.
    stand = set(heads_of)
    below = {v: reach(above, [v]) for v in stand}
    low = {x for x in stand if any(x in below[v] and v not in below[x] for v in stand - {x})}
    heads = {}
    for v in stand - low:
        for who, (s, c) in heads_of[v].items():
            if who not in heads or heads[who][0]["position"] < s["position"]:
                heads[who] = (s, c)
    values = {c.get("new") for _, c in heads.values()}
    passed = reach(above, values) | values | low
    heads = list(heads.values())
    if any("new" in c for _, c in heads):
        heads = [(s, c) for s, c in heads if "new" in c]
    order = lambda h: (rank(given, pushers, h[0]["institution"]), h[0]["id"])  # noqa: E731
    waiting = sorted([h for h in last.values() if h[1].get("new") not in passed], key=order)
    inside = {s["id"] for s, _ in fitting}
    latest = {s["institution"]: (s, c) for s, c in applied}
    unfit = [s["id"] for s, c in latest.values() if s["id"] not in inside and c.get("new") not in passed]
    live = {s["id"] for s, _ in heads + waiting} | set(unfit)
    return (
        [shown_head(s, c) for s, c in sorted(heads, key=order)],
        [shown_head(s, c, stated=len(support[c.get("new")])) for s, c in waiting],
        live,
        [s["id"] for s, _ in applied],
    )


def rank(given, pushers, institution):
    if institution == given["owner"]:
        return (0, "")
    if institution in pushers:
        return (pushers.index(institution) + 1, "")
    return (len(pushers) + 1, institution)


def project(given, refs):
    pushers = [p["institution"] for p in given["policies"][-1]["pushers"]] if given["policies"] else []
    served = [(r["heads"][0], n) for n, r in refs.items() if r["heads"] and "oid" in r["heads"][0]]
    served.sort(key=lambda h: (rank(given, pushers, h[0]["institution"])[0], h[0]["institution"], h[1]))
    others = [(h, n) for n, r in refs.items() for h in r["heads"][1:] if "oid" in h]
    git = {}

    def take(name, oid):
        if any(name == o or name.startswith(o + "/") or o.startswith(name + "/") for o in git):
            return False
        git[name] = oid
        return True

    for h, n in served:
        if not take(n, h["oid"]):
            others.append((h, n))
    waiting = [(h, n) for n, r in refs.items() for h in r.get("waiting", []) if "oid" in h]
    for folder, all_of_them in (("diverged", others), ("waiting", waiting)):
        for h, n in sorted(all_of_them, key=lambda o: (o[0]["institution"], o[1])):
            take(f"refs/{folder}/{h['institution']}/{n[5:]}", h["oid"])
    return git


# ---- catalogues (R-04-30 to R-04-32)


def catalogue_case(case):
    chain = a_chain(case["charters"])
    commons = chain[0][0]
    total, rows = 0, {}
    for text in case["rows"]:
        row = strict_json(text.encode())
        total = (total + int.from_bytes(sha256(text.encode()), "big")) % 2**256
        if row[0] == "s":
            rows[row[1], row[2]] = row[3:]
    # In the rows' order: by entry, slug, ref, then by what they say.
    need(len(set(case["rows"])) == len(case["rows"]), "a row twice")
    sizes = {handle: len(entries) for handle, entries in case["logs"].items()}
    need(set(rows) == {(h, n) for h, size in sizes.items() for n in range(size)}, "a row per entry")
    lines = []
    for handle, entries in sorted(case["logs"].items()):
        data = [base64.b64decode(e) for e in entries]
        seen = set()
        for n, entry in enumerate(data):
            name, state = rows[handle, n]
            try:
                payload, _ = a_statement(entry, commons, handle)
            except Refused:
                need((name, state) == ("", "void"), f"{handle} {n} is malformed, not {state}")
                continue
            found = b32(sha256(payload))
            need(name == found, f"{handle} {n} has another id")
            need((state == "duplicate") == (found in seen), f"{handle} {n} duplicate")
            seen.add(found)
        root = b32(tree_root([leaf(e) for e in data]))
        lines.append(f"{handle} {case['epochs'][handle]} {len(data)} {root}\n")
    total = b32(total.to_bytes(32, "big"))
    need(total == case["sum"], "the sum")
    text = f"commun-catalogue/1\n3\n{chain[-1][0]}\n{''.join(lines)}{total}\n"
    need(text == case["root_text"], "the text of the root")
    need(b32(sha256(text.encode())) == case["root"], "the root")


# ---- JSON Schema: the keywords that our schemas use

TYPES = {"string": str, "object": dict, "array": list, "boolean": bool}
SCHEMAS = {
    name: json.loads((HERE / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    for name in ("head", "entry", "charter", "succession")
}
KEYWORDS = set(
    "$schema $id $defs $ref title description type const enum pattern minLength maxLength minimum maximum required"
    " properties additionalProperties items minItems maxItems uniqueItems not oneOf anyOf allOf if then else".split()
)


def fits(root, schema, value):
    """Whether a value is as a schema says."""
    unknown = set(schema) - KEYWORDS
    if unknown:
        raise AssertionError(f"keywords without a check: {unknown}")
    if "$ref" in schema:
        return fits(root, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value)
    kind = schema.get("type")
    if kind == "integer" and not is_int(value):
        return False
    if kind in TYPES and not isinstance(value, TYPES[kind]):
        return False
    if "const" in schema and (value != schema["const"] or isinstance(value, bool)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return False
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return False
    if is_int(value) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return False
        if schema.get("uniqueItems") and any(v in value[:n] for n, v in enumerate(value)):
            return False
        if not all(fits(root, schema.get("items", {}), v) for v in value):
            return False
    if isinstance(value, dict):
        if not set(schema.get("required", [])) <= set(value):
            return False
        others = schema.get("additionalProperties", True)
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, others)
            if inner is False or (inner is not True and not fits(root, inner, member)):
                return False
    if "not" in schema and fits(root, schema["not"], value):
        return False
    if "oneOf" in schema and sum(fits(root, s, value) for s in schema["oneOf"]) != 1:
        return False
    if "anyOf" in schema and not any(fits(root, s, value) for s in schema["anyOf"]):
        return False
    if not all(fits(root, s, value) for s in schema.get("allOf", [])):
        return False
    if "if" in schema:
        branch = "then" if fits(root, schema["if"], value) else "else"
        return fits(root, schema.get(branch, {}), value)
    return True


def as_schema(name, value):
    need(fits(SCHEMAS[name], SCHEMAS[name], value), f"against the schema of a {name}")


# ---- one case of each file

UNJUDGED = object()


def given_bytes(case, name):
    return case[name].encode() if name in case else bytes.fromhex(case[name + "_hex"])


def id_case(case):
    form, text = case["form"], case["text"]
    if form == "blake3":
        return UNJUDGED
    if form == "order":
        need(case["sorted"] == sorted(case["sorted"]), "the order")
        return None
    data = bytes.fromhex(case["bytes_hex"])
    if form == "sha256":
        need(b32(sha256(data)) == text, "hash")
    elif form == "body":
        need(b32(sha256(bytes.fromhex(case["salt_hex"]), data)) == text, "hash")
    elif form == "did:key":
        need(a_key(text) == data, "key")
    else:
        need((an_id if form == "id" else from_b32)(text) == data, "bytes")
    return None


def envelope_case(case):
    data = case["envelope"].encode()
    payload, _ = open_envelope(case["type"], data)
    as_schema("entry", json.loads(data))
    need(payload == case["payload"].encode(), "payload")
    need(pae(case["type"], payload).hex() == case["pae_hex"], "PAE")
    need(b32(sha256(payload)) == case["payload_id"], "id")
    need(leaf(data).hex() == case["leaf_hash_hex"], "leaf hash")


def head_case(case):
    if "entry" in case:
        a_statement(case["entry"].encode(), case["commons"], case["log"])
    else:
        head = a_head(case["payload"].encode())
        need((head is not None) == case["known"], "known")
        if head:
            as_schema("head", head)


def kind_case(case):
    if "ref" in case:
        return a_ref_name(case["ref"])
    if "beyond-schema" in case.get("tags", []):
        return UNJUDGED
    head = a_head(case["payload"].encode())
    as_schema("head", head)
    return None


def list_case(case):
    data = case["list"].encode()
    members = strict_object(data)
    if "members" in members:
        need(set(members) == {"members"}, "members")
        items = members["members"]
        for i in items:
            an_id(i)
        need(items and len(items) == len(set(items)), "members not distinct")
        need(len(items) == case.get("members") and b32(sha256(data)) == case["sha256"], "hash")
        return
    need(set(members) == {"changes"}, "members")
    names = [c["ref"] for c in members["changes"]]
    need(names and len(names) == len(set(names)), "refs not distinct")
    need(len(names) == case["changes"] and b32(sha256(data)) == case["sha256"], "hash")


def note_case(case):
    form = case["form"]
    if form == "checkpoint":
        checkpoint(case)
    elif form == "cosignature":
        cosignature(case)
    elif form == "tree":
        leaves = [leaf(bytes.fromhex(e)) for e in case["entries_hex"]]
        need(tree_root(leaves).hex() == case["root_hex"], "root")
    else:
        hashes = [b64(h) for h in case["proof"]]
        old, new = bytes.fromhex(case["old_root_hex"]), bytes.fromhex(case["new_root_hex"])
        check_consistency(case["old_size"], old, case["new_size"], new, hashes)


def register_case(case):
    found = resolve(case["input"])
    need(found == case["outcome"], f"{found} instead of {case['outcome']}")


# ---- refs of merge requests (R-10-01, R-10-02)


def requests_case(case):
    order = {}
    for r in sorted(case["requests"], key=lambda r: (not r["open"], -r["position"], r["id"])):
        order.setdefault(r["institution"], []).append(r)
    rounds = sorted((n, who, r["id"], r["versions"]) for who, rs in order.items() for n, r in enumerate(rs))
    room, found = 3000, []
    for _, _, name, versions in rounds:
        count = min(versions, 32)
        if count + 1 > room:
            break
        room -= count + 1
        found.append({"id": name, "first": versions - count + 1, "last": versions})
    need(found == case["served"], f"{found} instead of {case['served']}")


# ---- push certificates (R-09-01 to R-09-07)

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def did_key(data):
    number, text = int.from_bytes(b"\xed\x01" + data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "did:key:z" + text


def git_oid(text):
    need(re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text), "not an object id")
    return text if text.strip("0") else None


def certificate_case(case):
    data = given_bytes(case, "text")
    need(len(data) <= 256 << 10, "too large")
    text = data.decode("utf-8")
    lines = text.split("\n")
    need(lines.pop() == "", "no newline at the end")
    need(all(c == "\n" or not (c < " " or "\x7f" <= c < "\xa0") for c in text), "control character")
    need(all(len(line.encode()) <= 1024 for line in lines), "a line is too long")
    need(BEGIN in lines, "not signed")
    at = lines.index(BEGIN)
    head, armour = lines[:at], lines[at:]
    need(armour[-1] == END and armour.count(END) == 1, "not one signature at the end")
    need(all(0 < len(line) <= 76 for line in armour[1:-1]) and len(armour) <= 18, "armour")
    need(len(head) > 5 and head[0] == "certificate version 0.1" and head[4] == "", "the lines of the head")
    pusher = re.fullmatch(r"pusher .+ (0|[1-9][0-9]*) [+-][0-9]{4}", head[1])
    pushee = re.fullmatch(r"pushee (\S+)", head[2])
    nonce = re.fullmatch(r"nonce (\S+)", head[3])
    need(pusher and pushee and nonce and int(pusher[1]) <= MAX_INT, "the lines of the head")
    commands = []
    for line in head[5:]:
        parts = line.split(" ", 2)
        need(len(parts) == 3 and re.fullmatch(r"\S+", parts[2]), "not a command")
        old, new = git_oid(parts[0]), git_oid(parts[1])
        need(len(parts[0]) == len(parts[1]) and (old or new), "not a command")
        commands.append([old, new, parts[2]])
    need(len(commands) <= 1000, "too many commands")
    blob = b64("".join(armour[1:-1]))
    need(blob[:6] == b"SSHSIG" and len(blob) >= 65, "not an SSHSIG")
    key = blob[33:65]
    verify_ssh(key, "".join(line + "\n" for line in head).encode(), blob, b"git", ("sha512", "sha256"))
    found = (did_key(key), pushee[1], nonce[1], int(pusher[1]), commands)
    said = (case["key"], case["pushee"], case["nonce"], case["time"], case["commands"])
    need(found == said, "it says something else")


FILES = {
    "certificate": certificate_case,
    "json": lambda case: strict_object(given_bytes(case, "text")) and None,
    "ids": id_case,
    "envelopes": envelope_case,
    "heads": head_case,
    "kinds": kind_case,
    "lists": list_case,
    "notes": note_case,
    "charters": charter_case,
    "successions": succession_case,
    "register": register_case,
    "catalogue": catalogue_case,
    "requests": requests_case,
}


def main():
    wrong = 0
    for file, judge in FILES.items():
        cases = json.loads((VECTORS / f"{file}.json").read_text("utf-8"))
        judged = 0
        for case in cases:
            try:
                result, why = judge(case), None
            except Refused as e:
                result, why = None, str(e)
            except (KeyError, ValueError, TypeError, IndexError) as e:
                result, why = None, f"{type(e).__name__}: {e}"
            if result is UNJUDGED:
                continue
            judged += 1
            if (why is None) != case["valid"]:
                wrong += 1
                verdict = "was taken" if why is None else f"was refused: {why}"
                print(f"{case['id']} ({case['comment']}) {verdict}")
        need(cases, f"{file} is empty")
        print(f"{file}: {judged} of {len(cases)} cases judged")
    if wrong:
        print(f"{wrong} cases differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
