"""Attacks on the walls themselves."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

ATTACKS = (
    attack(
        "mounts a file system",
        """
        result = took(
            call(165, 40, b"proc", b"/tmp", b"proc", 0, 0), call(165, 40, b"tmpfs", b"/tmp", b"tmpfs", 0, 0),
            call(165, 40, b"/", b"/tmp", 0, 4096, 0), call(165, 40, b"", b"/", 0, 32 | 4096, 0),
            call(166, 39, b"/tmp", 2), call(430, 430, b"proc", 0), call(428, 428, -100, b"/", 1),
            call(442, 442, -100, b"/", 0, 0, 0), call(155, 41, b".", b"."),
        )
        """,
    ),
    attack(
        "makes namespaces of its own, to be root in them",
        """
        kinds = (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x02000000, 0x80)
        result = took(*(call(272, 97, kind) for kind in kinds))
        result += took(*(call(56, 220, kind | 17, 0, 0, 0, 0) for kind in kinds))
        result += took(*(call(308, 268, descriptor, 0) for descriptor in range(3, 8)))
        """,
    ),
    attack(
        "becomes somebody else",
        """
        result = []
        for user in (0, 1000, 65534):
            if user != os.getuid():
                result += took(got(os.setuid, user), got(os.setresuid, user, user, user), got(os.seteuid, user))
                result += took(got(os.setgid, user), got(os.setresgid, user, user, user), got(os.setgroups, [user]))
        """,
    ),
    attack(
        "takes capabilities",
        """
        import struct
        header, everything = struct.pack("=Ii", 0x20080522, 0), b"\\xff" * 24
        result = took(call(126, 91, header, everything), call(157, 167, 47, 2, 21, 0, 0), call(157, 167, 8, 1, 0, 0, 0),
                      call(157, 167, 28, 0, 0, 0, 0))
        """,
    ),
    attack(
        "leaves by chroot",
        """
        got(os.mkdir, "/tmp/jail")
        result = took(got(os.chroot, "/tmp/jail"), got(os.chroot, "/"), got(os.chroot, "."))
        got(os.chdir, "../" * 20)
        result += took(got(lambda: open("etc/hostname").read()), got(lambda: open("../../../../etc/passwd").read()))
        """,
    ),
    attack(
        "lifts its own walls",
        """
        attributes = ctypes.create_string_buffer(24)
        result = took(
            call(157, 167, 38, 0, 0, 0, 0), call(157, 167, 22, 0, 0, 0, 0), call(157, 167, 4, 1, 0, 0, 0),
            call(157, 167, 0x59616D61, -1, 0, 0, 0), call(317, 277, 0, 0, 0), call(317, 277, 1, 8, 0),
            call(444, 444, attributes, 8, 0), call(135, 92, 0x0040000),
        )
        """,
    ),
    attack(
        "looks for holes with ctypes, in C instead of Python",
        """
        buffer = ctypes.create_string_buffer(4096)
        def read(path):
            descriptor = libc.open(path, 0)
            return None if descriptor < 0 else libc.read(descriptor, buffer, 4096)
        result = took(read(b"/etc/passwd"), read(b"/proc/self/environ"), read(payload["foreign"].encode()))
        result += [answer for answer in (libc.socket(2, 1, 0), libc.fork()) if answer >= 0]
        result += ["system"] if libc.system(b"exit 0") == 0 else []
        """,
    ),
    attack(
        "loads a library of its own with numpy",
        """
        import numpy, numpy.ctypeslib
        def own():
            with open("/tmp/own.so", "wb") as copy, open(payload["library"], "rb") as library:
                copy.write(library.read())
            return numpy.ctypeslib.load_library("own", "/tmp")
        foreign = payload["foreign"]
        result = took(
            got(own), got(numpy.memmap, foreign), got(numpy.load, foreign), got(numpy.fromfile, "/proc/self/mem"),
        )
        """,
    ),
    attack(
        "lets pickle do it",
        """
        import pickle, io
        class Trap:
            def __reduce__(self):
                return os.system, ("id > /tmp/id",)
        pickle.loads(pickle.dumps(Trap()))
        result = took(got(os.stat, "/tmp/id"))
        """,
    ),
    attack(
        "looks for the zygote's objects in its own memory",
        """
        import gc
        # Whatever was open outside is closed here, and no payload but its own was ever in this memory.
        payloads = [thing for thing in gc.get_objects() if isinstance(thing, dict) and "secret_name" in thing]
        result = [str(other) for other in payloads if other != payload]
        import socket
        for thing in gc.get_objects():
            if isinstance(thing, socket.socket) and thing.fileno() >= 0:
                result += took(got(thing.send, b"{}"), got(thing.getpeername))
        """,
    ),
    attack(
        "crashes the interpreter on purpose",
        """
        ctypes.string_at(0)
        """,
        "crashed",
    ),
    attack(
        "catches its own end",
        """
        import atexit
        atexit.register(lambda: time.sleep(60))
        def endless(*ignored):
            while True:
                time.sleep(1)
        for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, endless)
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
        """,
        "timeout",
    ),
)
