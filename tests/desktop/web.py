"""What can be reached from outside: one port, the pages of the desktop behind it, and no other local program."""

import http.server
import re
import socket
import threading

from engine import Container
from tap import until

BASE = "/notebook/ns/name"
# Where something listens that is nobody's business: the port that the supervisor of the old images had, and any other.
BAITS = (8059, 9999)
SECRET = "bait-that-nobody-may-see"
PATHS = [
    "/tools/{port}/", "/tools/{port}", "/{port}/", "/proxy/{port}/", "/proxy/absolute/{port}/", "/shared/tools/{port}/", "/tools/localhost:{port}/",
    "/tools/netdata/../{port}/", "/tools/netdata/../../{port}/", "/tools/../tools/{port}/", "/tools/netdata/%2e%2e/{port}/",
    "/tools/netdata/..%2f{port}/", "/tools/netdata/%2e%2e%2f%2e%2e%2f{port}/", "/tools%2f{port}%2f", "/tools//{port}//", "//127.0.0.1:{port}/", "/\\127.0.0.1:{port}/",
    "/tools/netdata:{port}/", "/tools/netdata@127.0.0.1:{port}/", "/tools/netdata/@127.0.0.1:{port}/", "/tools/netdata/http://127.0.0.1:{port}/",
    "/tools/netdata/%0d%0aHost:%20127.0.0.1:{port}", "/tools/netdata/?url=http://127.0.0.1:{port}/", "/vnc/websockify?token=127.0.0.1:{port}",
    "/vnc/websockify/127.0.0.1:{port}", "/vnc/websockify/../../{port}/", "/tools/netdata/host/127.0.0.1:{port}/", "/tools/netdata/api/v1/../../../{port}/",
]
FILES = ["/vnc../passwd", "/vnc/..%2f..%2f..%2fetc/passwd", "/vnc/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/vnc/../../../etc/passwd", "/vnc/....//....//etc/passwd",
         "/style.css/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/en.html%00/../../etc/passwd", "/tools/netdata/../../../etc/passwd",
         "/vnc/%252e%252e/%252e%252e/etc/passwd"]
UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"


class Bait(http.server.BaseHTTPRequestHandler):
    """Another program on loopback. Remembers that it was reached."""

    reached = []

    def do_GET(self):
        """Any request."""
        Bait.reached.append(self.requestline)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SECRET.encode())

    do_POST = do_HEAD = do_CONNECT = do_OPTIONS = do_GET

    def log_message(self, *_):
        """Nothing."""


def ask(target, headers="", host="localhost:8888", method="GET"):
    """Sends a request exactly as given; gives the status and all of the answer."""
    with socket.create_connection(("127.0.0.1", 8888), timeout=10) as connection:
        ending = headers or "Connection: close\r\n"
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{ending}\r\n".encode())
        answer = b""
        connection.settimeout(3)
        try:
            while chunk := connection.recv(65536):
                answer += chunk
                head, _, body = answer.partition(b"\r\n\r\n")
                length = re.search(rb"\ncontent-length: *(\d+)", head.lower())
                if length and len(body) >= int(length[1]):
                    break
        except TimeoutError:  # A connection that stays open, as upgraded ones do.
            pass
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0, answer


def listeners(tables):
    """Address and port of every listening socket in the text of /proc/net/tcp or udp."""
    found = set()
    for line in tables.splitlines():
        fields = line.split()
        if len(fields) > 3 and ":" in fields[1] and fields[3] in ("0A", "07"):
            address, port = fields[1].split(":")
            found.add((address, int(port, 16)))
    return found


