"""Uses a running box as a mail program does, with Python's smtplib, imaplib and email.

    python3 client.py SCENARIO FOLDER < ANNOUNCEMENT

ANNOUNCEMENT is the line that pecbox -json printed. Every message that is fetched is
written into FOLDER as it came. A failed assertion ends the script with status 1. It
shares no code with the box.
"""

import base64
import email
import email.policy
import imaplib
import json
import os
import re
import smtplib
import socket
import ssl
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

scenario, folder = sys.argv[1:3]
box = json.load(sys.stdin)
host, ports, password = box["host"], box["ports"], box["password"]
imaplib._MAXLINE = 10_000_000

SENDER = "mittente@pec.example.it"
RECIPIENT = "destinatario@pec.example.com"
OTHER = "protocollo@pec.example.com"


def http(method, path, body=None):
    request = urllib.request.Request(box["management"] + path, method=method, data=body)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def post(path, **form):
    return json.loads(http("POST", path, urllib.parse.urlencode(form).encode()))


def log(event=None):
    return [e for e in json.loads(http("GET", "/log")) if event in (None, e["event"])]


def trusting():
    context = ssl.create_default_context(cadata=http("GET", "/tls-ca.pem").decode())
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def submit(user=SENDER):
    s = smtplib.SMTP_SSL(host, ports["smtps"], context=trusting(), timeout=300)
    s.login(user, password)
    return s


def mailbox(user, name="INBOX", readonly=False):
    m = imaplib.IMAP4_SSL(host, ports["imaps"], ssl_context=trusting(), timeout=300)
    m.login(user, password)
    ok(m.select(name, readonly=readonly))
    return m


def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


def fetch(m, number, what="(BODY.PEEK[])"):
    return ok(m.fetch(str(number), what))[0][1]


fetched = 0


def messages(user):
    """Fetches a whole INBOX, and keeps what it fetched."""
    global fetched
    m = mailbox(user)
    out = []
    for number in ok(m.search(None, "ALL"))[0].split():
        raw = fetch(m, number.decode())
        fetched += 1
        with open(os.path.join(folder, "%04d.eml" % fetched), "wb") as f:
            f.write(raw)
        out.append(email.message_from_bytes(raw, policy=email.policy.SMTP))
    m.logout()
    return out


def mail(to, sender=SENDER, cc=(), subject="Prova", body="Corpo del messaggio.\r\n", extra=""):
    head = "From: %s\r\nTo: %s\r\n" % (sender, ", ".join(to))
    if cc:
        head += "Cc: %s\r\n" % ", ".join(cc)
    head += "Subject: %s\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\n" % subject
    head += "Message-ID: <%s@client.example.it>\r\n" % os.urandom(8).hex()
    return (head + extra + "\r\n" + body).encode()


def kind(m):
    return m["X-Ricevuta"] or m["X-Trasporto"]


def daticert(m):
    for part in m.walk():
        if part.get_content_type() == "application/xml" and part.get_filename() == "daticert.xml":
            return ET.fromstring(part.get_payload(decode=True))
    raise AssertionError("no daticert.xml")


def refused(f, *args, **kwargs):
    """Calls f, which must be refused, and returns the SMTP reply."""
    try:
        f(*args, **kwargs)
    except smtplib.SMTPResponseException as e:
        return e.smtp_code, e.smtp_error
    except smtplib.SMTPRecipientsRefused as e:
        return next(iter(e.recipients.values()))
    raise AssertionError("it was not refused")


def raw_smtp(user=SENDER):
    """Logs in on a bare TLS connection; returns it and a function that talks on it."""
    c = trusting().wrap_socket(socket.create_connection((host, ports["smtps"]), timeout=30), server_hostname=host)
    lines = c.makefile("rb")

    def say(line, want):
        if line is not None:
            c.sendall(line.encode() + b"\r\n")
        while True:
            reply = lines.readline()
            if reply[3:4] != b"-":
                break
        assert reply.startswith(want.encode()), (line, reply)

    say(None, "220")
    say("EHLO client.example.it", "250")
    say("AUTH PLAIN " + base64.b64encode(("\0%s\0%s" % (user, password)).encode()).decode(), "235")
    return c, say


