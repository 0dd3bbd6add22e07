#define _GNU_SOURCE
#include "child.h"

#include "kernel.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define KEYCTL_JOIN_SESSION 1
#define DEFAULT_UMASK 022

static bool set_name(struct child *child, struct span fields, bool domain) {
    const char *name = take_text(&fields);
    size_t length = strlen(name);
    if (domain) {
        return setdomainname(name, length) == 0 || fail(&child->failure, OP_SETDOMAINNAME, name);
    }
    return sethostname(name, length) == 0 || fail(&child->failure, OP_SETHOSTNAME, name);
}

/* With no_new_privs the filter is loaded as late as can be; without, while the privilege to do so is still there. */
static bool filter(struct child *child, const struct step *step) {
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        child->filter = *step;
        return true;
    }
    return seccomp_step(child, step->fields);
}

/* Something has to be done from outside before the plan goes on. */
static bool wait_for_shim(struct child *child, enum note_kind kind) {
    struct note note = {.kind = kind};
    int fds[NOTE_MOST_FDS];
    if (!note_send(child->shim, &note, NULL, 0)) {
        return fail(&child->failure, OP_SEND, "");
    }
    if (note_receive(child->shim, &note, fds) != 1 || note.kind != NOTE_PROCEED) {
        _exit(125);
    }
    return true;
}

/*
 * Offsets can be written until the first process enters, and one that was cloned into the namespace would be that. The file
 * for them belongs to the host's root, since this process must not be looked into.
 */
static bool enter_time(struct child *child) {
    if (unshare((int)K_CLONE_NEWTIME) < 0) {
        return fail(&child->failure, OP_UNSHARE, "time namespace");
    }
    struct step step;
    if (plan_find(child->plan, STEP_TIME_OFFSETS, &step) && !wait_for_shim(child, NOTE_CLOCKS)) {
        return false;
    }
    int fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(&child->failure, OP_OPEN, "time namespace");
    }
    bool good = setns(fd, (int)K_CLONE_NEWTIME) == 0 || fail(&child->failure, OP_SETNS, "time");
    close(fd);
    return good;
}

static bool carry_out(struct child *child, const struct step *step) {
    struct span fields = step->fields;
    switch ((enum step_code)step->code) {
    case STEP_NAMESPACES:
    case STEP_ID_MAPS:
    case STEP_LOG:
    case STEP_HAND_OVER:
    case STEP_JOIN_CGROUP:
    case STEP_OOM_SCORE:
    case STEP_RESOURCE_LIMIT:
    case STEP_CPU_AFFINITY:
    case STEP_IO_PRIORITY:
    case STEP_SCHEDULER: return true; /* taken by the shim */
    case STEP_LISTENER: return true; /* sent by the shim's helper when the filter is loaded */
    case STEP_TIME_OFFSETS: return true; /* written before the namespace was entered */
    case STEP_STDIO: return stdio_step(child, fields);
    case STEP_OVERLAY_ROOT: return root_step(child, NULL);
    case STEP_DIRECTORY_ROOT: return root_step(child, take_text(&fields));
    case STEP_BIND: return bind_step(child, fields);
    case STEP_FILE_SYSTEM: return file_system_step(child, fields);
    case STEP_DEVICE: return device_step(child, fields);
    case STEP_LINK: return link_step(child, fields);
    case STEP_CONSOLE: return console_step(child);
    case STEP_MASKED_PATH: return masked_path_step(child, fields);
    case STEP_READ_ONLY_PATH: return read_only_path_step(child, fields);
    case STEP_READ_ONLY_ROOT: return read_only_root_step(child);
    case STEP_PIVOT_ROOT: return pivot_root_step(child, fields);
    case STEP_SYSCTL: return sysctl_step(child, fields);
    case STEP_HOST_NAME: return set_name(child, fields, false);
    case STEP_DOMAIN_NAME: return set_name(child, fields, true);
    case STEP_WORKING_DIRECTORY: return working_directory_step(child, fields);
    case STEP_UMASK: (void)umask((mode_t)take_u32(&fields)); return true;
    case STEP_IDENTITY: return identity_step(child, fields);
    case STEP_CAPABILITIES: return capabilities_step(child, fields);
    case STEP_NO_NEW_PRIVILEGES: return no_new_privileges_step(child);
    case STEP_SECCOMP: return filter(child, step);
    case STEP_SECURITY_LABEL: return security_label_step(child, fields);
    case STEP_REMOUNT: return remount_step(child, fields);
    case STEP_PERSONALITY: return personality_step(child, fields);
    case STEP_MEMORY_POLICY: return memory_policy_step(child, fields);
    case STEP_CHECKPOINT: return wait_for_shim(child, NOTE_CHECKPOINT);
    case STEP_HOOK: return hook_step(child, fields, HOOK_CREATE_CONTAINER);
    case STEP_EXECUTE: {
        struct step mask;
        if (!plan_find(child->plan, STEP_UMASK, &mask)) {
            (void)umask(DEFAULT_UMASK);
        }
        return execute_step(child, fields);
    }
    case STEP_END: break;
    }
    return fail_with(&child->failure, OP_PLAN, "", EINVAL);
}

