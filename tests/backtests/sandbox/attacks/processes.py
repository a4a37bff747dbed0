"""Attacks on other processes, and attempts to make some."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

ATTACKS = (
    attack(
        "is a fork bomb",
        """
        result = []
        for _ in range(50):
            if (child := got(os.fork)) is not None:
                result.append(child)
        """,
    ),
    attack(
        "forks by every call there is",
        """
        sigchld = 17
        arguments = ctypes.create_string_buffer(b"\\0" * 32 + (17).to_bytes(8, "little") + b"\\0" * 48)
        result = took(
            call(56, 220, sigchld, 0, 0, 0, 0), call(56, 220, 0, 0, 0, 0, 0),
            call(56, 220, 0x8000 | sigchld, 0, 0, 0, 0), call(57, 220, 17, 0, 0, 0, 0), call(58, 220, 17, 0, 0, 0, 0),
            call(435, 435, arguments, 88),
        )
        """,
    ),
    attack(
        "runs programs",
        """
        import subprocess
        result = took(
            got(subprocess.check_output, ["/bin/sh", "-c", "id"]), got(subprocess.check_output, [sys.executable, "-h"]),
            got(os.posix_spawn, "/bin/true", ["true"], {}), got(os.execv, "/bin/true", ["true"]),
            got(os.execv, sys.executable, ["python", "-h"]), got(lambda: os.popen("id").read()),
        )
        """,
    ),
    attack(
        "puts a program into memory and runs it",
        """
        result = took(call(319, 279, b"x", 0), got(os.memfd_create, "x"), call(447, 447, 0))
        result += took(call(322, 281, 1, b"", 0, 0, 0x1000), call(59, 221, b"/proc/self/exe", 0, 0))
        """,
    ),
    attack(
        "uses multiprocessing",
        """
        import multiprocessing, concurrent.futures
        def pool():
            with multiprocessing.Pool(2) as workers:
                return workers.map(abs, [1])
        def executor():
            with concurrent.futures.ProcessPoolExecutor(1) as workers:
                return workers.submit(abs, 1).result()
        result = took(got(pool), got(executor))
        """,
    ),
    attack(
        "kills its parent and everybody",
        """
        targets = {os.getppid(), 1, -1, 0, -os.getppid(), payload["pid"], payload["zygote"]} - {os.getpid()}
        result = took(*(got(os.kill, pid, number) for pid in targets for number in (0, signal.SIGTERM, signal.SIGKILL)))
        """,
    ),
    attack(
        "signals others by calls that few know",
        """
        result = []
        for pid in (os.getppid() or 2, payload["pid"], payload["zygote"]):
            information = ctypes.create_string_buffer(128)
            result += took(
                call(200, 130, pid, 9), call(234, 131, pid, pid, 9), call(129, 138, pid, 9, information),
                call(297, 240, pid, pid, 9, information), call(434, 434, pid, 0), call(424, 424, 3, 9, 0, 0),
            )
        """,
    ),
    attack(
        "lets the kernel signal its parent when a pipe is written",
        """
        import fcntl, struct
        reading, writing = os.pipe()
        result = []
        for pid in (os.getppid() or 2, payload["zygote"]):
            result += took(
                got(fcntl.fcntl, reading, 8, pid), got(fcntl.fcntl, reading, 15, struct.pack("ii", 1, pid)),
                got(fcntl.fcntl, reading, 10, signal.SIGKILL), got(fcntl.ioctl, reading, 0x8901, struct.pack("i", pid)),
                got(fcntl.ioctl, reading, 0x5452, struct.pack("i", 1)),
            )
        os.write(writing, b"x")
        """,
    ),
    attack(
        "traces other processes",
        """
        result = []
        for pid in (os.getppid(), payload["pid"], payload["zygote"], 1):
            result += took(*(call(101, 117, request, pid, 0, 0) for request in (0, 16, 0x4206)))
        """,
    ),
    attack(
        "reads and writes the memory of other processes",
        """
        buffer = ctypes.create_string_buffer(64)
        vector = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
        result = []
        for pid in (os.getppid(), payload["pid"], payload["zygote"], os.getpid()):
            result += took(call(310, 270, pid, vector, 1, vector, 1, 0), call(311, 271, pid, vector, 1, vector, 1, 0))
            result += took(got(lambda: open(f"/proc/{pid}/mem", "rb")), got(lambda: open(f"/proc/{pid}/maps").read()))
        """,
    ),
    attack(
        "takes descriptors from other processes",
        """
        result = took(*(call(438, 438, descriptor, 0, 0) for descriptor in range(8)))
        result += took(call(312, 272, os.getppid(), payload["zygote"], 0, 0, 0))
        """,
    ),
    attack(
        "changes limits and priorities of others and lifts its own",
        """
        import resource
        limit = (ctypes.c_ulong * 2)(1, 1)
        result = took(
            call(302, 261, payload["zygote"], 0, limit, 0), call(302, 261, os.getppid() or 2, 0, limit, 0),
            got(os.setpriority, os.PRIO_PROCESS, payload["zygote"], 19), got(os.nice, -5),
            got(os.sched_setaffinity, payload["zygote"], {0}),
            got(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1)),
        )
        for what in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU, resource.RLIMIT_CORE):
            result += took(got(resource.setrlimit, what, (10**12, 10**12)), got(resource.setrlimit, what, (-1, -1)))
        """,
    ),
    attack(
        "stops itself so that its time stands still",
        """
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(60)
        """,
        "timeout",
    ),
    attack(
        "ignores every signal",
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        for number in range(1, 65):
            got(signal.signal, number, signal.SIG_IGN)
        time.sleep(60)
        """,
        "timeout",
    ),
    attack(
        "leaves its session and outlives its parent",
        """
        result = took(
            got(os.setsid), got(os.setpgid, 0, 0), call(157, 167, 1, 0, 0, 0, 0), call(157, 167, 36, 1, 0, 0, 0),
        )
        time.sleep(60)
        """,
        "timeout",
    ),
)