def circuit():
    """One message to three recipients: certified, nonexistent, external."""
    to = [RECIPIENT, "nobody@pec.example.com", "persona@example.net"]
    s = submit()
    assert s.sendmail(SENDER, to, mail(to, subject="Verbale dell'assemblea")) == {}
    s.quit()

    mine = messages(SENDER)
    assert [kind(m) for m in mine] == ["accettazione", "errore-consegna", "avvenuta-consegna"] or [kind(m) for m in mine] == [
        "accettazione", "avvenuta-consegna", "errore-consegna"], [kind(m) for m in mine]
    by = {kind(m): m for m in mine}
    assert by["accettazione"]["Subject"] == "ACCETTAZIONE: Verbale dell'assemblea", by["accettazione"]["Subject"]
    accepted = daticert(by["accettazione"])
    assert [(d.get("tipo"), d.text) for d in accepted.iter("destinatari")] == [
        ("certificato", to[0]), ("certificato", to[1]), ("esterno", to[2])]
    delivered = daticert(by["avvenuta-consegna"])
    assert delivered.get("tipo") == "avvenuta-consegna" and delivered.find("dati/consegna").text == RECIPIENT
    failed = daticert(by["errore-consegna"])
    assert failed.get("errore") == "no-dest" and failed.find("dati/consegna").text == to[1]
    ids = {d.find("dati/identificativo").text for d in (accepted, delivered, failed)}
    assert len(ids) == 1, ids

    theirs = messages(RECIPIENT)
    assert [kind(m) for m in theirs] == ["posta-certificata"], theirs
    assert "POSTA CERTIFICATA: Verbale" in theirs[0]["Subject"]
    original = [p for p in theirs[0].walk() if p.get_content_type() == "message/rfc822"][0].get_payload()[0]
    assert original["Subject"] == "Verbale dell'assemblea"
    assert original.get_payload().strip() == "Corpo del messaggio."
    left = messages("outside")
    assert [kind(m) for m in left] == ["posta-certificata"]
    service = messages("servizio@alfa.example.it")
    assert "presa-in-carico" in [kind(m) for m in service], service

    boxes = {b["name"]: b for b in json.loads(http("GET", "/mailboxes"))}
    assert boxes[SENDER]["messages"] == 3 and boxes["outside"]["provider"] == ""
    listed = json.loads(http("GET", "/mailboxes/" + SENDER))
    assert [m["kind"] for m in listed] == [kind(m) for m in mine]
    raw = http("GET", "/messages/%d" % listed[0]["number"])
    assert len(raw) == listed[0]["size"] and b"ACCETTAZIONE" in raw
    assert {e["identificativo"] for e in log() if e["identificativo"]} == ids
    assert log("submission")[0]["recipients"] == to


def starttls():
    """The ports with STARTTLS, and the two mechanisms."""
    for mechanism in ("auth_plain", "auth_login"):
        s = smtplib.SMTP(host, ports["smtp"], timeout=30)
        s.starttls(context=trusting())
        s.ehlo()
        assert s.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"], s.esmtp_features
        s.user, s.password = SENDER, password
        code, _ = s.auth(mechanism[5:].upper(), getattr(s, mechanism), initial_response_ok=mechanism == "auth_plain")
        assert code == 235
        s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT]))
        s.quit()
    m = imaplib.IMAP4(host, ports["imap"], timeout=30)
    m.starttls(ssl_context=trusting())
    m.login(SENDER, password)
    assert ok(m.select())[0] == b"4"
    m.logout()


