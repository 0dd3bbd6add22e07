#define _GNU_SOURCE
#include "note.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union control {
    char bytes[CMSG_SPACE(sizeof(int) * NOTE_MOST_FDS)];
    struct cmsghdr aligned;
};

bool note_send(int socket, const struct note *note, const int *fds, int count) {
    struct iovec content = {.iov_base = (void *)(uintptr_t)note, .iov_len = sizeof *note};
    union control control = {0};
    struct msghdr message = {.msg_iov = &content, .msg_iovlen = 1};
    if (count > 0) {
        size_t bytes = sizeof(int) * (size_t)count;
        message.msg_control = control.bytes;
        message.msg_controllen = (socklen_t)CMSG_SPACE(bytes);
        control.aligned.cmsg_level = SOL_SOCKET;
        control.aligned.cmsg_type = SCM_RIGHTS;
        control.aligned.cmsg_len = (socklen_t)CMSG_LEN(bytes);
        memcpy(CMSG_DATA(&control.aligned), fds, bytes);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

int note_receive(int socket, struct note *note, int fds[NOTE_MOST_FDS]) {
    struct iovec content = {.iov_base = note, .iov_len = sizeof *note};
    union control control = {0};
    struct msghdr message = {
        .msg_iov = &content, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    for (int i = 0; i < NOTE_MOST_FDS; i++) {
        fds[i] = -1;
    }
    ssize_t received;
    do {
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received <= 0) {
        return received == 0 || errno == ECONNRESET ? 0 : -1;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(fds, CMSG_DATA(header), bytes > sizeof(int) * NOTE_MOST_FDS ? sizeof(int) * NOTE_MOST_FDS : bytes);
    }
    if ((size_t)received != sizeof *note) {
        errno = EBADMSG;
        return -1;
    }
    note->failure.subject[sizeof note->failure.subject - 1] = '\0';
    return 1;
}
