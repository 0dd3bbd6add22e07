package io.flotilla.controlplane.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The same launch by command and by API, to copy. */
final class Commands {

    private Commands() {}

    static String run(LaunchForm form) {
        List<String> words = new ArrayList<>(List.of("./flotilla", "run", "-d"));
        add(words, "--name", form.name());
        add(words, "--team", form.team().equals("default") ? "" : form.team());
        add(words, "--cpus", form.cpu());
        add(words, "--memory", form.memory().isEmpty() ? "" : form.memory() + form.memoryUnit());
        for (LaunchForm.PortRow port : form.ports()) {
            String host = port.host().isEmpty() ? "" : port.host() + ":";
            add(words, "-p", host + port.container() + (port.protocol().equals("udp") ? "/udp" : ""));
        }
        for (LaunchForm.EnvRow variable : form.env()) {
            add(words, "-e", variable.name() + "=" + variable.value());
        }
        words.add(form.image().isEmpty() ? "IMAGE" : form.image());
        words.addAll(CommandLine.words(form.command()));
        return CommandLine.line(words);
    }

    static String call(LaunchForm form, @Nullable UUID of) {
        List<String> fields = new ArrayList<>();
        text(fields, "name", form.name());
        text(fields, "team", form.team());
        text(fields, "kind", form.kind());
        text(fields, "image", form.image());
        bare(fields, "replicas", form.replicas());
        if (!form.cpu().isEmpty() || !form.memory().isEmpty()) {
            List<String> resources = new ArrayList<>();
            bare(resources, "cpu", form.cpu());
            text(resources, "memory", form.memory().isEmpty() ? "" : form.memory() + form.memoryUnit());
            fields.add("\"resources\": {" + String.join(", ", resources) + "}");
        }
        if (!form.ports().isEmpty()) {
            fields.add("\"ports\": ["
                    + String.join(
                            ", ", form.ports().stream().map(Commands::port).toList()) + "]");
        }
        List<String> command = CommandLine.words(form.command());
        if (!command.isEmpty()) {
            fields.add("\"command\": ["
                    + String.join(", ", command.stream().map(Commands::json).toList()) + "]");
        }
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
        String line = of == null ? "POST /api/v1/workloads" : "PUT /api/v1/workloads/" + of;
        return line + "\nAuthorization: Bearer TOKEN\n\n{\n  " + String.join(",\n  ", fields) + "\n}";
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
                default -> quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
