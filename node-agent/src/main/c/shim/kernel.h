/*
 * The kernel's interface as far as the shim uses it and the C library may not know it yet. Names of its own keep clear of
 * whatever a newer libc declares. The numbers above 423 are the same on every architecture.
 */
#ifndef FLOTILLA_KERNEL_H
#define FLOTILLA_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define K_SYS_pidfd_send_signal 424
#define K_SYS_open_tree 428
#define K_SYS_move_mount 429
#define K_SYS_fsopen 430
#define K_SYS_fsconfig 431
#define K_SYS_fsmount 432
#define K_SYS_pidfd_open 434
#define K_SYS_clone3 435
#define K_SYS_close_range 436
#define K_SYS_openat2 437
#define K_SYS_pidfd_getfd 438
#define K_SYS_mount_setattr 442

#define K_CLONE_NEWTIME 0x00000080u
#define K_CLONE_PIDFD 0x00001000u
#define K_CLONE_PARENT 0x00008000u
#define K_CLONE_NEWNS 0x00020000u
#define K_CLONE_NEWCGROUP 0x02000000u
#define K_CLONE_NEWUTS 0x04000000u
#define K_CLONE_NEWIPC 0x08000000u
#define K_CLONE_NEWUSER 0x10000000u
#define K_CLONE_NEWPID 0x20000000u
#define K_CLONE_NEWNET 0x40000000u

#define K_RESOLVE_NO_XDEV 0x01u
#define K_RESOLVE_NO_MAGICLINKS 0x02u
#define K_RESOLVE_NO_SYMLINKS 0x04u
#define K_RESOLVE_BENEATH 0x08u
#define K_RESOLVE_IN_ROOT 0x10u

#define K_AT_EMPTY_PATH 0x1000u
#define K_AT_RECURSIVE 0x8000u
#define K_OPEN_TREE_CLONE 1u
#define K_OPEN_TREE_CLOEXEC 02000000u
#define K_MOVE_MOUNT_F_EMPTY_PATH 0x04u
#define K_MOVE_MOUNT_T_EMPTY_PATH 0x40u

#define K_FSOPEN_CLOEXEC 1u
#define K_FSMOUNT_CLOEXEC 1u
#define K_FSCONFIG_SET_FLAG 0u
#define K_FSCONFIG_SET_STRING 1u
#define K_FSCONFIG_CMD_CREATE 6u

#define K_MOUNT_ATTR_RDONLY 0x1u
#define K_MOUNT_ATTR_NOSUID 0x2u
#define K_MOUNT_ATTR_NODEV 0x4u
#define K_MOUNT_ATTR_NOEXEC 0x8u
#define K_MOUNT_ATTR_ATIME 0x70u
#define K_MOUNT_ATTR_IDMAP 0x00100000u

#define K_CLOSE_RANGE_CLOEXEC 4u

#define K_PROC_SUPER_MAGIC 0x9fa0
#define K_DEVPTS_SUPER_MAGIC 0x1cd1

#define K_TIOCGPTPEER 0x5441u
#define K_NS_GET_NSTYPE 0xb703u

/* 64-bit time and size fields, the kernel's struct clone_args in its first published size. */
struct k_clone_args {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack;
    uint64_t stack_size;
    uint64_t tls;
};

struct k_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};

struct k_mount_attr {
    uint64_t attr_set;
    uint64_t attr_clr;
    uint64_t propagation;
    uint64_t userns_fd;
};

static inline int k_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct k_open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(K_SYS_openat2, dir, path, &how, sizeof how);
}

static inline int k_open_tree(int dir, const char *path, unsigned int flags) {
    return (int)syscall(K_SYS_open_tree, dir, path, flags | K_OPEN_TREE_CLOEXEC);
}

/* Puts the (detached or attached) mount that one descriptor stands for on the place that the other stands for. */
static inline int k_move_mount(int mount, int target) {
    return (int)syscall(K_SYS_move_mount, mount, "", target, "", K_MOVE_MOUNT_F_EMPTY_PATH | K_MOVE_MOUNT_T_EMPTY_PATH);
}

static inline int k_fsopen(const char *type) {
    return (int)syscall(K_SYS_fsopen, type, K_FSOPEN_CLOEXEC);
}

static inline int k_fsconfig(int fs, unsigned int command, const char *key, const char *value) {
    return (int)syscall(K_SYS_fsconfig, fs, command, key, value, 0);
}

static inline int k_fsmount(int fs, unsigned int attributes) {
    return (int)syscall(K_SYS_fsmount, fs, K_FSMOUNT_CLOEXEC, attributes);
}

static inline int k_mount_setattr(int mount, unsigned int flags, const struct k_mount_attr *attributes) {
    return (int)syscall(K_SYS_mount_setattr, mount, "", flags | K_AT_EMPTY_PATH, attributes, sizeof *attributes);
}

static inline int k_pidfd_open(pid_t pid) {
    return (int)syscall(K_SYS_pidfd_open, pid, 0);
}

static inline int k_pidfd_getfd(int pidfd, int fd) {
    return (int)syscall(K_SYS_pidfd_getfd, pidfd, fd, 0);
}

static inline int k_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(K_SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static inline int k_close_range(unsigned int first, unsigned int last, unsigned int flags) {
    return (int)syscall(K_SYS_close_range, first, last, flags);
}

static inline int k_pivot_root(const char *root, const char *old) {
    return (int)syscall(SYS_pivot_root, root, old);
}

#endif
