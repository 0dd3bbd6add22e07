#define _GNU_SOURCE
#include "child.h"

#include "kernel.h"
#include "note.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static bool is_device(int fd, bool block, unsigned int major_number, unsigned int minor_number) {
    struct stat status;
    return fstat(fd, &status) == 0 && (block ? S_ISBLK(status.st_mode) : S_ISCHR(status.st_mode)) &&
           status.st_rdev == makedev(major_number, minor_number);
}

bool open_null(struct child *child) {
    child->null = open("/dev/null", O_PATH | O_CLOEXEC | O_NOFOLLOW);
    if (child->null < 0) {
        return fail(&child->failure, OP_OPEN, "/dev/null");
    }
    return is_device(child->null, false, 1, 3) || fail_with(&child->failure, OP_WRONG_DEVICE, "/dev/null", ENODEV);
}

static bool bind_node(struct child *child, int source, const char *path) {
    int mount = k_open_tree(source, "", K_OPEN_TREE_CLONE | K_AT_EMPTY_PATH);
    if (mount < 0) {
        return fail(&child->failure, OP_OPEN_TREE, path);
    }
    int target = propagate(child, mount, MS_PRIVATE, path) ? path_ensure(&child->failure, child->root, path, false) : -1;
    bool good = target >= 0 && (k_move_mount(mount, target) == 0 || fail(&child->failure, OP_MOVE_MOUNT, path));
    if (target >= 0) {
        close(target);
    }
    close(mount);
    return good;
}

