#define _GNU_SOURCE
#include "shim.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Datagrams need neither accept nor a second process that keeps a connection: the waiting process has this socket itself. */
bool hand_over_listen(struct shim *shim) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" HAND_OVER_SOCKET, shim->runtime);
    shim->word = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (shim->word < 0) {
        return false;
    }
    mode_t before = umask(0177);
    int bound = bind(shim->word, (const struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    return bound == 0;
}

/* As the OCI runtimes do: one message with the descriptor, and the multiplexer's name for whoever prints it. */
bool hand_over_terminal(int console, int terminal, uint32_t rows, uint32_t columns) {
    if (rows > 0 && columns > 0) {
        struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
        (void)ioctl(terminal, TIOCSWINSZ, &size);
    }
    char name[] = "/dev/ptmx";
    struct iovec content = {.iov_base = name, .iov_len = sizeof name - 1};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    control.aligned.cmsg_level = SOL_SOCKET;
    control.aligned.cmsg_type = SCM_RIGHTS;
    control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.aligned), &terminal, sizeof terminal);
    struct msghdr message = {.msg_iov = &content,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    bool sent = sendmsg(console, &message, MSG_NOSIGNAL) >= 0;
    close(terminal);
    return sent;
}
