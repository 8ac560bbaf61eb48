"""Check the proof of a closed round (scheme pot/v1) offline: python verify_pot.py FILE."""

import contextlib, hashlib, hmac, itertools, json, pathlib, struct, sys, typing  # noqa: E401, I001


def verify(proof: typing.Any) -> str | None:
    """Return the first thing that is wrong with a proof (a dict, or the JSON of one), or None."""
    with contextlib.suppress(Exception):  # whatever can't be read is no proof
        proof = dict(proof if isinstance(proof, dict) else json.loads(proof))
        sha, seed, k, tickets = hashlib.sha256, bytes.fromhex(proof["seed"]), proof["round"], proof["tickets"]
        back = list(itertools.accumulate([seed] * ((k - 1) % 4096 + 2), lambda s, _: sha(s).digest()))
        head = sha(f"pot/v1|{proof['pot']}|round {k}".encode()).digest()
        truth = {"scheme": "pot/v1", "round": max(1, k), "seed": seed.hex(), "commitment": back[1].hex()}
        truth |= {"anchor": back[-1].hex(), "start": head.hex(), "count": len(tickets)}
        for n, t in enumerate(tickets, 1):
            facts = {key: t[key] for key in ("chat_msg", "date", "n", "ppm", "price", "seed", "user")}
            head = sha(head + json.dumps(facts, separators=(",", ":")).encode()).digest()
            macs = (hmac.digest(seed, b"pot/v1|%b|%d" % (head, i), "sha256") for i in itertools.count())
            roll = next(x for m in macs for x in struct.unpack(">4Q", m) if x < 2**64 - 2**64 % 10**6) % 10**6
            proof[f"ticket {n}"], truth[f"ticket {n}"] = t, dict(facts, n=n, roll=roll, won=roll < t["ppm"])
        proof["winner"], won = [t["n"] for t in tickets if t["won"]], proof["prize"] is not None
        truth |= {"head": head.hex(), "winner": [len(tickets)] * won}  # only the last ticket may have won
        return next((f"{key} is wrong" for key in truth if proof[key] != truth[key]), None)
    return "this is not a proof"


if __name__ == "__main__":
    print(result := verify(pathlib.Path(sys.argv[1]).read_bytes()) or "OK: seed, tickets, rolls, winner")
    sys.exit(not result.startswith("OK"))
