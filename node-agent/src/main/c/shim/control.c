#define _GNU_SOURCE
#include "shim.h"

#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define SOCKET_NAME "shim.sock"
#define MESSAGE_BYTES (CHUNK_BYTES + 64)

struct message {
    size_t length;
    uint8_t bytes[512];
};

static void put_u32(struct message *message, uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        message->bytes[message->length++] = (uint8_t)(value >> shift);
    }
}

static void put_u64(struct message *message, uint64_t value) {
    put_u32(message, (uint32_t)value);
    put_u32(message, (uint32_t)(value >> 32));
}

static void put_text(struct message *message, const char *text) {
    size_t length = strlen(text);
    size_t room = sizeof message->bytes - message->length - 4;
    length = length < room ? length : room;
    put_u32(message, (uint32_t)length);
    memcpy(message->bytes + message->length, text, length);
    message->length += length;
}

static bool send_message(int fd, const struct message *message) {
    return send(fd, message->bytes, message->length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

bool control_listen(struct shim *shim) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    /* By descriptor, for a path longer than a socket address can hold works just as well. */
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" SOCKET_NAME, shim->runtime);
    shim->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (shim->listener < 0) {
        return false;
    }
    mode_t before = umask(0177);
    int bound = bind(shim->listener, (const struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    return bound == 0 && listen(shim->listener, 16) == 0;
}

static void send_state(struct shim *shim, struct client *client) {
    struct message message = {.length = 0};
    put_u32(&message, REPLY_STATE);
    put_u32(&message, PROTOCOL_VERSION);
    put_u32(&message, (uint32_t)shim->tasks[0].phase);
    put_u32(&message, (uint32_t)shim->identity.pid);
    put_u64(&message, shim->identity.start);
    (void)send_message(client->fd, &message);
    if (shim->tasks[0].phase == PHASE_DONE) {
        client->ending = shim->ending;
        client->owes_exit = true;
        control_exit(client);
    }
}

void control_adopt(struct shim *shim, int fd) {
    for (int i = 0; i < MOST_CLIENTS; i++) {
        struct client *client = &shim->clients[i];
        if (client->fd < 0) {
            *client = (struct client){.fd = fd};
            send_state(shim, client);
            return;
        }
    }
    close(fd);
}

void control_accept(struct shim *shim) {
    int fd = accept4(shim->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    /* The directory's mode keeps others out already; a descriptor that leaked is of no use to them either. */
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) {
        close(fd);
        return;
    }
    control_adopt(shim, fd);
}

void control_done(struct shim *shim, int requester, enum request request) {
    if (requester == NOBODY) {
        return;
    }
    struct message message = {.length = 0};
    put_u32(&message, REPLY_DONE);
    put_u32(&message, (uint32_t)request);
    (void)send_message(shim->clients[requester].fd, &message);
}

void control_failed(struct shim *shim, int requester, enum request request, const struct failure *failure) {
    if (requester == NOBODY) {
        return;
    }
    struct message message = {.length = 0};
    put_u32(&message, REPLY_FAILED);
    put_u32(&message, (uint32_t)request);
    put_u32(&message, failure->step);
    put_u32(&message, (uint32_t)failure->error);
    put_text(&message, operation_words(failure->operation));
    put_text(&message, failure->subject);
    (void)send_message(shim->clients[requester].fd, &message);
}

/* False when the client's queue is full. To one that is gone everything counts as sent; its end will be noticed. */
bool control_output(struct client *client, int stream, const char *data, size_t length) {
    if (client->dropped > 0) {
        struct message gap = {.length = 0};
        put_u32(&gap, REPLY_GAP);
        put_u64(&gap, client->dropped);
        if (!send_message(client->fd, &gap)) {
            return errno != EAGAIN;
        }
        client->dropped = 0;
    }
    struct message head = {.length = 0};
    put_u32(&head, stream == 0 ? REPLY_OUTPUT : REPLY_ERROR_OUTPUT);
    struct iovec parts[2] = {{head.bytes, head.length}, {(void *)(uintptr_t)data, length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(client->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != EAGAIN;
}

void control_exit(struct client *client) {
    struct message message = {.length = 0};
    if (client->dropped > 0) {
        put_u32(&message, REPLY_GAP);
        put_u64(&message, client->dropped);
        if (!send_message(client->fd, &message) && errno == EAGAIN) {
            return;
        }
        client->dropped = 0;
        message.length = 0;
    }
    put_u32(&message, REPLY_EXIT);
    put_u32(&message, (uint32_t)client->ending.code);
    put_u32(&message, (uint32_t)client->ending.signal);
    put_u64(&message, client->ending.started);
    put_u64(&message, client->ending.ended);
    client->owes_exit = !send_message(client->fd, &message) && errno == EAGAIN;
}

void control_disconnect(struct shim *shim, struct client *client) {
    int number = (int)(client - shim->clients);
    struct task *task = &shim->tasks[client->task];
    streams_forget(shim, client);
    if (client->attached && client->task > 0 && task->phase != PHASE_FREE) {
        /* An exec belongs to its connection: a closed browser hangs up its shell. */
        task_hang_up(task);
    } else if (client->attached && (client->flags & ATTACH_OWNS_INPUT) != 0) {
        input_end(task);
    }
    for (int i = 0; i < MOST_TASKS; i++) {
        if (shim->tasks[i].requester == number) {
            shim->tasks[i].requester = NOBODY;
        }
    }
    if (shim->hands_over && !shim->leaving) {
        /* The caller is gone before it was told that the process is ready: it will never ask for that one. */
        (void)k_pidfd_send_signal(task->process.pidfd, SIGKILL);
        shim->leaving = true;
    }
    close(client->fd);
    client->fd = -1;
    client->attached = false;
    client->owes_exit = false;
}

static void refuse(struct shim *shim, struct client *client, enum request request, enum operation operation, int error) {
    struct failure failure = {.step = NO_STEP};
    (void)fail_with(&failure, operation, "", error);
    control_failed(shim, (int)(client - shim->clients), request, &failure);
}

static void exec(struct shim *shim, struct client *client, uint32_t flags, int fd) {
    struct task *task = task_free_place(shim);
    if (task == NULL || client->attached) {
        refuse(shim, client, REQUEST_EXEC, OP_BUSY, EBUSY);
        return;
    }
    if (shim->tasks[0].phase != PHASE_RUNNING || shim->tasks[0].exited) {
        refuse(shim, client, REQUEST_EXEC, OP_LOST_CHILD, ESRCH);
        return;
    }
    if (fd < 0 || !task_map_plan(task, fd, true)) {
        refuse(shim, client, REQUEST_EXEC, OP_PLAN, EINVAL);
        return;
    }
    struct failure failure;
    if (!task_launch(shim, task, (int)(client - shim->clients), &failure)) {
        control_failed(shim, (int)(client - shim->clients), REQUEST_EXEC, &failure);
        return;
    }
    client->task = (int)(task - shim->tasks);
    client->attached = true;
    client->flags = flags;
    task_proceed(task, (int)(client - shim->clients));
}

static void advance(struct shim *shim, struct client *client, enum request request) {
    struct task *task = &shim->tasks[0];
    enum phase needed = request == REQUEST_PROCEED ? PHASE_CREATED : PHASE_READY;
    if (task->exited) {
        refuse(shim, client, request, OP_LOST_CHILD, ECHILD);
    } else if (task->phase != needed) {
        refuse(shim, client, request, OP_BUSY, EINVAL);
    } else if (request == REQUEST_PROCEED) {
        task_proceed(task, (int)(client - shim->clients));
    } else {
        task_start(task, (int)(client - shim->clients));
    }
}

static void release(struct shim *shim, struct client *client) {
    if (shim->tasks[0].phase != PHASE_DONE) {
        refuse(shim, client, REQUEST_RELEASE, OP_BUSY, EBUSY);
        return;
    }
    control_done(shim, (int)(client - shim->clients), REQUEST_RELEASE);
    shim->leaving = true;
}

static uint32_t field(struct span *span) {
    return span->end - span->at >= 4 ? take_u32(span) : 0;
}

static void attach(struct shim *shim, struct client *client, uint32_t flags) {
    client->attached = true;
    client->flags = flags;
    control_done(shim, (int)(client - shim->clients), REQUEST_ATTACH);
}

static void handle(struct shim *shim, struct client *client, struct span message, int fd) {
    struct task *task = &shim->tasks[client->task];
    uint32_t request = field(&message);
    switch ((enum request)request) {
    case REQUEST_PROCEED:
    case REQUEST_START: advance(shim, client, (enum request)request); break;
    case REQUEST_ATTACH: attach(shim, client, field(&message)); break;
    case REQUEST_INPUT: input_write(task, (const char *)message.at, (size_t)(message.end - message.at)); break;
    case REQUEST_INPUT_END: input_end(task); break;
    case REQUEST_RESIZE:
        task->rows = field(&message);
        task->columns = field(&message);
        terminal_resize(task);
        break;
    case REQUEST_EXEC: exec(shim, client, field(&message), fd); break;
    case REQUEST_SIGNAL: (void)k_pidfd_send_signal(task->process.pidfd, (int)field(&message)); break;
    case REQUEST_RELEASE: release(shim, client); break;
    }
}

void control_receive(struct shim *shim, struct client *client) {
    uint8_t bytes[MESSAGE_BYTES];
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec content = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr message = {
        .msg_iov = &content, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (length <= 0) {
        control_disconnect(shim, client);
        return;
    }
    int fd = -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    handle(shim, client, (struct span){bytes, bytes + length}, fd);
    if (fd >= 0) {
        close(fd);
    }
}
