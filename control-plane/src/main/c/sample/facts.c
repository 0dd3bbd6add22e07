#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct fact {
    const char *name;
    const char *title;
    char value[512];
};

/* cgroup v2 shows one directory, v1 one for each controller; inside a cgroup namespace both are the container's own. */
static void memory_limit(char *value, size_t size)
{
    char raw[64];
    if (!read_file("/sys/fs/cgroup/memory.max", raw, sizeof raw) &&
        !read_file("/sys/fs/cgroup/memory/memory.limit_in_bytes", raw, sizeof raw)) {
        snprintf(value, size, "unknown");
        return;
    }
    unsigned long long bytes = strtoull(raw, NULL, 10);
    if (strcmp(raw, "max") == 0 || bytes > 1ULL << 60) {
        snprintf(value, size, "none");
    } else {
        snprintf(value, size, "%.1f MiB", (double)bytes / (1024 * 1024));
    }
}

static void cpu_limit(char *value, size_t size)
{
    char raw[64];
    long long quota = -1;
    long long period = 0;
    if (read_file("/sys/fs/cgroup/cpu.max", raw, sizeof raw)) {
        if (sscanf(raw, "%lld %lld", &quota, &period) != 2) {
            quota = -1;
        }
    } else if (read_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", raw, sizeof raw)) {
        quota = atoll(raw);
        read_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us", raw, sizeof raw);
        period = atoll(raw);
    } else {
        snprintf(value, size, "unknown");
        return;
    }
    if (quota <= 0 || period <= 0) {
        snprintf(value, size, "none");
    } else {
        snprintf(value, size, "%.2f cores", (double)quota / (double)period);
    }
}

static void namespaces(char *value, size_t size)
{
    static const char *const kinds[] = {"user", "pid", "mnt", "net", "uts", "ipc", "cgroup", "time"};
    size_t length = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[64];
        char target[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        ssize_t count = readlink(path, target, sizeof target - 1);
        if (count > 0 && length < size) {
            target[count] = 0;
            length += (size_t)snprintf(value + length, size - length, "%s%s", length ? " " : "", target);
        }
    }
}

/* The lines of a map file, with runs of blanks made one and lines joined by commas. */
static void id_map(const char *path, char *value, size_t size)
{
    char raw[400];
    read_file(path, raw, sizeof raw);
    size_t length = 0;
    for (const char *at = raw; *at && length + 3 < size; at++) {
        if (*at == '\n') {
            value[length++] = ',';
            value[length++] = ' ';
        } else if (*at != ' ') {
            value[length++] = *at;
        } else if (length > 0 && value[length - 1] != ' ') {
            value[length++] = ' ';
        }
    }
    value[length] = 0;
}

static void status_line(const char *wanted, char *value, size_t size)
{
    char raw[4096];
    value[0] = 0;
    read_file("/proc/self/status", raw, sizeof raw);
    char *line = strstr(raw, wanted);
    if (line) {
        line += strlen(wanted);
        line += strspn(line, "\t ");
        snprintf(value, size, "%.*s", (int)strcspn(line, "\n"), line);
    }
}

enum { FACTS = 10 };

static void collect(struct fact facts[FACTS])
{
    struct utsname uts;
    uname(&uts);
    struct fact *f = facts;
    *f = (struct fact){"hostName", "Host name", ""};
    snprintf(f++->value, sizeof f->value, "%s", uts.nodename);
    *f = (struct fact){"kernel", "Kernel", ""};
    snprintf(f++->value, sizeof f->value, "%s %s %s", uts.sysname, uts.release, uts.machine);
    *f = (struct fact){"cpuLimit", "CPU limit", ""};
    cpu_limit(f++->value, sizeof f->value);
    *f = (struct fact){"memoryLimit", "Memory limit", ""};
    memory_limit(f++->value, sizeof f->value);
    *f = (struct fact){"user", "User and group", ""};
    snprintf(f++->value, sizeof f->value, "%u:%u", (unsigned)getuid(), (unsigned)getgid());
    *f = (struct fact){"uidMap", "User id map", ""};
    id_map("/proc/self/uid_map", f++->value, sizeof f->value);
    *f = (struct fact){"gidMap", "Group id map", ""};
    id_map("/proc/self/gid_map", f++->value, sizeof f->value);
    *f = (struct fact){"capabilities", "Capabilities", ""};
    status_line("CapEff:", f++->value, sizeof f->value);
    *f = (struct fact){"seccomp", "Seccomp mode", ""};
    status_line("Seccomp:", f++->value, sizeof f->value);
    *f = (struct fact){"namespaces", "Namespaces", ""};
    namespaces(f++->value, sizeof f->value);
}

void facts_html(struct text *text, unsigned long requests)
{
    static struct fact facts[FACTS];
    collect(facts);
    text_add(text,
             "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
             "<title>Flotilla sample</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;"
             "margin:3rem auto;padding:0 1rem;color-scheme:light dark}h1{font-weight:600;font-size:1.5rem}"
             "th{text-align:left;font-weight:500;padding:.3rem 2rem .3rem 0;vertical-align:top;white-space:nowrap}"
             "td{font-family:ui-monospace,monospace;font-size:.875rem;overflow-wrap:anywhere;padding:.4rem 0}"
             "p{opacity:.75}</style><h1>Hello from ");
    text_add_html(text, facts[0].value);
    text_add(text, "</h1><p>This page comes from a container that Flotilla runs. Request number %lu.</p><table>",
             requests);
    for (int i = 0; i < FACTS; i++) {
        text_add(text, "<tr><th scope=row>%s<td>", facts[i].title);
        text_add_html(text, facts[i].value);
    }
    text_add(text, "</table>\n");
}

void facts_json(struct text *text, unsigned long requests)
{
    static struct fact facts[FACTS];
    collect(facts);
    text_add(text, "{\"requests\":%lu", requests);
    for (int i = 0; i < FACTS; i++) {
        text_add(text, ",\"%s\":\"", facts[i].name);
        text_add_json(text, facts[i].value);
        text_add(text, "\"");
    }
    text_add(text, "}\n");
}
