"""Asserts headers and parts of each kind of PEC message, with Python's email
package alone. Written from what real providers send, not from the Go code.

usage: kinds.py FOLDER HABIT...

FOLDER holds messages as NUMBER-KIND.eml. HABITs change what is expected:
text-only, x-pkcs7, no-preamble, original-first, plain-xml, no-msgid, any (each
message may have any of them). Prints how many messages of each kind were read.
"""

import email
import email.header
import email.policy
import email.utils
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

PREFIX = {
    "posta-certificata": "POSTA CERTIFICATA: ",
    "accettazione": "ACCETTAZIONE: ",
    "non-accettazione": "AVVISO DI NON ACCETTAZIONE: ",
    "presa-in-carico": "PRESA IN CARICO: ",
    "avvenuta-consegna": "CONSEGNA: ",
    "errore-consegna": "AVVISO DI MANCATA CONSEGNA: ",
    "preavviso-errore-consegna": "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
    "rilevazione-virus": "PROBLEMA DI SICUREZZA: ",
    "anomalia": "ANOMALIA MESSAGGIO: ",
}
VIRUS_PREFIX = {
    "non-accettazione": "AVVISO DI NON ACCETTAZIONE PER VIRUS: ",
    "errore-consegna": "AVVISO DI MANCATA CONSEGNA PER VIRUS: ",
}
TEXT = {
    "posta-certificata": "Il messaggio originale è incluso in allegato",
    "accettazione": "è stato accettato dal sistema",
    "non-accettazione": "Il messaggio non è stato accettato",
    "presa-in-carico": "è stato accettato dal sistema",
    "avvenuta-consegna": "è stato consegnato nella casella di destinazione",
    "errore-consegna": "",
    "preavviso-errore-consegna": "",
    "rilevazione-virus": "problema di sicurezza",
    "anomalia": "Tali dati non sono stati certificati per il seguente errore:",
}
ORDER = ["gestore-emittente", "data", "identificativo", "msgid", "ricevuta", "consegna", "ricezione", "errore-esteso"]
habits = set(sys.argv[2:])
msgids = set()  # of all messages


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(w) for w in what))


def decoded(value):
    return str(email.header.make_header(email.header.decode_header(re.sub(r"\r?\n[ \t]", " ", value))))


def has(habit, present):
    """A habit shows if and only if it was asked for."""
    if "any" not in habits:
        check((habit in habits) == present, habit, "present:", present)


def one(message, name):
    values = message.get_all(name) or []
    check(len(values) == 1, name, "is there", len(values), "times")
    return values[0].strip()


def parts(message, raw):
    """The signed part's children, after the frame was checked."""
    check(message.get_content_type() == "multipart/signed", message.get_content_type())
    check(one(message, "MIME-Version") == "1.0")
    signed, signature = message.get_payload()
    kind = signature.get_content_type()
    check(kind in ("application/pkcs7-signature", "application/x-pkcs7-signature"), kind)
    has("x-pkcs7", kind == "application/x-pkcs7-signature")
    check(message.get_param("protocol").replace("x-", "") == kind.replace("x-", ""), message.get_param("protocol"))
    check(message.get_param("micalg").lower() in ("sha1", "sha-1", "sha256", "sha-256", "sha512", "sha-512"), message.get_param("micalg"))
    check(signature.get_filename() == "smime.p7s", signature.get_filename())
    check(signature["Content-Transfer-Encoding"].lower() == "base64")
    check(signature.get_payload(decode=True)[0] == 0x30)
    has("no-preamble", not (message.preamble or "").strip())
    check(signed.get_content_type() == "multipart/mixed", signed.get_content_type())
    return signed.get_payload()


def text_of(part):
    """The readable text, from text/plain alone or beside text/html."""
    has("text-only", part.get_content_type() == "text/plain")
    leaves = [part]
    if part.get_content_type() == "multipart/alternative":
        leaves = part.get_payload()
        check([p.get_content_type() for p in leaves] == ["text/plain", "text/html"])
        html = leaves[1].get_payload(decode=True).decode("iso-8859-1").lower()
        for forbidden in ("<img", "<script", "<style", "<link", "<object", "src=", "href="):
            check(forbidden not in html, "HTML with", forbidden)
    for leaf in leaves:
        check(leaf.get_content_charset() == "iso-8859-1", leaf.get_content_charset())
        check(leaf["Content-Transfer-Encoding"].lower() == "quoted-printable")
    return leaves[0].get_payload(decode=True).decode("iso-8859-1")


