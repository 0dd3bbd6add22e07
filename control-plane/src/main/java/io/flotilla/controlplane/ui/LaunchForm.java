package io.flotilla.controlplane.ui;

import java.util.ArrayList;
import java.util.List;
import org.springframework.util.MultiValueMap;

/**
 * The launch form exactly as it was typed, so that a refused form keeps every value.
 *
 * @param ports at least one row; empty rows are ignored
 * @param env likewise
 */
public record LaunchForm(
        String image,
        String name,
        String team,
        String kind,
        String replicas,
        String cpu,
        String memory,
        String memoryUnit,
        List<PortRow> ports,
        List<EnvRow> env,
        String command,
        String restart,
        String labels,
        boolean singleton,
        boolean userns,
        boolean tty) {

    /** A published port. */
    public record PortRow(String container, String host, String protocol) {

        boolean empty() {
            return (container + host).isBlank();
        }
    }

    /** An environment variable. */
    public record EnvRow(String name, String value) {

        boolean empty() {
            return (name + value).isBlank();
        }
    }

    static LaunchForm blank(String team) {
        return new LaunchForm(
                "flotilla/sample:latest",
                "",
                team,
                "service",
                "1",
                "0.25",
                "64",
                "Mi",
                List.of(new PortRow("8080", "", "tcp")),
                List.of(),
                "",
                "always",
                "",
                false,
                true,
                false);
    }

    LaunchForm withName(String other) {
        return new LaunchForm(
                image,
                other,
                team,
                kind,
                replicas,
                cpu,
                memory,
                memoryUnit,
                ports,
                env,
                command,
                restart,
                labels,
                singleton,
                userns,
                tty);
    }

    LaunchForm withImage(String other) {
        return new LaunchForm(
                other,
                name,
                team,
                kind,
                replicas,
                cpu,
                memory,
                memoryUnit,
                ports,
                env,
                command,
                restart,
                labels,
                singleton,
                userns,
                tty);
    }

    static LaunchForm of(MultiValueMap<String, String> form) {
        return new LaunchForm(
                value(form, "image"),
                value(form, "name"),
                value(form, "team"),
                value(form, "kind"),
                value(form, "replicas"),
                value(form, "cpu"),
                value(form, "memory"),
                value(form, "memoryUnit"),
                ports(form),
                env(form),
                value(form, "command"),
                value(form, "restart"),
                value(form, "labels"),
                form.containsKey("singleton"),
                form.containsKey("userns"),
                form.containsKey("tty"));
    }

    /** The rows and one more to fill in. */
    public List<PortRow> portRows() {
        List<PortRow> rows = new ArrayList<>(ports);
        rows.add(new PortRow("", "", "tcp"));
        return rows;
    }

    /** The rows and one more to fill in. */
    public List<EnvRow> envRows() {
        List<EnvRow> rows = new ArrayList<>(env);
        rows.add(new EnvRow("", ""));
        return rows;
    }

    private static List<PortRow> ports(MultiValueMap<String, String> form) {
        List<PortRow> rows = new ArrayList<>();
        List<String> containers = form.getOrDefault("portContainer", List.of());
        for (int i = 0; i < containers.size(); i++) {
            PortRow row = new PortRow(
                    containers.get(i).strip(),
                    at(form, "portHost", i),
                    at(form, "portProtocol", i).equals("udp") ? "udp" : "tcp");
            if (!row.empty()) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<EnvRow> env(MultiValueMap<String, String> form) {
        List<EnvRow> rows = new ArrayList<>();
        List<String> names = form.getOrDefault("envName", List.of());
        for (int i = 0; i < names.size(); i++) {
            EnvRow row = new EnvRow(names.get(i).strip(), at(form, "envValue", i));
            if (!row.empty()) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static String at(MultiValueMap<String, String> form, String name, int index) {
        List<String> values = form.getOrDefault(name, List.of());
        return index < values.size() ? values.get(index) : "";
    }

    private static String value(MultiValueMap<String, String> form, String name) {
        String value = form.getFirst(name);
        return value == null ? "" : value.strip();
    }
}