def refusals():
    """Who may not, and what is not said in the clear."""
    s = smtplib.SMTP(host, ports["smtp"], timeout=30)
    s.ehlo()
    assert "starttls" in s.esmtp_features and "auth" not in s.esmtp_features
    blob = base64.b64encode(("\0%s\0%s" % (SENDER, password)).encode()).decode()
    assert s.docmd("AUTH", "PLAIN " + blob)[0] == 523, "a client that was told of no STARTTLS does not get in"
    assert s.docmd("MAIL", "FROM:<%s>" % SENDER)[0] == 530
    s.quit()

    m = imaplib.IMAP4(host, ports["imap"], timeout=30)
    assert "LOGINDISABLED" in m.capabilities and "STARTTLS" in m.capabilities, m.capabilities
    for attempt in (lambda: m.login(SENDER, password), lambda: m.authenticate("PLAIN", lambda _: ("\0%s\0%s" % (SENDER, password)).encode())):
        try:
            attempt()
            raise AssertionError("logged in without TLS")
        except imaplib.IMAP4.error as e:
            assert "TLS" in str(e), e
    m.logout()

    s = smtplib.SMTP_SSL(host, ports["smtps"], context=trusting(), timeout=30)
    assert refused(s.login, SENDER, "wrong")[0] == 535
    assert refused(s.login, "nobody@pec.example.it", password)[0] == 535, "a fault is no mailbox"
    assert refused(s.login, "servizio@alfa.example.it", password)[0] == 535, "a service mailbox submits nothing"
    s.login(SENDER, password)
    assert s.mail("ufficio@pec.example.it")[0] == 553, "another user's address"
    assert s.mail("")[0] == 553, "no address"
    s.mail(SENDER)
    s.rcpt("non un indirizzo@pec.example.com")
    s.rset()
    assert refused(s.sendmail, SENDER, ["a\"b@pec.example.com"], mail([RECIPIENT]))[0] in (501, 553)
    s.quit()
    m = imaplib.IMAP4_SSL(host, ports["imaps"], ssl_context=trusting(), timeout=30)
    try:
        m.login(SENDER, "wrong")
        raise AssertionError("logged in with a wrong password")
    except imaplib.IMAP4.error as e:
        assert "AUTHENTICATIONFAILED" in str(e), e

    for name, port in ports.items():
        if name.endswith("s"):
            try:
                with socket.create_connection((host, port)) as c:
                    ssl.create_default_context().wrap_socket(c, server_hostname=host)
                raise AssertionError("the certificate was believed without the authority")
            except ssl.SSLCertVerificationError:
                pass
    # The authority vouches for no other name.
    try:
        with socket.create_connection((host, ports["smtps"])) as c:
            trusting().wrap_socket(c, server_hostname="pec.example.it")
        raise AssertionError("the certificate was believed for another name")
    except ssl.SSLCertVerificationError:
        pass
    assert log() == [], "nothing of all this reached the circuit"


def hangup():
    """A client that goes away in the middle of a mail leaves nothing."""
    half = mail([RECIPIENT]) + b"x" * 70 + b"\r\n"

    def begin():
        c, say = raw_smtp()
        say("MAIL FROM:<%s>" % SENDER, "250")
        say("RCPT TO:<%s>" % RECIPIENT, "250")
        return c, say

    c, say = begin()  # the connection breaks
    say("DATA", "354")
    c.sendall(half)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
    c, say = begin()  # the client says goodbye
    say("DATA", "354")
    c.sendall(half + b".")
    c.shutdown(socket.SHUT_RDWR)
    c, say = begin()  # the end is a lone LF, not CRLF
    say("DATA", "354")
    c.sendall(half + b"\n.\n" + b"\r\n.\n")
    c.shutdown(socket.SHUT_RDWR)
    c, say = begin()  # chunks without the last
    c.sendall(b"BDAT %d\r\n" % len(half) + half)
    say(None, "250")
    c.shutdown(socket.SHUT_RDWR)
    c, say = begin()  # chunks taken back
    c.sendall(b"BDAT %d\r\n" % len(half) + half)
    say(None, "250")
    say("RSET", "250")
    say("MAIL FROM:<%s>" % SENDER, "421")
    c, say = begin()  # chunks to the last
    whole = mail([RECIPIENT])
    c.sendall(b"BDAT %d\r\n" % 10 + whole[:10])
    say(None, "250")
    c.sendall(b"BDAT %d LAST\r\n" % (len(whole) - 10) + whole[10:])
    say(None, "250")
    time.sleep(0.5)
    assert len(log("submission")) == 1, log()
    assert [kind(m) for m in messages(SENDER)] == ["accettazione", "avvenuta-consegna"]
    theirs = messages(RECIPIENT)
    assert len(theirs) == 1 and b"xxxx" not in theirs[0].as_bytes()


