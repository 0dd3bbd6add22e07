#define _GNU_SOURCE
#include "launch.h"

#include "child.h"
#include "host.h"
#include "kernel.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define MOST_JOINED 8
#define IOPRIO_WHO_PROCESS 1

struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

static bool write_file(const char *path, const char *content, struct failure *failure) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(failure, OP_OPEN, path);
    }
    size_t length = strlen(content);
    bool good = write(fd, content, length) == (ssize_t)length || fail(failure, OP_WRITE, path);
    close(fd);
    return good;
}

bool write_proc(pid_t pid, const char *name, const char *content, struct failure *failure) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return write_file(path, content, failure);
}

uint32_t plan_namespaces(const struct plan *plan) {
    struct step step;
    if (!plan_find(plan, STEP_NAMESPACES, &step)) {
        return 0;
    }
    uint32_t all = take_u32(&step.fields);
    uint32_t joined = take_u32(&step.fields);
    for (uint32_t i = 0; i < joined; i++) {
        all |= take_u32(&step.fields);
        (void)take_text(&step.fields);
    }
    return all;
}

static bool join_namespaces(struct span fields, struct failure *failure) {
    uint32_t count = take_u32(&fields);
    int fds[MOST_JOINED];
    uint32_t kinds[MOST_JOINED];
    if (count > MOST_JOINED) {
        return fail_with(failure, OP_SETNS, "", E2BIG);
    }
    /* All are opened before the first is entered: a path of the host may mean something else afterwards. */
    for (uint32_t i = 0; i < count; i++) {
        kinds[i] = take_u32(&fields);
        const char *path = take_text(&fields);
        fds[i] = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fds[i] < 0) {
            return fail(failure, OP_OPEN, path);
        }
        if (ioctl(fds[i], K_NS_GET_NSTYPE) != (int)kinds[i]) {
            return fail_with(failure, OP_WRONG_NAMESPACE, path, EINVAL);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (setns(fds[i], (int)kinds[i]) < 0) {
            return fail(failure, OP_SETNS, "");
        }
    }
    return true;
}

/* What the helper that enters namespaces needs, and what the process itself needs. */
struct start {
    const struct plan *plan;
    const struct inside *inside;
    struct span joined;
    uint32_t created;
    int notes;
    int host;
    int word;
};

static pid_t clone_process(const struct start *start, uint64_t extra_flags) {
    /* The cgroup namespace is unshared later, in the right cgroup; that of time before its offsets become fixed. */
    uint64_t later = K_CLONE_NEWCGROUP | K_CLONE_NEWTIME;
    struct k_clone_args arguments = {
        .flags = (start->created & ~later) | extra_flags,
        /* With CLONE_PARENT the signal is the parent's own. */
        .exit_signal = (extra_flags & K_CLONE_PARENT) != 0 ? 0 : SIGCHLD};
    pid_t pid = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        struct sockets sockets = {{start->notes, start->host, start->word}};
        child_run(start->plan, &sockets, start->created);
    }
    return pid;
}

static bool enter(const struct start *start, struct failure *failure) {
    if (start->inside == NULL) {
        return join_namespaces(start->joined, failure);
    }
    return setns(start->inside->pidfd, (int)start->inside->namespaces) == 0 ||
           fail(failure, OP_SETNS, "of the container");
}

/*
 * Entering a pid namespace holds for children only, and a shim that entered others could not leave them; so a helper
 * enters, clones a sibling of itself, tells its pid and ends.
 */
static _Noreturn void enter_and_clone(const struct start *start) {
    struct note note = {.kind = NOTE_FAILED, .failure = {.step = start->inside == NULL ? 0 : NO_STEP}};
    if (enter(start, &note.failure)) {
        pid_t pid = clone_process(start, K_CLONE_PARENT);
        if (pid < 0) {
            (void)fail(&note.failure, OP_CLONE, "");
        } else {
            note.kind = NOTE_PID;
            note.value = pid;
        }
    }
    (void)note_send(start->notes, &note, NULL, 0);
    _exit(0);
}

