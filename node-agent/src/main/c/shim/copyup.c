#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEEPEST 64
#define CHUNK (1u << 20)

/* As getdents64(2) lays it out. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static bool copy_directory(struct failure *failure, int from, int into, int depth);

static bool own(struct failure *failure, int fd, const struct stat *status, const char *name) {
    if (fchown(fd, status->st_uid, status->st_gid) < 0) {
        return fail(failure, OP_CHOWN, name);
    }
    return fchmod(fd, status->st_mode & 07777) == 0 || fail(failure, OP_CHMOD, name);
}

static bool copy_content(struct failure *failure, int from, int into, const char *name) {
    ssize_t count;
    do {
        count = sendfile(into, from, NULL, CHUNK);
    } while (count > 0);
    return count == 0 || fail(failure, OP_COPY, name);
}

static bool copy_file(struct failure *failure, int from, int into, const char *name, const struct stat *status) {
    int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (source < 0) {
        return fail(failure, OP_OPEN, name);
    }
    int target = openat(into, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = target >= 0 ? copy_content(failure, source, target, name) && own(failure, target, status, name)
                            : fail(failure, OP_CREATE, name);
    close(source);
    if (target >= 0) {
        close(target);
    }
    return good;
}

static bool copy_link(struct failure *failure, int from, int into, const char *name, const struct stat *status) {
    char content[4096];
    ssize_t length = readlinkat(from, name, content, sizeof content - 1);
    if (length < 0) {
        return fail(failure, OP_READ, name);
    }
    content[length] = '\0';
    bool good = symlinkat(content, into, name) == 0 &&
                fchownat(into, name, status->st_uid, status->st_gid, AT_SYMLINK_NOFOLLOW) == 0;
    return good || fail(failure, OP_SYMLINK, name);
}

static bool copy_below(struct failure *failure, int from, int into, const char *name, int depth) {
    int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0) {
        return fail(failure, OP_OPEN, name);
    }
    int target = -1;
    if (mkdirat(into, name, 0700) == 0) {
        target = openat(into, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    bool good = target >= 0 ? copy_directory(failure, source, target, depth) : fail(failure, OP_MKDIR, name);
    close(source);
    if (target >= 0) {
        close(target);
    }
    return good;
}

/* Sockets have no meaning without their process; devices need not be allowed, and an image has none. */
static bool copy_entry(struct failure *failure, int from, int into, const char *name, int depth) {
    struct stat status;
    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return fail(failure, OP_STAT, name);
    }
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR: return copy_below(failure, from, into, name, depth);
    case S_IFREG: return copy_file(failure, from, into, name, &status);
    case S_IFLNK: return copy_link(failure, from, into, name, &status);
    default: return true;
    }
}

static bool copy_directory(struct failure *failure, int from, int into, int depth) {
    struct stat status;
    if (depth == DEEPEST) {
        return fail_with(failure, OP_COPY, "directories nested too deeply", ELOOP);
    }
    _Alignas(struct entry) char entries[4096];
    long bytes;
    while ((bytes = syscall(SYS_getdents64, from, entries, sizeof entries)) > 0) {
        for (long at = 0; at < bytes;) {
            const struct entry *entry = (const struct entry *)(const void *)(entries + at);
            at += entry->length;
            bool itself = strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0;
            if (!itself && !copy_entry(failure, from, into, entry->name, depth + 1)) {
                return false;
            }
        }
    }
    if (bytes < 0 || fstat(from, &status) < 0) {
        return fail(failure, OP_READ, "directory");
    }
    return own(failure, into, &status, "directory");
}

bool copy_up(struct failure *failure, int from, int into) {
    return copy_directory(failure, from, into, 0);
}