def daticert(part):
    check(part.get_content_type() == "application/xml", part.get_content_type())
    check(part.get_filename() == "daticert.xml" and part.get_param("name") == "daticert.xml")
    check(part.get_content_disposition() == "inline")
    encoding = part["Content-Transfer-Encoding"].lower()
    check(encoding in ("base64", "7bit", "quoted-printable"), encoding)
    has("plain-xml", encoding != "base64")
    raw = part.get_payload(decode=True)
    check(b"<!DOCTYPE" not in raw)
    check(b'encoding="UTF-8"' in raw.split(b"\n")[0])
    root = ET.fromstring(raw)
    check(root.tag == "postacert" and [c.tag for c in root] == ["intestazione", "dati"])
    tags = [c.tag for c in root.find("dati")]
    check(tags == sorted(tags, key=ORDER.index), tags)
    return root


def original(part, root, complete):
    check(part.get_content_type() == "message/rfc822", part.get_content_type())
    check(part.get_filename() == "postacert.eml" and part.get_param("name") == "postacert.eml")
    check(part.get_content_disposition() == "inline")
    inner = part.get_payload()[0]
    check(one(inner, "Message-ID") == "<" + root.findtext("dati/identificativo") + ">", "Message-ID of the original")
    msgid = root.findtext("dati/msgid")
    if msgid:
        check(one(inner, "X-Riferimento-Message-ID") == msgid, "reference of the original")
    else:
        check("X-Riferimento-Message-ID" not in inner)
    names = [p.get_filename() for p in inner.walk() if p.get_filename()]
    if complete:
        check(not any(n.endswith(".hash") for n in names), names)
        return
    check(names, "a brief receipt of this test has attachments")
    for p in inner.walk():
        if p.get_filename():
            check(p.get_filename().endswith(".hash") and p.get_content_type() == "text/plain", p.get_filename())
            check(re.fullmatch(rb"[0-9a-fA-F]{40}([0-9a-fA-F]{24})?\s*", p.get_payload(decode=True)), p.get_payload())


def header(message, kind, root):
    """The header against the certification data."""
    data, intestazione = root.find("dati"), root.find("intestazione")
    virus = root.get("errore") == "virus"
    prefix = VIRUS_PREFIX[kind] if virus and kind in VIRUS_PREFIX else PREFIX[kind]
    subject = decoded(one(message, "Subject"))
    check(subject == prefix + intestazione.findtext("oggetto"), subject)
    check(("X-VerificaSicurezza" in message) == (virus and kind in VIRUS_PREFIX))
    name, address = email.utils.parseaddr(decoded(one(message, "From")))
    check(address.split("@")[0] == "posta-certificata", address)
    msgid = data.findtext("msgid")
    if msgid:
        msgids.add(msgid)
    check(message.get("X-Riferimento-Message-ID") == msgid, msgid)
    stamp = email.utils.parsedate_to_datetime(one(message, "Date"))
    check(stamp.strftime("%d/%m/%Y %H:%M:%S %z") ==
          f"{data.findtext('data/giorno')} {data.findtext('data/ora')} {data.find('data').get('zona')}", stamp)
    sender = intestazione.findtext("mittente")
    if kind == "posta-certificata":
        check(one(message, "X-Trasporto") == kind and "X-Ricevuta" not in message)
        check(name == "Per conto di: " + sender, name)
        check(one(message, "Message-ID") == "<" + data.findtext("identificativo") + ">")
        check(one(message, "X-TipoRicevuta") == data.find("ricevuta").get("tipo"))
        check(email.utils.parseaddr(one(message, "Reply-To"))[1] == sender)
        certified = {d.text.lower() for d in intestazione.findall("destinatari")}
        shown = email.utils.getaddresses(message.get_all("To", []) + message.get_all("Cc", []))
        check({a.lower() for _, a in shown} == certified, shown)
        return
    check(one(message, "X-Ricevuta") == kind and "X-Trasporto" not in message)
    check(name == "", name)
    check(one(message, "Message-ID") != "<" + data.findtext("identificativo") + ">", "a receipt has an identifier of its own")
    to = email.utils.parseaddr(one(message, "To"))[1]
    if kind in ("presa-in-carico", "rilevazione-virus"):
        check(to.startswith("servizio@"), to)
    else:
        check(to == sender, to)
    check((kind == "rilevazione-virus") == ("X-Mittente" in message))
    if kind == "rilevazione-virus":
        check(one(message, "X-Mittente") == sender)


