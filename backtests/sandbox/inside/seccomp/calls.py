"""System calls that a child may not make, by kind, with their numbers on x86-64 and aarch64.

Source of the numbers: the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

from typing import NamedTuple


class Call(NamedTuple):
    """A system call. None: this machine has no such call, so it needs no rule."""

    name: str
    x86_64: int | None
    aarch64: int | None

    def number(self, machine: str) -> int | None:
        """Its number on a machine."""
        return self.x86_64 if machine == "x86_64" else self.aarch64


def _calls(table: str) -> tuple[Call, ...]:
    """`name x86-64 aarch64`, one a comma; `-` where there is none."""
    rows = (row.split() for row in table.replace("\n", " ").split(",") if row.strip())
    return tuple(Call(name, *(None if number == "-" else int(number) for number in numbers)) for name, *numbers in rows)


# Other programs, other processes and what belongs to them.
PROCESSES = _calls(
    """
    fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, unshare 272 97, setns 308 268, ptrace 101 117,
    process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, process_mrelease 448 448,
    pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424, kcmp 312 272, tkill 200 130,
    get_robust_list 274 100, setpgid 109 154, setsid 112 157, setpriority 141 140, ioprio_set 251 30,
    sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274, personality 135 92,
    modify_ldt 154 -,
    """
)

# Sockets of every family. A pair of them is refused too: it can carry descriptors and has a rich history of bugs.
SOCKETS = _calls(
    """
    socket 41 198, socketpair 53 199, bind 49 200, connect 42 203, listen 50 201, accept 43 202, accept4 288 242,
    sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212, sendmmsg 307 269, recvmmsg 299 243,
    shutdown 48 210, getsockname 51 204, getpeername 52 205, getsockopt 55 209, setsockopt 54 208,
    """
)

# Who the child is, and what it was forbidden.
IDENTITY = _calls(
    """
    setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147, setresgid 119 149,
    setfsuid 122 151, setfsgid 123 152, setgroups 116 159, capset 126 91, seccomp 317 277,
    landlock_create_ruleset 444 444, landlock_add_rule 445 445, landlock_restrict_self 446 446,
    """
)

# Mounts, devices, file handles and whatever touches a whole file system.
FILESYSTEMS = _calls(
    """
    mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51, open_tree 428 428, move_mount 429 429,
    fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442, swapon 167 224,
    swapoff 168 225, quotactl 179 60, quotactl_fd 443 443, mknod 133 -, mknodat 259 33, name_to_handle_at 303 264,
    open_by_handle_at 304 265, fanotify_init 300 262, fanotify_mark 301 263, inotify_init 253 -,
    inotify_init1 294 26, inotify_add_watch 254 27, inotify_rm_watch 255 28, sync 162 81, syncfs 306 267,
    setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
    """
)

# Files that are only memory, locked memory, and the calls by which kernels were broken into most.
MEMORY = _calls(
    """
    memfd_create 319 279, memfd_secret 447 447, userfaultfd 323 282, io_uring_setup 425 425,
    io_uring_enter 426 426, io_uring_register 427 427, io_setup 206 0, io_destroy 207 1, io_submit 209 2,
    io_cancel 210 3, io_getevents 208 4, io_pgetevents 333 292, splice 275 76, tee 276 77, vmsplice 278 75,
    mlock 149 228, mlock2 325 284, mlockall 151 230, mbind 237 235, set_mempolicy 238 237,
    set_mempolicy_home_node 450 450, migrate_pages 256 238, move_pages 279 239, remap_file_pages 216 234,
    """
)

# Memory, queues and keys that outlive the child or are shared with others.
MESSAGES = _calls(
    """
    shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, semget 64 190, semop 65 193, semctl 66 191,
    semtimedop 220 192, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187, mq_open 240 180,
    mq_unlink 241 181, mq_timedsend 242 182, mq_timedreceive 243 183, mq_notify 244 184, mq_getsetattr 245 185,
    add_key 248 217, request_key 249 218, keyctl 250 219,
    """
)

# The machine's own affairs.
KERNEL = _calls(
    """
    bpf 321 280, perf_event_open 298 241, init_module 175 105, finit_module 313 273, delete_module 176 106,
    create_module 174 -, get_kernel_syms 177 -, query_module 178 -, kexec_load 246 104, kexec_file_load 320 294,
    reboot 169 142, syslog 103 116, acct 163 89, settimeofday 164 170, clock_settime 227 112, adjtimex 159 171,
    clock_adjtime 305 266, sethostname 170 161, setdomainname 171 162, iopl 172 -, ioperm 173 -, vhangup 153 58,
    nfsservctl 180 42, lookup_dcookie 212 18, sysfs 139 -, ustat 136 -, uselib 134 -, _sysctl 156 -,
    """
)

# Changes of the file system, where it is not a private one.
CHANGES = _calls(
    """
    creat 85 -, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38,
    renameat2 316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, chmod 90 -, fchmod 91 52,
    fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, utime 132 -, utimes 235 -,
    utimensat 280 88, futimesat 261 -, truncate 76 45, openat2 437 437,
    """
)

# Everything that takes a path, where no path may be followed. newfstatat stays: fstat is made of it.
PATHS = _calls(
    """
    open 2 -, openat 257 56, openat2 437 437, readlink 89 -, readlinkat 267 78, chdir 80 49, fchdir 81 50,
    statfs 137 43, fstatfs 138 44, stat 4 -, lstat 6 -, statx 332 291, access 21 -, faccessat 269 48,
    faccessat2 439 439, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, listxattr 194 11, llistxattr 195 12,
    flistxattr 196 13,
    """
)

# Calls that are allowed with some arguments only.
LOOKED_AT = _calls(
    """
    clone 56 220, clone3 435 435, prctl 157 167, kill 62 129, tgkill 234 131, rt_sigqueueinfo 129 138,
    rt_tgsigqueueinfo 297 240, prlimit64 302 261, sched_setaffinity 203 122, fcntl 72 25, ioctl 16 29, open 2 -,
    openat 257 56,
    """
)
