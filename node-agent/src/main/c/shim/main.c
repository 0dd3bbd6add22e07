/*
 * The shim: started by the agent with a launch plan, it makes one container and stays as its parent.
 *
 * Descriptors that it is started with: 0, 1, 2 standard streams, 3 the plan, 4 the agent's connection, 5 the container's
 * runtime directory, 6 the log directory (or not open). With a plan that hands over: 0, 1, 2 are the process's own, 6 is what an
 * exec enters, 7 the console socket, from 8 on what the process keeps.
 */
#define _GNU_SOURCE
#include "shim.h"

#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#define EXIT_NOT_STARTED 125
#define TICK_MS 1000
#define IDLE_MS 30000
#define MOST_POLLED (2 + MOST_TASKS * 4 + MOST_CLIENTS)

/* glibc's posix_spawn leaves two signals ignored that it keeps for itself, and sigaction would refuse to touch them. */
static void default_signals(void) {
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } action = {0};
    for (int signal = 1; signal <= 64; signal++) {
        (void)syscall(SYS_rt_sigaction, signal, &action, NULL, 8);
    }
}

static bool open_signals(struct shim *shim) {
    sigset_t all;
    sigset_t child;
    sigfillset(&all);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    if (sigprocmask(SIG_SETMASK, &all, NULL) < 0) {
        return false;
    }
    shim->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return shim->signals >= 0;
}

/* Nobody in the container may look into the shim, and the kernel should end anything else before it. */
static void protect(void) {
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    (void)prctl(PR_SET_NAME, "flotilla-shim", 0, 0, 0);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "-999", 4);
        close(fd);
    }
}

static bool inherit(struct shim *shim) {
    struct hand_over how;
    shim->hands_over = plan_hands_over(&shim->tasks[0].plan, &how);
    shim->namespaces = how.namespaces;
    unsigned int free = shim->hands_over ? KEPT_FD + how.kept : LOG_FD + 1;
    if (k_close_range(free, ~0u, 0) < 0 || k_close_range(PLAN_FD, LOG_FD, K_CLOSE_RANGE_CLOEXEC) < 0) {
        return false;
    }
    struct stat status;
    if (fstat(RUNTIME_FD, &status) < 0 || !S_ISDIR(status.st_mode)) {
        return false;
    }
    shim->runtime = RUNTIME_FD;
    char link[32];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", RUNTIME_FD);
    ssize_t length = readlink(link, shim->place, sizeof shim->place - 1);
    return length > 0 && chdir("/") == 0;
}

/* Reports a failure before there is anything to stay for, and ends. */
static int give_up(struct shim *shim, const struct failure *failure) {
    control_failed(shim, 0, REQUEST_PROCEED, failure);
    (void)unlinkat(shim->runtime, "shim.sock", 0);
    return EXIT_NOT_STARTED;
}

/* Who gets in touch with this shim, or, when it has left, with the process that waits for its start. */
static bool listen_somewhere(struct shim *shim, struct failure *failure) {
    if (!shim->hands_over) {
        shim->namespaces = plan_namespaces(&shim->tasks[0].plan);
        return control_listen(shim) || fail(failure, OP_SOCKET, "shim.sock");
    }
    bool exec = shim->tasks[0].plan.kind == PLAN_EXEC;
    return exec || hand_over_listen(shim) || fail(failure, OP_SOCKET, HAND_OVER_SOCKET);
}

static bool begin(struct shim *shim, struct failure *failure) {
    struct task *container = &shim->tasks[0];
    if (container->plan_bytes == NULL || (container->plan.kind == PLAN_EXEC && !shim->hands_over)) {
        return fail_with(failure, OP_PLAN, "", EINVAL);
    }
    close(PLAN_FD);
    struct stat status;
    bool logs = fstat(LOG_FD, &status) == 0 && S_ISDIR(status.st_mode);
    log_open(&shim->log, &container->plan, logs ? LOG_FD : -1);
    if (!listen_somewhere(shim, failure) || !task_launch(shim, container, NOBODY, failure)) {
        return false;
    }
    shim->identity = (struct identity){.pid = container->process.pid,
                                       .start = start_time(container->process.pid),
                                       .shim = getpid(),
                                       .shim_start = start_time(getpid()),
                                       .created = now_ns()};
    read_boot_id(shim->identity.boot);
    /* The record is about the container's first process. */
    bool first = container->plan.kind == PLAN_CONTAINER;
    return !first || write_record(shim->runtime, &shim->identity) || fail(failure, OP_WRITE, "record");
}

struct polled {
    struct pollfd fds[MOST_POLLED];
    nfds_t count;
};

static struct pollfd *add(struct polled *polled, int fd, short events) {
    struct pollfd *entry = &polled->fds[polled->count++];
    *entry = (struct pollfd){.fd = events == 0 ? -1 : fd, .events = events};
    return entry;
}