def facts(kind, root, text):
    """What each kind's certification data have, and what the text says of it."""
    data = root.find("dati")
    has_element = {tag: data.find(tag) is not None for tag in ORDER}
    check(root.get("tipo") == kind)
    check(has_element["ricevuta"] == (kind in ("posta-certificata", "avvenuta-consegna")), "ricevuta")
    check(has_element["consegna"] == (kind in ("avvenuta-consegna", "errore-consegna", "preavviso-errore-consegna", "rilevazione-virus")), "consegna")
    check(has_element["ricezione"] == (kind == "presa-in-carico"), "ricezione")
    failed = kind in ("non-accettazione", "errore-consegna", "preavviso-errore-consegna", "rilevazione-virus")
    check(has_element["errore-esteso"] == failed and (root.get("errore", "nessuno") != "nessuno") == failed, "errore")
    check(re.fullmatch(r"\d\d/\d\d/\d{4}", data.findtext("data/giorno")))
    check(re.fullmatch(r"\d\d:\d\d:\d\d", data.findtext("data/ora")))
    check(re.fullmatch(r"[+-]\d{4}", data.find("data").get("zona")))
    check(all(d.get("tipo") in ("certificato", "esterno") for d in root.find("intestazione").findall("destinatari")))
    check("NO LEGAL VALUE" in data.findtext("gestore-emittente"))
    flat = " ".join(text.split())
    check(TEXT[kind] in flat, TEXT[kind])
    check(f"Il giorno {data.findtext('data/giorno')} alle ore {data.findtext('data/ora')} ({data.find('data').get('zona')})" in flat)
    check("Identificativo messaggio: " + data.findtext("identificativo") in flat)
    if kind == "errore-consegna" and root.get("errore") != "virus":
        check(re.match(r"5\.\d\.\d - .+ \(PEC TEST, NO LEGAL VALUE\) - \w", data.findtext("errore-esteso")), data.findtext("errore-esteso"))
        check(data.findtext("errore-esteso") in flat)
    if kind == "preavviso-errore-consegna":
        late, expired = ("dodici ore" in flat or "12 ore" in flat), ("ventiquattro ore" in flat or "24 ore" in flat)
        check(late != expired or data.findtext("errore-esteso").startswith("5.4.1"), flat)


def main():
    seen = Counter()
    for path in sorted(Path(sys.argv[1]).glob("*.eml")):
        kind = path.stem.split("-", 1)[1]
        raw = path.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        try:
            found = parts(message, raw)
            text = text_of(found[0])
            if kind == "anomalia":
                check(one(message, "X-Trasporto") == "errore" and "X-Ricevuta" not in message)
                check(decoded(one(message, "Subject")).startswith(PREFIX[kind]))
                check(email.utils.parseaddr(decoded(one(message, "From")))[0].startswith("Per conto di: "))
                check([p.get_content_type() for p in found[1:]] == ["message/rfc822"], "an anomaly has the mail and nothing else")
                check(TEXT[kind] in " ".join(text.split()))
            else:
                xml = next(p for p in found if p.get_filename() == "daticert.xml")
                root = daticert(xml)
                header(message, kind, root)
                facts(kind, root, text)
                receipt = root.find("dati/ricevuta")
                asked = receipt.get("tipo") if receipt is not None else None
                wanted = kind == "posta-certificata" or kind == "avvenuta-consegna" and asked != "sintetica"
                check(len(found) == (3 if wanted else 2), len(found), "parts")
                if wanted:
                    names = [p.get_filename() for p in found[1:]]
                    has("original-first", names == ["postacert.eml", "daticert.xml"])
                    original(found[1 + names.index("postacert.eml")], root, kind == "posta-certificata" or asked == "completa")
        except Exception as error:
            raise SystemExit(f"{path.name}: {type(error).__name__}: {error}")
        seen[kind] += 1
    has("no-msgid", not msgids)
    print(" ".join(f"{kind}={seen[kind]}" for kind in PREFIX))


main()
