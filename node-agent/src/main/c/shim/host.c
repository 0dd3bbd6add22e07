#define _GNU_SOURCE
#include "host.h"

#include "kernel.h"
#include "launch.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* fsconfig(2) takes values of up to 255 bytes. */
#define LONGEST_OPTION 255
#define MOST_SHARED 64

struct host {
    const char *place;
    int socket;
    int user_namespace;
    int work;
    int shared[MOST_SHARED]; /* clones of the sources whose mount events shall also travel to the host */
    unsigned int shared_count;
    unsigned int shared_taken;
    struct failure failure;
};

static bool idmap_as(struct host *host, int user_namespace, int mount, unsigned int flags, const char *subject) {
    struct k_mount_attr attributes = {.attr_set = K_MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)user_namespace};
    return k_mount_setattr(mount, flags, &attributes) == 0 || fail(&host->failure, OP_IDMAP, subject);
}

static bool idmap(struct host *host, int mount, unsigned int flags, const char *subject) {
    return idmap_as(host, host->user_namespace, mount, flags, subject);
}

/* A user namespace with these maps in which nothing runs: the kernel takes a mount's map from nothing else. */
static int mapping(struct host *host, const char *uids, const char *gids) {
    struct k_clone_args arguments = {.flags = K_CLONE_NEWUSER, .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        for (;;) {
            (void)pause();
        }
    }
    if (pid < 0) {
        (void)fail(&host->failure, OP_CLONE, "user namespace");
        return -1;
    }
    int fd = -1;
    if (write_proc(pid, "uid_map", uids, &host->failure) && write_proc(pid, "gid_map", gids, &host->failure)) {
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            (void)fail(&host->failure, OP_OPEN, path);
        }
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return fd;
}

/* how: 0 not at all, 1 the mount, 2 those below too. Without maps of its own it gets the container's. */
static bool map_bind(struct host *host, int mount, uint32_t how, struct span maps, const char *subject) {
    const char *uids = take_text(&maps);
    const char *gids = take_text(&maps);
    unsigned int depth = how == 2 ? K_AT_RECURSIVE : 0;
    if (how == 0 || uids[0] == '\0') {
        return how == 0 || host->user_namespace < 0 || idmap(host, mount, depth, subject);
    }
    int user_namespace = mapping(host, uids, gids);
    bool good = user_namespace >= 0 && idmap_as(host, user_namespace, mount, depth, subject);
    if (user_namespace >= 0) {
        close(user_namespace);
    }
    return good;
}

bool set_attributes(int mount, struct span *fields) {
    for (int depth = 0; depth < 2; depth++) {
        struct k_mount_attr attributes = {.attr_set = take_u32(fields)};
        attributes.attr_clr = take_u32(fields);
        /* The three times of access are one field for the kernel, which is set or cleared as a whole. */
        if (((attributes.attr_set | attributes.attr_clr) & K_MOUNT_ATTR_ATIME) != 0) {
            attributes.attr_clr |= K_MOUNT_ATTR_ATIME;
        }
        bool wanted = attributes.attr_set != 0 || attributes.attr_clr != 0;
        if (wanted && k_mount_setattr(mount, depth == 0 ? 0 : K_AT_RECURSIVE, &attributes) < 0) {
            return false;
        }
    }
    return true;
}

static bool send_mount(struct host *host, int mount) {
    struct note note = {.kind = NOTE_MOUNT};
    bool sent = note_send(host->socket, &note, &mount, 1) || fail(&host->failure, OP_SEND, "");
    close(mount);
    return sent;
}

/*
 * Overlayfs takes attached mounts only (before Linux 6.15), and as few characters as possible: so a tmpfs holds the
 * idmapped mount of the layers' parent at "m" and a short symbolic link for everything that is named.
 */
