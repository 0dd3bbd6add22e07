#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* For so long a patient client may hold up the output without taking any of it. */
#define PATIENCE_NS 10000000000u

void streams_reset(struct task *task) {
    for (int i = 0; i < 2; i++) {
        task->out[i].fd = -1;
        task->out[i].length = 0;
        task->out[i].waiting = 0;
    }
    task->input = -1;
    task->input_length = 0;
    task->input_ends = false;
    task->terminal = false;
}

static void nonblocking(int fd) {
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    }
}

void streams_take(struct task *task, const int fds[3], bool terminal) {
    task->terminal = terminal;
    task->out[0].fd = fds[0];
    task->out[1].fd = terminal ? -1 : fds[1];
    task->input = terminal ? fcntl(fds[0], F_DUPFD_CLOEXEC, 3) : fds[2];
    nonblocking(task->out[0].fd);
    nonblocking(task->out[1].fd);
    nonblocking(task->input);
    terminal_resize(task);
}

void terminal_resize(struct task *task) {
    if (task->terminal && task->input >= 0 && task->rows > 0 && task->columns > 0) {
        struct winsize size = {.ws_row = (unsigned short)task->rows, .ws_col = (unsigned short)task->columns};
        (void)ioctl(task->input, TIOCSWINSZ, &size);
    }
}

static void end(struct stream *stream) {
    if (stream->fd >= 0) {
        close(stream->fd);
        stream->fd = -1;
    }
}

static void distribute(struct shim *shim, int task, int number) {
    struct stream *stream = &shim->tasks[task].out[number];
    for (int i = 0; i < MOST_CLIENTS; i++) {
        struct client *client = &shim->clients[i];
        if (client->fd < 0 || !client->attached || client->task != task) {
            continue;
        }
        if (control_output(client, number, stream->data, stream->length)) {
            continue;
        }
        if ((client->flags & ATTACH_PATIENT) != 0) {
            stream->waiting |= (uint64_t)1 << i;
        } else {
            client->dropped += stream->length;
        }
    }
    stream->since = now_ns();
    if (stream->waiting == 0) {
        stream->length = 0;
    }
}

void stream_read(struct shim *shim, struct task *task, int number) {
    struct stream *stream = &task->out[number];
    if (stream->length > 0) {
        return;
    }
    ssize_t count = read(stream->fd, stream->data, CHUNK_BYTES);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        /* After the process's end nothing more is waited for, even if something it left behind holds the pipe. */
        if (task->exited) {
            end(stream);
        }
        return;
    }
    if (count <= 0) {
        end(stream);
        return;
    }
    stream->length = (size_t)count;
    if (task == &shim->tasks[0]) {
        log_write(&shim->log, number == 0 ? LOG_STDOUT : LOG_STDERR, stream->data, stream->length);
    }
    distribute(shim, (int)(task - shim->tasks), number);
}

static void done_waiting(struct stream *stream, uint64_t bit) {
    stream->waiting &= ~bit;
    if (stream->waiting == 0) {
        stream->length = 0;
    }
}

void streams_flush(struct shim *shim, struct client *client) {
    uint64_t bit = (uint64_t)1 << (client - shim->clients);
    struct task *task = &shim->tasks[client->task];
    for (int i = 0; i < 2; i++) {
        struct stream *stream = &task->out[i];
        if ((stream->waiting & bit) != 0 && control_output(client, i, stream->data, stream->length)) {
            stream->since = now_ns();
            done_waiting(stream, bit);
        }
    }
}

void streams_forget(struct shim *shim, struct client *client) {
    uint64_t bit = (uint64_t)1 << (client - shim->clients);
    for (int i = 0; i < 2; i++) {
        done_waiting(&shim->tasks[client->task].out[i], bit);
    }
}

void streams_give_up(struct shim *shim, uint64_t now) {
    for (int i = 0; i < MOST_CLIENTS; i++) {
        struct client *client = &shim->clients[i];
        uint64_t bit = (uint64_t)1 << i;
        for (int number = 0; number < 2; number++) {
            struct stream *stream = &shim->tasks[client->task].out[number];
            if (client->fd >= 0 && (stream->waiting & bit) != 0 && now - stream->since > PATIENCE_NS) {
                client->flags &= ~ATTACH_PATIENT;
                client->dropped += stream->length;
                done_waiting(stream, bit);
            }
        }
    }
}

bool streams_drained(const struct task *task) {
    return task->out[0].fd < 0 && task->out[1].fd < 0 && task->out[0].waiting == 0 && task->out[1].waiting == 0;
}

bool streams_wait(const struct shim *shim) {
    bool waits = false;
    for (int i = 0; i < MOST_TASKS; i++) {
        waits = waits || shim->tasks[i].out[0].waiting != 0 || shim->tasks[i].out[1].waiting != 0;
    }
    return waits;
}

static void close_input(struct task *task) {
    if (task->input >= 0) {
        close(task->input);
        task->input = -1;
    }
    task->input_length = 0;
}

void input_flush(struct task *task) {
    if (task->input < 0) {
        task->input_length = 0;
        return;
    }
    ssize_t count = write(task->input, task->input_data, task->input_length);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        close_input(task);
        return;
    }
    size_t done = count < 0 ? 0 : (size_t)count;
    memmove(task->input_data, task->input_data + done, task->input_length - done);
    task->input_length -= done;
    if (task->input_length == 0 && task->input_ends) {
        close_input(task);
    }
}

void input_write(struct task *task, const char *data, size_t length) {
    size_t room = CHUNK_BYTES - task->input_length;
    size_t taken = length < room ? length : room;
    memcpy(task->input_data + task->input_length, data, taken);
    task->input_length += taken;
    if (task->input_length > 0) {
        input_flush(task);
    }
}

/* A terminal has no half: its end of input is a character that the person types. */
void input_end(struct task *task) {
    if (task->terminal) {
        return;
    }
    task->input_ends = true;
    if (task->input_length == 0) {
        close_input(task);
    }
}
