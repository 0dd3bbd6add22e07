#define _GNU_SOURCE
#include "host.h"

#include "kernel.h"
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* fsconfig(2) takes values of up to 255 bytes. */
#define LONGEST_OPTION 255

struct host {
    const char *place;
    int socket;
    int user_namespace;
    int work;
    struct failure failure;
};

static bool idmap(struct host *host, int mount, unsigned int flags, const char *subject) {
    struct k_mount_attr attributes = {.attr_set = K_MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)host->user_namespace};
    return k_mount_setattr(mount, flags, &attributes) == 0 || fail(&host->failure, OP_IDMAP, subject);
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
    bool idmapped = take_u32(&fields) != 0 && host->user_namespace >= 0;
    struct k_mount_attr attributes = {0};
    attributes.attr_set = take_u32(&fields);
    attributes.attr_clr = take_u32(&fields);
    unsigned int below = take_u32(&fields) != 0 ? K_AT_RECURSIVE : 0;
    uint32_t propagation = take_u32(&fields);
    int mount = k_open_tree(AT_FDCWD, source, K_OPEN_TREE_CLONE | recursive);
    if (mount < 0) {
        return fail(&host->failure, OP_OPEN_TREE, source);
    }
    if (idmapped && !idmap(host, mount, recursive, source)) {
        return false;
    }
    if ((attributes.attr_set & K_MOUNT_ATTR_ATIME) != 0) {
        attributes.attr_clr |= K_MOUNT_ATTR_ATIME;
    }
    if ((attributes.attr_set != 0 || attributes.attr_clr != 0) && k_mount_setattr(mount, below, &attributes) < 0) {
        return fail(&host->failure, OP_MOUNT_ATTRIBUTES, source);
    }
    struct k_mount_attr events = {.propagation = propagation & ~(uint64_t)MS_REC};
    if (k_mount_setattr(mount, (propagation & MS_REC) != 0 ? K_AT_RECURSIVE : 0, &events) < 0) {
        return fail(&host->failure, OP_PROPAGATION, source);
    }
    return send_mount(host, mount);
}

static bool prepare(struct host *host, const struct plan *plan) {
    if (unshare(CLONE_NEWNS) < 0) {
        return fail(&host->failure, OP_UNSHARE, "mount namespace");
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
