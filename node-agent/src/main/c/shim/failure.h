/*
 * What failed: the step of the plan, the operation in it, errno and what it was done to. A failure travels from the
 * container's process to the shim in one message and from there to the client.
 */
#ifndef FLOTILLA_FAILURE_H
#define FLOTILLA_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

/* Outside of any step: the plan itself, or starting the process. */
#define NO_STEP UINT32_MAX

enum operation {
    OP_NONE,
    OP_PLAN,
    OP_CLONE,
    OP_SETNS,
    OP_OPEN,
    OP_READ,
    OP_WRITE,
    OP_SOCKET,
    OP_RECEIVE,
    OP_SEND,
    OP_LOST_CHILD,
    OP_MKDIR,
    OP_CREATE,
    OP_SYMLINK,
    OP_MKNOD,
    OP_CHOWN,
    OP_CHMOD,
    OP_STAT,
    OP_WRONG_DEVICE,
    OP_WRONG_FILE_SYSTEM,
    OP_UNSAFE_TARGET,
    OP_OPEN_TREE,
    OP_MOVE_MOUNT,
    OP_IDMAP,
    OP_MOUNT_ATTRIBUTES,
    OP_PROPAGATION,
    OP_FSOPEN,
    OP_FSCONFIG,
    OP_FSMOUNT,
    OP_PIVOT_ROOT,
    OP_UMOUNT,
    OP_CHDIR,
    OP_OUTSIDE_ROOT,
    OP_UNSHARE,
    OP_SETSID,
    OP_PTY,
    OP_CONTROLLING_TTY,
    OP_PIPE,
    OP_DUP,
    OP_SETHOSTNAME,
    OP_SETDOMAINNAME,
    OP_RLIMIT,
    OP_SETGROUPS,
    OP_SETGID,
    OP_SETUID,
    OP_CAPSET,
    OP_BOUNDING,
    OP_AMBIENT,
    OP_NO_NEW_PRIVS,
    OP_SECCOMP,
    OP_IOPRIO,
    OP_SCHEDULER,
    OP_MEMORY,
    OP_FIND_PROGRAM,
    OP_EXEC,
    OP_BUSY,
    OP_WRONG_NAMESPACE,
    OP_EXISTS,
    OP_COPY,
    OP_PERSONALITY,
    OP_AFFINITY,
    OP_MEMORY_POLICY,
    OP_HOOK_EXIT,
    OP_HOOK_SIGNAL,
    OP_HOOK_TIMEOUT,
    OP_CONNECT,
    OP_LISTENER,
};

struct failure {
    uint32_t step;
    uint32_t operation;
    int32_t error;
    char subject[180];
};

/* Notes the failure with the current errno; returns false, so that callers can return it. */
bool fail(struct failure *failure, enum operation operation, const char *subject);

/* The same with an errno of the caller's choice. */
bool fail_with(struct failure *failure, enum operation operation, const char *subject, int error);

/* What was tried, as words that fit before a path: "open", "set option". */
const char *operation_words(uint32_t operation);

#endif
