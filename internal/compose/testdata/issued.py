"""Checks messages that a PEC provider issues, as Python's email package and XML
parser read them, against the rules and against what providers are known to
write. It shares nothing with the code that wrote them.

Arguments: a folder with one NAME.eml each, and a JSON file with the facts that
went in. It prints the number of messages checked, or fails."""
import base64, datetime, email, email.policy, email.utils, json, os, re, sys
import xml.etree.ElementTree as ET

folder, facts = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))

# name: (header field, token, subject prefix, issuer, goes to, words of the text, enclosed original)
SENDER, SERVICE, ALL = "sender", "service", "all"
KINDS = {
    "posta-certificata": ("X-Trasporto", "posta-certificata", "POSTA CERTIFICATA: ", "one", ALL,
                          ["Messaggio di posta certificata", "è stato inviato da", "è incluso in allegato"], "whole"),
    "anomalia": ("X-Trasporto", "errore", "ANOMALIA MESSAGGIO: ", "two", ALL,
                 ["Tali dati non sono stati certificati per il seguente errore:", "firma non presente o non autentica"], "untouched"),
    "accettazione": ("X-Ricevuta", "accettazione", "ACCETTAZIONE: ", "one", SENDER,
                     ["Ricevuta di accettazione", '("posta certificata")', '("posta ordinaria")', "è stato accettato dal sistema ed inoltrato"], None),
    "non-accettazione": ("X-Ricevuta", "non-accettazione", "AVVISO DI NON ACCETTAZIONE: ", "one", SENDER,
                         ["ne impedisce l'accettazione", "Il messaggio non è stato accettato"], None),
    "non-accettazione-virus": ("X-Ricevuta", "non-accettazione", "AVVISO DI NON ACCETTAZIONE PER VIRUS: ", "one", SENDER,
                               ["problema di sicurezza", "Il messaggio non è stato accettato"], None),
    "presa-in-carico": ("X-Ricevuta", "presa-in-carico", "PRESA IN CARICO: ", "two", SERVICE,
                        ["Ricevuta di presa in carico", "è stato accettato dal sistema"], None),
    "avvenuta-consegna": ("X-Ricevuta", "avvenuta-consegna", "CONSEGNA: ", "two", SENDER,
                          ["Ricevuta di avvenuta consegna", "è stato consegnato nella casella di destinazione"], "whole"),
    "avvenuta-consegna-breve": ("X-Ricevuta", "avvenuta-consegna", "CONSEGNA: ", "two", SENDER,
                                ["Ricevuta di avvenuta consegna breve", "è stato consegnato nella casella di destinazione"], "brief"),
    "avvenuta-consegna-sintetica": ("X-Ricevuta", "avvenuta-consegna", "CONSEGNA: ", "two", SENDER,
                                    ["Ricevuta di avvenuta consegna sintetica", "è stato consegnato nella casella di destinazione"], None),
    "avvenuta-consegna-cc": ("X-Ricevuta", "avvenuta-consegna", "CONSEGNA: ", "two", SENDER,
                             ["Ricevuta di avvenuta consegna sintetica"], None),
    "errore-consegna-virus": ("X-Ricevuta", "errore-consegna", "AVVISO DI MANCATA CONSEGNA PER VIRUS: ", "one", SENDER,
                              ["problema di sicurezza", "Il messaggio non è stato consegnato"], None),
    "preavviso-12-ore": ("X-Ricevuta", "preavviso-errore-consegna", "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", "one", SENDER,
                         ["dodici ore", "Non si esclude"], None),
    "preavviso-24-ore": ("X-Ricevuta", "preavviso-errore-consegna", "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ", "one", SENDER,
                         ["ventiquattro ore", "esito negativo"], None),
    "rilevazione-virus": ("X-Ricevuta", "rilevazione-virus", "PROBLEMA DI SICUREZZA: ", "two", SERVICE,
                          ["problema di sicurezza"], None),
}
for reason in ("casella", "dominio", "piena", "disattivata"):
    KINDS["errore-consegna-" + reason] = ("X-Ricevuta", "errore-consegna", "AVVISO DI MANCATA CONSEGNA: ", "two", SENDER,
                                          ["Avviso di mancata consegna", "Il messaggio è stato rifiutato dal sistema"], None)
CODES = {"casella": ("no-dest", "5.1.1"), "dominio": ("no-dominio", "5.1.2"), "piena": ("altro", "5.2.2"), "disattivata": ("altro", "5.2.1")}


