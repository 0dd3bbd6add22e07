/*
 * A seccomp filter whose questions somebody outside answers. From the moment it is loaded the process may be stopped at any
 * system call, so it cannot send the listener away itself: it notes the number in memory that it shares with a helper of the
 * shim's, which fetches the descriptor, sends it to the agent's socket and says so in the same place.
 */
#ifndef FLOTILLA_LISTENER_H
#define FLOTILLA_LISTENER_H

#include "child.h"
#include "plan.h"

#include <sys/types.h>

#define SECCOMP_MODE_FILTER_OPERATION 1u
#define SECCOMP_NEW_LISTENER 8u

struct filter_program {
    unsigned short length;
    const void *instructions;
};

/* The process's side: loads the filter; returns when the listener is where it belongs. */
bool listener_load(struct child *child, uint32_t flags, const struct filter_program *program);

/* The shim's side: starts the helper for the memory that came with NOTE_LISTENER, and closes that. */
void listener_serve(const struct plan *plan, pid_t pid, int pidfd, int memory);

#endif