static bool prepare(struct child *child, uint32_t created) {
    if (setsid() < 0) {
        return fail(&child->failure, OP_SETSID, "");
    }
    /* Keys of the host stay out of reach. A kernel without keyrings has none to hide. */
    if (child->how.new_keyring) {
        (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION, NULL);
    }
    if (!become_root(child)) {
        return false;
    }
    /* Modes in the plan are exact; the program's mask comes later. */
    (void)umask(0);
    if (child->plan->kind == PLAN_EXEC) {
        child->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return child->root >= 0 || fail(&child->failure, OP_OPEN, "/");
    }
    if ((created & K_CLONE_NEWCGROUP) != 0 && unshare(CLONE_NEWCGROUP) < 0) {
        return fail(&child->failure, OP_UNSHARE, "cgroup namespace");
    }
    if ((created & K_CLONE_NEWTIME) != 0 && !enter_time(child)) {
        return false;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
        return fail(&child->failure, OP_PROPAGATION, "/");
    }
    return open_null(child);
}

static bool work(struct child *child, uint32_t created) {
    if (!prepare(child, created)) {
        return false;
    }
    struct step step;
    struct cursor cursor = plan_steps(child->plan);
    bool good = true;
    while (good && plan_next(&cursor, &step)) {
        child->failure.step = step.number;
        good = carry_out(child, &step);
    }
    return good;
}

/* First out of the way of the fixed numbers, then onto them; the copies lose close-on-exec and get it back. */
static bool arrange(const struct sockets *sockets, uint32_t kept) {
    int high[FIRST_FREE - SHIM_SOCKET];
    for (int i = 0; i < FIRST_FREE - SHIM_SOCKET; i++) {
        high[i] = sockets->fds[i] < 0 ? -1 : fcntl(sockets->fds[i], F_DUPFD_CLOEXEC, KEPT_FD);
    }
    for (int i = 0; i < FIRST_FREE - SHIM_SOCKET; i++) {
        if (sockets->fds[i] < 0) {
            close(SHIM_SOCKET + i);
        } else if (high[i] < 0 || dup3(high[i], SHIM_SOCKET + i, O_CLOEXEC) < 0) {
            return false;
        }
    }
    return k_close_range(FIRST_FREE, KEPT_FD - 1, 0) == 0 && k_close_range(KEPT_FD + kept, ~0u, 0) == 0;
}

_Noreturn void child_run(const struct plan *plan, const struct sockets *sockets, uint32_t created) {
    struct child child = {
        .plan = plan, .shim = SHIM_SOCKET, .host = HOST_SOCKET, .root = -1, .proc = -1, .devpts = -1, .null = -1,
        .failure = {.step = NO_STEP}};
    child.handed_over = plan_hands_over(plan, &child.how);
    struct note note;
    int fds[NOTE_MOST_FDS];
    if (!arrange(sockets, child.how.kept) || note_receive(SHIM_SOCKET, &note, fds) != 1 || note.kind != NOTE_PROCEED) {
        _exit(125);
    }
    (void)work(&child, created);
    note = (struct note){.kind = NOTE_FAILED, .failure = child.failure};
    if (child.started) {
        /* Whoever gave the word to start has neither the plan nor the numbers of operations. */
        (void)snprintf(note.failure.subject, sizeof note.failure.subject, "%s %.150s",
                       operation_words(child.failure.operation), child.failure.subject);
    }
    (void)note_send(child.shim, &note, NULL, 0);
    _exit(125);
}
