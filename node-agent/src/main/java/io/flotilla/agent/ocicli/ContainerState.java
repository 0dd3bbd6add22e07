package io.flotilla.agent.ocicli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a container.
 *
 * @param pid 0 until there is a process
 * @param startTime the process's, in clock ticks since the boot {@code bootId}
 * @param cgroup below the root of every hierarchy, without a leading slash
 * @param created RFC 3339
 */
record ContainerState(
        String ociVersion,
        String id,
        int pid,
        long startTime,
        String bootId,
        String bundle,
        String rootfs,
        String cgroup,
        String created,
        Map<String, @Nullable Object> annotations) {

    ContainerState withProcess(int newPid, long newStartTime) {
        return new ContainerState(
                ociVersion, id, newPid, newStartTime, bootId, bundle, rootfs, cgroup, created, annotations);
    }

    /** The state of the runtime specification, with the fields that runc adds to it. */
    Map<String, @Nullable Object> view(String status) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("ociVersion", ociVersion);
        view.put("id", id);
        view.put("pid", status.equals("stopped") ? 0 : pid);
        view.put("status", status);
        view.put("bundle", bundle);
        view.put("rootfs", rootfs);
        view.put("created", created);
        if (!annotations.isEmpty()) {
            view.put("annotations", annotations);
        }
        view.put("owner", "");
        return view;
    }

    String write() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("ociVersion", ociVersion);
        fields.put("id", id);
        fields.put("pid", pid);
        fields.put("startTime", startTime);
        fields.put("bootId", bootId);
        fields.put("bundle", bundle);
        fields.put("rootfs", rootfs);
        fields.put("cgroup", cgroup);
        fields.put("created", created);
        fields.put("annotations", annotations);
        return Json.write(fields, true);
    }

    static ContainerState read(String what, String text) throws Refused {
        Map<String, @Nullable Object> fields = Json.object(what, text);
        return new ContainerState(
                text(what, fields, "ociVersion"),
                text(what, fields, "id"),
                (int) number(what, fields, "pid"),
                number(what, fields, "startTime"),
                text(what, fields, "bootId"),
                text(what, fields, "bundle"),
                text(what, fields, "rootfs"),
                text(what, fields, "cgroup"),
                text(what, fields, "created"),
                Json.child(fields, "annotations"));
    }

    private static String text(String what, Map<String, @Nullable Object> fields, String name) throws Refused {
        if (fields.get(name) instanceof String value) {
            return value;
        }
        throw new Refused(what + ": has no " + name);
    }

    private static long number(String what, Map<String, @Nullable Object> fields, String name) throws Refused {
        if (fields.get(name) instanceof Number value) {
            return value.longValue();
        }
        throw new Refused(what + ": has no " + name);
    }
}
