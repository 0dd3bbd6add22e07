/*
 * The launch plan. All numbers are little-endian:
 *
 *   u32 magic "FLPL", u16 version, u16 kind (0 container, 1 exec), u32 number of steps, u32 length of the whole
 *   per step: u32 code, u32 length of its fields, fields
 *
 * Fields: u32, u64, text (u32 length, bytes, a zero byte), list (u32 count, texts), blob (u32 length, bytes).
 * The plan comes from the agent, never from an image; still it is checked once as a whole, and read without further
 * checks from then on.
 */
#ifndef FLOTILLA_PLAN_H
#define FLOTILLA_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAN_MAGIC 0x4c504c46u
#define PLAN_VERSION 1u

enum plan_kind { PLAN_CONTAINER = 0, PLAN_EXEC = 1 };

enum step_code {
    STEP_NAMESPACES = 1,
    STEP_ID_MAPS,
    STEP_STDIO,
    STEP_LOG,
    STEP_JOIN_CGROUP,
    STEP_OOM_SCORE,
    STEP_RESOURCE_LIMIT,
    STEP_OVERLAY_ROOT,
    STEP_DIRECTORY_ROOT,
    STEP_BIND,
    STEP_FILE_SYSTEM,
    STEP_DEVICE,
    STEP_LINK,
    STEP_CONSOLE,
    STEP_MASKED_PATH,
    STEP_READ_ONLY_PATH,
    STEP_READ_ONLY_ROOT,
    STEP_PIVOT_ROOT,
    STEP_SYSCTL,
    STEP_HOST_NAME,
    STEP_DOMAIN_NAME,
    STEP_WORKING_DIRECTORY,
    STEP_UMASK,
    STEP_IDENTITY,
    STEP_CAPABILITIES,
    STEP_NO_NEW_PRIVILEGES,
    STEP_SECCOMP,
    STEP_SECURITY_LABEL,
    STEP_IO_PRIORITY,
    STEP_SCHEDULER,
    STEP_EXECUTE,
    STEP_REMOUNT = 40,
    STEP_TIME_OFFSETS,
    STEP_PERSONALITY,
    STEP_CPU_AFFINITY,
    STEP_MEMORY_POLICY,
    STEP_CHECKPOINT,
    STEP_HOOK,
    STEP_HAND_OVER,
    STEP_LISTENER,
    STEP_END,
};

/* Where a plan that hands its process over finds the descriptors that the program shall have as 3, 4, ... */
#define KEPT_FD 8

struct span {
    const uint8_t *at;
    const uint8_t *end;
};

struct plan {
    struct span steps;
    enum plan_kind kind;
};

struct step {
    uint32_t number;
    uint32_t code;
    struct span fields;
};

struct cursor {
    struct span rest;
    uint32_t next;
};

/* Checks magic, version, bounds and every field of every step. The bytes must outlive the plan. */
bool plan_open(struct plan *plan, const uint8_t *bytes, size_t length);

struct cursor plan_steps(const struct plan *plan);
bool plan_next(struct cursor *cursor, struct step *step);

/* Finds the first step of that code. */
bool plan_find(const struct plan *plan, enum step_code code, struct step *step);

/* What the step of that name says. */
struct hand_over {
    uint32_t kept;       /* descriptors from KEPT_FD on */
    uint32_t namespaces; /* in an exec: those to enter */
    bool new_keyring;
};

/* Whether the process becomes somebody else's, who also gave its standard streams. */
bool plan_hands_over(const struct plan *plan, struct hand_over *how);

/* These take the next field; only on spans of a checked plan. */
uint32_t take_u32(struct span *span);
uint64_t take_u64(struct span *span);
const char *take_text(struct span *span);
struct span take_blob(struct span *span);

#endif
