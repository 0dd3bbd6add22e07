/*
 * Unit tests of the shim's parts that need no privilege. Compiled with AddressSanitizer and UndefinedBehaviorSanitizer and
 * run by ShimUnitTest; argv[1] is an empty directory to work in. Prints one line per test and returns the number of failures.
 */
#define _GNU_SOURCE
#include "failure.h"
#include "log.h"
#include "note.h"
#include "paths.h"
#include "plan.h"
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes {
    uint8_t at[4096];
    size_t length;
};

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            printf("  line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno); \
            return false;                                                             \
        }                                                                             \
    } while (0)

static void u32(struct bytes *bytes, uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        bytes->at[bytes->length++] = (uint8_t)(value >> shift);
    }
}

static void text(struct bytes *bytes, const char *value) {
    u32(bytes, (uint32_t)strlen(value));
    memcpy(bytes->at + bytes->length, value, strlen(value) + 1);
    bytes->length += strlen(value) + 1;
}

static void step(struct bytes *bytes, uint32_t code, const struct bytes *fields) {
    u32(bytes, code);
    u32(bytes, (uint32_t)fields->length);
    memcpy(bytes->at + bytes->length, fields->at, fields->length);
    bytes->length += fields->length;
}

/* A log step of 4096 bytes and two segments, a host name, and a program. */
static struct bytes small_plan(void) {
    struct bytes log = {.length = 0};
    u32(&log, 2);
    u32(&log, 4096);
    u32(&log, 0);
    struct bytes name = {.length = 0};
    text(&name, "box");
    struct bytes program = {.length = 0};
    for (int list = 0; list < 3; list++) {
        u32(&program, 2);
        text(&program, "/bin/one");
        text(&program, "two");
    }
    struct bytes steps = {.length = 0};
    step(&steps, STEP_LOG, &log);
    step(&steps, STEP_HOST_NAME, &name);
    step(&steps, STEP_EXECUTE, &program);
    struct bytes plan = {.length = 0};
    u32(&plan, PLAN_MAGIC);
    u32(&plan, PLAN_VERSION);
    u32(&plan, 3);
    u32(&plan, (uint32_t)(16 + steps.length));
    memcpy(plan.at + plan.length, steps.at, steps.length);
    plan.length += steps.length;
    return plan;
}

static bool plan_is_read_back(const char *directory) {
    (void)directory;
    struct bytes bytes = small_plan();
    struct plan plan;
    CHECK(plan_open(&plan, bytes.at, bytes.length));
    CHECK(plan.kind == PLAN_CONTAINER);
    struct step found;
    CHECK(plan_find(&plan, STEP_HOST_NAME, &found));
    CHECK(found.number == 1);
    CHECK(strcmp(take_text(&found.fields), "box") == 0);
    CHECK(!plan_find(&plan, STEP_UMASK, &found));
    return true;
}

/* In memory of exactly its size, so that the sanitizer sees every byte read beyond it. */
static bool opens(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, length);
    struct plan plan;
    bool good = plan_open(&plan, copy, length);
    if (good) {
        struct cursor cursor = plan_steps(&plan);
        struct step each;
        while (plan_next(&cursor, &each)) {
            if (each.code == STEP_HOST_NAME) {
                (void)strlen(take_text(&each.fields));
            }
        }
    }
    free(copy);
    return good;
}

static bool cut_plan_is_refused_at_every_length(const char *directory) {
    (void)directory;
    struct bytes bytes = small_plan();
    for (size_t length = 0; length < bytes.length; length++) {
        CHECK(!opens(bytes.at, length));
    }
    CHECK(opens(bytes.at, bytes.length));
    return true;
}

static bool damaged_plan_never_leads_out_of_its_bytes(const char *directory) {
    (void)directory;
    uint32_t random = 12345;
    for (int round = 0; round < 200000; round++) {
        struct bytes bytes = small_plan();
        for (int change = 0; change < 1 + round % 4; change++) {
            random = random * 1664525u + 1013904223u;
            bytes.at[(random >> 8) % bytes.length] = (uint8_t)(random >> 24);
        }
        (void)opens(bytes.at, bytes.length);
    }
    return true;
}

static bool failure_is_cut_to_its_room(const char *directory) {
    (void)directory;
    char path[400];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct failure failure = {.step = 3};
    CHECK(!fail_with(&failure, OP_OPEN, path, ENOENT));
    CHECK(strlen(failure.subject) == sizeof failure.subject - 1);
    CHECK(failure.error == ENOENT && strcmp(operation_words(failure.operation), "open") == 0);
    CHECK(strcmp(operation_words(9999), "unknown operation") == 0);
    return true;
}

