#define _GNU_SOURCE
#include "child.h"

#include "kernel.h"
#include "listener.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define CAPABILITY_VERSION_3 0x20080522u

struct capability_header {
    uint32_t version;
    int pid;
};

struct capability_data {
    uint32_t effective;
    uint32_t permitted;
    uint32_t inheritable;
};

/*
 * A process that entered a user namespace has no mapped id yet. The raw calls are used everywhere below, since the C
 * library's wrappers want to tell other threads, and this process was made behind its back.
 */
bool become_root(struct child *child) {
    if (syscall(SYS_setgroups, 0, NULL) < 0) {
        return fail(&child->failure, OP_SETGROUPS, "");
    }
    if (syscall(SYS_setresgid, 0, 0, 0) < 0) {
        return fail(&child->failure, OP_SETGID, "0");
    }
    return syscall(SYS_setresuid, 0, 0, 0) == 0 || fail(&child->failure, OP_SETUID, "0");
}

bool working_directory_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    bool create = take_u32(&fields) != 0;
    int directory = create ? path_ensure(&child->failure, child->root, path, true)
                           : path_open(child->root, path, O_PATH | O_DIRECTORY);
    if (directory < 0) {
        return create ? false : fail(&child->failure, OP_OPEN, path);
    }
    if (fchdir(directory) < 0) {
        return fail(&child->failure, OP_CHDIR, path);
    }
    close(directory);
    char present[PATH_MAX];
    if (syscall(SYS_getcwd, present, sizeof present) < 0 || present[0] != '/') {
        return fail_with(&child->failure, OP_OUTSIDE_ROOT, path, EXDEV);
    }
    return true;
}

/* Those of a caller may be of a kind or of an owner that cannot be changed, and work all the same. */
static bool own_foreign_streams(uid_t uid) {
    for (int fd = 0; fd <= 2; fd++) {
        struct stat status;
        bool passing = fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(fd));
        if (passing) {
            (void)!fchown(fd, uid, (gid_t)-1);
        }
    }
    return true;
}

/* The process's user owns its terminal or pipes, and can so open /dev/stdout again by name. */
static bool own_streams(struct child *child, uid_t uid, gid_t gid) {
    if (child->handed_over && !child->terminal) {
        return own_foreign_streams(uid);
    }
    for (int fd = 0; fd <= 2; fd++) {
        struct stat status;
        if (fstat(fd, &status) < 0) {
            return fail(&child->failure, OP_STAT, "standard streams");
        }
        bool ours = child->terminal || (S_ISFIFO(status.st_mode) && (fd > 0 || child->pipes_in));
        gid_t group = child->terminal ? (gid_t)-1 : gid;
        if (ours && fchown(fd, uid, group) < 0) {
            return fail(&child->failure, OP_CHOWN, "standard streams");
        }
    }
    return true;
}

bool identity_step(struct child *child, struct span fields) {
    uid_t uid = take_u32(&fields);
    gid_t gid = take_u32(&fields);
    uint32_t count = take_u32(&fields);
    if (!own_streams(child, uid, gid)) {
        return false;
    }
    gid_t *groups = mmap(NULL, (count + 1) * sizeof(gid_t), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (groups == MAP_FAILED) {
        return fail(&child->failure, OP_MEMORY, "groups");
    }
    for (uint32_t i = 0; i < count; i++) {
        groups[i] = take_u32(&fields);
    }
    if (syscall(SYS_setgroups, (size_t)count, groups) < 0) {
        return fail(&child->failure, OP_SETGROUPS, "");
    }
    (void)munmap(groups, (count + 1) * sizeof(gid_t));
    if (syscall(SYS_setresgid, gid, gid, gid) < 0) {
        return fail(&child->failure, OP_SETGID, "");
    }
    /* Keeps the permitted set over the change of ids, for the capabilities step; exec clears the setting. */
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) {
        return fail(&child->failure, OP_CAPSET, "keep");
    }
    return syscall(SYS_setresuid, uid, uid, uid) == 0 || fail(&child->failure, OP_SETUID, "");
}

static bool set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct capability_header header = {.version = CAPABILITY_VERSION_3, .pid = 0};
    struct capability_data data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
    return syscall(SYS_capset, &header, data) == 0;
}

