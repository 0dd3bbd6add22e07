#define _GNU_SOURCE
#include "paths.h"

#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int path_open(int root, const char *path, uint64_t flags) {
    return k_openat2(root, path, flags | O_CLOEXEC, 0, K_RESOLVE_IN_ROOT | K_RESOLVE_NO_MAGICLINKS);
}

int path_open_plain(int root, const char *path, uint64_t flags) {
    uint64_t resolve = K_RESOLVE_IN_ROOT | K_RESOLVE_NO_MAGICLINKS | K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_XDEV;
    return k_openat2(root, path, flags | O_CLOEXEC, 0, resolve);
}

static int open_name(int directory, const char *name, uint64_t flags) {
    uint64_t resolve = K_RESOLVE_BENEATH | K_RESOLVE_NO_SYMLINKS;
    return k_openat2(directory, name, flags | O_PATH | O_CLOEXEC | O_NOFOLLOW, 0, resolve);
}

/* Goes one directory down, from the root so that links inside the prefix are followed; makes the directory if missing. */
static int descend(struct failure *failure, int root, int current, const char *prefix, const char *name) {
    int next = path_open(root, prefix, O_PATH | O_DIRECTORY);
    if (next < 0 && errno == ENOENT) {
        if (mkdirat(current, name, 0755) < 0 && errno != EEXIST) {
            fail(failure, OP_MKDIR, prefix);
            return -1;
        }
        next = open_name(current, name, O_DIRECTORY);
    }
    if (next < 0) {
        fail(failure, OP_OPEN, prefix);
    }
    return next;
}

/* Cuts off the last name of an absolute path; false when there is none, or when it or the path is too long. */
static bool split(const char *path, char directory[PATH_MAX], char name[256]) {
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    if (start == end || end - start > 255 || start >= PATH_MAX) {
        return false;
    }
    memcpy(directory, path, start);
    directory[start] = '\0';
    memcpy(name, path + start, end - start);
    name[end - start] = '\0';
    return strcmp(name, "..") != 0 && strcmp(name, ".") != 0;
}

int path_parent(struct failure *failure, int root, const char *path, char name[256]) {
    char prefix[PATH_MAX];
    if (!split(path, prefix, name)) {
        fail_with(failure, OP_OPEN, path, EINVAL);
        return -1;
    }
    int current = path_open(root, prefix[0] == '\0' ? "/" : prefix, O_PATH | O_DIRECTORY);
    if (current >= 0 || errno != ENOENT) {
        if (current < 0) {
            fail(failure, OP_OPEN, prefix);
        }
        return current;
    }
    current = path_open(root, "/", O_PATH | O_DIRECTORY);
    char *at = prefix;
    while (current >= 0 && *at != '\0') {
        at += strspn(at, "/");
        char *end = at + strcspn(at, "/");
        char separator = *end;
        if (end == at) {
            break;
        }
        *end = '\0';
        int next = descend(failure, root, current, prefix, at);
        close(current);
        current = next;
        *end = separator;
        at = end;
    }
    return current;
}

int path_ensure(struct failure *failure, int root, const char *path, bool directory) {
    int fd = path_open(root, path, O_PATH);
    if (fd >= 0) {
        return fd;
    }
    if (errno != ENOENT) {
        fail(failure, OP_OPEN, path);
        return -1;
    }
    char name[256];
    int parent = path_parent(failure, root, path, name);
    if (parent < 0) {
        return -1;
    }
    int made = directory ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0644, 0);
    if (made < 0 && errno != EEXIST) {
        fail(failure, directory ? OP_MKDIR : OP_CREATE, path);
    } else {
        fd = open_name(parent, name, 0);
        if (fd < 0) {
            fail(failure, OP_OPEN, path);
        }
    }
    close(parent);
    return fd;
}