def large():
    """Sizes: the norm's notice, or an SMTP error."""
    line = "x" * 70 + "\r\n"
    s = submit()
    # spec: RFC 6109 §3.1.1: size times recipients over 30 MB
    s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT], body=line * (31_000_000 // len(line))))
    notices = messages(SENDER)
    assert [kind(m) for m in notices] == ["non-accettazione"], notices
    assert "31" in daticert(notices[0]).find("dati/errore-esteso").text
    assert messages(RECIPIENT) == []

    s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT], body=line * (29_000_000 // len(line))))
    assert [kind(m) for m in messages(SENDER)][1:] == ["accettazione", "avvenuta-consegna"]
    before = len(log())

    most = mail([RECIPIENT], body=line * (100 * 2**20 // len(line) - 10))
    most += b"y" * (100 * 2**20 - len(most) - 2) + b"\r\n"
    s.sendmail(SENDER, [RECIPIENT], most)  # the last byte that SMTP takes
    assert log()[-1]["kind"] == "non-accettazione"
    before = len(log())
    code, text = refused(s.sendmail, SENDER, [RECIPIENT], most[:-2] + b"y\r\n")
    assert code == 552, (code, text)
    assert s.docmd("MAIL", "FROM:<%s> SIZE=%d" % (SENDER, 200 * 2**20))[0] == 552
    s.rset()

    bomb = "".join("X-%d: %s\r\n" % (n, "y" * 900) for n in range(1300))
    code, text = refused(s.sendmail, SENDER, [RECIPIENT], mail([RECIPIENT], extra=bomb))
    assert code == 554 and b"header" in text, (code, text)
    # A line that never ends is answered and hung up on while the client still
    # writes; whether the answer gets through is a matter of timing.
    try:
        code, text = refused(s.sendmail, SENDER, [RECIPIENT], mail([RECIPIENT], extra="X-Long: " + "z" * 2_000_000 + "\r\n"))
        assert 500 <= code < 600, (code, text)
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        pass
    assert len(log()) == before, "nothing of what was refused is in the circuit"
    s = submit()
    s.sendmail(SENDER, [OTHER], mail([OTHER]))
    assert len(messages(OTHER)) == 1, "the box goes on"


def recipients():
    """1,000 recipients, and one more."""
    many = ["nobody%d@pec.example.com" % n for n in range(999)] + [RECIPIENT]
    s = submit()
    assert s.esmtp_features["limits"] == "RCPTMAX=1000", s.esmtp_features
    assert s.sendmail(SENDER, many, mail([RECIPIENT], cc=many[:-1])) == {}
    m = mailbox(SENDER)
    assert ok(m.search(None, 'HEADER X-Ricevuta errore-consegna'))[0].count(b" ") == 998
    assert len(ok(m.search(None, 'HEADER X-Ricevuta avvenuta-consegna'))[0].split()) == 1
    assert len(ok(m.search(None, 'HEADER X-Ricevuta accettazione'))[0].split()) == 1
    m.logout()
    refusals = s.sendmail(SENDER, many + ["uno@pec.example.com"], mail([RECIPIENT], cc=many[:-1]))
    assert {k: v[0] for k, v in refusals.items()} == {"uno@pec.example.com": 452}, refusals


def clock():
    """The notices at 12 h and 24 h, by moving the clock; a fault on request."""
    s = submit()
    s.sendmail(SENDER, ["silent@pec.example.com"], mail(["silent@pec.example.com"]))
    assert [kind(m) for m in messages(SENDER)] == ["accettazione"]
    before = json.loads(http("GET", "/clock"))["time"]
    post("/clock", advance="12h")
    mine = messages(SENDER)
    assert [kind(m) for m in mine] == ["accettazione", "preavviso-errore-consegna"]
    assert daticert(mine[1]).find("dati/consegna").text == "silent@pec.example.com"
    after = post("/clock", advance="12h")["time"]
    assert before < after
    assert [kind(m) for m in messages(SENDER)].count("preavviso-errore-consegna") == 2
    m = mailbox(SENDER)
    assert ok(m.search(None, "SINCE", time.strftime("%d-%b-%Y", time.localtime(time.time() + 16 * 3600))))[0].split(), "INTERNALDATE is the circuit's time"
    m.logout()

    http("DELETE", "/messages")
    assert messages(SENDER) == [] and log() == []
    post("/faults", address=RECIPIENT, fault="full")
    post("/faults", address="nobody@pec.example.com", fault="none")
    assert json.loads(http("GET", "/faults")) == [
        {"address": RECIPIENT, "fault": "full"}, {"address": "nobody@pec.example.com", "fault": "none"}]
    s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT]))
    assert [kind(m) for m in messages(SENDER)] == ["accettazione", "errore-consegna"]
    assert "5.2.2" in daticert(messages(SENDER)[1]).find("dati/errore-esteso").text
    post("/faults", address=RECIPIENT, fault="none")
    s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT]))
    assert [kind(m) for m in messages(SENDER)][2:] == ["accettazione", "avvenuta-consegna"]

    plain = mail(["ufficio@pec.example.it"], sender="persona@example.net")
    http("POST", "/arrivals?from=persona%40example.net&to=ufficio%40pec.example.it", plain)
    assert [kind(m) for m in messages("ufficio@pec.example.it")] == ["errore"]
    for method, path, body, want in (
        ("POST", "/clock", b"advance=-1h", 400), ("POST", "/clock", b"advance=9000h", 400), ("POST", "/clock", b"advance=x", 400),
        ("POST", "/faults", b"address=a@b&fault=x", 400), ("POST", "/faults", b"address=a&fault=full", 400),
        ("GET", "/messages/x", None, 400), ("GET", "/messages/99999", None, 404), ("GET", "/mailboxes/none", None, 404),
        ("GET", "/log?after=x", None, 400), ("DELETE", "/log", None, 405),
        ("POST", "/arrivals?from=a%40b.it&to=none%40pec.example.it", plain, 422),
    ):
        try:
            http(method, path, body)
            raise AssertionError(path)
        except urllib.error.HTTPError as e:
            assert e.code == want, (path, e.code, e.read())


