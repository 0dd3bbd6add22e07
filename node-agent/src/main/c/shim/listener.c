#define _GNU_SOURCE
#include "listener.h"

#include "kernel.h"
#include "note.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define PAUSE_NS 500000
/* Of the helper: 30 s. Of the process, which may not even ask for the time: some seconds of spinning. */
#define MOST_PAUSES 60000
#define MOST_SPINS 20000000000ull
#define MOST_PARTS 9

enum stage { STAGE_BEGUN, STAGE_CONNECTED, STAGE_LOADED, STAGE_SENT, STAGE_FAILED };

struct shared {
    _Atomic int stage;
    _Atomic int value; /* STAGE_LOADED: the listener's number; STAGE_FAILED: the error */
    _Atomic int operation;
};

static struct shared *map(int memory) {
    void *at = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    return at == MAP_FAILED ? NULL : at;
}

static void pause_briefly(void) {
    struct timespec time = {.tv_nsec = PAUSE_NS};
    (void)nanosleep(&time, NULL);
}

/* While system calls are still free. */
static int await(struct shared *shared, enum stage passed) {
    for (int i = 0; i < MOST_PAUSES && atomic_load(&shared->stage) == (int)passed; i++) {
        pause_briefly();
    }
    return atomic_load(&shared->stage);
}

static bool told_failure(struct child *child, struct shared *shared) {
    bool told = atomic_load(&shared->stage) == STAGE_FAILED;
    struct step step = {0};
    const char *path = plan_find(child->plan, STEP_LISTENER, &step) ? take_text(&step.fields) : "";
    enum operation operation = told ? (enum operation)atomic_load(&shared->operation) : OP_LISTENER;
    return fail_with(&child->failure, operation, path, told ? atomic_load(&shared->value) : ETIMEDOUT);
}

bool listener_load(struct child *child, uint32_t flags, const struct filter_program *program) {
    int memory = memfd_create("listener", MFD_CLOEXEC);
    struct shared *shared = memory < 0 || ftruncate(memory, sizeof(struct shared)) < 0 ? NULL : map(memory);
    if (shared == NULL) {
        return fail(&child->failure, OP_MEMORY, "listener");
    }
    struct note note = {.kind = NOTE_LISTENER};
    bool sent = note_send(child->shim, &note, &memory, 1) || fail(&child->failure, OP_SEND, "");
    close(memory);
    if (!sent) {
        return false;
    }
    if (await(shared, STAGE_BEGUN) != STAGE_CONNECTED) {
        return told_failure(child, shared);
    }
    int fd = (int)syscall(SYS_seccomp, SECCOMP_MODE_FILTER_OPERATION, flags, program);
    if (fd < 0) {
        return fail(&child->failure, OP_SECCOMP, "");
    }
    atomic_store(&shared->value, fd);
    atomic_store(&shared->stage, STAGE_LOADED);
    for (unsigned long long i = 0; i < MOST_SPINS && atomic_load(&shared->stage) == STAGE_LOADED; i++) {
    }
    return atomic_load(&shared->stage) == STAGE_SENT || told_failure(child, shared);
}

static void failed(struct shared *shared, enum operation operation) {
    atomic_store(&shared->value, errno);
    atomic_store(&shared->operation, (int)operation);
    atomic_store(&shared->stage, STAGE_FAILED);
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* One message: the parts of the text with the process's id between them, and the descriptor. */
static bool send_listener(int socket, int listener, pid_t pid, struct span parts) {
    char number[16];
    int digits = snprintf(number, sizeof number, "%d", pid);
    struct iovec content[2 * MOST_PARTS] = {{0}}; /* those beyond the text stay empty */
    size_t count = 0;
    uint32_t texts_left = take_u32(&parts);
    if (texts_left > MOST_PARTS || digits < 0) {
        errno = E2BIG;
        return false;
    }
    for (uint32_t i = 0; i < texts_left; i++) {
        if (i > 0) {
            content[count++] = (struct iovec){number, (size_t)digits};
        }
        const char *text = take_text(&parts);
        content[count++] = (struct iovec){(void *)(uintptr_t)text, strlen(text)};
    }
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    control.aligned.cmsg_level = SOL_SOCKET;
    control.aligned.cmsg_type = SCM_RIGHTS;
    control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.aligned), &listener, sizeof listener);
    struct msghdr message = {
        .msg_iov = content, .msg_iovlen = 2 * MOST_PARTS, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    return sendmsg(socket, &message, MSG_NOSIGNAL) > 0;
}

static void serve(const struct plan *plan, pid_t pid, int pidfd, struct shared *shared) {
    struct step step;
    int socket = -1;
    if (plan_find(plan, STEP_LISTENER, &step)) {
        socket = connect_to(take_text(&step.fields));
    } else {
        errno = EINVAL;
    }
    if (socket < 0) {
        failed(shared, OP_CONNECT);
        return;
    }
    atomic_store(&shared->stage, STAGE_CONNECTED);
    if (await(shared, STAGE_CONNECTED) != STAGE_LOADED) {
        return;
    }
    int listener = k_pidfd_getfd(pidfd, atomic_load(&shared->value));
    if (listener < 0 || !send_listener(socket, listener, pid, step.fields)) {
        failed(shared, OP_LISTENER);
        return;
    }
    atomic_store(&shared->stage, STAGE_SENT);
}

void listener_serve(const struct plan *plan, pid_t pid, int pidfd, int memory) {
    struct k_clone_args arguments = {.exit_signal = SIGCHLD};
    struct shared *shared = memory < 0 ? NULL : map(memory);
    if (shared != NULL) {
        pid_t helper = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
        if (helper == 0) {
            serve(plan, pid, pidfd, shared);
            _exit(0);
        }
        if (helper < 0) {
            failed(shared, OP_CLONE);
        }
        (void)munmap(shared, sizeof(struct shared));
    }
    if (memory >= 0) {
        close(memory);
    }
}