def prove(tap, image, network, _pictures):
    """Runs the checks of this part."""
    for port in BAITS:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Bait)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    # A network of its own: every socket in it is the container's.
    with Container(image, network) as desktop:
        desktop.wait_for_session()
        with tap.check("nothing but port 8888 listens on more than loopback, over TCP and UDP") as say:
            until(30, lambda: ask("/tools/netdata/")[0] == 200, "Netdata")
            found = listeners(desktop.run("cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6"))
            open_ports = {port for address, port in found if address not in ("0100007F", "00000000000000000000000001000000")}
            say(f"loopback: {sorted({port for _, port in found} - open_ports)}")
            assert open_ports == {8888}, found
        attacks(tap, "")
        sockets(tap, "")
        with tap.check("the socket of the supervisor and the VNC server's can be opened by their user alone"):
            modes = desktop.run("stat -c '%a %U %n' /tmp/desktop /tmp/desktop/supervisor.sock /tmp/desktop/vnc.sock").split("\n")
            assert modes[:3] == ["700 jovyan /tmp/desktop", "600 jovyan /tmp/desktop/supervisor.sock", "600 jovyan /tmp/desktop/vnc.sock"], modes
            assert desktop.run("cat </tmp/desktop/supervisor.sock", "--user", "65534", check=False).returncode
    with Container(image, network, environment={"NB_PREFIX": BASE}) as desktop:
        desktop.wait_for_session()
        attacks(tap, BASE)
        sockets(tap, BASE)


def attacks(tap, base):
    """Requests that try to get to another port, or to a file of the system."""
    where = f"below {base}" if base else "without a base path"
    with tap.check(f"{where}, no path, header or form of request leads to another local program") as say:
        count = 0
        for port in BAITS:
            attempts = [(base + path.format(port=port), "", "localhost:8888", "GET") for path in PATHS]
            attempts += [(path.format(port=port), "", "localhost:8888", "GET") for path in PATHS]
            local = f"127.0.0.1:{port}"
            attempts += [(f"http://{local}{base}/", "", host, "GET") for host in ("localhost:8888", local)]
            attempts += [(local, "", local, "CONNECT"), ("*", "", local, "OPTIONS")]
            for path in ("/", "/tools/netdata/", "/vnc/websockify", "/nothing"):
                attempts.append((base + path, "", local, "GET"))
                for header in ("X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Accel-Redirect", "Proxy"):
                    attempts.append((base + path, f"Connection: close\r\n{header}: http://{local}/\r\n", "localhost:8888", "GET"))
            for target, headers, host, method in attempts:
                status, answer = ask(target, headers, host, method)
                count += 1
                assert SECRET.encode() not in answer, f"{method} {target} with {headers!r}: {answer[:300]}"
                # A wrong address is answered by no program but nginx; only Netdata answers below its own route.
                assert status in (0, 200, 301, 302, 400, 403, 404, 405), (status, target)
        assert not Bait.reached, Bait.reached
        say(f"{count} requests")
    with tap.check(f"{where}, addresses by port number are not found"):
        for port in (*BAITS, 6901, 8050, 5901):
            for path in ("/tools/{port}/", "/{port}/", "/proxy/{port}/", "/tools/netdata/../{port}/", "/tools/netdata/..%2f{port}/"):
                status, _ = ask(base + path.format(port=port))
                assert status == 404, (status, path, port)
    with tap.check(f"{where}, no path leads to a file of the system"):
        for path in FILES:
            for target in (path, base + path):
                status, answer = ask(target)
                assert b"root:x:0" not in answer and status in (302, 400, 404), (status, target)
    with tap.check(f"{where}, a request of two lengths is refused"):
        status, answer = ask(base + "/", "Connection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n", method="POST")
        assert status == 400, answer[:200]


def sockets(tap, base):
    """Who may open the connection to the display."""
    where = f"below {base}" if base else "without a base path"
    with tap.check(f"{where}, pages of other sites cannot open a connection to the display"):
        for origin in ("https://evil.example", "null", "http://localhost", "http://localhost:8889", "http://localhost:8888.evil.example",
                       "http://evil.example/http://localhost:8888", "file://", "http://127.0.0.1:8888", "http://localhost:8888@evil.example"):
            status, _ = ask(base + "/vnc/websockify", f"{UPGRADE}Origin: {origin}\r\n")
            assert status == 403, (status, origin)
    with tap.check(f"{where}, the desktop's own page can"):
        for origin in ("Origin: http://localhost:8888\r\n", ""):
            status, answer = ask(base + "/vnc/websockify", UPGRADE + origin)
            assert status == 101 and b"RFB 003.008" in answer, answer
