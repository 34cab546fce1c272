#!/usr/bin/env python3
"""Runs the vectors against a program that prints the JSON of pecverify.

    python3 run.py COMMAND [ARG...]

COMMAND gets the flags of pecverify (-json, -trust, -at, -strict, -legacy) and
one file. This is an example of how to run the set from another language, and it
shares no code with what it tests. It prints what differs and exits 1 if
anything does. Vectors that need a present time of their own are left out,
because a command reads the clock of the machine.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = {"gopec/pec-time/1": [], "gopec/strict/1": ["-strict"], "gopec/legacy/1": ["-legacy"]}
SAME = ("kind", "certified", "proves", "verdict", "subIndication", "proofOfExistence")


def differences(want, got):
    """Yields what a report has otherwise than expected."""
    for key in SAME:
        if got[key] != want[key]:
            yield f"{key}: {got[key]}, expected {want[key]}"
    for key, status in (("failed", "fail"), ("warned", "warn")):
        ids = sorted(c["id"] for c in got["checks"] if c["status"] == status)
        if ids != want[key]:
            yield f"{key}: {ids}, expected {want[key]}"
    time = got["referenceTime"]
    if time is not None and time["source"] == "now":
        time = {"time": None, "source": "now"}  # whatever it is
    if time != want["referenceTime"]:
        yield f"referenceTime: {time}, expected {want['referenceTime']}"
    if (want["data"] is None) != (got["data"] is None):
        yield f"data: {got['data']}, expected {want['data']}"
    for key, value in (want["data"] or {}).items():
        if got["data"] is not None and got["data"][key] != value:
            yield f"data.{key}: {got['data'][key]!r}, expected {value!r}"
    if len(got["layers"]) != len(want["layers"]):
        yield f"{len(got['layers'])} layers, expected {len(want['layers'])}"
    for inner_want, inner_got in zip(want["layers"], got["layers"]):
        if inner_got["path"] != inner_want["path"]:
            yield f"layer at {inner_got['path']}, expected {inner_want['path']}"
        for d in differences(inner_want, inner_got):
            yield f"layer {inner_want['path']}: {d}"


def run(command, vector):
    """Yields what the command does otherwise than a vector expects."""
    path, options, expected = HERE / vector["file"], vector["options"], vector["expected"]
    if hashlib.sha256(path.read_bytes()).hexdigest() != vector["sha256"]:
        yield "the file was changed: are its line ends as they were?"
        return
    args = ["-json"] + FLAGS[options["policy"]]
    for anchor in options["trust"]:
        args += ["-trust", anchor if anchor == "agid" else str(HERE / anchor)]
    if options["at"] != "certified":
        args += ["-at", options["at"]]
    done = subprocess.run(command + args + [str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode != expected["exit"]:
        yield f"exit {done.returncode}, expected {expected['exit']}"
    got = json.loads(done.stdout)
    code = got["error"]["code"] if "error" in got else None
    if code != expected["error"]:
        yield f"error: {code}, expected {expected['error']}"
    elif code is None:
        yield from differences(expected["report"], got)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    index = json.loads((HERE / "index.json").read_text(encoding="utf-8"))
    vectors = [v for v in index["vectors"] if v["options"]["clock"] == "any"]
    if not vectors:
        sys.exit("no vectors")
    failed = 0
    for vector in vectors:
        found = list(run(sys.argv[1:], vector))
        failed += bool(found)
        for d in found:
            print(f"{vector['id']}: {d}\n  {vector['reason']}")
    print(f"{len(vectors)} vectors, {failed} with differences")
    sys.exit(1 if failed else 0)


main()
