"""Attacks on the machine: the kernel's large and seldom needed surfaces."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

ATTACKS = (
    attack("loads a BPF program", "result = took(*(call(321, 280, command, 0, 0) for command in range(8)))"),
    attack("watches memory faults", "result = took(call(323, 282, 0), call(323, 282, 1))"),
    attack(
        "measures the machine's performance",
        """
        attributes = ctypes.create_string_buffer((1).to_bytes(4, "little") + (128).to_bytes(4, "little"), 128)
        result = took(call(298, 241, attributes, 0, -1, -1, 0), call(298, 241, attributes, -1, 0, -1, 0))
        """,
    ),
    attack(
        "uses the kernel's key rings",
        """
        result = took(
            call(250, 219, 0, -3, 1), call(248, 217, b"user", b"name", b"value", 5, -3),
            call(249, 218, b"user", b"name", 0, -3),
        )
        """,
    ),
    attack(
        "leaves memory and queues behind for others",
        """
        result = took(
            call(29, 194, 4242, 4096, 0o1666), call(64, 190, 4242, 1, 0o1666), call(68, 186, 4242, 0o1666),
            call(240, 180, b"moondev", os.O_CREAT | os.O_RDWR, 0o666, 0),
        )
        """,
    ),
    attack(
        "moves memory between files without copying",
        """
        reading, writing = os.pipe()
        vector = (ctypes.c_ulong * 2)(0, 0)
        result = took(
            call(275, 76, reading, 0, writing, 0, 1, 2), call(276, 77, reading, writing, 1, 2),
            call(278, 75, writing, vector, 1, 0),
        )
        """,
    ),
    attack(
        "sets the clock and the name of the machine",
        """
        moment = (ctypes.c_long * 2)(0, 0)
        result = took(
            call(227, 112, 0, moment), call(164, 170, moment, 0), call(170, 161, b"mine", 4),
            call(171, 162, b"mine", 4), call(159, 171, ctypes.create_string_buffer(512)),
        )
        """,
    ),
    attack(
        "reboots, loads modules, reads the kernel's log",
        """
        buffer = ctypes.create_string_buffer(4096)
        result = took(
            call(169, 142, 0xFEE1DEAD, 672274793, 0x89ABCDEF, 0), call(175, 105, buffer, 1, b""),
            call(313, 273, 3, b"", 0),
            call(176, 106, b"ext4", 0), call(246, 104, 0, 0, 0, 0), call(103, 116, 3, buffer, 4096), call(163, 89, 0),
        )
        """,
    ),
    attack("makes the machine write out its disks", "result = took(call(162, 81), call(306, 267, 0))"),
    attack(
        "calls what was invented after the filter",
        """
        numbers = (*range(451, 520), 548, 1000)
        result = [number for number in numbers if call(number, number, 0, 0, 0, 0, 0, 0) is not None]
        """,
    ),
    attack(
        "calls everything there is with nonsense",
        """
        # Whatever the filter lets pass, with arguments that mean this process, nothing and everything. Those that wait
        # or end are left out: select, pause, exit, sigsuspend, and their like.
        page = ctypes.create_string_buffer(4096)
        ending = {7, 15, 23, 34, 60, 61, 128, 130, 202, 231, 232, 270, 271, 281, 441, 449}
        ending |= {35, 37, 38, 72, 73, 93, 94, 95, 98, 133, 139, 222, 223, 230}
        # Its own memory and stack; and two that no filter sees, which the kernel answers with an illegal instruction.
        ending |= {9, 10, 11, 12, 13, 25, 28, 131, 158, 335, 336}
        for arguments in ((0,) * 6, (1,) * 6, (page,) * 6, (os.getpid(), page, 64, page, 0, 0), (2**64 - 1,) * 6):
            for number in set(range(600)) - ending:
                call(number, number, *arguments)
        """,
        "done",
        "crashed",
        "timeout",
        "error",
    ),
    attack(
        "calls by the numbers of the other tables",
        """
        # The x32 table of x86-64: the same calls, one bit higher.
        numbers = [0x40000000 + number for number in (41, 57, 59)]
        result = [number for number in numbers if call(number, number, 1, 1, 0) is not None]
        """,
    ),
    attack(
        "calls by the 32-bit gate",
        """
        import mmap
        if platform.machine() == "x86_64":
            # mov eax, 20 (getpid of i386); int 0x80; ret
            code = b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3"
            page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            page.write(code)
            result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
        """,
        # Killed by the filter, or by the kernel where it has no such gate.
        "crashed",
        "done",
    ),
    attack(
        "types into its operator's terminal",
        """
        import fcntl
        result = took(*(got(fcntl.ioctl, descriptor, 0x5412, b"x") for descriptor in range(3)))
        result += took(got(os.open, "/dev/tty", os.O_RDWR), got(os.ttyname, 0), got(os.open, "/dev/pts/0", os.O_RDWR))
        """,
    ),
)
