#define _GNU_SOURCE
#include "child.h"

#include "kernel.h"
#include "listener.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* In pages of its own, which exec takes away. */
char **texts(struct span *span) {
    uint32_t count = take_u32(span);
    size_t bytes = ((size_t)count + 1) * sizeof(char *);
    char **array = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (array == MAP_FAILED) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        array[i] = (char *)(uintptr_t)take_text(span);
    }
    return array;
}

static bool missing(int error) {
    return error == ENOENT || error == ENOTDIR;
}

/* Checks as the container's user what execve will check, so that a missing program is told before the start. */
static int check_program(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) {
        return errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return EISDIR;
    }
    return access(path, X_OK) < 0 ? errno : 0;
}

/* As execvp(3): the first candidate that is there and may be run; a forbidden one is remembered, not fatal. */
static const char *find_program(struct child *child, char **candidates) {
    int worst = ENOENT;
    for (char **candidate = candidates; *candidate != NULL; candidate++) {
        int error = check_program(*candidate);
        if (error == 0) {
            return *candidate;
        }
        worst = missing(error) ? worst : error;
    }
    fail_with(&child->failure, OP_FIND_PROGRAM, candidates[1] == NULL ? candidates[0] : "", worst);
    return NULL;
}

/* The shim has left when the word comes, with a socket for the answer: its end at exec, or what failed. */
static bool wait_for_stranger(struct child *child) {
    struct note note;
    int fds[NOTE_MOST_FDS];
    int received;
    do {
        received = note_receive(START_SOCKET, &note, fds);
    } while (received < 0 && errno == EBADMSG);
    if (received != 1 || note.kind != NOTE_START || fds[0] < 0) {
        _exit(125);
    }
    child->shim = fds[0];
    child->started = true;
    return true;
}

static bool wait_for_start(struct child *child) {
    struct note note = {.kind = NOTE_READY};
    int fds[NOTE_MOST_FDS];
    if (!note_send(child->shim, &note, NULL, 0)) {
        return fail(&child->failure, OP_SEND, "");
    }
    if (child->handed_over && child->plan->kind == PLAN_CONTAINER) {
        return wait_for_stranger(child);
    }
    if (note_receive(child->shim, &note, fds) != 1 || note.kind != NOTE_START) {
        _exit(125);
    }
    return true;
}

/* Closes everything at exec but what the program shall have as 3, 4, ..., out of whose way the last socket goes. */
static bool leave_descriptors(struct child *child) {
    if (k_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC) < 0) {
        return fail(&child->failure, OP_DUP, "close-on-exec");
    }
    int kept = (int)child->how.kept;
    if (kept == 0) {
        return true;
    }
    int aside = fcntl(child->shim, F_DUPFD_CLOEXEC, KEPT_FD + kept);
    if (aside < 0) {
        return fail(&child->failure, OP_DUP, "");
    }
    child->shim = aside;
    for (int i = 0; i < kept; i++) {
        if (dup2(KEPT_FD + i, 3 + i) < 0) {
            return fail(&child->failure, OP_DUP, "preserved descriptor");
        }
    }
    return true;
}

/* The filter that waits for the last moment. */
static bool load_filter(struct child *child) {
    uint32_t here = child->failure.step;
    child->failure.step = child->filter.number;
    if (!seccomp_step(child, child->filter.fields)) {
        return false;
    }
    child->failure.step = here;
    child->filter.code = 0;
    return true;
}

/* Whoever answers the filter's questions is told of by the shim, which may be gone after the start. */
static bool load_with_listener(struct child *child) {
    struct span fields = child->filter.fields;
    bool listener = child->filter.code == STEP_SECCOMP && (take_u32(&fields) & SECCOMP_NEW_LISTENER) != 0;
    return !listener || load_filter(child);
}

bool execute_step(struct child *child, struct span fields) {
    char **candidates = texts(&fields);
    char **arguments = texts(&fields);
    char **environment = texts(&fields);
    if (candidates == NULL || arguments == NULL || environment == NULL) {
        return fail(&child->failure, OP_MEMORY, "");
    }
    const char *program = find_program(child, candidates);
    if (program == NULL || !load_with_listener(child) || !wait_for_start(child) || !start_hooks(child)) {
        return false;
    }
    if (!leave_descriptors(child)) {
        return false;
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (child->filter.code == STEP_SECCOMP && !load_filter(child)) {
        return false;
    }
    (void)execve(program, arguments, environment);
    return fail(&child->failure, OP_EXEC, program);
}
