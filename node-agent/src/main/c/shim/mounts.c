#define _GNU_SOURCE
#include "child.h"

#include "host.h"
#include "kernel.h"
#include "note.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* Any directory that every host has and everybody may enter; it is covered only in this process's mount namespace. */
#define WORKING_PLACE "/proc"

/* The next mount from the host's helper; when the helper failed, its failure becomes ours. */
static int receive_mount(struct child *child) {
    struct note note;
    int fds[NOTE_MOST_FDS];
    int received = note_receive(child->host, &note, fds);
    if (received == 1 && note.kind == NOTE_MOUNT && fds[0] >= 0) {
        return fds[0];
    }
    if (received == 1 && note.kind == NOTE_FAILED) {
        child->failure = note.failure;
    } else {
        fail_with(&child->failure, OP_RECEIVE, "", received == 0 ? EPIPE : errno);
    }
    return -1;
}

bool propagate(struct child *child, int mount, uint32_t propagation, const char *path) {
    struct k_mount_attr attributes = {.propagation = propagation & ~(uint64_t)MS_REC};
    unsigned int depth = (propagation & MS_REC) != 0 ? K_AT_RECURSIVE : 0;
    return k_mount_setattr(mount, depth, &attributes) == 0 || fail(&child->failure, OP_PROPAGATION, path);
}

/* What the plan wants for the root; 0 if it says nothing. */
static uint32_t root_propagation(const struct child *child) {
    struct step step;
    return plan_find(child->plan, STEP_PIVOT_ROOT, &step) ? take_u32(&step.fields) : 0;
}

/* pivot_root wants a root that is not shared, and parts of one that is unbindable could not be covered. */
static bool waits_for_pivot(uint32_t propagation) {
    return (propagation & (MS_SHARED | MS_UNBINDABLE)) != 0;
}