static pid_t start_inside(const struct start *start, int notes, struct failure *failure) {
    struct k_clone_args arguments = {.exit_signal = SIGCHLD};
    pid_t helper = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
    if (helper == 0) {
        enter_and_clone(start);
    }
    struct note note;
    int fds[NOTE_MOST_FDS];
    if (helper < 0) {
        (void)fail(failure, OP_CLONE, "");
    } else if (note_receive(notes, &note, fds) != 1) {
        (void)fail_with(failure, OP_LOST_CHILD, "", ECHILD);
    } else if (note.kind == NOTE_PID) {
        return note.value;
    } else {
        *failure = note.failure;
    }
    return -1;
}

static bool write_id_maps(const struct plan *plan, pid_t pid, struct failure *failure) {
    struct step step;
    if (!plan_find(plan, STEP_ID_MAPS, &step)) {
        return true;
    }
    failure->step = step.number;
    const char *uids = take_text(&step.fields);
    const char *gids = take_text(&step.fields);
    return write_proc(pid, "uid_map", uids, failure) && write_proc(pid, "gid_map", gids, failure);
}

/* The steps that act on the process from outside, before it may go on. */
static bool place_process(const struct plan *plan, pid_t pid, struct failure *failure) {
    char pid_text[16];
    (void)snprintf(pid_text, sizeof pid_text, "%d", pid);
    const char *score = "0";
    struct cursor cursor = plan_steps(plan);
    struct step step;
    bool good = true;
    while (good && plan_next(&cursor, &step)) {
        failure->step = step.number;
        if (step.code == STEP_JOIN_CGROUP) {
            char path[4200];
            (void)snprintf(path, sizeof path, "%s/cgroup.procs", take_text(&step.fields));
            good = write_file(path, pid_text, failure);
        } else if (step.code == STEP_CPU_AFFINITY) {
            struct span mask = take_blob(&step.fields);
            good = syscall(SYS_sched_setaffinity, pid, (size_t)(mask.end - mask.at), mask.at) >= 0 ||
                   fail(failure, OP_AFFINITY, "");
        } else if (step.code == STEP_OOM_SCORE) {
            score = take_text(&step.fields);
        }
    }
    if (good) {
        failure->step = NO_STEP;
    }
    return good && write_proc(pid, "oom_score_adj", score, failure);
}

static bool start_host_helper(const struct plan *plan, const char *place, pid_t pid, int socket, struct failure *failure) {
    int user_namespace = -1;
    if ((plan_namespaces(plan) & K_CLONE_NEWUSER) != 0) {
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
        user_namespace = open(path, O_RDONLY | O_CLOEXEC);
        if (user_namespace < 0) {
            return fail(failure, OP_OPEN, path);
        }
    }
    pid_t helper = host_start(plan, socket, place, user_namespace);
    if (user_namespace >= 0) {
        close(user_namespace);
    }
    return helper >= 0 || fail(failure, OP_CLONE, "host helper");
}

static bool start_process(const struct start *start, int notes, struct launched *out, struct failure *failure) {
    struct span joined = start->joined;
    bool helper = start->inside != NULL || take_u32(&joined) > 0;
    out->pid = helper ? start_inside(start, notes, failure) : clone_process(start, 0);
    if (out->pid < 0) {
        return failure->operation != OP_NONE ? false : fail(failure, OP_CLONE, "");
    }
    out->pidfd = k_pidfd_open(out->pid);
    return out->pidfd >= 0 || fail(failure, OP_LOST_CHILD, "");
}

bool launch(const struct plan *plan, const struct inside *inside, const char *place, int start_socket,
            struct launched *out, struct failure *failure) {
    static const uint8_t nothing_joined[4] = {0};
    struct start start = {.plan = plan, .inside = inside, .joined = {nothing_joined, nothing_joined + 4}, .host = -1, .word = start_socket};
    struct step step;
    if (plan_find(plan, STEP_NAMESPACES, &step)) {
        start.created = take_u32(&step.fields);
        start.joined = step.fields;
    }
    *failure = (struct failure){.step = NO_STEP};
    *out = (struct launched){.pid = -1, .pidfd = -1, .notes = -1};
    int notes[2];
    int host[2] = {-1, -1};
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
    if (socketpair(AF_UNIX, type, 0, notes) < 0 || (inside == NULL && socketpair(AF_UNIX, type, 0, host) < 0)) {
        return fail(failure, OP_SOCKET, "");
    }
    start.notes = notes[1];
    start.host = host[1];
    bool good = start_process(&start, notes[0], out, failure);
    close(notes[1]);
    if (host[1] >= 0) {
        close(host[1]);
    }
    out->notes = notes[0];
    good = good && write_id_maps(plan, out->pid, failure) && place_process(plan, out->pid, failure);
    if (good && inside == NULL) {
        good = start_host_helper(plan, place, out->pid, host[0], failure);
    }
    if (host[0] >= 0) {
        close(host[0]);
    }
    if (!good) {
        /* The process reads the end of the stream and leaves by itself. */
        close(out->notes);
        out->notes = -1;
    }
    return good;
}

