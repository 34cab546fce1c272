"""Reads one mail from standard input and prints it as Python's email package
understands it: header fields and leaf parts, as JSON."""
import base64, email, email.policy, json, sys

mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
parts = []

def walk(m, path):
    kind = m.get_content_type()
    part = {"path": path, "type": kind, "name": m.get_filename() or "",
            "encoding": str(m.get("Content-Transfer-Encoding", "")),
            "disposition": m.get_content_disposition() or "",
            "defects": [type(d).__name__ for d in m.defects]}
    if kind.startswith("text/"):
        part["text"] = m.get_content()
    elif kind == "application/xml":
        part["text"] = m.get_payload(decode=True).decode("utf-8", "replace")
    elif kind.startswith("application/") and not m.is_multipart():
        part["body"] = base64.b64encode(m.get_payload(decode=True) or b"").decode()
    parts.append(part)
    if m.is_multipart():
        for i, p in enumerate(m.get_payload(), 1):
            walk(p, f"{path}.{i}" if path else str(i))

walk(mail, "")
fields = [[k, str(v)] for k, v in mail.items()]
json.dump({"fields": fields, "parts": parts, "preamble": mail.preamble, "epilogue": mail.epilogue}, sys.stdout)
