#include "failure.h"

#include <errno.h>
#include <stddef.h>

bool fail(struct failure *failure, enum operation operation, const char *subject) {
    return fail_with(failure, operation, subject, errno);
}

bool fail_with(struct failure *failure, enum operation operation, const char *subject, int error) {
    failure->operation = (uint32_t)operation;
    failure->error = error;
    size_t length = 0;
    while (subject[length] != '\0' && length + 1 < sizeof failure->subject) {
        failure->subject[length] = subject[length];
        length++;
    }
    failure->subject[length] = '\0';
    return false;
}

const char *operation_words(uint32_t operation) {
    switch ((enum operation)operation) {
    case OP_NONE: return "";
    case OP_PLAN: return "read the launch plan";
    case OP_CLONE: return "clone3";
    case OP_SETNS: return "enter namespace";
    case OP_OPEN: return "open";
    case OP_READ: return "read";
    case OP_WRITE: return "write";
    case OP_SOCKET: return "make a socket";
    case OP_RECEIVE: return "receive a descriptor";
    case OP_SEND: return "send a descriptor";
    case OP_LOST_CHILD: return "the process ended before it was ready";
    case OP_MKDIR: return "make directory";
    case OP_CREATE: return "create file";
    case OP_SYMLINK: return "make symbolic link";
    case OP_MKNOD: return "mknod";
    case OP_CHOWN: return "change owner of";
    case OP_CHMOD: return "change mode of";
    case OP_STAT: return "stat";
    case OP_WRONG_DEVICE: return "not the expected device:";
    case OP_WRONG_FILE_SYSTEM: return "not on the expected file system:";
    case OP_UNSAFE_TARGET: return "the mount point is a symbolic link or lies on another mount:";
    case OP_OPEN_TREE: return "clone the mount";
    case OP_MOVE_MOUNT: return "attach the mount on";
    case OP_IDMAP: return "map the ids of the mount";
    case OP_MOUNT_ATTRIBUTES: return "set mount attributes of";
    case OP_PROPAGATION: return "set the propagation of";
    case OP_FSOPEN: return "open file system";
    case OP_FSCONFIG: return "configure file system:";
    case OP_FSMOUNT: return "make the mount of";
    case OP_PIVOT_ROOT: return "pivot_root";
    case OP_UMOUNT: return "unmount";
    case OP_CHDIR: return "change directory to";
    case OP_OUTSIDE_ROOT: return "outside of the root:";
    case OP_UNSHARE: return "unshare";
    case OP_SETSID: return "setsid";
    case OP_PTY: return "open a terminal on";
    case OP_CONTROLLING_TTY: return "take the controlling terminal";
    case OP_PIPE: return "make a pipe";
    case OP_DUP: return "duplicate a descriptor";
    case OP_SETHOSTNAME: return "sethostname";
    case OP_SETDOMAINNAME: return "setdomainname";
    case OP_RLIMIT: return "prlimit";
    case OP_SETGROUPS: return "setgroups";
    case OP_SETGID: return "setresgid";
    case OP_SETUID: return "setresuid";
    case OP_CAPSET: return "capset";
    case OP_BOUNDING: return "drop from the bounding set";
    case OP_AMBIENT: return "raise in the ambient set";
    case OP_NO_NEW_PRIVS: return "prctl no_new_privs";
    case OP_SECCOMP: return "seccomp";
    case OP_IOPRIO: return "ioprio_set";
    case OP_SCHEDULER: return "sched_setattr";
    case OP_MEMORY: return "map memory";
    case OP_FIND_PROGRAM: return "find";
    case OP_EXEC: return "execve";
    case OP_BUSY: return "too many processes or clients at once";
    case OP_WRONG_NAMESPACE: return "not a namespace of the wanted type:";
    case OP_EXISTS: return "something else is already there:";
    case OP_COPY: return "copy";
    case OP_PERSONALITY: return "personality";
    case OP_AFFINITY: return "sched_setaffinity";
    case OP_MEMORY_POLICY: return "set_mempolicy";
    case OP_HOOK_EXIT: return "the hook ended with exit code";
    case OP_HOOK_SIGNAL: return "the hook was killed by signal";
    case OP_CONNECT: return "connect to";
    case OP_LISTENER: return "hand over the seccomp listener to";
    case OP_HOOK_TIMEOUT: return "the hook took longer than its timeout of seconds:";
    }
    return "unknown operation";
}