/* A directory root covers its own directory where it can, so that hooks see the container's mounts below that path. */
bool root_step(struct child *child, const char *directory) {
    int root = receive_mount(child);
    if (root < 0) {
        return false;
    }
    int target = directory == NULL ? -1 : open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0) {
        target = open(WORKING_PLACE, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (target < 0) {
        return fail(&child->failure, OP_OPEN, WORKING_PLACE);
    }
    if (k_move_mount(root, target) < 0) {
        return fail(&child->failure, OP_MOVE_MOUNT, WORKING_PLACE);
    }
    close(target);
    child->root = root;
    uint32_t propagation = root_propagation(child);
    return propagation == 0 || propagate(child, root, waits_for_pivot(propagation) ? MS_PRIVATE | MS_REC : propagation, "/");
}

static bool attach(struct child *child, int mount, int target, const char *path) {
    bool good = target >= 0 && (k_move_mount(mount, target) == 0 || fail(&child->failure, OP_MOVE_MOUNT, path));
    if (target >= 0) {
        close(target);
    }
    return good;
}

bool bind_step(struct child *child, struct span fields) {
    (void)take_text(&fields);
    const char *path = take_text(&fields);
    int mount = receive_mount(child);
    if (mount < 0) {
        return false;
    }
    struct stat source;
    if (fstat(mount, &source) < 0) {
        return fail(&child->failure, OP_STAT, path);
    }
    int target = path_ensure(&child->failure, child->root, path, S_ISDIR(source.st_mode));
    bool good = attach(child, mount, target, path);
    close(mount);
    return good;
}

/* The kernel's own words about a refused option, when it has some: "e tmpfs: Bad value for 'size'". */
static bool refused(struct child *child, int fs, const char *subject) {
    int error = errno;
    char text[160];
    ssize_t length = read(fs, text, sizeof text - 1);
    if (length > 2) {
        size_t end = (size_t)length;
        text[text[end - 1] == '\n' ? end - 1 : end] = '\0';
        subject = text + 2;
    }
    return fail_with(&child->failure, OP_FSCONFIG, subject, error);
}

static bool configure(struct child *child, int fs, const char *option) {
    const char *equals = strchr(option, '=');
    if (equals == NULL) {
        return k_fsconfig(fs, K_FSCONFIG_SET_FLAG, option, NULL) == 0 || refused(child, fs, option);
    }
    char key[64];
    size_t length = (size_t)(equals - option);
    if (length >= sizeof key) {
        return fail_with(&child->failure, OP_FSCONFIG, option, ENAMETOOLONG);
    }
    memcpy(key, option, length);
    key[length] = '\0';
    return k_fsconfig(fs, K_FSCONFIG_SET_STRING, key, equals + 1) == 0 || refused(child, fs, option);
}

static int make_mount(struct child *child, const char *type, const char *source, unsigned int attributes, struct span options) {
    int fs = k_fsopen(type);
    if (fs < 0) {
        fail(&child->failure, OP_FSOPEN, type);
        return -1;
    }
    bool good = source[0] == '\0' || k_fsconfig(fs, K_FSCONFIG_SET_STRING, "source", source) == 0 ||
                refused(child, fs, source);
    uint32_t count = take_u32(&options);
    for (uint32_t i = 0; good && i < count; i++) {
        good = configure(child, fs, take_text(&options));
    }
    good = good && (k_fsconfig(fs, K_FSCONFIG_CMD_CREATE, NULL, NULL) == 0 || refused(child, fs, type));
    int mount = -1;
    if (good) {
        mount = k_fsmount(fs, attributes);
        if (mount < 0) {
            fail(&child->failure, OP_FSMOUNT, type);
        }
    }
    close(fs);
    return mount;
}

/*
 * procfs and sysfs go only onto a directory of the root itself: an image whose /proc is a symbolic link, or a volume on
 * /proc, could else feign what the later steps rely on.
 */
static int plain_target(struct child *child, const char *path) {
    int ensured = path_ensure(&child->failure, child->root, path, true);
    if (ensured < 0) {
        return -1;
    }
    close(ensured);
    int target = path_open_plain(child->root, path, O_PATH | O_DIRECTORY);
    if (target < 0) {
        fail(&child->failure, errno == ELOOP || errno == EXDEV ? OP_UNSAFE_TARGET : OP_OPEN, path);
    }
    return target;
}

/* The new file system begins with what it is going to hide. */
static bool fill(struct child *child, int target, int mount, uint32_t attributes, const char *path) {
    int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0) {
        return fail(&child->failure, OP_OPEN, path);
    }
    int into = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = into >= 0 ? copy_up(&child->failure, from, into) : fail(&child->failure, OP_OPEN, path);
    close(from);
    close(into);
    struct k_mount_attr read_only = {.attr_set = attributes & K_MOUNT_ATTR_RDONLY};
    return good && (k_mount_setattr(mount, 0, &read_only) == 0 || fail(&child->failure, OP_MOUNT_ATTRIBUTES, path));
}

bool file_system_step(struct child *child, struct span fields) {
    const char *type = take_text(&fields);
    const char *source = take_text(&fields);
    const char *path = take_text(&fields);
    uint32_t attributes = take_u32(&fields);
    uint32_t propagation = take_u32(&fields);
    bool copied = take_u32(&fields) != 0;
    bool plain = strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0;
    int target = plain ? plain_target(child, path) : path_ensure(&child->failure, child->root, path, true);
    if (target < 0) {
        return false;
    }
    int mount = make_mount(child, type, source, copied ? attributes & ~K_MOUNT_ATTR_RDONLY : attributes, fields);
    bool good = mount >= 0 && (!copied || fill(child, target, mount, attributes, path));
    if (!good) {
        close(target);
        return false;
    }
    if (!attach(child, mount, target, path) || !propagate(child, mount, propagation, path)) {
        return false;
    }
    if (strcmp(type, "proc") == 0) {
        child->proc = mount;
    } else if (strcmp(type, "devpts") == 0) {
        child->devpts = mount;
    } else {
        close(mount);
    }
    return true;
}