static bool note_carries_descriptors(const char *directory) {
    (void)directory;
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    struct note note = {.kind = NOTE_STREAMS, .value = 7};
    int sent[2] = {0, 1};
    CHECK(note_send(pair[0], &note, sent, 2));
    struct note received;
    int fds[NOTE_MOST_FDS];
    CHECK(note_receive(pair[1], &received, fds) == 1);
    CHECK(received.kind == NOTE_STREAMS && received.value == 7);
    CHECK(fds[0] > 2 && fds[1] > 2 && fds[2] == -1);
    CHECK((fcntl(fds[0], F_GETFD) & FD_CLOEXEC) != 0);
    close(fds[0]);
    close(fds[1]);
    close(pair[0]);
    CHECK(note_receive(pair[1], &received, fds) == 0);
    close(pair[1]);
    return true;
}

static int open_directory(const char *parent, const char *name) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", parent, name);
    (void)mkdir(path, 0755);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool paths_stay_below_the_root(const char *directory) {
    int root = open_directory(directory, "root");
    CHECK(root >= 0);
    CHECK(symlinkat("/etc", root, "absolute") == 0);
    CHECK(symlinkat("../../../../etc", root, "climbing") == 0);
    struct failure failure = {.step = 0};
    CHECK(path_open(root, "/absolute/passwd", O_PATH) < 0 && errno == ENOENT);
    CHECK(path_open(root, "/climbing/passwd", O_PATH) < 0 && errno == ENOENT);
    CHECK(path_open(root, "/../../../etc/passwd", O_PATH) < 0 && errno == ENOENT);
    int made = path_ensure(&failure, root, "/a/b/c", true);
    CHECK(made >= 0);
    close(made);
    made = path_ensure(&failure, root, "a/b/file", false);
    CHECK(made >= 0);
    close(made);
    struct stat status;
    CHECK(fstatat(root, "a/b/file", &status, 0) == 0 && S_ISREG(status.st_mode));
    /* A dangling link in the way is neither followed out of the root nor replaced. */
    CHECK(path_ensure(&failure, root, "/absolute/made", true) < 0);
    CHECK(path_ensure(&failure, root, "/..", true) >= 0 || failure.error == EINVAL);
    CHECK(path_open_plain(root, "/absolute", O_PATH) < 0 && errno == ELOOP);
    close(root);
    return true;
}

static bool read_whole(int directory, const char *name, char *content, size_t size) {
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t length = read(fd, content, size - 1);
    content[length < 0 ? 0 : length] = '\0';
    close(fd);
    return length >= 0;
}

static bool log_has_a_record_per_line(const char *directory) {
    int logs = open_directory(directory, "log-lines");
    struct bytes bytes = small_plan();
    struct plan plan;
    CHECK(plan_open(&plan, bytes.at, bytes.length));
    struct log log;
    log_open(&log, &plan, logs);
    log_write(&log, LOG_STDOUT, "one\ntwo\n\nrest", 13);
    log_write(&log, LOG_STDERR, "bad\n", 4);
    char content[1024];
    CHECK(read_whole(logs, "00000001.log", content, sizeof content));
    const char *at = content;
    const char *wanted[] = {" stdout F one", " stdout F two", " stdout F ", " stdout P rest", " stderr F bad"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        size_t line = strcspn(at, "\n");
        CHECK(line == 30 + strlen(wanted[i]) && strncmp(at + 30, wanted[i], line - 30) == 0);
        at += line + 1;
    }
    CHECK(*at == '\0');
    close(logs);
    return true;
}

static bool log_keeps_the_newest_segments_only(const char *directory) {
    int logs = open_directory(directory, "log-segments");
    struct bytes bytes = small_plan();
    struct plan plan;
    CHECK(plan_open(&plan, bytes.at, bytes.length));
    struct log log;
    log_open(&log, &plan, logs);
    char line[101];
    memset(line, 'x', sizeof line);
    line[100] = '\n';
    for (int i = 0; i < 200; i++) {
        log_write(&log, LOG_STDOUT, line, sizeof line);
    }
    CHECK(log.number > 4);
    char name[32];
    struct stat status;
    for (uint32_t number = 1; number <= log.number; number++) {
        (void)snprintf(name, sizeof name, "%08u.log", number);
        bool kept = fstatat(logs, name, &status, 0) == 0;
        CHECK(kept == (number > log.number - 2));
        CHECK(!kept || status.st_size <= 4096);
    }
    close(logs);
    return true;
}

