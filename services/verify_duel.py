"""Check the proof of a duel's questions (scheme duel/v1) offline: python verify_duel.py FILE."""

import contextlib, hashlib, hmac, itertools, json, pathlib, struct, sys, typing  # noqa: E401, I001


def verify(proof: typing.Any) -> str | None:
    """Return the first thing that is wrong with a proof (a dict, or the JSON of one), or None."""
    with contextlib.suppress(Exception):  # whatever can't be read is no proof
        proof = dict(proof if isinstance(proof, dict) else json.loads(proof))
        sha, seed, pool = hashlib.sha256, bytes.fromhex(proof["seed"]), list(proof["pool"])
        bound = sha("".join(f"{key}|{wording}\n" for key, wording in pool).encode()).digest() + b"|" + seed
        truth: typing.Any = {"scheme": "duel/v1", "commitment": sha(b"duel/v1|" + bound).hexdigest()}
        macs = (hmac.digest(seed, b"duel/v1|%d" % i, "sha256") for i in itertools.count())
        numbers = (x for mac in macs for x in struct.unpack(">4Q", mac))
        lines = [pool, *([0, 1, 2, 3] for _ in proof["questions"])]  # shuffled one by one
        for line, at in ((it, at) for it in lines for at in range(4 if it is not pool else len(lines) - 1)):
            x = next(x for x in numbers if x < 2**64 - 2**64 % (len(line) - at)) % (len(line) - at)
            line[at], line[at + x] = line[at + x], line[at]
        for one, (key, wording), order in zip(proof["questions"], pool, lines[1:], strict=False):
            words = json.dumps(one["words"], sort_keys=True, separators=(",", ":")).encode()
            proof["#" + key] = [one["key"], sha(words).hexdigest() if one["words"] else wording, one["order"]]
            truth["#" + key] = [key, wording, order]
        return next((f"{key} is wrong" for key in truth if proof[key] != truth[key]), None)
    return "this is not a proof"


if __name__ == "__main__":
    print(result := verify(pathlib.Path(sys.argv[1]).read_bytes()) or "OK: commitment, questions, options")
    sys.exit(not result.startswith("OK"))
