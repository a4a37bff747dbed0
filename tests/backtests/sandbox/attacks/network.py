"""Attacks over the network, on servers of this machine and of the cloud around it."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

ATTACKS = (
    attack(
        "makes a socket of every family and kind",
        """
        import socket
        result = [
            (family, kind) for family in range(46) for kind in (1, 2, 3, 5) for protocol in (0, 255)
            if got(lambda: socket.socket(family, kind, protocol)) is not None
        ]
        """,
    ),
    attack(
        "makes sockets by the bare call",
        """
        pair = (ctypes.c_int * 2)()
        result = took(*(call(41, 198, family, kind, 0) for family in (1, 2, 10, 16, 17, 38, 40) for kind in (1, 2, 3)))
        result += took(*(call(53, 199, 1, kind, 0, pair) for kind in (1, 2, 5)))
        """,
    ),
    attack(
        "talks to PostgreSQL, Valkey and the portal",
        """
        import socket
        result = took(*(got(socket.create_connection, ("127.0.0.1", port), 1) for port in payload["ports"]))
        def unix(path):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
        result += took(*(got(unix, path) for path in payload["sockets"]))
        """,
    ),
    attack(
        "asks the cloud for credentials",
        """
        def ask(address):
            import urllib.request
            return urllib.request.urlopen(address, timeout=1).read()
        addresses = ("http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/", "http://100.100.100.200/",
                     "http://[fd00:ec2::254]/", payload["url"])
        result = took(*(got(ask, address) for address in addresses))
        """,
    ),
    attack(
        "resolves names",
        """
        import socket
        result = took(got(socket.gethostbyname, "example.com"), got(socket.getaddrinfo, "example.com", 80))
        """,
    ),
    attack(
        "uses packages that speak HTTP",
        """
        def requests():
            import requests
            return requests.get(payload["url"], timeout=1).text
        def pandas():
            import pandas
            return pandas.read_csv(payload["url"])
        result = took(got(requests), got(pandas))
        """,
    ),
    attack(
        "sends with io_uring, around every filter of sockets",
        """
        parameters = ctypes.create_string_buffer(120)
        result = took(call(425, 425, 4, parameters), call(426, 426, 3, 1, 0, 0), call(427, 427, 3, 0, 0, 0))
        """,
    ),
    attack(
        "connects with a descriptor that it was left",
        """
        import socket, stat
        kinds = {}
        for descriptor in range(3, 256):
            try:
                kinds[descriptor] = os.fstat(descriptor).st_mode
            except OSError:
                pass
        result = [descriptor for descriptor, mode in kinds.items() if stat.S_ISSOCK(mode) or stat.S_ISDIR(mode)]
        # Its result, its leash, its payload or its files, and what it opened itself.
        result += [descriptor for descriptor in kinds if descriptor > 3 + 3 + len(files)]
        """,
    ),
)
