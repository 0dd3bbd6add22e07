/*
 * Hooks that run inside the container's namespaces. What they read on standard input is text that the agent made; only the
 * process id, as it is seen in here, is put between its parts.
 */
#define _GNU_SOURCE
#include "child.h"

#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define HOOK_FAILED_EXEC 127

struct hook {
    const char *path;
    uint32_t seconds; /* 0: as long as it takes */
    char **arguments;
    char **environment;
    int state;
};

/* A file, since a pipe would hold only so much of it until somebody reads. */
static int state_file(struct child *child, struct span *fields) {
    int fd = memfd_create("state", MFD_CLOEXEC);
    if (fd < 0) {
        (void)fail(&child->failure, OP_CREATE, "the container's state");
        return -1;
    }
    char pid[16];
    (void)snprintf(pid, sizeof pid, "%d", getpid());
    uint32_t parts = take_u32(fields);
    bool good = true;
    for (uint32_t i = 0; good && i < parts; i++) {
        const char *part = take_text(fields);
        good = (i == 0 || write(fd, pid, strlen(pid)) > 0) && write(fd, part, strlen(part)) == (ssize_t)strlen(part);
    }
    if (!good || lseek(fd, 0, SEEK_SET) < 0) {
        (void)fail(&child->failure, OP_WRITE, "the container's state");
        close(fd);
        return -1;
    }
    return fd;
}

static _Noreturn void run(const struct hook *hook, int errors) {
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool good = dup2(hook->state, 0) >= 0 && (null < 0 || (dup2(null, 1) >= 0 && dup2(null, 2) >= 0));
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    good = good && k_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC) == 0;
    if (good) {
        char *alone[] = {(char *)(uintptr_t)hook->path, NULL};
        (void)execve(hook->path, hook->arguments[0] == NULL ? alone : hook->arguments, hook->environment);
    }
    int error = errno;
    (void)!write(errors, &error, sizeof error);
    _exit(HOOK_FAILED_EXEC);
}

static bool await(struct child *child, const struct hook *hook, pid_t pid) {
    struct pollfd end = {.fd = k_pidfd_open(pid), .events = POLLIN};
    int patience = hook->seconds == 0 ? -1 : (int)hook->seconds * 1000;
    bool late = end.fd >= 0 && poll(&end, 1, patience) == 0;
    if (late) {
        (void)kill(pid, SIGKILL);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(end.fd);
    char number[16];
    if (late) {
        (void)snprintf(number, sizeof number, "%u", hook->seconds);
        return fail_with(&child->failure, OP_HOOK_TIMEOUT, number, ETIMEDOUT);
    }
    if (status == 0) {
        return true;
    }
    (void)snprintf(number, sizeof number, "%d", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return fail_with(&child->failure, WIFSIGNALED(status) ? OP_HOOK_SIGNAL : OP_HOOK_EXIT, number, ECANCELED);
}

static bool start_and_await(struct child *child, const struct hook *hook) {
    int errors[2];
    if (pipe2(errors, O_CLOEXEC) < 0) {
        return fail(&child->failure, OP_PIPE, "");
    }
    struct k_clone_args arguments = {.exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        run(hook, errors[1]);
    }
    close(errors[1]);
    bool good = pid >= 0 || fail(&child->failure, OP_CLONE, "hook");
    int error;
    if (good && read(errors[0], &error, sizeof error) == (ssize_t)sizeof error) {
        (void)waitpid(pid, NULL, 0);
        good = fail_with(&child->failure, OP_EXEC, hook->path, error);
    }
    close(errors[0]);
    return good && await(child, hook, pid);
}

bool hook_step(struct child *child, struct span fields, enum hook_phase now) {
    if (take_u32(&fields) != (uint32_t)now) {
        return true;
    }
    struct hook hook = {.path = take_text(&fields)};
    hook.seconds = take_u32(&fields);
    hook.arguments = texts(&fields);
    hook.environment = texts(&fields);
    if (hook.arguments == NULL || hook.environment == NULL) {
        return fail(&child->failure, OP_MEMORY, "");
    }
    hook.state = state_file(child, &fields);
    if (hook.state < 0) {
        return false;
    }
    bool good = start_and_await(child, &hook);
    close(hook.state);
    return good;
}

bool start_hooks(struct child *child) {
    uint32_t here = child->failure.step;
    struct cursor cursor = plan_steps(child->plan);
    struct step step;
    bool good = true;
    while (good && plan_next(&cursor, &step)) {
        if (step.code == STEP_HOOK) {
            child->failure.step = step.number;
            good = hook_step(child, step.fields, HOOK_START_CONTAINER);
        }
    }
    if (good) {
        child->failure.step = here;
    }
    return good;
}
