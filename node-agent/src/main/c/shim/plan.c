#include "plan.h"

#include <string.h>

#define HEADER_BYTES 16u

/* The fields of each step: u and U numbers of 32 and 64 bits, t text, l list of texts, b blob, g list of u32, n list of (u32, text). */
static const char *fields_of(uint32_t code) {
    switch ((enum step_code)code) {
    case STEP_NAMESPACES: return "un";
    case STEP_ID_MAPS: return "tt";
    case STEP_STDIO: return "uuuu";
    case STEP_LOG: return "uU";
    case STEP_JOIN_CGROUP: return "t";
    case STEP_OOM_SCORE: return "t";
    case STEP_RESOURCE_LIMIT: return "uUU";
    case STEP_OVERLAY_ROOT: return "tlttu";
    case STEP_DIRECTORY_ROOT: return "tu";
    case STEP_BIND: return "ttuuuuuuutt";
    case STEP_FILE_SYSTEM: return "tttuuul";
    case STEP_DEVICE: return "tuuuuuuu";
    case STEP_LINK: return "tt";
    case STEP_CONSOLE: return "";
    case STEP_MASKED_PATH: return "t";
    case STEP_READ_ONLY_PATH: return "t";
    case STEP_READ_ONLY_ROOT: return "";
    case STEP_PIVOT_ROOT: return "u";
    case STEP_SYSCTL: return "tt";
    case STEP_HOST_NAME: return "t";
    case STEP_DOMAIN_NAME: return "t";
    case STEP_WORKING_DIRECTORY: return "tu";
    case STEP_UMASK: return "u";
    case STEP_IDENTITY: return "uug";
    case STEP_CAPABILITIES: return "UUUUU";
    case STEP_NO_NEW_PRIVILEGES: return "";
    case STEP_SECCOMP: return "ub";
    case STEP_SECURITY_LABEL: return "tt";
    case STEP_IO_PRIORITY: return "uu";
    case STEP_SCHEDULER: return "uuuUUUU";
    case STEP_EXECUTE: return "lll";
    case STEP_REMOUNT: return "tuuuu";
    case STEP_TIME_OFFSETS: return "t";
    case STEP_PERSONALITY: return "u";
    case STEP_CPU_AFFINITY: return "b";
    case STEP_MEMORY_POLICY: return "ub";
    case STEP_CHECKPOINT: return "";
    case STEP_HOOK: return "utulll";
    case STEP_HAND_OVER: return "uuu";
    case STEP_LISTENER: return "tl";
    case STEP_END: return NULL;
    }
    return NULL;
}

static bool has(const struct span *span, size_t bytes) {
    return (size_t)(span->end - span->at) >= bytes;
}

static bool skip(struct span *span, size_t bytes) {
    if (!has(span, bytes)) {
        return false;
    }
    span->at += bytes;
    return true;
}

static bool skip_text(struct span *span) {
    if (!has(span, 4)) {
        return false;
    }
    size_t length = take_u32(span);
    if (!has(span, length + 1) || span->at[length] != 0 || memchr(span->at, 0, length) != NULL) {
        return false;
    }
    return skip(span, length + 1);
}

static bool skip_field(struct span *span, char kind) {
    if (kind == 'u') {
        return skip(span, 4);
    }
    if (kind == 'U') {
        return skip(span, 8);
    }
    if (kind == 't') {
        return skip_text(span);
    }
    if (!has(span, 4)) {
        return false;
    }
    uint32_t count = take_u32(span);
    if (kind == 'b') {
        return skip(span, count);
    }
    bool good = true;
    for (uint32_t i = 0; good && i < count; i++) {
        good = (kind == 'l' || skip(span, 4)) && (kind == 'g' || skip_text(span));
    }
    return good;
}

static bool step_is_good(const struct step *step) {
    const char *kinds = fields_of(step->code);
    if (kinds == NULL) {
        return false;
    }
    struct span fields = step->fields;
    for (; *kinds != '\0'; kinds++) {
        if (!skip_field(&fields, *kinds)) {
            return false;
        }
    }
    return fields.at == fields.end;
}

bool plan_open(struct plan *plan, const uint8_t *bytes, size_t length) {
    struct span header = {bytes, bytes + length};
    if (!has(&header, HEADER_BYTES) || take_u32(&header) != PLAN_MAGIC) {
        return false;
    }
    uint32_t version_and_kind = take_u32(&header);
    uint32_t count = take_u32(&header);
    uint32_t whole = take_u32(&header);
    uint32_t kind = version_and_kind >> 16;
    if ((version_and_kind & 0xffffu) != PLAN_VERSION || kind > PLAN_EXEC || whole != length) {
        return false;
    }
    plan->kind = kind == PLAN_EXEC ? PLAN_EXEC : PLAN_CONTAINER;
    plan->steps = header;
    struct cursor cursor = plan_steps(plan);
    struct step step = {0};
    while (cursor.rest.at != cursor.rest.end) {
        if (!plan_next(&cursor, &step) || !step_is_good(&step)) {
            return false;
        }
    }
    return cursor.next == count && count > 0 && step.code == STEP_EXECUTE;
}

struct cursor plan_steps(const struct plan *plan) {
    return (struct cursor){.rest = plan->steps, .next = 0};
}

bool plan_next(struct cursor *cursor, struct step *step) {
    if (!has(&cursor->rest, 8)) {
        return false;
    }
    step->code = take_u32(&cursor->rest);
    size_t length = take_u32(&cursor->rest);
    step->fields.at = cursor->rest.at;
    if (!skip(&cursor->rest, length)) {
        return false;
    }
    step->fields.end = cursor->rest.at;
    step->number = cursor->next++;
    return true;
}

bool plan_find(const struct plan *plan, enum step_code code, struct step *step) {
    struct cursor cursor = plan_steps(plan);
    while (plan_next(&cursor, step)) {
        if (step->code == (uint32_t)code) {
            return true;
        }
    }
    return false;
}

bool plan_hands_over(const struct plan *plan, struct hand_over *how) {
    struct step step;
    if (!plan_find(plan, STEP_HAND_OVER, &step)) {
        *how = (struct hand_over){.new_keyring = true};
        return false;
    }
    how->kept = take_u32(&step.fields);
    how->namespaces = take_u32(&step.fields);
    how->new_keyring = take_u32(&step.fields) != 0;
    return true;
}

uint32_t take_u32(struct span *span) {
    const uint8_t *at = span->at;
    span->at += 4;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t take_u64(struct span *span) {
    uint64_t low = take_u32(span);
    return low | (uint64_t)take_u32(span) << 32;
}

const char *take_text(struct span *span) {
    size_t length = take_u32(span);
    const char *text = (const char *)span->at;
    span->at += length + 1;
    return text;
}

struct span take_blob(struct span *span) {
    size_t length = take_u32(span);
    struct span blob = {span->at, span->at + length};
    span->at = blob.end;
    return blob;
}