def folders():
    """What a mail program does with IMAP beside fetching."""
    s = submit()
    parts = ("Content-Type: multipart/mixed; boundary=\"b\"\r\nMIME-Version: 1.0\r\n")
    body = ("--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.b64encode("Perché così: città.".encode()).decode()
            + "\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n--b--\r\n")
    for n in range(3):
        s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT], subject="=?utf-8?q?Citt=C3=A0_%d?=" % n, extra=parts, body=body))
    m = mailbox(RECIPIENT)
    watcher = mailbox(RECIPIENT)
    raw = fetch(m, 1)
    whole = email.message_from_bytes(raw)

    # Every part by its number is the bytes of the whole message.
    def walk(e, number):
        kids = e.get_payload() if e.is_multipart() else []
        if e.get_content_type() == "message/rfc822":
            inner = kids[0]
            header = fetch(m, 1, "(BODY.PEEK[%s.HEADER])" % number)
            text = fetch(m, 1, "(BODY.PEEK[%s.TEXT])" % number)
            assert header + text == fetch(m, 1, "(BODY.PEEK[%s])" % number)
            assert email.message_from_bytes(header)["Subject"] == inner["Subject"]
            e, kids = inner, inner.get_payload() if inner.is_multipart() else []
        if not kids:
            got = fetch(m, 1, "(BODY.PEEK[%s])" % (number or "1"))
            assert got in raw and got.decode("latin-1").replace("\r\n", "\n").rstrip("\n") == e.get_payload().replace("\r\n", "\n").rstrip("\n"), number
            return 1
        return sum(walk(k, "%s.%d" % (number, i + 1) if number else str(i + 1)) for i, k in enumerate(kids))

    assert walk(whole, "") >= 5
    assert fetch(m, 1, "(BODY.PEEK[HEADER])") + fetch(m, 1, "(BODY.PEEK[TEXT])") == raw
    assert fetch(m, 1, "(BODY.PEEK[]<10.20>)") == raw[10:30]
    assert fetch(m, 1, "(BODY.PEEK[]<%d.20>)" % (len(raw) - 5)) == raw[-5:]
    assert fetch(m, 1, "(BODY.PEEK[]<99999999.20>)") == b""
    assert fetch(m, 1, "(BODY.PEEK[]<5.9223372036854775807>)") == raw[5:]
    assert fetch(m, 1, "(BODY.PEEK[9.9])") == b""
    some = email.message_from_bytes(fetch(m, 1, "(BODY.PEEK[HEADER.FIELDS (subject X-Trasporto)])"))
    assert sorted(some.keys()) == ["Subject", "X-Trasporto"], some.keys()
    answer = ok(m.fetch("1", "(ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE)"))
    text = b"".join(a if isinstance(a, bytes) else b"".join(a) for a in answer).decode()
    assert "a.pdf" in text and '"message" "rfc822"' in text.lower() and "RFC822.SIZE %d" % len(raw) in text, text
    assert text.count("(") == text.count(")"), text

    # Flags, and that the other connection hears of them.
    assert ok(m.search(None, "UNSEEN"))[0] == b"1 2 3"
    ok(m.fetch("2", "(BODY[TEXT]<0.1>)"))
    ok(m.store("1", "+FLAGS", "(\\Flagged Importante)"))
    assert ok(m.search(None, "UNSEEN"))[0] == b"1 3"
    assert ok(m.search(None, "KEYWORD", "importante"))[0] == b"1"
    ok(watcher.noop())
    told = b" ".join(watcher.untagged_responses.get("FETCH", []))
    assert b"\\Flagged" in told and b"\\Seen" in told, told
    m.literal = "citt\u00e0 1".encode()
    assert ok(m.search("UTF-8", "SUBJECT"))[0] == b"2"
    assert ok(m.search(None, "SUBJECT", "POSTA"))[0] == b"1 2 3"
    assert ok(m.search(None, "BODY", "nulla-di-simile"))[0] == b""
    assert ok(m.search(None, "TEXT", "posta-certificata", "NOT", "2:*"))[0] == b"1"
    assert ok(m.search(None, "OR", "SEEN", "FLAGGED"))[0] == b"1 2"
    assert ok(m.search(None, "LARGER", str(len(raw) * 9)))[0] == b""

    # Folders of one's own.
    ok(m.create("Pratiche/2026"))
    assert m.create("INBOX")[0] == "NO" and m.create("x" * 300)[0] == "NO" and m.delete("INBOX")[0] == "NO"
    ok(m.rename("Pratiche/2026", "Pratiche/2027"))
    names = [n.decode().rsplit(" ", 1)[1].strip('"') for n in ok(m.list())]
    assert names == ["Drafts", "INBOX", "Junk", "Pratiche/2027", "Sent", "Trash"], names
    assert len(ok(m.list('""', "%"))) == 5
    assert any(b"\\Sent" in n for n in ok(m.list()))
    started = time.time()
    m.list('""', "*a" * 5000)
    assert time.time() - started < 2, "a pattern that takes exponential time"
    copied = ok(m.uid("COPY", "1:2", "Pratiche/2027"))
    sent = mail([RECIPIENT], subject="Bozza")
    ok(m.append("Sent", "(\\Seen)", None, sent))
    assert m.append("INBOX", None, None, sent)[0] == "NO", "an INBOX shows what the circuit delivered"
    deep = "".join("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100)).encode()
    assert m.append("Sent", None, None, deep)[0] == "NO", "a message that passes a limit"
    ok(m.select("Sent"))
    assert fetch(m, 1) == sent
    ok(m.select("Pratiche/2027"))
    assert fetch(m, 1) == raw
    assert ok(m.status("INBOX", "(MESSAGES UNSEEN)"))[0] == b"INBOX (MESSAGES 3 UNSEEN 2)", ok(m.status("INBOX", "(MESSAGES UNSEEN)"))

    # Going away, here and on the other connection.
    ok(m.select("INBOX"))
    ok(m.uid("MOVE", "2", "Trash"))
    assert ok(m.search(None, "ALL"))[0] == b"1 2"
    m.untagged_responses.clear()  # MOVE said it, too
    ok(m.store("1", "+FLAGS.SILENT", "\\Deleted"))
    assert ok(m.expunge()) == [b"1"]
    watcher.untagged_responses.clear()
    assert fetch(watcher, 1) == raw, "gone, but this connection has not been told"
    watcher.untagged_responses.clear()
    ok(watcher.noop())
    assert sorted(watcher.untagged_responses["EXPUNGE"]) == [b"1", b"2"], watcher.untagged_responses
    assert ok(watcher.search(None, "ALL"))[0] == b"1"
    assert len(json.loads(http("GET", "/mailboxes/" + RECIPIENT))) == 3, "the circuit keeps what IMAP deletes"
    m.logout()

    # A mailbox that was opened to be looked at.
    e = mailbox(RECIPIENT, readonly=True)
    fetch(e, 1, "(BODY[])")
    assert ok(e.search(None, "SEEN"))[0] == b""
    assert e._simple_command("STORE", "1", "+FLAGS", "\\Seen")[0] == "NO"
    e.logout()

    # IDLE, which imaplib does not know yet.
    watcher.send(b"x1 IDLE\r\n")
    assert watcher.readline().startswith(b"+")
    s.sendmail(SENDER, [RECIPIENT], mail([RECIPIENT]))
    assert watcher.readline().strip() == b"* 2 EXISTS"
    watcher.send(b"DONE\r\n")
    assert watcher.readline().startswith(b"x1 OK")
    watcher.send(b"x2 IDLE\r\n")
    watcher.readline()
    watcher.shutdown()


def adversary():
    """Providers that use every freedom."""
    s = submit()
    for n in range(10):
        s.sendmail(SENDER, [RECIPIENT, OTHER], mail([RECIPIENT, OTHER], subject="Prova %d" % n))
    mine = [kind(m) for m in messages(SENDER)]
    assert mine.count("accettazione") == 10 and mine.count("avvenuta-consegna") >= 20, mine
    theirs = messages(RECIPIENT)
    assert len(theirs) == 10
    assert len({m.get_param("protocol") for m in theirs}) == 2, "they differ"


globals()[scenario]()
