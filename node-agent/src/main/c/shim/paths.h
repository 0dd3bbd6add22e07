/*
 * Paths below the container's root. All resolution is openat2 with RESOLVE_IN_ROOT and without magic links, and everything
 * is then done by descriptor: a target that is exchanged for a symbolic link meanwhile leads nowhere else.
 */
#ifndef FLOTILLA_PATHS_H
#define FLOTILLA_PATHS_H

#include "failure.h"

/* Opens (close-on-exec) below the root; returns -1 with errno. Links are followed as the container would see them. */
int path_open(int root, const char *path, uint64_t flags);

/* The same, but the path may hold no symbolic link and stay on the root's own mount. */
int path_open_plain(int root, const char *path, uint64_t flags);

/* Opens the directory above the path, making missing ones with mode 755, and gives the last name. -1 after a failure. */
int path_parent(struct failure *failure, int root, const char *path, char name[256]);

/* An O_PATH descriptor of the path, which is made (a directory, or an empty file) when missing. -1 after a failure. */
int path_ensure(struct failure *failure, int root, const char *path, bool directory);

#endif
