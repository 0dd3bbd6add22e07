#define _GNU_SOURCE
#include "shim.h"

#include "kernel.h"
#include "listener.h"
#include "note.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

bool task_map_plan(struct task *task, int fd, bool exec_only) {
    struct stat status;
    if (fstat(fd, &status) < 0 || status.st_size <= 0) {
        return false;
    }
    size_t length = (size_t)status.st_size;
    /* A private copy of pages that the agent's memfd backs; the agent seals nothing, so check what is mapped. */
    uint8_t *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return false;
    }
    if (!plan_open(&task->plan, bytes, length) || (exec_only && task->plan.kind != PLAN_EXEC)) {
        (void)munmap(bytes, length);
        errno = EINVAL;
        return false;
    }
    task->plan_bytes = bytes;
    task->plan_length = length;
    return true;
}

static void unmap_plan(struct task *task) {
    if (task->plan_bytes != NULL) {
        (void)munmap((void *)(uintptr_t)task->plan_bytes, task->plan_length);
        task->plan_bytes = NULL;
    }
}

struct task *task_free_place(struct shim *shim) {
    for (int i = 1; i < MOST_TASKS; i++) {
        if (shim->tasks[i].phase == PHASE_FREE) {
            return &shim->tasks[i];
        }
    }
    return NULL;
}

/* Starts the task's mapped plan; in the container when it is not the container itself. */
bool task_launch(struct shim *shim, struct task *task, int requester, struct failure *failure) {
    int container = shim->hands_over ? LOG_FD : shim->tasks[0].process.pidfd;
    struct inside inside = {.pidfd = container, .namespaces = shim->namespaces};
    const struct inside *where = task->plan.kind == PLAN_EXEC ? &inside : NULL;
    streams_reset(task);
    task->exited = false;
    task->requester = requester;
    struct step step;
    if (plan_find(&task->plan, STEP_STDIO, &step)) {
        (void)take_u64(&step.fields);
        task->rows = take_u32(&step.fields);
        task->columns = take_u32(&step.fields);
    }
    if (!launch(&task->plan, where, shim->place, shim->word, &task->process, failure)) {
        unmap_plan(task);
        if (task->process.pidfd >= 0) {
            close(task->process.pidfd);
        }
        return false;
    }
    task->phase = PHASE_CREATED;
    return true;
}

static void send_note(struct task *task, uint32_t kind) {
    struct note note = {.kind = kind};
    (void)note_send(task->process.notes, &note, NULL, 0);
}

void task_proceed(struct task *task, int requester) {
    task->requester = requester;
    task->phase = PHASE_PREPARING;
    send_note(task, NOTE_PROCEED);
}

void task_start(struct task *task, int requester) {
    task->requester = requester;
    task->phase = PHASE_STARTING;
    send_note(task, NOTE_START);
}

static enum request request_of(const struct task *task) {
    if (task->plan.kind == PLAN_EXEC) {
        return REQUEST_EXEC;
    }
    return task->phase == PHASE_STARTING ? REQUEST_START : REQUEST_PROCEED;
}

static void failed(struct shim *shim, struct task *task, const struct failure *failure) {
    control_failed(shim, task->requester, request_of(task), failure);
    task->requester = NOBODY;
    task->phase = PHASE_FAILED;
    shim->leaving = shim->leaving || shim->hands_over;
}

/* The agent has something to do before the plan goes on; it will ask to proceed once more. */
static void at_checkpoint(struct shim *shim, struct task *task) {
    task->phase = PHASE_CREATED;
    control_done(shim, task->requester, REQUEST_PROCEED);
    task->requester = NOBODY;
}

static void set_clocks(struct shim *shim, struct task *task) {
    struct step step;
    struct failure failure = {.step = NO_STEP};
    if (!plan_find(&task->plan, STEP_TIME_OFFSETS, &step)) {
        (void)fail_with(&failure, OP_PLAN, "", EINVAL);
    } else {
        failure.step = step.number;
        if (write_proc(task->process.pid, "timens_offsets", take_text(&step.fields), &failure)) {
            send_note(task, NOTE_PROCEED);
            return;
        }
    }
    failed(shim, task, &failure);
    (void)k_pidfd_send_signal(task->process.pidfd, SIGKILL);
}

static void ready(struct shim *shim, struct task *task) {
    struct failure failure = {.step = NO_STEP};
    if (!limit_process(&task->plan, task->process.pid, &failure)) {
        failed(shim, task, &failure);
        (void)k_pidfd_send_signal(task->process.pidfd, SIGKILL);
        return;
    }
    if (task->plan.kind == PLAN_EXEC) {
        task_start(task, task->requester);
        return;
    }
    task->phase = PHASE_READY;
    control_done(shim, task->requester, REQUEST_PROCEED);
    task->requester = NOBODY;
    shim->leaving = shim->hands_over;
}

