"""Attacks on files: other people's, the machine's, the runtime's."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

ATTACKS = (
    attack(
        "reads another tenant's file",
        """
        result = took(got(lambda: open(payload["foreign"]).read()), got(os.open, payload["foreign"], os.O_RDONLY))
        """,
    ),
    attack(
        "writes, moves and removes another tenant's file",
        """
        foreign = payload["foreign"]
        result = took(
            got(os.open, foreign, os.O_WRONLY), got(os.open, foreign, os.O_TRUNC), got(os.unlink, foreign),
            got(os.rename, foreign, foreign + "x"), got(os.truncate, foreign, 0), got(os.chmod, foreign, 0o777),
            got(os.utime, foreign), got(os.chown, foreign, os.getuid(), -1), got(os.setxattr, foreign, "user.x", b"x"),
        )
        """,
    ),
    attack(
        "links to another tenant's file and reads the link",
        """
        foreign = payload["foreign"]
        got(os.symlink, foreign, "/tmp/soft"); got(os.link, foreign, "/tmp/hard"); got(os.symlink, "/", "/tmp/root")
        result = took(*(
            got(lambda: open(path).read()) for path in ("/tmp/soft", "/tmp/hard", "/tmp/root" + foreign)
        ))
        """,
    ),
    attack(
        "climbs out of its folder",
        """
        result = took(*(
            got(lambda: open("../" * depth + payload["foreign"].lstrip("/")).read()) for depth in range(1, 12)
        ))
        """,
    ),
    attack(
        "reads passwords and accounts",
        """
        paths = ("/etc/passwd", "/etc/shadow", "/root/.bash_history", "/root/.ssh/id_rsa", "/root/.aws/credentials",
                 "/var/run/secrets/kubernetes.io/serviceaccount/token", "/run/secrets")
        result = took(*(got(lambda: open(path).read()) for path in paths))
        """,
    ),
    attack(
        "reads the environment of other processes",
        """
        processes = ("self", "thread-self", 1, os.getppid(), payload["pid"], payload["zygote"])
        result = took(*(got(lambda: open(f"/proc/{process}/environ", "rb").read()) for process in processes))
        """,
    ),
    attack(
        "finds a secret in its own environment and memory",
        """
        import gc
        secret = payload["secret_name"]
        result = took(os.environ.get(secret), os.getenv(secret), got(lambda: open("/proc/self/mem", "rb")))
        words = ("KEY", "SECRET", "URL", "TOKEN", "DJANGO")
        result += [name for name in os.environ if any(word in name for word in words)]
        """,
    ),
    attack(
        "imports the settings",
        """
        sys.path[:0] = [payload["root"], "."]
        os.environ["DJANGO_SETTINGS_MODULE"] = "moondev.settings"
        def settings():
            from django.conf import settings
            return settings.SECRET_KEY
        def direct():
            import moondev.settings
            return moondev.settings.SECRET_KEY
        def models():
            from backtests.models import Run
            return Run
        result = took(got(settings), got(direct), got(models))
        """,
    ),
    attack(
        "reads the product's source and configuration",
        """
        names = ("manage.py", ".env", "moondev/settings.py", ".git/config", ".data", "backtests/sandbox/sandbox.py")
        result = took(*(got(os.open, os.path.join(payload["root"], name), os.O_RDONLY) for name in names))
        """,
    ),
    attack(
        "writes into the runtime",
        """
        import numpy
        places = {os.path.dirname(module.__file__) for module in (os, numpy)} | {sys.prefix, sys.base_prefix}
        result = took(*(got(os.open, f"{place}/sitecustomize.py", os.O_CREAT | os.O_WRONLY) for place in places))
        result += took(*(got(os.open, module.__file__, os.O_RDWR) for module in (os, numpy)))
        result += took(*(got(os.rename, place, place + "-old") for place in places))
        """,
    ),
    attack(
        "changes its own data file",
        """
        path = str(files["bars"])
        result = took(
            got(os.open, path, os.O_RDWR), got(os.unlink, path), got(os.truncate, path, 0), got(os.chmod, path, 0o777),
        )
        result += took(*(got(os.write, descriptor, b"forged") for descriptor in range(6, 12)))
        """,
    ),
    attack(
        "changes files through descriptors that it was given",
        """
        import stat
        def is_file(descriptor):
            try:
                return stat.S_ISREG(os.fstat(descriptor).st_mode)
            except OSError:
                return False
        result = []
        for descriptor in filter(is_file, range(256)):
            result += took(
                got(os.fchmod, descriptor, 0o777), got(os.fchown, descriptor, -1, -1), got(os.utime, descriptor),
                got(os.ftruncate, descriptor, 0), got(os.setxattr, descriptor, "user.x", b"x"),
            )
        """,
    ),
    attack(
        "reads the machine's devices and kernel",
        """
        paths = ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/net/tun", "/sys/kernel/notes",
                 "/proc/kcore", "/proc/kallsyms", "/proc/net/tcp", "/proc/mounts", "/sys/fs/cgroup", "/dev/tty",
                 "/dev/ptmx")
        result = took(*(got(os.open, path, os.O_RDONLY) for path in paths))
        """,
    ),
    attack(
        "opens a file by its handle",
        """
        handle = ctypes.create_string_buffer(128)
        result = took(call(304, 265, -100, handle, os.O_RDONLY), call(303, 264, -100, b"/", handle, handle, 0))
        """,
    ),
    attack(
        "watches other people's folders",
        """
        result = took(call(294, 26, 0), call(300, 262, 0, 0), got(__import__("fcntl").fcntl, 0, 1026, 1))
        """,
    ),
    attack(
        "makes device nodes, pipes and sockets in folders",
        """
        places = ("/tmp/x", "/dev/x", "/data/x")
        result = took(*(got(os.mknod, place, 0o600 | 0o060000, os.makedev(8, 0)) for place in places))
        result += took(*(got(os.mkfifo, place) for place in places))
        """,
    ),
)