static bool working_place(struct host *host) {
    int fs = k_fsopen("tmpfs");
    if (fs < 0 || k_fsconfig(fs, K_FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
        return fail(&host->failure, OP_FSOPEN, "tmpfs");
    }
    int mount = k_fsmount(fs, 0);
    close(fs);
    int target = open(host->place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mount < 0 || target < 0) {
        return fail(&host->failure, OP_OPEN, host->place);
    }
    if (k_move_mount(mount, target) < 0) {
        return fail(&host->failure, OP_MOVE_MOUNT, host->place);
    }
    close(target);
    host->work = mount;
    if (fchdir(mount) < 0) {
        return fail(&host->failure, OP_CHDIR, host->place);
    }
    return mkdir("m", 0755) == 0 || fail(&host->failure, OP_MKDIR, "m");
}

static bool attach_layers(struct host *host, const char *parent, bool idmapped) {
    int layers = k_open_tree(AT_FDCWD, parent, K_OPEN_TREE_CLONE);
    if (layers < 0) {
        return fail(&host->failure, OP_OPEN_TREE, parent);
    }
    if (idmapped && !idmap(host, layers, 0, parent)) {
        return false;
    }
    int target = open("m", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0 || k_move_mount(layers, target) < 0) {
        return fail(&host->failure, OP_MOVE_MOUNT, parent);
    }
    close(target);
    close(layers);
    return true;
}

static bool link_layer(struct host *host, unsigned int number, const char *layer) {
    char content[512];
    char name[12];
    int length = snprintf(content, sizeof content, "m/%s", layer);
    if (length < 0 || (size_t)length >= sizeof content) {
        return fail_with(&host->failure, OP_SYMLINK, layer, ENAMETOOLONG);
    }
    (void)snprintf(name, sizeof name, "%u", number);
    return symlink(content, name) == 0 || fail(&host->failure, OP_SYMLINK, layer);
}

static bool option(struct host *host, int fs, const char *key, const char *value) {
    if (k_fsconfig(fs, K_FSCONFIG_SET_STRING, key, value) < 0) {
        char subject[64];
        (void)snprintf(subject, sizeof subject, "overlay %s", key);
        return fail(&host->failure, OP_FSCONFIG, subject);
    }
    return true;
}

/* One string where it fits, since kernels before 6.7 know nothing else; above a hundred layers one by one. */
static bool lower_option(struct host *host, int fs, uint32_t count) {
    char value[LONGEST_OPTION + 1];
    size_t used = 0;
    for (uint32_t i = 0; i < count && used < sizeof value; i++) {
        int more = snprintf(value + used, sizeof value - used, i == 0 ? "%u" : ":%u", i);
        used += more < 0 ? sizeof value : (size_t)more;
    }
    if (used < sizeof value) {
        return option(host, fs, "lowerdir", value);
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(value, sizeof value, "%u", i);
        if (!option(host, fs, "lowerdir+", value)) {
            return false;
        }
    }
    return true;
}

static bool overlay(struct host *host, struct span fields) {
    const char *parent = take_text(&fields);
    uint32_t count = take_u32(&fields);
    struct span names = fields;
    for (uint32_t i = 0; i < count; i++) {
        (void)take_text(&fields);
    }
    const char *upper = take_text(&fields);
    const char *work = take_text(&fields);
    bool idmapped = take_u32(&fields) != 0 && host->user_namespace >= 0;
    if (!working_place(host) || !attach_layers(host, parent, idmapped)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!link_layer(host, i, take_text(&names))) {
            return false;
        }
    }
    if (symlink(upper, "u") < 0 || symlink(work, "w") < 0) {
        return fail(&host->failure, OP_SYMLINK, upper);
    }
    int fs = k_fsopen("overlay");
    if (fs < 0) {
        return fail(&host->failure, OP_FSOPEN, "overlay");
    }
    if (!option(host, fs, "source", "overlay") || !lower_option(host, fs, count) || !option(host, fs, "upperdir", "u") ||
        !option(host, fs, "workdir", "w")) {
        return false;
    }
    if (k_fsconfig(fs, K_FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
        return fail(&host->failure, OP_FSCONFIG, upper);
    }
    int mount = k_fsmount(fs, 0);
    close(fs);
    if (mount < 0) {
        return fail(&host->failure, OP_FSMOUNT, "overlay");
    }
    return send_mount(host, mount);
}

static bool directory_root(struct host *host, struct span fields) {
    const char *path = take_text(&fields);
    bool idmapped = take_u32(&fields) != 0 && host->user_namespace >= 0;
    int mount = k_open_tree(AT_FDCWD, path, K_OPEN_TREE_CLONE | K_AT_RECURSIVE);
    if (mount < 0) {
        return fail(&host->failure, OP_OPEN_TREE, path);
    }
    if (idmapped && !idmap(host, mount, 0, path)) {
        return false;
    }
    return send_mount(host, mount);
}

static bool bind_source(struct host *host, struct span fields) {
    const char *source = take_text(&fields);
    (void)take_text(&fields);
    unsigned int recursive = take_u32(&fields) != 0 ? K_AT_RECURSIVE : 0;
    uint32_t idmapped = take_u32(&fields);
    struct span attributes = fields;
    for (int skipped = 0; skipped < 4; skipped++) {
        (void)take_u32(&fields);
    }
    uint32_t propagation = take_u32(&fields);
    bool shared = (propagation & MS_SHARED) != 0;
    int mount = shared ? host->shared[host->shared_taken++]
                       : k_open_tree(AT_FDCWD, source, K_OPEN_TREE_CLONE | recursive);
    if (mount < 0) {
        return fail(&host->failure, OP_OPEN_TREE, source);
    }
    if (!map_bind(host, mount, idmapped, fields, source)) {
        return false;
    }
    if (!set_attributes(mount, &attributes)) {
        return fail(&host->failure, OP_MOUNT_ATTRIBUTES, source);
    }
    struct k_mount_attr events = {.propagation = propagation & ~(uint64_t)MS_REC};
    if (k_mount_setattr(mount, (propagation & MS_REC) != 0 ? K_AT_RECURSIVE : 0, &events) < 0) {
        return fail(&host->failure, OP_PROPAGATION, source);
    }
    return send_mount(host, mount);
}

/* While this namespace's mounts are still peers of the host's; a moment later they only follow those. */
static bool clone_shared(struct host *host, const struct plan *plan) {
    struct cursor cursor = plan_steps(plan);
    struct step step;
    while (plan_next(&cursor, &step)) {
        if (step.code != STEP_BIND) {
            continue;
        }
        const char *source = take_text(&step.fields);
        (void)take_text(&step.fields);
        unsigned int recursive = take_u32(&step.fields) != 0 ? K_AT_RECURSIVE : 0;
        for (int skipped = 0; skipped < 5; skipped++) {
            (void)take_u32(&step.fields);
        }
        if ((take_u32(&step.fields) & MS_SHARED) == 0) {
            continue;
        }
        host->failure.step = step.number;
        if (host->shared_count == MOST_SHARED) {
            return fail_with(&host->failure, OP_OPEN_TREE, source, E2BIG);
        }
        int mount = k_open_tree(AT_FDCWD, source, K_OPEN_TREE_CLONE | recursive);
        if (mount < 0) {
            return fail(&host->failure, OP_OPEN_TREE, source);
        }
        host->shared[host->shared_count++] = mount;
    }
    return true;
}

static bool prepare(struct host *host, const struct plan *plan) {
    if (unshare(CLONE_NEWNS) < 0) {
        return fail(&host->failure, OP_UNSHARE, "mount namespace");
    }
    if (!clone_shared(host, plan)) {
        return false;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
        return fail(&host->failure, OP_PROPAGATION, "/");
    }
    struct cursor cursor = plan_steps(plan);
    struct step step;
    bool good = true;
    while (good && plan_next(&cursor, &step)) {
        host->failure.step = step.number;
        if (step.code == STEP_OVERLAY_ROOT) {
            good = overlay(host, step.fields);
        } else if (step.code == STEP_DIRECTORY_ROOT) {
            good = directory_root(host, step.fields);
        } else if (step.code == STEP_BIND) {
            good = bind_source(host, step.fields);
        }
    }
    return good;
}

pid_t host_start(const struct plan *plan, int socket, const char *place, int user_namespace) {
    struct k_clone_args arguments = {.exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(K_SYS_clone3, &arguments, sizeof arguments);
    if (pid != 0) {
        return pid;
    }
    struct host host = {
        .place = place, .socket = socket, .user_namespace = user_namespace, .work = -1, .failure = {.step = NO_STEP}};
    if (!prepare(&host, plan)) {
        struct note note = {.kind = NOTE_FAILED, .failure = host.failure};
        (void)note_send(socket, &note, NULL, 0);
    }
    _exit(0);
}