/* Opens a path to be covered; -1 with ENOENT is no failure. What is named below /proc must really be procfs. */
static int open_covered(struct child *child, const char *path) {
    int fd = path_open(child->root, path, O_PATH);
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            fail(&child->failure, OP_OPEN, path);
            return -1;
        }
        errno = ENOENT;
        return -1;
    }
    struct statfs system;
    if (strncmp(path, "/proc/", 6) == 0 && (fstatfs(fd, &system) < 0 || system.f_type != K_PROC_SUPER_MAGIC)) {
        fail_with(&child->failure, OP_WRONG_FILE_SYSTEM, path, EXDEV);
        close(fd);
        errno = EXDEV;
        return -1;
    }
    return fd;
}

static int empty_directory(struct child *child) {
    static const uint8_t no_options[4] = {0};
    struct span options = {no_options, no_options + sizeof no_options};
    return make_mount(child, "tmpfs", "", K_MOUNT_ATTR_RDONLY | K_MOUNT_ATTR_NOSUID | K_MOUNT_ATTR_NODEV, options);
}

bool masked_path_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    int target = open_covered(child, path);
    if (target < 0) {
        return errno == ENOENT;
    }
    struct stat status;
    if (fstat(target, &status) < 0) {
        return fail(&child->failure, OP_STAT, path);
    }
    int cover;
    if (S_ISDIR(status.st_mode)) {
        cover = empty_directory(child);
    } else {
        cover = k_open_tree(child->null, "", K_OPEN_TREE_CLONE | K_AT_EMPTY_PATH);
        if (cover < 0) {
            fail(&child->failure, OP_OPEN_TREE, "/dev/null");
        } else if (!propagate(child, cover, MS_PRIVATE, path)) {
            close(cover);
            cover = -1;
        }
    }
    if (cover < 0) {
        close(target);
        return false;
    }
    bool good = attach(child, cover, target, path);
    close(cover);
    return good;
}

bool read_only_path_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    int target = open_covered(child, path);
    if (target < 0) {
        return errno == ENOENT;
    }
    int mount = k_open_tree(target, "", K_OPEN_TREE_CLONE | K_AT_EMPTY_PATH | K_AT_RECURSIVE);
    if (mount < 0) {
        close(target);
        return fail(&child->failure, OP_OPEN_TREE, path);
    }
    struct k_mount_attr attributes = {.attr_set = K_MOUNT_ATTR_RDONLY};
    bool good = k_mount_setattr(mount, K_AT_RECURSIVE, &attributes) == 0 ||
                fail(&child->failure, OP_MOUNT_ATTRIBUTES, path);
    if (good) {
        good = attach(child, mount, target, path);
    } else {
        close(target);
    }
    close(mount);
    return good;
}

bool read_only_root_step(struct child *child) {
    struct k_mount_attr attributes = {.attr_set = K_MOUNT_ATTR_RDONLY};
    return k_mount_setattr(child->root, 0, &attributes) == 0 || fail(&child->failure, OP_MOUNT_ATTRIBUTES, "/");
}

bool remount_step(struct child *child, struct span fields) {
    const char *path = take_text(&fields);
    int mount = path_open(child->root, path, O_PATH);
    if (mount < 0) {
        return fail(&child->failure, OP_OPEN, path);
    }
    bool good = set_attributes(mount, &fields) || fail(&child->failure, OP_MOUNT_ATTRIBUTES, path);
    close(mount);
    return good;
}

/* The old root ends up stacked on the new one, which needs no directory to put it in, and is then detached. */
bool pivot_root_step(struct child *child, struct span fields) {
    uint32_t propagation = take_u32(&fields);
    if (fchdir(child->root) < 0 || k_pivot_root(".", ".") < 0) {
        return fail(&child->failure, OP_PIVOT_ROOT, "");
    }
    if (umount2(".", MNT_DETACH) < 0) {
        return fail(&child->failure, OP_UMOUNT, "the host's root");
    }
    if (chdir("/") < 0) {
        return fail(&child->failure, OP_CHDIR, "/");
    }
    return !waits_for_pivot(propagation) || mount(NULL, "/", NULL, propagation, NULL) == 0 ||
           fail(&child->failure, OP_PROPAGATION, "/");
}