/* One fixed place per descriptor, negative where there is none, so that the answers need no bookkeeping. */
static void collect(const struct shim *shim, struct polled *polled) {
    polled->count = 0;
    add(polled, shim->signals, POLLIN);
    add(polled, shim->listener, POLLIN);
    for (int i = 0; i < MOST_TASKS; i++) {
        const struct task *task = &shim->tasks[i];
        bool used = task->phase != PHASE_FREE && task->phase != PHASE_DONE;
        add(polled, used ? task->process.notes : -1, POLLIN);
        add(polled, used && task->out[0].length == 0 ? task->out[0].fd : -1, POLLIN);
        add(polled, used && task->out[1].length == 0 ? task->out[1].fd : -1, POLLIN);
        add(polled, used && task->input_length > 0 ? task->input : -1, POLLOUT);
    }
    for (int i = 0; i < MOST_CLIENTS; i++) {
        const struct client *client = &shim->clients[i];
        const struct task *task = &shim->tasks[client->task];
        uint64_t bit = (uint64_t)1 << i;
        bool owed = client->owes_exit || ((task->out[0].waiting | task->out[1].waiting) & bit) != 0;
        /* Input that does not fit waits in the client's own queue. */
        short in = task->input_length == 0 ? POLLIN : 0;
        add(polled, client->fd, (short)(in | (owed ? POLLOUT : 0)));
    }
}

static void serve_task(struct shim *shim, struct task *task, const struct pollfd *polled) {
    if (polled[0].revents != 0 && task->process.notes >= 0) {
        task_notes(shim, task);
    }
    for (int i = 0; i < 2; i++) {
        if (polled[1 + i].revents != 0 && task->out[i].fd == polled[1 + i].fd) {
            stream_read(shim, task, i);
        }
    }
    if (polled[3].revents != 0 && task->input_length > 0) {
        input_flush(task);
    }
}

static void serve_client(struct shim *shim, struct client *client, short events) {
    if ((events & POLLOUT) != 0) {
        streams_flush(shim, client);
        if (client->owes_exit) {
            control_exit(client);
        }
    }
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) {
        control_receive(shim, client);
    }
}

static void serve(struct shim *shim, const struct polled *polled) {
    if (polled->fds[0].revents != 0) {
        struct signalfd_siginfo info;
        (void)!read(shim->signals, &info, sizeof info);
        task_reap(shim);
    }
    for (int i = 0; i < MOST_TASKS; i++) {
        if (shim->tasks[i].phase != PHASE_FREE) {
            serve_task(shim, &shim->tasks[i], &polled->fds[2 + 4 * i]);
        }
    }
    for (int i = 0; i < MOST_CLIENTS; i++) {
        const struct pollfd *entry = &polled->fds[2 + 4 * MOST_TASKS + i];
        if (entry->revents != 0 && shim->clients[i].fd == entry->fd) {
            serve_client(shim, &shim->clients[i], entry->revents);
        }
    }
    if (polled->fds[1].revents != 0) {
        control_accept(shim);
    }
    for (int i = 0; i < MOST_TASKS; i++) {
        struct task *task = &shim->tasks[i];
        if (task->phase != PHASE_FREE && task->phase != PHASE_DONE && task->exited) {
            task_finish(shim, task);
        }
    }
}

/* Without an acknowledgement the shim also leaves when somebody has removed the container's directory. */
static void look_after(struct shim *shim) {
    streams_give_up(shim, now_ns());
    if (shim->record_due) {
        shim->record_due = !write_exit(shim->runtime, &shim->identity, &shim->ending);
    } else if (shim->tasks[0].phase == PHASE_DONE && faccessat(shim->runtime, "exit", F_OK, 0) < 0 && errno == ENOENT) {
        shim->leaving = true;
    }
}

static int stay(struct shim *shim) {
    struct polled polled;
    while (!shim->leaving) {
        collect(shim, &polled);
        bool soon = shim->record_due || streams_wait(shim);
        int timeout = soon ? TICK_MS : shim->tasks[0].phase == PHASE_DONE ? IDLE_MS : -1;
        int count = poll(polled.fds, polled.count, timeout);
        if (count > 0) {
            serve(shim, &polled);
        }
        if (timeout >= 0) {
            look_after(shim);
        }
    }
    (void)unlinkat(shim->runtime, "shim.sock", 0);
    return 0;
}

int main(void) {
    default_signals();
    /* Too large for a comfortable stack, and no global: pages that are never touched cost nothing. */
    struct shim *shim = mmap(NULL, sizeof *shim, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (shim == MAP_FAILED) {
        return EXIT_NOT_STARTED;
    }
    for (int i = 0; i < MOST_CLIENTS; i++) {
        shim->clients[i].fd = -1;
    }
    for (int i = 0; i < MOST_TASKS; i++) {
        struct task *task = &shim->tasks[i];
        task->process.notes = -1;
        task->requester = NOBODY;
        task->out[0].data = shim->buffers[i].out[0];
        task->out[1].data = shim->buffers[i].out[1];
        task->input_data = shim->buffers[i].input;
        streams_reset(task);
    }
    shim->listener = -1;
    shim->word = -1;
    (void)task_map_plan(&shim->tasks[0], PLAN_FD, false);
    if (!inherit(shim) || !open_signals(shim)) {
        return EXIT_NOT_STARTED;
    }
    protect();
    shim->clients[0].fd = AGENT_FD;
    struct failure failure = {.step = NO_STEP};
    if (!begin(shim, &failure)) {
        return give_up(shim, &failure);
    }
    shim->clients[0].fd = -1;
    control_adopt(shim, AGENT_FD);
    return stay(shim);
}
