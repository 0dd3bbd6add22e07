package io.flotilla.controlplane.ui.workload;

import io.flotilla.controlplane.alloc.AllocationView;
import io.flotilla.controlplane.ui.words.Sentences;
import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.AppliedState.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the page of a replica's confinement shows.
 *
 * @param status the mark of the whole: {@code pass} or {@code warn}
 * @param away why nothing could be read; then there is nothing else to show
 */
public record AppliedPage(
        String id,
        String workload,
        String name,
        String team,
        int replica,
        @Nullable String node,
        String status,
        String title,
        @Nullable Instant at,
        List<Group> groups,
        @Nullable String away) {

    /** Settings of one topic. */
    public record Group(String name, String id, List<Row> rows) {}

    /** @param field as the runtime specification calls it */
    public record Row(String name, String field, String asked, String inForce, boolean differs) {}

    private static final Units UNITS = new Units();

    /** What the settings are called on the page, by the end of their field's name. */
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("uidMappings", "User ids"),
            Map.entry("gidMappings", "Group ids"),
            Map.entry("noNewPrivileges", "No new privileges"),
            Map.entry("seccomp", "System call filter"),
            Map.entry("securityLabel", "Security module"),
            Map.entry("oomScoreAdj", "OOM score adjustment"),
            Map.entry("readonly", "Read-only root"),
            Map.entry("maskedPaths", "Masked paths"),
            Map.entry("readonlyPaths", "Read-only paths"),
            Map.entry("cgroupsPath", "Control group"),
            Map.entry("cpu.shares", "CPU shares"),
            Map.entry("cpu.quota", "CPU quota"),
            Map.entry("cpu.period", "CPU period"),
            Map.entry("memory.limit", "Memory"),
            Map.entry("memory.reservation", "Memory, soft"),
            Map.entry("memory.swap", "Memory and swap"),
            Map.entry("pids.limit", "Processes"),
            Map.entry("resources.devices", "Devices"),
            Map.entry("RLIMIT_NOFILE", "Open files"));

    static AppliedPage of(AllocationView allocation, @Nullable AppliedState state, @Nullable String away) {
        long differences = state == null ? 0 : state.differences();
        int all = state == null ? 0 : state.settings().size();
        return new AppliedPage(
                allocation.id().toString(),
                allocation.workloadId().toString(),
                allocation.workload(),
                allocation.team(),
                allocation.replica(),
                allocation.node(),
                differences == 0 ? "pass" : "warn",
                differences == 0
                        ? "All " + all + " settings are in force as asked"
                        : UNITS.count(differences, "setting", "settings") + " of " + all
                                + (differences == 1 ? " is" : " are") + " not as asked",
                state == null ? null : state.at(),
                state == null ? List.of() : groups(state.settings()),
                away == null ? null : Sentences.of(away));
    }

    private static List<Group> groups(List<Setting> settings) {
        Map<String, List<Row>> groups = new LinkedHashMap<>();
        for (Setting setting : settings) {
            groups.computeIfAbsent(topic(setting.field()), topic -> new ArrayList<>())
                    .add(row(setting));
        }
        List<Group> all = new ArrayList<>();
        groups.forEach((name, rows) -> all.add(new Group(name, "group-" + (all.size() + 1), rows)));
        return all;
    }

    private static String topic(String field) {
        if (field.contains("namespaces") || field.endsWith("Mappings")) {
            return "Namespaces and ids";
        }
        if (field.contains("resources") || field.contains("cgroupsPath") || field.contains("rlimits")) {
            return "Limits";
        }
        return field.startsWith("root") || field.endsWith("Paths") ? "Files" : "Rights";
    }

    private static Row row(Setting setting) {
        String field = setting.field();
        return new Row(
                name(field),
                field,
                value(field, setting.asked(), "nothing"),
                value(field, setting.inForce(), "not told"),
                setting.differs());
    }

    private static String name(String field) {
        String last = field.substring(field.lastIndexOf('.') + 1);
        if (field.startsWith("linux.namespaces.")) {
            boolean letters = last.length() == 3; // pid, ipc, uts
            String type =
                    letters ? last.toUpperCase(Locale.ROOT) : Character.toUpperCase(last.charAt(0)) + last.substring(1);
            return type + " namespace";
        }
        if (field.startsWith("process.capabilities.")) {
            return "Capabilities, " + last;
        }
        return NAMES.entrySet().stream()
                .filter(each -> field.endsWith("." + each.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(last);
    }

    private static String value(String field, @Nullable String value, String absent) {
        if (value == null) {
            return absent;
        }
        boolean bytes = field.contains(".memory.") && value.matches("[0-9]{1,18}");
        return bytes ? UNITS.memory(Long.parseLong(value)) : value.replaceAll("(sha256:[0-9a-f]{12})[0-9a-f]+", "$1");
    }
}