/* A file size limit stands for the full disk: writes are cut, then refused. */
static bool log_counts_what_a_full_disk_refused(const char *directory) {
    int logs = open_directory(directory, "log-full");
    struct bytes bytes = small_plan();
    struct plan plan;
    CHECK(plan_open(&plan, bytes.at, bytes.length));
    struct log log;
    log_open(&log, &plan, logs);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct rlimit full = {.rlim_cur = 150, .rlim_max = before.rlim_max};
    CHECK(setrlimit(RLIMIT_FSIZE, &full) == 0);
    for (int i = 0; i < 10; i++) {
        log_write(&log, LOG_STDOUT, "0123456789\n", 11);
    }
    bool lost = log.dropped > 0;
    uint64_t dropped = log.dropped;
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(lost);
    log_write(&log, LOG_STDOUT, "again\n", 6);
    CHECK(log.dropped == 0);
    char content[2048];
    CHECK(read_whole(logs, "00000001.log", content, sizeof content));
    char gap[64];
    (void)snprintf(gap, sizeof gap, "Z gap F %llu\n", (unsigned long long)dropped);
    CHECK(strstr(content, gap) != NULL);
    CHECK(strstr(content, " stdout F again\n") > strstr(content, gap));
    close(logs);
    return true;
}

static bool log_takes_a_chunk_of_any_size(const char *directory) {
    int logs = open_directory(directory, "log-chunks");
    struct bytes bytes = small_plan();
    struct plan plan;
    CHECK(plan_open(&plan, bytes.at, bytes.length));
    struct log log;
    log_open(&log, &plan, logs);
    static char chunk[70000];
    memset(chunk, '\n', sizeof chunk);
    log_write(&log, LOG_STDOUT, chunk, sizeof chunk);
    memset(chunk, 'y', sizeof chunk);
    for (size_t length = 16000; length < 16500; length++) {
        log_write(&log, LOG_STDERR, chunk, length);
    }
    log_write(&log, LOG_STDOUT, chunk, sizeof chunk);
    CHECK(log.dropped == 0);
    close(logs);
    return true;
}

static bool records_are_whole(const char *directory) {
    int runtime = open_directory(directory, "runtime");
    struct identity identity = {.pid = 12, .start = 345, .shim = 11, .shim_start = 300, .created = 5};
    read_boot_id(identity.boot);
    struct ending ending = {.code = -1, .signal = 9, .started = 6, .ended = 7};
    CHECK(write_record(runtime, &identity) && write_exit(runtime, &identity, &ending));
    char content[512];
    CHECK(read_whole(runtime, "exit", content, sizeof content));
    CHECK(strstr(content, "code -1\nsignal 9\nstarted 6\nended 7\n") != NULL);
    struct stat status;
    CHECK(fstatat(runtime, "exit.new", &status, 0) < 0 && errno == ENOENT);
    close(runtime);
    return true;
}

struct test {
    const char *name;
    bool (*run)(const char *directory);
};

int main(int argc, char **argv) {
    static const struct test tests[] = {
        {"plan is read back", plan_is_read_back},
        {"cut plan is refused at every length", cut_plan_is_refused_at_every_length},
        {"damaged plan never leads out of its bytes", damaged_plan_never_leads_out_of_its_bytes},
        {"failure is cut to its room", failure_is_cut_to_its_room},
        {"note carries descriptors", note_carries_descriptors},
        {"paths stay below the root", paths_stay_below_the_root},
        {"log has a record per line", log_has_a_record_per_line},
        {"log keeps the newest segments only", log_keeps_the_newest_segments_only},
        {"log counts what a full disk refused", log_counts_what_a_full_disk_refused},
        {"log takes a chunk of any size", log_takes_a_chunk_of_any_size},
        {"records are whole", records_are_whole},
    };
    int failures = 0;
    for (size_t i = 0; argc == 2 && i < sizeof tests / sizeof *tests; i++) {
        bool good = tests[i].run(argv[1]);
        printf("%s: %s\n", good ? "ok" : "FAILED", tests[i].name);
        (void)fflush(stdout);
        failures += good ? 0 : 1;
    }
    return argc == 2 ? failures : 1;
}
