#define _GNU_SOURCE
#include "record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void read_boot_id(char boot[BOOT_ID_BYTES]) {
    memset(boot, 0, BOOT_ID_BYTES);
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t length = read(fd, boot, BOOT_ID_BYTES - 1);
        boot[length < 0 ? 0 : length] = '\0';
        close(fd);
    }
}

static bool replace(int directory, const char *name, const char *fresh, const char *text, int length) {
    int fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    bool good = write(fd, text, (size_t)length) == length;
    good = close(fd) == 0 && good;
    return good && renameat(directory, fresh, directory, name) == 0;
}

bool write_record(int directory, const struct identity *identity) {
    char text[512];
    int length = snprintf(text, sizeof text,
                          "version 1\nboot %s\npid %d\nstart %llu\nshim %d\nshimStart %llu\ncreated %llu\n",
                          identity->boot, identity->pid, (unsigned long long)identity->start, identity->shim,
                          (unsigned long long)identity->shim_start, (unsigned long long)identity->created);
    return replace(directory, "record", "record.new", text, length);
}

bool write_exit(int directory, const struct identity *identity, const struct ending *ending) {
    char text[512];
    int length = snprintf(text, sizeof text,
                          "version 1\nboot %s\npid %d\nstart %llu\ncode %d\nsignal %d\nstarted %llu\nended %llu\n",
                          identity->boot, identity->pid, (unsigned long long)identity->start, ending->code,
                          ending->signal, (unsigned long long)ending->started, (unsigned long long)ending->ended);
    return replace(directory, "exit", "exit.new", text, length);
}
