#include "sample.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* One request at a time is enough; a client that dawdles is cut off so that the next gets its turn. */
enum { SECONDS_A_CLIENT = 5 };

static struct text page;

static int listen_everywhere(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int no = 0;
    int yes = 1;
    struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_addr = IN6ADDR_ANY_INIT};
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(fd, (struct sockaddr *)&any6, sizeof any6) == 0 && listen(fd, 64) == 0) {
            return fd;
        }
        close(fd);
    }
    struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&any4, sizeof any4) != 0 || listen(fd, 64) != 0) {
        fprintf(stderr, "sample: port %d: %s\n", PORT, strerror(errno));
        return -1;
    }
    return fd;
}

static void send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);
        if (count <= 0) {
            return;
        }
        bytes += count;
        length -= (size_t)count;
    }
}

static void answer(int fd, const char *status, const char *type, int with_body)
{
    static struct text head;
    head.length = 0;
    text_add(&head,
             "HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
             "Connection: close\r\n\r\n",
             status, type, page.length);
    send_all(fd, head.bytes, head.length);
    if (with_body) {
        send_all(fd, page.bytes, page.length);
    }
}

static void log_line(const char *method, const char *path, const char *status)
{
    struct timespec now;
    struct tm utc;
    char time[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
    printf("%s %.7s %.120s %.3s\n", time, method, path, status);
    fflush(stdout);
}

static void handle(int fd, unsigned long *requests)
{
    char request[4096];
    size_t length = 0;
    while (length < sizeof request - 1) {
        ssize_t count = recv(fd, request + length, sizeof request - 1 - length, 0);
        if (count <= 0) {
            return;
        }
        length += (size_t)count;
        request[length] = 0;
        if (strstr(request, "\r\n\r\n")) {
            break;
        }
    }
    char method[8] = "";
    char path[1024] = "";
    if (sscanf(request, "%7[A-Z] %1023[!-~]", method, path) != 2) {
        page.length = 0;
        text_add(&page, "this is no HTTP request\n");
        answer(fd, "400 Bad Request", "text/plain", 1);
        return;
    }
    const char *status = "200 OK";
    const char *type = "text/plain";
    page.length = 0;
    path[strcspn(path, "?")] = 0;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        status = "405 Method Not Allowed";
        text_add(&page, "only GET and HEAD\n");
    } else if (strcmp(path, "/") == 0) {
        type = "text/html";
        facts_html(&page, ++*requests);
    } else if (strcmp(path, "/json") == 0) {
        type = "application/json";
        facts_json(&page, ++*requests);
    } else if (strcmp(path, "/healthz") == 0) {
        text_add(&page, "ok\n");
    } else {
        status = "404 Not Found";
        text_add(&page, "there is /, /json and /healthz\n");
    }
    answer(fd, status, type, strcmp(method, "HEAD") != 0);
    if (strcmp(path, "/healthz") != 0) {
        log_line(method, path, status);
    }
}

int serve(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGQUIT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    int signals = signalfd(-1, &ends, SFD_CLOEXEC);
    int listener = listen_everywhere();
    if (signals < 0 || listener < 0) {
        return 1;
    }
    printf("sample: listening on port %d\n", PORT);
    fflush(stdout);
    unsigned long requests = 0;
    struct pollfd wait[] = {{.fd = signals, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    while (1) {
        if (poll(wait, 2, -1) < 0 && errno != EINTR) {
            return 1;
        }
        if (wait[0].revents) {
            /* Whoever is being served was served: requests are answered one by one. */
            printf("sample: asked to stop after %lu requests\n", requests);
            return 0;
        }
        if (wait[1].revents) {
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            struct timeval patience = {.tv_sec = SECONDS_A_CLIENT};
            if (client >= 0) {
                setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
                setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
                handle(client, &requests);
                shutdown(client, SHUT_WR);
                close(client);
            }
        }
    }
}
