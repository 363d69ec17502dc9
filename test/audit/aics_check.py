"""Reads an audit export as any C2SP transparency log: aics-tlog, nothing of ours. Exits with 1 and a reason."""

import base64
import json
import sys

from aics_tlog import (
    MerkleTree,
    Note,
    leaf_hash,
    parse_vkey,
    sign_cosignature,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
    parse_note,
)
from aics_tlog.cosign import cosignature_vkey
from aics_tlog.note import format_vkey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

export, asked = sys.argv[1], json.load(open(sys.argv[2]))
lines = [json.loads(line) for line in open(export, encoding="utf-8")]
vkeys = [parse_vkey(line["vkey"]) for line in lines if line["line"] == "key"]
decode = base64.b64decode
encode = lambda hashes: [base64.b64encode(h).decode() for h in hashes]

# The tree of batches, grown line by line; every checkpoint is signed and has its root.
log, events, checkpoints = MerkleTree(), [], {}
for line in lines:
    if line["line"] == "batch":
        if events:
            assert MerkleTree(events).root() == decode(batch["root"]), "batch root"
        batch, events = json.loads(line["text"]), []
        log.append(line["text"].encode())
    if line["line"] == "event":
        events.append(line["text"].encode())
    if line["line"] == "checkpoint":
        note = parse_note(line["note"])
        results = [verify_checkpoint(note, key, [], quorum=0) for key in vkeys]
        good = [r for r in results if r.ok]
        assert good, f"checkpoint {line['size']}: {results[0]}"
        assert log.size == line["size"] and log.root() == decode(line["note"].split("\n")[2]), "root"
        checkpoints[line["size"]] = log.root()

# Our proofs, by its rules.
for p in asked["inclusion"]:
    leaf = leaf_hash(p["leaf"].encode())
    assert verify_inclusion(leaf, p["index"], p["size"], [decode(h) for h in p["proof"]], log.root(p["size"])), p
for p in asked["consistency"]:
    proof = [decode(h) for h in p["proof"]]
    assert verify_consistency(p["first"], p["second"], log.root(p["first"]), log.root(p["second"]), proof), p

# Its proofs and a cosignature, for ours.
witness = Ed25519PrivateKey.generate()
last = max(checkpoints)
_, cosignature = sign_cosignature(
    witness, "witness.example/w", 1_800_000_000, lines[0]["origin"], last, checkpoints[last]
)
print(
    json.dumps(
        {
            "checkpoints": len(checkpoints),
            "size": log.size,
            "root": encode([log.root()])[0],
            "inclusion": [encode(log.inclusion_proof(p["index"], p["size"])) for p in asked["inclusion"]],
            "consistency": [encode(log.consistency_proof(p["first"], p["second"])) for p in asked["consistency"]],
            "witness": format_vkey(cosignature_vkey("witness.example/w", witness.public_key())),
            "cosigned": Note(text=note.text, signatures=(*note.signatures, cosignature)).serialise(),
        }
    )
)