/* The notes' end: exec has closed them, or the process is dead, which the wait will tell. */
static void notes_ended(struct shim *shim, struct task *task) {
    close(task->process.notes);
    task->process.notes = -1;
    if (task->phase == PHASE_STARTING) {
        task->started = now_ns();
        control_done(shim, task->requester, request_of(task));
        task->requester = NOBODY;
        task->phase = PHASE_RUNNING;
        unmap_plan(task);
        shim->leaving = shim->hands_over;
    } else if (task->phase == PHASE_PREPARING) {
        struct failure lost = {.step = NO_STEP};
        (void)fail_with(&lost, OP_LOST_CHILD, "", ECHILD);
        failed(shim, task, &lost);
    }
}

static void take_streams(struct shim *shim, struct task *task, const int fds[NOTE_MOST_FDS], bool terminal) {
    if (!shim->hands_over) {
        streams_take(task, fds, terminal);
    } else if (!hand_over_terminal(CONSOLE_FD, fds[0], task->rows, task->columns)) {
        struct failure failure = {.step = NO_STEP};
        (void)fail(&failure, OP_SEND, "terminal to the console socket");
        failed(shim, task, &failure);
        (void)k_pidfd_send_signal(task->process.pidfd, SIGKILL);
    }
}

void task_notes(struct shim *shim, struct task *task) {
    struct note note;
    int fds[NOTE_MOST_FDS];
    int received = note_receive(task->process.notes, &note, fds);
    if (received <= 0) {
        notes_ended(shim, task);
    } else if (note.kind == NOTE_STREAMS) {
        take_streams(shim, task, fds, note.value == 1);
    } else if (note.kind == NOTE_LISTENER) {
        listener_serve(&task->plan, task->process.pid, task->process.pidfd, fds[0]);
    } else if (note.kind == NOTE_CLOCKS) {
        set_clocks(shim, task);
    } else if (note.kind == NOTE_CHECKPOINT) {
        at_checkpoint(shim, task);
    } else if (note.kind == NOTE_READY) {
        ready(shim, task);
    } else if (note.kind == NOTE_FAILED) {
        failed(shim, task, &note.failure);
    }
}

static bool readable(int fd) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 0) > 0;
}

static void ended(struct shim *shim, struct task *task, int status) {
    task->exited = true;
    task->status = status;
    task->ended = now_ns();
    /* What the process still said (that its exec failed, say) comes before its end. */
    while (task->process.notes >= 0 && readable(task->process.notes)) {
        task_notes(shim, task);
    }
}

/* The end of a process that was handed over, however early, is for its new parent to see. */
static bool reaps(const struct shim *shim) {
    return !shim->hands_over || shim->tasks[0].phase < PHASE_READY;
}

void task_reap(struct shim *shim) {
    int status;
    pid_t pid;
    while (reaps(shim) && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int i = 0; i < MOST_TASKS; i++) {
            struct task *task = &shim->tasks[i];
            if (task->phase != PHASE_FREE && !task->exited && task->process.pid == pid) {
                ended(shim, task, status);
            }
        }
    }
}

void task_hang_up(struct task *task) {
    if (task->input >= 0) {
        close(task->input);
        task->input = -1;
    }
    if (task->terminal && task->out[0].fd >= 0) {
        close(task->out[0].fd);
        task->out[0].fd = -1;
    }
}

static struct ending ending_of(const struct task *task) {
    bool killed = WIFSIGNALED(task->status);
    return (struct ending){.code = killed ? -1 : WEXITSTATUS(task->status),
                           .signal = killed ? WTERMSIG(task->status) : 0,
                           .started = task->started,
                           .ended = task->ended};
}

static void tell_exit(struct shim *shim, const struct task *task, const struct ending *ending) {
    int number = (int)(task - shim->tasks);
    for (int i = 0; i < MOST_CLIENTS; i++) {
        struct client *client = &shim->clients[i];
        if (client->fd >= 0 && client->task == number) {
            client->ending = *ending;
            client->owes_exit = true;
            control_exit(client);
        }
    }
}

static void release(struct task *task) {
    unmap_plan(task);
    task_hang_up(task);
    if (task->process.notes >= 0) {
        close(task->process.notes);
        task->process.notes = -1;
    }
}

/* Called in every round for a task whose process has ended. */
void task_finish(struct shim *shim, struct task *task) {
    for (int i = 0; i < 2; i++) {
        while (task->out[i].fd >= 0 && task->out[i].length == 0) {
            stream_read(shim, task, i);
        }
    }
    if (!streams_drained(task)) {
        return;
    }
    bool unstarted = task->phase == PHASE_FAILED;
    release(task);
    struct ending ending = ending_of(task);
    if (task != &shim->tasks[0]) {
        if (!unstarted) {
            tell_exit(shim, task, &ending);
        }
        close(task->process.pidfd);
        task->phase = PHASE_FREE;
        return;
    }
    task->phase = PHASE_DONE;
    if (unstarted) {
        shim->leaving = true;
        return;
    }
    shim->ending = ending;
    shim->record_due = !write_exit(shim->runtime, &shim->identity, &ending);
    tell_exit(shim, task, &ending);
}
