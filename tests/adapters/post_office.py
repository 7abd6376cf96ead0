"""Receivers on this machine: an HTTP server that keeps what is posted, and an SMTP server with STARTTLS."""

import base64
import socketserver
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from modelwright.workflow.notice import Notice

NOTICE = Notice(
    kind="glass broken",
    project="calls",
    subject="promotion:v2",
    text="person lead let v2 out although a gate had failed: the old model answers nonsense",
    next_step="modelwright follow-up close",
    at=datetime(2026, 1, 1, tzinfo=UTC),
    occasion="entry 12",
)


@contextmanager
def http_receiver(*, answers=(200,), location=""):
    """An address, and what was posted to it; the answers are given in turn, the last one again and again."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, dict(self.headers), body))
            self.send_response(answers[min(len(posted), len(answers)) - 1])
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?room=ml", posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder):
    """A certificate for this machine and its key, in two files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "server.pem").write_bytes(signed.public_bytes(pem))
    (folder / "server.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "server.pem", folder / "server.key"


class Desk(socketserver.StreamRequestHandler):
    """One line to the post office: each word of a client is answered by the method of its name."""

    def say(self, *lines):
        """Answer; all lines but the last with a dash behind the number."""
        for number, line in enumerate(lines, 1):
            text = line if number == len(lines) else line.replace(" ", "-", 1)
            self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()

    def handle(self):
        """Talk until the client has had enough."""
        office = self.server.office
        if office.silent:
            office.ended.wait(10)
            return
        self.encrypted, self.mail, self.known = False, {"to": []}, not office.user
        self.say("220 post office")
        while line := self.rfile.readline().decode().strip():
            answer = getattr(self, f"on_{line.split()[0].lower()}", None)
            if answer is None:
                self.say("250 yes")
            elif answer(line) == "end":
                return

    def on_ehlo(self, _):
        """Say what is on offer."""
        office = self.server.office
        offers = ["250 STARTTLS"] if office.tls and not self.encrypted else []
        offers += ["250 AUTH PLAIN"] if office.user else []
        self.say("250 localhost", *offers)

    def on_starttls(self, _):
        """Encrypt the line, when the client trusts the certificate."""
        self.say("220 go on")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.server.office.tls)
        try:
            self.request = context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return "end"
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")
        self.encrypted = True
        return None

    def on_auth(self, line):
        """Look at user and password."""
        office = self.server.office
        wanted = f"\0{office.user}\0{office.password}".encode()
        self.known = base64.b64decode(line.split()[2]) == wanted
        self.say("235 known" if self.known else "535 unknown")

    def on_mail(self, line):
        """Take the sender, of those who are known."""
        self.mail["from"] = line
        self.say("250 yes" if self.known else "530 who are you")

    def on_rcpt(self, line):
        """Take a recipient."""
        self.mail["to"].append(line)
        self.say("250 yes")

    def on_data(self, _):
        """Take the message."""
        self.say("354 go on")
        text = b""
        while (part := self.rfile.readline()) != b".\r\n":
            text += part
        office = self.server.office
        office.taken.append({**self.mail, "text": text.decode(), "encrypted": self.encrypted})
        self.say("250 taken")

    def on_quit(self, _):
        """Close the line."""
        self.say("221 bye")
        self.request.close()
        return "end"


class Office(socketserver.ThreadingTCPServer):
    """A mail server on this machine."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """Keep quiet about a line that was cut."""


@contextmanager
def smtp_receiver(*, tls=None, user="", password="", silent=False):
    """A port, and what was handed in to it: envelope, text, and whether the line was encrypted."""
    facts = {"tls": tls, "user": user, "password": password, "silent": silent, "taken": []}
    server = Office(("127.0.0.1", 0), Desk)
    server.office = SimpleNamespace(**facts, ended=threading.Event())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], server.office.taken
    finally:
        server.office.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
