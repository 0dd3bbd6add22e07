# The default system call filter of a container: what Docker's default allows, written in rules of our own.
#
#   default errno NAME            what happens to a call that no rule names
#   allow CALL...                 lets the calls pass; further lines of the same rule are indented
#   errno NAME CALL...            answers with that error
#
# A rule holds only under all of its conditions, which follow its calls:
#
#   where argN is V...            argument N has one of these values
#   where argN below V            argument N, unsigned, is less than V
#   where argN masked M is V      argument N, cut to the bits of M, has the value V
#   with CAP / unless CAP         the container has / has not that capability
#   on ARCH...                    the host is one of these (as OCI names them)
#   since A.B                     the kernel is that or newer
#
# Calls newer than every call named here are answered with ENOSYS, so that libraries fall back to older ones.

default errno EPERM

# Processes, threads, signals and scheduling
allow alarm brk capget capset execve execveat exit exit_group fork futex futex_requeue futex_time64 futex_wait
  futex_waitv futex_wake get_robust_list get_thread_area getcpu getegid getegid32 geteuid geteuid32 getgid getgid32
  getgroups getgroups32 getitimer getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid
  getresuid32 getrlimit getrusage getsid gettid getuid getuid32 ioprio_get ioprio_set kill landlock_add_rule
  landlock_create_ruleset landlock_restrict_self membarrier pause pidfd_open pidfd_send_signal prctl prlimit64
  process_mrelease restart_syscall riscv_hwprobe rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
  set_robust_list set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
  setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
  setreuid32 setrlimit setsid setuid setuid32 sigaltstack signalfd signalfd4 sigprocmask sigreturn sysinfo tgkill
  tkill ugetrlimit umask uname uretprobe vfork wait4 waitid waitpid

# Memory
allow cachestat madvise map_shadow_stack memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
  mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages

# Time
allow adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 gettimeofday nanosleep time timer_create timer_delete timer_getoverrun
  timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
  timerfd_settime timerfd_settime64 times

# Sockets and other ways between processes
allow accept accept4 bind connect eventfd eventfd2 getpeername getsockname getsockopt ipc listen mq_getsetattr
  mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget
  msgrcv msgsnd pipe pipe2 recv recvfrom recvmmsg recvmmsg_time64 recvmsg semctl semget semop semtimedop
  semtimedop_time64 send sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketpair

# Files, descriptors, events and asynchronous I/O
allow access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 epoll_create
  epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old faccessat faccessat2
  fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl
  fcntl64 fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
  ftruncate ftruncate64 futimesat getcwd getdents getdents64 getrandom getxattr getxattrat inotify_add_watch
  inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64
  io_setup io_submit ioctl lchown lchown32 lgetxattr link linkat listmount listxattr listxattrat llistxattr _llseek
  lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat _newselect open
  openat openat2 poll ppoll ppoll_time64 pread64 preadv preadv2 pselect6 pselect6_time64 pwrite64 pwritev pwritev2
  read readahead readlink readlinkat readv removexattr removexattrat rename renameat renameat2 rmdir select sendfile
  sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync
  sync_file_range syncfs tee truncate truncate64 unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice
  write writev

# Kernels before 4.8 let ptrace get round a filter.
allow process_vm_readv process_vm_writev ptrace since 4.8
allow kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace with CAP_SYS_PTRACE

# Address families. Left out: those without users and those that lead to the host, such as AF_ALG (38), whose kernel
# side has been a way to root, and AF_VSOCK (40), which is in no network namespace.
allow socket where arg0 below 12
allow socket where arg0 is 13 14 15 16 17 18 21 22 24 26 27 28 29 30 31 32 33 35 36 39 41 42 43 44 45

# PER_LINUX, PER_LINUX32, UNAME26 with either, and the question for the present value.
allow personality where arg0 is 0x0 0x8 0x20000 0x20008 0xffffffff

# New namespaces need the capability. clone3 passes its flags by pointer, where a filter cannot see them: ENOSYS makes
# C libraries use clone.
allow clone where arg0 masked 0x7e020000 is 0 unless CAP_SYS_ADMIN
errno ENOSYS clone3 unless CAP_SYS_ADMIN
allow bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
  lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
  sethostname setns syslog umount umount2 unshare with CAP_SYS_ADMIN

allow open_by_handle_at with CAP_DAC_READ_SEARCH
allow reboot with CAP_SYS_BOOT
allow chroot with CAP_SYS_CHROOT
allow delete_module finit_module init_module with CAP_SYS_MODULE
allow acct with CAP_SYS_PACCT
allow ioperm iopl with CAP_SYS_RAWIO
allow clock_settime clock_settime64 settimeofday stime with CAP_SYS_TIME
allow vhangup with CAP_SYS_TTY_CONFIG
allow get_mempolicy mbind set_mempolicy set_mempolicy_home_node with CAP_SYS_NICE
allow syslog with CAP_SYSLOG
allow bpf with CAP_BPF
allow perf_event_open with CAP_PERFMON

# Calls of single architectures
allow arch_prctl modify_ldt on amd64
allow arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2 on arm arm64
allow riscv_flush_icache on riscv64
allow swapcontext sync_file_range2 on ppc64le

# The way to sockets of 32-bit programs with old C libraries: a filter cannot see the family behind its pointer. It stands
# last, because libseccomp opens parts of it for the 32-bit forms of the calls above.
errno ENOSYS socketcall
