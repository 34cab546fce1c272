"""Reads names of files from standard input, one a line, and prints for each one
JSON line: the parts that a mail client built on Python's email package would
list (not those of attached messages), each with its name and the SHA-256 of its
content, line ends folded."""
import email, email.policy, hashlib, json, sys


def listed(mail):
    stack = [mail]
    while stack:
        part = stack.pop()
        if part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            stack.extend(part.get_payload())
            continue
        content = (part.get_payload(decode=True) or b"").replace(b"\r\n", b"\n").strip(b"\n")
        yield {"name": str(part.get_filename() or ""), "sha256": hashlib.sha256(content).hexdigest()}


for name in sys.stdin.read().splitlines():
    with open(name, "rb") as f:
        mail = email.message_from_binary_file(f, policy=email.policy.compat32)
    print(json.dumps({"type": mail.get_content_type(), "parts": list(listed(mail))}))
