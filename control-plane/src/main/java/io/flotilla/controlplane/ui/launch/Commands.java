package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.words.CommandLine;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The same launch by command and by API, to copy. */
final class Commands {

    private Commands() {}

    static String run(LaunchForm form) {
        List<String> words = new ArrayList<>(List.of("./flotilla", "run"));
        if (!form.kind().equals("job")) {
            words.add("-d");
        }
        if (form.stdin()) {
            words.add("-i");
        }
        if (form.tty()) {
            words.add("-t");
        }
        add(words, "--name", form.name());
        add(words, "--team", form.team().equals("default") ? "" : form.team());
        add(words, "--cpus", form.cpu());
        add(words, "--memory", form.memory().isEmpty() ? "" : form.memory() + form.memoryUnit());
        add(words, "--user", form.user());
        add(words, "--workdir", form.workingDir());
        add(words, "--network", form.network().equals("bridge") ? "" : form.network());
        for (LaunchForm.PortRow port : form.ports()) {
            String host = port.host().isEmpty() ? "" : port.host() + ":";
            add(words, "-p", host + port.container() + (port.protocol().equals("udp") ? "/udp" : ""));
        }
        for (LaunchForm.EnvRow variable : form.env()) {
            add(words, "-e", variable.name() + "=" + variable.value());
        }
        List<String> command = new ArrayList<>(CommandLine.words(form.command()));
        if (!command.isEmpty()) {
            add(words, "--entrypoint", command.removeFirst());
        }
        words.add(form.image().isEmpty() ? "IMAGE" : form.image());
        words.addAll(command);
        words.addAll(CommandLine.words(form.args()));
        return CommandLine.line(words);
    }

    /** What the command line has no option for; the API call has them all. */
    static List<String> beyond(LaunchForm form) {
        boolean job = form.kind().equals("job");
        Map<String, Boolean> set = new LinkedHashMap<>();
        set.put("replicas", !form.replicas().isEmpty() && !form.replicas().equals("1"));
        set.put("restart", !(form.restart().isEmpty() || form.restart().equals(job ? "never" : "always")));
        set.put("labels of nodes", !form.labels().isEmpty());
        set.put("singleton", form.singleton());
        set.put("the host’s user namespace", !form.userns());
        set.put("host name", !form.hostName().isEmpty());
        set.put("process limit", !form.pids().isEmpty());
        set.put("stop signal", !form.stopSignal().isEmpty());
        set.put("time to stop", !form.stopSeconds().isEmpty());
        set.put("capabilities", !(form.capAdd() + form.capDrop()).isEmpty());
        set.put("read-only root", form.readOnly());
        return set.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    static String call(LaunchForm form, @Nullable UUID of) {
        List<String> fields = new ArrayList<>();
        text(fields, "name", form.name());
        text(fields, "team", form.team());
        text(fields, "kind", form.kind());
        text(fields, "image", form.image());
        bare(fields, "replicas", form.replicas());
        if (!(form.cpu() + form.memory() + form.pids()).isEmpty()) {
            List<String> resources = new ArrayList<>();
            bare(resources, "cpu", form.cpu());
            text(resources, "memory", form.memory().isEmpty() ? "" : form.memory() + form.memoryUnit());
            bare(resources, "pids", form.pids());
            fields.add("\"resources\": {" + String.join(", ", resources) + "}");
        }
        if (!form.ports().isEmpty()) {
            fields.add("\"ports\": ["
                    + String.join(
                            ", ", form.ports().stream().map(Commands::port).toList()) + "]");
        }
        list(fields, "command", CommandLine.words(form.command()));
        list(fields, "args", CommandLine.words(form.args()));
        if (!form.env().isEmpty()) {
            fields.add("\"env\": {"
                    + String.join(
                            ", ",
                            form.env().stream()
                                    .map(variable -> json(variable.name()) + ": " + json(variable.value()))
                                    .toList())
                    + "}");
        }
        text(fields, "restart", form.restart());
        special(fields, form);
        String line = of == null ? "POST /api/v1/workloads" : "PUT /api/v1/workloads/" + of;
        return line + "\nAuthorization: Bearer TOKEN\n\n{\n  " + String.join(",\n  ", fields) + "\n}";
    }

    private static void special(List<String> fields, LaunchForm form) {
        text(fields, "user", form.user());
        text(fields, "workingDir", form.workingDir());
        text(fields, "hostName", form.hostName());
        text(fields, "network", form.network().equals("bridge") ? "" : form.network());
        text(fields, "userns", form.userns() ? "" : "host");
        text(fields, "stopSignal", form.stopSignal());
        bare(fields, "stopGraceMillis", millis(form.stopSeconds()));
        flag(fields, "tty", form.tty());
        flag(fields, "stdin", form.stdin() || form.tty());
        flag(fields, "singleton", form.singleton());
        flag(fields, "readOnlyRootfs", form.readOnly());
        list(fields, "capAdd", Requests.capabilities(form.capAdd()));
        list(fields, "capDrop", Requests.capabilities(form.capDrop()));
        List<String> labels = Arrays.stream(form.labels().split("[\\s,]+", -1))
                .filter(word -> word.indexOf('=') > 0)
                .map(word -> word.split("=", 2))
                .map(pair -> json(pair[0]) + ": " + json(pair[1]))
                .toList();
        if (!labels.isEmpty()) {
            fields.add("\"constraints\": {" + String.join(", ", labels) + "}");
        }
    }

    private static String millis(String seconds) {
        try {
            return seconds.isEmpty()
                    ? ""
                    : String.valueOf(new BigDecimal(seconds).movePointRight(3).longValue());
        } catch (NumberFormatException e) {
            return seconds;
        }
    }

    private static void flag(List<String> fields, String name, boolean set) {
        if (set) {
            fields.add(json(name) + ": true");
        }
    }

    private static void list(List<String> fields, String name, List<String> words) {
        if (!words.isEmpty()) {
            fields.add(json(name) + ": ["
                    + String.join(", ", words.stream().map(Commands::json).toList()) + "]");
        }
    }

    private static String port(LaunchForm.PortRow port) {
        List<String> fields = new ArrayList<>();
        bare(fields, "container", port.container());
        bare(fields, "host", port.host());
        text(fields, "protocol", port.protocol());
        return "{" + String.join(", ", fields) + "}";
    }

    private static void add(List<String> words, String option, String value) {
        if (!value.isEmpty()) {
            words.add(option);
            words.add(value);
        }
    }

    private static void text(List<String> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.add(json(name) + ": " + json(value));
        }
    }

    private static void bare(List<String> fields, String name, String value) {
        if (!value.isEmpty()) {
            fields.add(json(name) + ": " + value);
        }
    }

    private static String json(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        return quoted.append('"').toString();
    }
}