def equal(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, expected {want!r}")


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def raw_parts(raw, boundary):
    """The bytes of the parts, cut out by hand."""
    mark = b"\r\n--" + boundary.encode()
    pieces = (b"\r\n" + raw.split(b"\r\n\r\n", 1)[1]).split(mark)
    check(pieces[-1].startswith(b"--"), "closing delimiter")
    return [p.split(b"\r\n", 1)[1] for p in pieces[1:-1]]


def check_header(name, mail):
    field, token, prefix, issuer, to, _, _ = KINDS[name]
    service = facts[issuer]["address"]
    equal(field, mail.get_all(field), [token])
    other = "X-Ricevuta" if field == "X-Trasporto" else "X-Trasporto"
    check(mail[other] is None, other)
    equal("Subject", mail["Subject"], prefix + facts["subject"])
    shown, address = email.utils.parseaddr(str(mail["From"]))
    equal("From", address, service)
    equal("name in From", shown, "Per conto di: " + facts["sender"] if field == "X-Trasporto" else "")
    recipients = sorted(a for _, a in email.utils.getaddresses([str(v) for n in ("To", "Cc") for v in mail.get_all(n, [])]))
    want = {SENDER: [facts["sender"]], SERVICE: [facts["one"]["address"]], ALL: sorted(facts["recipients"])}[to]
    equal("To and Cc", recipients, want)
    equal("Date", email.utils.parsedate_to_datetime(mail["Date"]), datetime.datetime.fromisoformat(facts["time"]))
    if name != "anomalia":
        equal("X-Riferimento-Message-ID", mail.get_all("X-Riferimento-Message-ID"), [facts["clientID"]])
    want = {"posta-certificata": "<" + facts["id"] + ">", "anomalia": facts["clientID"]}.get(name)
    if want:
        equal("Message-ID", str(mail["Message-ID"]), want)
        equal("Reply-To", email.utils.parseaddr(str(mail["Reply-To"]))[1], facts["sender"])
        check(mail["Received"] and mail["Return-Path"], "inherited fields")
    else:
        check(str(mail["Message-ID"]).endswith("@" + service.split("@")[1] + ">"), "Message-ID of the notice")
        check(facts["id"] not in str(mail["Message-ID"]), "Message-ID of the notice is its own")
        check(mail["Received"] is None and mail["Reply-To"] is None, "a notice inherits nothing")
    equal("X-TipoRicevuta", mail["X-TipoRicevuta"], "completa" if name == "posta-certificata" else None)
    refused = name in ("non-accettazione-virus", "errore-consegna-virus")
    equal("X-VerificaSicurezza", mail["X-VerificaSicurezza"], "errore" if refused else None)
    equal("X-Mittente", mail["X-Mittente"], facts["sender"] if name == "rilevazione-virus" else None)
    check(mail["Sender"] is None, "Sender")
    for line in mail.as_bytes().split(b"\n\n", 1)[0].split(b"\n"):
        check(len(line) <= 998, "long line")


def check_text(name, part, html):
    equal("charset", part.get_content_charset(), "iso-8859-1")
    equal("encoding", part["Content-Transfer-Encoding"], "quoted-printable")
    equal("disposition", part.get_content_disposition(), "inline")
    text = part.get_payload(decode=True).decode("iso-8859-1")
    if html:
        check(not re.search(r"(?i)<(img|script|link|style|object|iframe|a)\b|src=|href=|url\(", text), "HTML refers to something")
        text = re.sub(r"<br>", "\n", text)
        text = re.sub(r"<[^>]*>", "", text)
        import html as entities
        text = entities.unescape(text)
    flat = " ".join(text.split())
    for words in KINDS[name][5]:
        check(" ".join(words.split()) in flat, f"the text lacks {words!r}")
    check(facts["moment"] in flat, "moment")
    if name != "anomalia":
        check("Identificativo messaggio: " + facts["id"] in flat, "identifier in the text")
    subject = facts["subject"] if html else facts["subjectLatin1"]
    check('"' + subject + '"' in flat, f"subject in the text: {flat!r}")
    check("?" not in flat, "a question mark stands for nothing here")


def check_xml(name, part):
    equal("type", part.get_content_type(), "application/xml")
    equal("name", (part.get_filename(), part.get_param("name")), ("daticert.xml", "daticert.xml"))
    equal("disposition", part.get_content_disposition(), "inline")
    equal("encoding", part["Content-Transfer-Encoding"], "base64")
    xml = part.get_payload(decode=True)
    check(xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n'), "declaration")
    root = ET.fromstring(xml)
    equal("root", (root.tag, root.get("tipo")), ("postacert", KINDS[name][1]))
    error = "nessuno"
    if "virus" in name:
        error = "virus"
    elif name.startswith("errore-consegna-"):
        error, code = CODES[name.removeprefix("errore-consegna-")]
        check(re.fullmatch(re.escape(code) + r" - Gestore Due S\.p\.A\. - [a-z ]+", root.findtext("dati/errore-esteso")), "errore-esteso")
    elif name in ("non-accettazione", "preavviso-12-ore", "preavviso-24-ore"):
        error = "altro"
    equal("errore", root.get("errore"), error)
    if name == "preavviso-24-ore":
        check(root.findtext("dati/errore-esteso").startswith("5.4.1 - Gestore Uno S.p.A. - "), "code at 24 hours")
    if name == "preavviso-12-ore":
        check("5.4.1" not in root.findtext("dati/errore-esteso"), "code at 12 hours")
    equal("mittente", root.findtext("intestazione/mittente"), facts["sender"])
    equal("destinatari", [e.text for e in root.findall("intestazione/destinatari")], facts["recipients"])
    equal("oggetto", root.findtext("intestazione/oggetto"), facts["subject"])
    equal("gestore-emittente", root.findtext("dati/gestore-emittente"), facts[KINDS[name][3]]["name"])
    when = root.find("dati/data")
    stamp = datetime.datetime.strptime(when.findtext("giorno") + when.findtext("ora") + when.get("zona"), "%d/%m/%Y%H:%M:%S%z")
    equal("data", stamp, datetime.datetime.fromisoformat(facts["time"]))
    equal("identificativo", root.findtext("dati/identificativo"), facts["id"])
    equal("msgid", root.findtext("dati/msgid"), facts["clientID"])
    kind = {"posta-certificata": "completa", "avvenuta-consegna": "completa", "avvenuta-consegna-breve": "breve",
            "avvenuta-consegna-sintetica": "sintetica", "avvenuta-consegna-cc": "sintetica"}.get(name)
    equal("ricevuta", [e.get("tipo") for e in root.findall("dati/ricevuta")], [kind] if kind else [])
    one = KINDS[name][1] in ("avvenuta-consegna", "errore-consegna", "preavviso-errore-consegna", "rilevazione-virus")
    check((root.find("dati/consegna") is not None) == one, "consegna")
    equal("ricezione", len(root.findall("dati/ricezione")), 2 if name == "presa-in-carico" else 0)


def check_original(name, raw, original):
    """raw: the part as it stands in the mail."""
    how = KINDS[name][6]
    head, body = raw.split(b"\r\n\r\n", 1)
    part = email.message_from_bytes(head + b"\r\n\r\n", policy=email.policy.default)
    equal("type", part.get_content_type(), "message/rfc822")
    equal("name", part.get_filename(), "postacert.eml")
    equal("encoding", part["Content-Transfer-Encoding"], "7bit")
    if how == "untouched":
        equal("the enclosed mail", body, original)
        return
    mail = email.message_from_bytes(body, policy=email.policy.default)
    equal("Message-ID inside", mail.get_all("Message-ID"), ["<" + facts["id"] + ">"])
    equal("X-Riferimento-Message-ID inside", mail.get_all("X-Riferimento-Message-ID"), [facts["clientID"]])
    drop = re.compile(rb"^(X-Riferimento-)?Message-ID:[^\n]*\n", re.M | re.I)
    if how == "whole":
        equal("the rest of the enclosed mail", drop.sub(b"", body), drop.sub(b"", original))
        return
    import hashlib
    before = [p for p in email.message_from_bytes(original, policy=email.policy.default).walk() if p.get_filename()]
    after = [p for p in mail.walk() if p.get_filename()]
    equal("number of attachments", len(after), len(before))
    for a, b in zip(after, before):
        equal("name of the hash", a.get_filename(), b.get_filename() + ".hash")
        equal("type of the hash", a.get_content_type(), "text/plain")
        text = a.get_payload()
        check(re.fullmatch("[0-9a-f]{40}", text), "40 digits")
        equal("the hash", text, hashlib.sha1(b.get_payload().replace("\r\n", "\n").replace("\n", "\r\n").rstrip("\r\n").encode()).hexdigest())


def check_mail(name, raw, original):
    for slip in (b"X-Trasplorto", b"certdata.xml", b"certified-mail@", b"On behalf of"):
        check(slip not in raw, f"{slip} is a slip of RFC 6109")
    check(b"\n" not in raw.replace(b"\r\n", b""), "a bare LF")
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    check(not mail.defects, mail.defects)
    check_header(name, mail)
    equal("type", mail.get_content_type(), "multipart/signed")
    equal("protocol", mail.get_param("protocol"), "application/pkcs7-signature")
    equal("micalg", mail.get_param("micalg"), "sha-256")
    signed, signature = mail.get_payload()
    equal("signature", (signature.get_content_type(), signature.get_filename(), signature["Content-Transfer-Encoding"]),
          ("application/pkcs7-signature", "smime.p7s", "base64"))
    check(base64.b64decode(signature.get_payload()).startswith(b"\x30\x82"), "DER")
    equal("type of what is signed", signed.get_content_type(), "multipart/mixed")
    want = ["multipart/alternative"] + (["application/xml"] if name != "anomalia" else []) + (["message/rfc822"] if KINDS[name][6] else [])
    equal("parts", [p.get_content_type() for p in signed.get_payload()], want)
    plain, html = signed.get_payload()[0].get_payload()
    equal("text", (plain.get_content_type(), html.get_content_type()), ("text/plain", "text/html"))
    check_text(name, plain, False)
    check_text(name, html, True)
    if name != "anomalia":
        check_xml(name, signed.get_payload()[1])
    if KINDS[name][6]:
        outer = raw_parts(raw, mail.get_boundary())
        check_original(name, raw_parts(outer[0], signed.get_boundary())[-1], original)


names = sorted(n.removesuffix(".eml") for n in os.listdir(folder) if n.endswith(".eml"))
equal("kinds", names, sorted(KINDS))
original = facts["original"].encode()
for name in names:
    try:
        check_mail(name, open(os.path.join(folder, name + ".eml"), "rb").read(), original)
    except Exception as e:
        raise SystemExit(f"{name}: {type(e).__name__}: {e}")
print(len(names))
