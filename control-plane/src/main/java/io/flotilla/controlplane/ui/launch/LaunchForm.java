package io.flotilla.controlplane.ui.launch;

import java.util.ArrayList;
import java.util.List;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * The launch form exactly as it was typed, so that a refused form keeps every value.
 *
 * @param fields by the names that the page's inputs have; rows of ports and variables are parallel lists
 */
public record LaunchForm(MultiValueMap<String, String> fields) {

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
        return empty().with("image", "flotilla/sample:latest")
                .with("team", team)
                .with("cpu", "0.25")
                .with("memory", "64")
                .withPort("8080", "", "tcp");
    }

    /** The defaults that are no value of anybody's: one replica of a service in its own user namespace. */
    static LaunchForm empty() {
        return new LaunchForm(new LinkedMultiValueMap<>())
                .with("kind", "service")
                .with("replicas", "1")
                .with("memoryUnit", "Mi")
                .with("restart", "always")
                .with("network", "bridge")
                .with("userns", true);
    }

    /** The same with another value in one field. */
    LaunchForm with(String field, String value) {
        MultiValueMap<String, String> changed = new LinkedMultiValueMap<>(fields);
        changed.set(field, value);
        return new LaunchForm(changed);
    }

    /** The same with a box ticked or not. */
    LaunchForm with(String box, boolean ticked) {
        MultiValueMap<String, String> changed = new LinkedMultiValueMap<>(fields);
        changed.remove(box);
        if (ticked) {
            changed.set(box, "yes");
        }
        return new LaunchForm(changed);
    }

    LaunchForm withPort(String container, String host, String protocol) {
        MultiValueMap<String, String> changed = new LinkedMultiValueMap<>(fields);
        changed.add("portContainer", container);
        changed.add("portHost", host);
        changed.add("portProtocol", protocol);
        return new LaunchForm(changed);
    }

    LaunchForm withEnv(String name, String value) {
        MultiValueMap<String, String> changed = new LinkedMultiValueMap<>(fields);
        changed.add("envName", name);
        changed.add("envValue", value);
        return new LaunchForm(changed);
    }

    public String image() {
        return value("image");
    }

    public String name() {
        return value("name");
    }

    public String team() {
        return value("team");
    }

    public String kind() {
        return value("kind");
    }

    public String replicas() {
        return value("replicas");
    }

    public String cpu() {
        return value("cpu");
    }

    public String memory() {
        return value("memory");
    }

    public String memoryUnit() {
        return value("memoryUnit");
    }

    /** What replaces the image's entry point, as one line. */
    public String command() {
        return value("command");
    }

    /** What replaces the image's command, as one line. */
    public String args() {
        return value("args");
    }

    public String restart() {
        return value("restart");
    }

    public String labels() {
        return value("labels");
    }

    public String user() {
        return value("user");
    }

    public String workingDir() {
        return value("workingDir");
    }

    public String hostName() {
        return value("hostName");
    }

    public String network() {
        return value("network");
    }

    public String pids() {
        return value("pids");
    }

    /** Weight of the CPU where it is scarce. */
    public String cpuShares() {
        return value("cpuShares");
    }

    /** Soft memory limit with its unit, as in 512Mi. */
    public String memoryReservation() {
        return value("memoryReservation");
    }

    /** Swap beyond the memory, with its unit. */
    public String swap() {
        return value("swap");
    }

    public String stopSignal() {
        return value("stopSignal");
    }

    public String stopSeconds() {
        return value("stopSeconds");
    }

    public String capAdd() {
        return value("capAdd");
    }

    public String capDrop() {
        return value("capDrop");
    }

    public boolean singleton() {
        return fields.containsKey("singleton");
    }

    public boolean userns() {
        return fields.containsKey("userns");
    }

    public boolean tty() {
        return fields.containsKey("tty");
    }

    public boolean stdin() {
        return fields.containsKey("stdin");
    }

    /** Whether the image's own command is left out, too, where none is given. */
    public boolean noArgs() {
        return fields.containsKey("noArgs");
    }

    public boolean readOnly() {
        return fields.containsKey("readOnly");
    }

    public List<PortRow> ports() {
        List<PortRow> rows = new ArrayList<>();
        for (int i = 0; i < fields.getOrDefault("portContainer", List.of()).size(); i++) {
            PortRow row = new PortRow(
                    at("portContainer", i).strip(),
                    at("portHost", i).strip(),
                    at("portProtocol", i).equals("udp") ? "udp" : "tcp");
            if (!row.empty()) {
                rows.add(row);
            }
        }
        return rows;
    }

    public List<EnvRow> env() {
        List<EnvRow> rows = new ArrayList<>();
        for (int i = 0; i < fields.getOrDefault("envName", List.of()).size(); i++) {
            EnvRow row = new EnvRow(at("envName", i).strip(), at("envValue", i));
            if (!row.empty()) {
                rows.add(row);
            }
        }
        return rows;
    }

    /** The rows and one more to fill in. */
    public List<PortRow> portRows() {
        List<PortRow> rows = ports();
        rows.add(new PortRow("", "", "tcp"));
        return rows;
    }

    /** The rows and one more to fill in. */
    public List<EnvRow> envRows() {
        List<EnvRow> rows = env();
        rows.add(new EnvRow("", ""));
        return rows;
    }

    /** Whether something is set that most launches leave alone. */
    public boolean special() {
        boolean text = !(user()
                        + workingDir()
                        + hostName()
                        + pids()
                        + cpuShares()
                        + memoryReservation()
                        + swap()
                        + stopSignal()
                        + stopSeconds()
                        + capAdd()
                        + capDrop())
                .isEmpty();
        return text
                || stdin()
                || readOnly()
                || noArgs()
                || !(network().isEmpty() || network().equals("bridge"));
    }

    private String at(String name, int index) {
        List<String> values = fields.getOrDefault(name, List.of());
        return index < values.size() ? values.get(index) : "";
    }

    private String value(String name) {
        String value = fields.getFirst(name);
        return value == null ? "" : value.strip();
    }
}