/*
 * The limits of another user's process are for CAP_SYS_RESOURCE to set, which root does not have everywhere; its own user may
 * lower them. So this becomes that user for a moment, effectively staying root.
 */
static long limit_as_owner(const struct plan *plan, pid_t pid, uint32_t resource, const struct rlimit *limit) {
    struct step identity;
    if (!plan_find(plan, STEP_IDENTITY, &identity)) {
        return -1;
    }
    uid_t uid = take_u32(&identity.fields);
    gid_t gid = take_u32(&identity.fields);
    long result = -1;
    if (syscall(SYS_setresgid, gid, -1, -1) == 0 && syscall(SYS_setresuid, uid, -1, -1) == 0) {
        result = syscall(SYS_prlimit64, pid, resource, limit, NULL);
    }
    int error = errno;
    if (syscall(SYS_setresuid, 0, -1, -1) < 0 || syscall(SYS_setresgid, 0, -1, -1) < 0) {
        return -1;
    }
    errno = error;
    return result;
}

static bool limit_resource(const struct plan *plan, pid_t pid, struct span fields, struct failure *failure) {
    uint32_t resource = take_u32(&fields);
    uint64_t soft = take_u64(&fields);
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = take_u64(&fields)};
    long result = syscall(SYS_prlimit64, pid, resource, &limit, NULL);
    if (result < 0 && errno == EPERM) {
        result = limit_as_owner(plan, pid, resource, &limit);
    }
    return result == 0 || fail(failure, OP_RLIMIT, "");
}

static bool set_io_priority(pid_t pid, struct span fields, struct failure *failure) {
    uint32_t class = take_u32(&fields);
    uint32_t level = take_u32(&fields);
    return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, class << 13 | level) == 0 || fail(failure, OP_IOPRIO, "");
}

static bool set_scheduler(pid_t pid, struct span fields, struct failure *failure) {
    struct scheduling scheduling = {.size = sizeof scheduling, .policy = take_u32(&fields)};
    scheduling.nice = (int32_t)take_u32(&fields);
    scheduling.priority = take_u32(&fields);
    scheduling.flags = take_u64(&fields);
    scheduling.runtime = take_u64(&fields);
    scheduling.deadline = take_u64(&fields);
    scheduling.period = take_u64(&fields);
    return syscall(SYS_sched_setattr, pid, &scheduling, 0) == 0 || fail(failure, OP_SCHEDULER, "");
}

bool limit_process(const struct plan *plan, pid_t pid, struct failure *failure) {
    struct cursor cursor = plan_steps(plan);
    struct step step;
    bool good = true;
    while (good && plan_next(&cursor, &step)) {
        failure->step = step.number;
        if (step.code == STEP_RESOURCE_LIMIT) {
            good = limit_resource(plan, pid, step.fields, failure);
        } else if (step.code == STEP_IO_PRIORITY) {
            good = set_io_priority(pid, step.fields, failure);
        } else if (step.code == STEP_SCHEDULER) {
            good = set_scheduler(pid, step.fields, failure);
        }
    }
    return good;
}

uint64_t start_time(pid_t pid) {
    char text[1024];
    (void)snprintf(text, sizeof text, "/proc/%d/stat", pid);
    int fd = open(text, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length < 0 ? 0 : length] = '\0';
    /* The command's name may hold blanks and parentheses; what follows its last parenthesis begins with field 3. */
    const char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}
