/*
 * The shim's state: tasks (the container's init and processes exec'd into it), their streams, and clients on the socket.
 *
 *   socket --> control.c (messages) --> tasks.c (launch, notes, exit) --> streams.c (output to log and clients, input)
 */
#ifndef FLOTILLA_SHIM_H
#define FLOTILLA_SHIM_H

#include "launch.h"
#include "log.h"
#include "plan.h"
#include "record.h"

/* Descriptors that a shim is started with. */
enum {
    PLAN_FD = 3,
    AGENT_FD,
    RUNTIME_FD,
    LOG_FD,   /* or, for an exec that is handed over, the pidfd of the container's first process */
    CONSOLE_FD /* of what is handed over: the socket that is sent the terminal; after it what the program shall keep */
};

#define MOST_TASKS 17
#define MOST_CLIENTS 48
#define CHUNK_BYTES 8192
#define NOBODY (-1)

/* Messages on the socket, one per packet: u32 type, then fields, little-endian. */
enum request {
    REQUEST_PROCEED = 1, /* carry out the container's plan up to exec */
    REQUEST_START,       /* exec */
    REQUEST_ATTACH,      /* u32 flags: this connection gets the container's output from now on */
    REQUEST_INPUT,       /* bytes for stdin of the connection's task */
    REQUEST_INPUT_END,
    REQUEST_RESIZE, /* u32 rows, u32 columns */
    REQUEST_EXEC,   /* u32 flags, and a descriptor of the plan; the connection is attached to the new task */
    REQUEST_SIGNAL, /* u32 signal, for the connection's task */
    REQUEST_RELEASE /* the exit is stored elsewhere: leave */
};

enum reply {
    REPLY_STATE = 64, /* first message of every connection: u32 version, u32 phase, u32 pid, u64 start */
    REPLY_DONE,       /* u32 request */
    REPLY_FAILED,     /* u32 request, u32 step, u32 errno, text operation, text subject */
    REPLY_OUTPUT,
    REPLY_ERROR_OUTPUT,
    REPLY_GAP,  /* u64 bytes of output that this connection was too slow for */
    REPLY_EXIT, /* u32 code, u32 signal, u64 started, u64 ended */
};

#define PROTOCOL_VERSION 1u

/* The client's end of stdin is the only one: its disconnection is the end of the input. */
#define ATTACH_OWNS_INPUT 1u
/* The client wants every byte: it may hold up the container's output, for a while. */
#define ATTACH_PATIENT 2u

enum phase {
    PHASE_FREE,
    PHASE_CREATED,   /* the process waits for NOTE_PROCEED */
    PHASE_PREPARING, /* works through its plan */
    PHASE_READY,     /* waits for NOTE_START */
    PHASE_STARTING,  /* about to exec */
    PHASE_RUNNING,
    PHASE_FAILED, /* a step failed, the client knows */
    PHASE_DONE,   /* ended, output drained, exit recorded */
};

struct stream {
    int fd;
    size_t length;    /* bytes in data that some patient client has yet to take */
    uint64_t waiting; /* those clients, one bit each */
    uint64_t since;   /* when they began to wait */
    char *data;        /* CHUNK_BYTES */
};

struct task {
    enum phase phase;
    struct launched process;
    struct plan plan;
    const uint8_t *plan_bytes;
    size_t plan_length;
    int requester; /* the client that waits for a reply, or NOBODY */
    bool terminal;
    bool exited;
    int status;
    uint64_t started;
    uint64_t ended;
    struct stream out[2];
    int input;
    size_t input_length;
    bool input_ends;
    uint32_t rows;
    uint32_t columns;
    char *input_data; /* CHUNK_BYTES */
};

/* Apart from the tasks, so that the pages of those that were never used are never touched. */
struct buffers {
    char out[2][CHUNK_BYTES];
    char input[CHUNK_BYTES];
};

struct client {
    int fd; /* -1: a free place */
    int task;
    bool attached;
    uint32_t flags;
    uint64_t dropped;
    bool owes_exit;
    struct ending ending;
};

struct shim {
    int runtime;
    int listener;
    int signals;
    bool hands_over; /* the process becomes the caller's own, and this shim leaves when it is ready */
    int word;        /* in that case: where a container waits for the word to start */
    char place[4096]; /* the runtime directory's path */
    uint32_t namespaces;
    bool record_due; /* the exit record could not be written yet */
    bool leaving;
    struct identity identity;
    struct ending ending;
    struct log log;
    struct task tasks[MOST_TASKS];
    struct client clients[MOST_CLIENTS];
    struct buffers buffers[MOST_TASKS];
};

/* tasks.c */
bool task_launch(struct shim *shim, struct task *task, int requester, struct failure *failure);
bool task_map_plan(struct task *task, int fd, bool exec_only);
void task_proceed(struct task *task, int requester);
void task_start(struct task *task, int requester);
void task_notes(struct shim *shim, struct task *task);
void task_reap(struct shim *shim);
void task_finish(struct shim *shim, struct task *task);
struct task *task_free_place(struct shim *shim);
void task_hang_up(struct task *task);

/* streams.c */
void streams_reset(struct task *task);
void streams_take(struct task *task, const int fds[3], bool terminal);
void stream_read(struct shim *shim, struct task *task, int number);
void streams_flush(struct shim *shim, struct client *client);
void streams_forget(struct shim *shim, struct client *client);
void streams_give_up(struct shim *shim, uint64_t now);
bool streams_drained(const struct task *task);
bool streams_wait(const struct shim *shim);
void input_write(struct task *task, const char *data, size_t length);
void input_flush(struct task *task);
void input_end(struct task *task);
void terminal_resize(struct task *task);

/* handover.c */
#define HAND_OVER_SOCKET "start.sock"
bool hand_over_listen(struct shim *shim);
bool hand_over_terminal(int console, int terminal, uint32_t rows, uint32_t columns);

/* control.c */
bool control_listen(struct shim *shim);
void control_adopt(struct shim *shim, int fd);
void control_accept(struct shim *shim);
void control_receive(struct shim *shim, struct client *client);
void control_disconnect(struct shim *shim, struct client *client);
void control_done(struct shim *shim, int requester, enum request request);
void control_failed(struct shim *shim, int requester, enum request request, const struct failure *failure);
bool control_output(struct client *client, int stream, const char *data, size_t length);
void control_exit(struct client *client);

#endif