static uint64_t permitted_now(void) {
    struct capability_header header = {.version = CAPABILITY_VERSION_3, .pid = 0};
    struct capability_data data[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, data) < 0) {
        return 0;
    }
    return (uint64_t)data[0].permitted | (uint64_t)data[1].permitted << 32;
}

bool capabilities_step(struct child *child, struct span fields) {
    uint64_t bounding = take_u64(&fields);
    uint64_t effective = take_u64(&fields);
    uint64_t permitted = take_u64(&fields);
    uint64_t inheritable = take_u64(&fields);
    uint64_t ambient = take_u64(&fields);
    uint64_t now = permitted_now();
    /* Dropping from the bounding set needs an effective CAP_SETPCAP, which a change of user id has cleared. */
    if (!set_capabilities(now, now, 0)) {
        return fail(&child->failure, OP_CAPSET, "raise");
    }
    for (unsigned long bit = 0; bit < 64 && prctl(PR_CAPBSET_READ, bit, 0, 0, 0) >= 0; bit++) {
        if ((bounding >> bit & 1u) == 0 && prctl(PR_CAPBSET_DROP, bit, 0, 0, 0) < 0) {
            return fail(&child->failure, OP_BOUNDING, "");
        }
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || !set_capabilities(effective, permitted, inheritable)) {
        return fail(&child->failure, OP_CAPSET, "");
    }
    for (unsigned long bit = 0; bit < 64; bit++) {
        if ((ambient >> bit & 1u) != 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0) < 0) {
            return fail(&child->failure, OP_AMBIENT, "");
        }
    }
    return true;
}

bool no_new_privileges_step(struct child *child) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || fail(&child->failure, OP_NO_NEW_PRIVS, "");
}

bool seccomp_step(struct child *child, struct span fields) {
    uint32_t flags = take_u32(&fields);
    struct span code = take_blob(&fields);
    size_t bytes = (size_t)(code.end - code.at);
    struct filter_program program = {.length = (unsigned short)(bytes / 8), .instructions = code.at};
    if (bytes == 0 || bytes % 8 != 0 || bytes / 8 > USHRT_MAX) {
        return fail_with(&child->failure, OP_SECCOMP, "size of the program", EINVAL);
    }
    if ((flags & SECCOMP_NEW_LISTENER) != 0) {
        return listener_load(child, flags, &program);
    }
    return syscall(SYS_seccomp, SECCOMP_MODE_FILTER_OPERATION, flags, &program) == 0 ||
           fail(&child->failure, OP_SECCOMP, "");
}

/* Only the procfs that this plan mounted is trusted; an exec'd process looks at the container's and checks it. */
bool security_label_step(struct child *child, struct span fields) {
    const char *module = take_text(&fields);
    const char *label = take_text(&fields);
    bool apparmor = strcmp(module, "apparmor") == 0;
    const char *path = apparmor ? "thread-self/attr/apparmor/exec" : "thread-self/attr/exec";
    int proc = child->proc >= 0 ? child->proc : path_open_plain(child->root, "/", O_PATH | O_DIRECTORY);
    char full[64];
    (void)snprintf(full, sizeof full, "%s%s", child->proc >= 0 ? "" : "proc/", path);
    int fd = openat(proc, full, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(&child->failure, OP_OPEN, full);
    }
    char text[512];
    int length = snprintf(text, sizeof text, apparmor ? "exec %s" : "%s", label);
    if (length < 0 || (size_t)length >= sizeof text) {
        return fail_with(&child->failure, OP_WRITE, full, ENAMETOOLONG);
    }
    bool good = write(fd, text, (size_t)length) == length || fail(&child->failure, OP_WRITE, full);
    close(fd);
    return good;
}

bool personality_step(struct child *child, struct span fields) {
    return personality(take_u32(&fields)) >= 0 || fail(&child->failure, OP_PERSONALITY, "");
}

/* The mask is made of whole unsigned longs, and the kernel wants to be told one bit more than it looks at. */
bool memory_policy_step(struct child *child, struct span fields) {
    uint32_t mode = take_u32(&fields);
    struct span nodes = take_blob(&fields);
    size_t bytes = (size_t)(nodes.end - nodes.at);
    return syscall(SYS_set_mempolicy, mode, bytes == 0 ? NULL : nodes.at, bytes * 8 + (bytes == 0 ? 0 : 1)) == 0 ||
           fail(&child->failure, OP_MEMORY_POLICY, "");
}
