#include "sample.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int complain(const char *tool, const char *subject)
{
    fprintf(stderr, "%s: %s: %s\n", tool, subject, strerror(errno));
    return 1;
}

static int list(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : ".";
    DIR *directory = opendir(path);
    if (!directory) {
        return complain("ls", path);
    }
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        struct stat info;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            fstatat(dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            printf("%06o %5u %5u %9lld %s\n", (unsigned)info.st_mode, (unsigned)info.st_uid, (unsigned)info.st_gid,
                   (long long)info.st_size, entry->d_name);
        }
    }
    closedir(directory);
    return 0;
}

static int copy_out(const char *path)
{
    char buffer[4096];
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return complain("cat", path);
    }
    ssize_t count;
    while ((count = read(fd, buffer, sizeof buffer)) > 0) {
        if (write(STDOUT_FILENO, buffer, (size_t)count) != count) {
            return complain("cat", "output");
        }
    }
    if (fd != STDIN_FILENO) {
        close(fd);
    }
    return count < 0 ? complain("cat", path) : 0;
}

static int cat(int argc, char **argv)
{
    int result = argc > 1 ? 0 : copy_out("-");
    for (int i = 1; i < argc; i++) {
        result |= copy_out(argv[i]);
    }
    return result;
}

static int processes(void)
{
    DIR *directory = opendir("/proc");
    if (!directory) {
        return complain("ps", "/proc");
    }
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        char path[300];
        char name[64];
        if (atoi(entry->d_name) > 0) {
            snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
            if (read_file(path, name, sizeof name)) {
                printf("%6s %s\n", entry->d_name, name);
            }
        }
    }
    closedir(directory);
    return 0;
}

/* Touches that many MiB, to meet a memory limit. */
static int hold(int argc, char **argv)
{
    size_t bytes = (size_t)(argc > 1 ? atol(argv[1]) : 1) << 20;
    char *memory = malloc(bytes);
    if (!memory) {
        return complain("hold", "memory");
    }
    for (size_t i = 0; i < bytes; i += 4096) {
        ((volatile char *)memory)[i] = 1;
    }
    printf("holding %zu MiB\n", bytes >> 20);
    fflush(stdout);
    pause();
    return 0;
}

/* Keeps a core busy for that many seconds, to meet a CPU limit. */
static int burn(int argc, char **argv)
{
    time_t end = time(NULL) + (argc > 1 ? atol(argv[1]) : 1);
    volatile unsigned long count = 0;
    while (time(NULL) < end) {
        count++;
    }
    printf("counted to %lu\n", count);
    return 0;
}

static int echo(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        printf("%s%s", argv[i], i + 1 < argc ? " " : "");
    }
    printf("\n");
    return 0;
}

/* As process 1 a program that installs no handler would ignore SIGTERM. */
static void stop(int number)
{
    _exit(128 + number);
}

static int rest(int argc, char **argv)
{
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    double seconds = argc > 1 ? atof(argv[1]) : 0;
    struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&time, &time) != 0 && errno == EINTR) {
        continue;
    }
    return 0;
}

static int environment(void)
{
    for (char **entry = environ; *entry; entry++) {
        printf("%s\n", *entry);
    }
    return 0;
}

int tool(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    if (strcmp(name, "serve") == 0) return serve();
    if (strcmp(name, "sh") == 0) return shell(argc, argv);
    if (strcmp(name, "ls") == 0) return list(argc, argv);
    if (strcmp(name, "cat") == 0) return cat(argc, argv);
    if (strcmp(name, "ps") == 0) return processes();
    if (strcmp(name, "env") == 0) return environment();
    if (strcmp(name, "echo") == 0) return echo(argc, argv);
    if (strcmp(name, "sleep") == 0) return rest(argc, argv);
    if (strcmp(name, "hold") == 0) return hold(argc, argv);
    if (strcmp(name, "burn") == 0) return burn(argc, argv);
    if (strcmp(name, "true") == 0) return 0;
    if (strcmp(name, "false") == 0) return 1;
    if (strcmp(name, "id") == 0) {
        printf("uid=%u gid=%u\n", (unsigned)getuid(), (unsigned)getgid());
        return 0;
    }
    if (strcmp(name, "hostname") == 0) {
        char host[256] = "";
        gethostname(host, sizeof host - 1);
        printf("%s\n", host);
        return 0;
    }
    if (strcmp(name, "tty") == 0) {
        const char *terminal = ttyname(STDIN_FILENO);
        printf("%s\n", terminal ? terminal : "not a tty");
        return terminal ? 0 : 1;
    }
    return 127;
}