struct device {
    const char *path;
    mode_t type; /* S_IFCHR, S_IFBLK or S_IFIFO */
    unsigned int major_number;
    unsigned int minor_number;
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

static bool bind_device(struct child *child, const struct device *device) {
    int source = open(device->path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
    if (source < 0) {
        return fail(&child->failure, OP_OPEN, device->path);
    }
    bool good = is_device(source, device->type == S_IFBLK, device->major_number, device->minor_number)
                    ? bind_node(child, source, device->path)
                    : fail_with(&child->failure, OP_WRONG_DEVICE, device->path, ENODEV);
    close(source);
    return good;
}

static bool make_device(struct child *child, const struct device *device) {
    char name[256];
    int parent = path_parent(&child->failure, child->root, device->path, name);
    if (parent < 0) {
        return false;
    }
    dev_t number = makedev(device->major_number, device->minor_number);
    bool good = true;
    if (mknodat(parent, name, device->type | device->mode, number) < 0) {
        struct stat present;
        int error = errno;
        if (error != EEXIST) {
            good = fail(&child->failure, OP_MKNOD, device->path);
        } else if (fstatat(parent, name, &present, AT_SYMLINK_NOFOLLOW) < 0 || (present.st_mode & S_IFMT) != device->type ||
                   (device->type != S_IFIFO && present.st_rdev != number)) {
            good = fail_with(&child->failure, OP_EXISTS, device->path, EEXIST);
        }
    } else if (fchownat(parent, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW) < 0) {
        good = fail(&child->failure, OP_CHOWN, device->path);
    }
    close(parent);
    return good;
}

bool device_step(struct child *child, struct span fields) {
    struct device device = {.path = take_text(&fields)};
    static const mode_t types[] = {S_IFCHR, S_IFBLK, S_IFIFO};
    device.type = types[take_u32(&fields) % 3];
    device.major_number = take_u32(&fields);
    device.minor_number = take_u32(&fields);
    device.mode = take_u32(&fields);
    device.uid = take_u32(&fields);
    device.gid = take_u32(&fields);
    return take_u32(&fields) != 0 ? bind_device(child, &device) : make_device(child, &device);
}

bool link_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    const char *content = take_text(&fields);
    char name[256];
    int parent = path_parent(&child->failure, child->root, path, name);
    if (parent < 0) {
        return false;
    }
    bool good = true;
    if (symlinkat(content, parent, name) < 0) {
        int error = errno;
        char present[256];
        ssize_t length = readlinkat(parent, name, present, sizeof present);
        good = error == EEXIST && length >= 0 && (size_t)length == strlen(content) &&
               memcmp(present, content, (size_t)length) == 0;
        if (!good) {
            fail_with(&child->failure, OP_SYMLINK, path, error);
        }
    }
    close(parent);
    return good;
}

static bool become_stdio(struct child *child, int fd, int number) {
    return dup2(fd, number) >= 0 || fail(&child->failure, OP_DUP, "");
}

static bool send_streams(struct child *child, const int *fds, int count, int value) {
    struct note note = {.kind = NOTE_STREAMS, .value = value};
    return note_send(child->shim, &note, fds, count) || fail(&child->failure, OP_SEND, "");
}

/* The pipes are made here, inside the user namespace, so that the container's user can own and reopen them. */
static bool make_pipes(struct child *child, bool with_input) {
    int out[2];
    int err[2];
    int in[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || (with_input && pipe2(in, O_CLOEXEC) < 0)) {
        return fail(&child->failure, OP_PIPE, "");
    }
    int ours[NOTE_MOST_FDS] = {out[0], err[0], in[1]};
    if (!become_stdio(child, out[1], 1) || !become_stdio(child, err[1], 2) ||
        (with_input && !become_stdio(child, in[0], 0)) || !send_streams(child, ours, with_input ? 3 : 2, 0)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        close(out[i]);
        close(err[i]);
        if (with_input) {
            close(in[i]);
        }
    }
    child->pipes_in = with_input;
    return true;
}

static int open_multiplexer(struct child *child) {
    int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
    int fd = child->devpts >= 0 ? openat(child->devpts, "ptmx", flags)
                                : path_open(child->root, "/dev/pts/ptmx", (uint64_t)flags);
    if (fd < 0) {
        fail(&child->failure, OP_PTY, "/dev/pts/ptmx");
        return -1;
    }
    struct statfs system;
    if (!is_device(fd, false, 5, 2) || fstatfs(fd, &system) < 0 || system.f_type != K_DEVPTS_SUPER_MAGIC) {
        fail_with(&child->failure, OP_WRONG_DEVICE, "/dev/pts/ptmx", ENODEV);
        close(fd);
        return -1;
    }
    return fd;
}

/* Makes the terminal, gives its master to the shim and its other end to 0, 1 and 2. */
static bool make_terminal(struct child *child) {
    int master = open_multiplexer(child);
    if (master < 0) {
        return false;
    }
    int unlocked = 0;
    if (ioctl(master, TIOCSPTLCK, &unlocked) < 0) {
        return fail(&child->failure, OP_PTY, "unlock");
    }
    /* By descriptor: the path of the other end could be something else by now. */
    int peer = ioctl(master, K_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (peer < 0) {
        return fail(&child->failure, OP_PTY, "other end");
    }
    if (ioctl(peer, TIOCSCTTY, 0) < 0) {
        return fail(&child->failure, OP_CONTROLLING_TTY, "");
    }
    bool good = become_stdio(child, peer, 0) && become_stdio(child, peer, 1) && become_stdio(child, peer, 2) &&
                send_streams(child, &master, 1, 1);
    close(master);
    close(peer);
    child->terminal = good;
    return good;
}

bool stdio_step(struct child *child, struct span fields) {
    bool terminal = take_u32(&fields) != 0;
    bool input = take_u32(&fields) != 0;
    if (!terminal) {
        return child->handed_over || make_pipes(child, input);
    }
    /* A container's terminal comes from its own devpts, which is yet to be mounted: console_step makes it. */
    return child->plan->kind == PLAN_CONTAINER || make_terminal(child);
}

bool console_step(struct child *child) {
    return make_terminal(child) && bind_node(child, 0, "/dev/console");
}

bool sysctl_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    const char *value = take_text(&fields);
    char full[256];
    int length = snprintf(full, sizeof full, "sys/%s", path);
    if (length < 0 || (size_t)length >= sizeof full) {
        return fail_with(&child->failure, OP_OPEN, path, ENAMETOOLONG);
    }
    /* By the descriptor of the procfs that this plan mounted, whatever lies on /proc. */
    uint64_t resolve = K_RESOLVE_BENEATH | K_RESOLVE_NO_XDEV | K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_MAGICLINKS;
    int fd = k_openat2(child->proc, full, O_WRONLY | O_CLOEXEC, 0, resolve);
    if (fd < 0) {
        return fail(&child->failure, OP_OPEN, path);
    }
    size_t bytes = strlen(value);
    bool good = write(fd, value, bytes) == (ssize_t)bytes || fail(&child->failure, OP_WRITE, path);
    close(fd);
    return good;
}
