"""The filter of system calls, written as the kernel wants it: classic BPF."""
