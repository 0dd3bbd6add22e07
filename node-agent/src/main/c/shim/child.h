/*
 * The process that becomes the container's init (or an exec'd process): it works through the plan in the namespaces that
 * it was cloned into, says that it is ready, waits for the start, and executes the program.
 */
#ifndef FLOTILLA_CHILD_H
#define FLOTILLA_CHILD_H

#include "failure.h"
#include "plan.h"

#include <sys/types.h>

struct child {
    const struct plan *plan;
    int shim;    /* notes with the shim; after the word to start, with whoever gave it */
    int host;    /* mounts from the host's helper; -1 in an exec */
    int root;    /* the container's root directory */
    int proc;    /* the procfs that this plan mounted, or -1 */
    int devpts;  /* the devpts that this plan mounted, or -1 */
    int null;    /* /dev/null, checked to be that device */
    bool terminal;
    bool pipes_in;
    bool handed_over;
    bool started; /* by somebody else than the shim */
    struct hand_over how;
    struct step filter; /* a seccomp program that waits for the last moment; code 0 without one */
    struct failure failure;
};

/* Descriptors that the process needs, by the number that they get; -1: none. */
enum { SHIM_SOCKET = 3, HOST_SOCKET, START_SOCKET, FIRST_FREE };
struct sockets {
    int fds[FIRST_FREE - SHIM_SOCKET];
};

/* Never returns. The sockets are moved to their numbers and everything else but 0, 1, 2 and what is kept is closed. */
_Noreturn void child_run(const struct plan *plan, const struct sockets *sockets, uint32_t created);

/* mounts.c */
bool propagate(struct child *child, int mount, uint32_t propagation, const char *path);
bool root_step(struct child *child, const char *directory);
bool bind_step(struct child *child, struct span fields);
bool file_system_step(struct child *child, struct span fields);
bool masked_path_step(struct child *child, struct span fields);
bool read_only_path_step(struct child *child, struct span fields);
bool read_only_root_step(struct child *child);
bool remount_step(struct child *child, struct span fields);
bool pivot_root_step(struct child *child, struct span fields);

/* nodes.c */
bool open_null(struct child *child);
bool device_step(struct child *child, struct span fields);
bool link_step(struct child *child, struct span fields);
bool stdio_step(struct child *child, struct span fields);
bool console_step(struct child *child);
bool sysctl_step(struct child *child, struct span fields);

/* identity.c */
bool become_root(struct child *child);
bool working_directory_step(struct child *child, struct span fields);
bool identity_step(struct child *child, struct span fields);
bool capabilities_step(struct child *child, struct span fields);
bool no_new_privileges_step(struct child *child);
bool seccomp_step(struct child *child, struct span fields);
bool security_label_step(struct child *child, struct span fields);
bool personality_step(struct child *child, struct span fields);
bool memory_policy_step(struct child *child, struct span fields);

/* execute.c */
bool execute_step(struct child *child, struct span fields);

/* A NULL-terminated array of the list's texts, or NULL with errno; the span moves behind the list. */
char **texts(struct span *span);

/* copyup.c: what is in one directory (and the directory's own mode and owner) also into another. */
bool copy_up(struct failure *failure, int from, int into);

/* hooks.c */
enum hook_phase { HOOK_CREATE_CONTAINER, HOOK_START_CONTAINER };
bool hook_step(struct child *child, struct span fields, enum hook_phase now);
bool start_hooks(struct child *child);

#endif
