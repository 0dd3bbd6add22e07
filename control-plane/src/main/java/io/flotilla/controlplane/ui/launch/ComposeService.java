package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.words.CommandLine;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Carries the keys of one service of a Compose file over, most of them as the options of docker run that they stand for. */
final class ComposeService {

    private static final Pattern VARIABLE =
            Pattern.compile("\\$(?:(\\$)|\\{(\\w+)(?::?-([^}]*))?(?:[:?+][^}]*)?}|(\\w+))");
    private static final Pattern DURATION = Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?");

    private final RunOptions options;

    ComposeService(RunOptions options) {
        this.options = options;
    }

    void read(String name, Map<String, Object> service) {
        options.put("name", name.replace('_', '-'));
        options.flag("detach", "detach");
        service.forEach(this::key);
        if (!service.containsKey("image")) {
            options.leave("image: there is none; images are not built here.");
        }
        if (!service.containsKey("restart")) {
            options.leave("restart: none is given; a service is started again whenever it ends.");
        }
    }

    private void key(String key, Object value) {
        switch (key) {
            case "image" -> options.put("image", text(key, value));
            case "command" -> options.put("args", line(key, value));
            case "entrypoint" -> options.put("command", line(key, value));
            case "environment" -> environment(value);
            case "ports" -> ComposeFile.list(value).forEach(this::port);
            case "scale" -> options.put("replicas", text(key, value));
            case "deploy" -> ComposeFile.map(value).forEach(this::deploy);
            case "cpus" -> options.set(key, "cpus", text(key, value));
            case "mem_limit" -> options.set(key, "memory", text(key, value));
            case "pids_limit" -> options.set(key, "pids-limit", text(key, value));
            case "restart" -> options.set(key, "restart", text(key, value));
            case "user" -> options.set(key, "user", text(key, value));
            case "working_dir" -> options.set(key, "workdir", text(key, value));
            case "hostname" -> options.set(key, "hostname", text(key, value));
            case "network_mode" -> options.set(key, "network", text(key, value));
            case "userns_mode" -> options.set(key, "userns", text(key, value));
            case "stop_signal" -> options.set(key, "stop-signal", text(key, value));
            case "stop_grace_period" -> grace(text(key, value));
            case "cap_add" -> ComposeFile.list(value).forEach(each -> options.set(key, "cap-add", text(key, each)));
            case "cap_drop" -> ComposeFile.list(value).forEach(each -> options.set(key, "cap-drop", text(key, each)));
            case "read_only" -> flag(key, "read-only", value);
            case "tty" -> flag(key, "tty", value);
            case "stdin_open" -> flag(key, "interactive", value);
            case "container_name" -> options.leave(key + ": containers are named after the workload and its replica.");
            case "build" -> options.leave(key + ": images are not built here; push one and name it.");
            case "depends_on" -> options.leave(key + ": workloads start independently of each other.");
            default -> {
                if (!key.startsWith("x-")) {
                    options.leave(key + " is not supported.");
                }
            }
        }
    }

    private void flag(String key, String option, Object value) {
        switch (text(key, value)) {
            case "true" -> options.flag(key, option);
            case "false", "" -> {}
            default -> options.leave(key + " is neither true nor false.");
        }
    }

    private void environment(Object value) {
        if (value instanceof Map<?, ?> variables) {
            ComposeFile.map(value)
                    .forEach((name, given) -> options.set(
                            "environment",
                            "env",
                            variables.get(name) == null ? name : name + "=" + text("environment." + name, given)));
        } else {
            ComposeFile.list(value).forEach(each -> options.set("environment", "env", text("environment", each)));
        }
    }

    /** The short form is that of docker run; the long one is a mapping. */
    private void port(Object value) {
        Map<String, Object> given = ComposeFile.map(value);
        if (given.isEmpty()) {
            options.set("ports", "publish", text("ports", value));
            return;
        }
        String host = text("ports.published", given.getOrDefault("published", ""));
        String protocol = text("ports.protocol", given.getOrDefault("protocol", "tcp"));
        options.set(
                "ports",
                "publish",
                host + ":" + text("ports.target", given.getOrDefault("target", "")) + "/" + protocol);
        for (String key : given.keySet()) {
            switch (key) {
                case "target", "published", "protocol" -> {}
                case "host_ip" ->
                    options.leave("ports.host_ip: the port is published on every address of the node, not on one.");
                default -> options.leave("ports." + key + " is not supported.");
            }
        }
    }

    private void deploy(String key, Object value) {
        switch (key) {
            case "replicas" -> options.put("replicas", text("deploy.replicas", value));
            case "resources" ->
                ComposeFile.map(value).forEach((kind, limits) -> {
                    if (kind.equals("limits")) {
                        ComposeFile.map(limits).forEach(this::limit);
                    } else {
                        options.leave("deploy.resources." + kind + ": the limits are what is reserved.");
                    }
                });
            default -> options.leave("deploy." + key + " is not supported.");
        }
    }

    private void limit(String key, Object value) {
        String shown = "deploy.resources.limits." + key;
        switch (key) {
            case "cpus" -> options.set(shown, "cpus", text(shown, value));
            case "memory" -> options.set(shown, "memory", text(shown, value));
            case "pids" -> options.set(shown, "pids-limit", text(shown, value));
            default -> options.leave(shown + " is not supported.");
        }
    }

    private void grace(String value) {
        Matcher duration = DURATION.matcher(value);
        if (value.isEmpty() || !duration.matches()) {
            options.leave("stop_grace_period " + value + " is not a time in whole seconds, as in 1m30s.");
            return;
        }
        long seconds = number(duration.group(1)) * 3600 + number(duration.group(2)) * 60 + number(duration.group(3));
        options.set("stop_grace_period", "stop-timeout", String.valueOf(seconds));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** A line is split as a shell would, a sequence is taken word by word. */
    private String line(String key, Object value) {
        return value instanceof List<?> words
                ? CommandLine.line(words.stream().map(word -> text(key, word)).toList())
                : text(key, value);
    }

    /** The value with its variables replaced: by their defaults, since there is no environment to take them from. */
    private String text(String key, @Nullable Object value) {
        if (!(value instanceof String written)) {
            // Not shown: aliases make a few bytes huge, and may lead back to where they are.
            options.leave(key + " is not one plain value.");
            return "";
        }
        Matcher variable = VARIABLE.matcher(written);
        StringBuilder replaced = new StringBuilder();
        while (variable.find()) {
            String name = variable.group(2) == null ? variable.group(4) : variable.group(2);
            String byDefault = variable.group(3);
            if (variable.group(1) == null) {
                options.leave(key + ": " + name
                        + (byDefault == null ? " has no value here." : " is taken as its default, " + byDefault + "."));
            }
            String with = variable.group(1) != null ? "$" : byDefault == null ? "" : byDefault;
            variable.appendReplacement(replaced, Matcher.quoteReplacement(with));
        }
        return variable.appendTail(replaced).toString();
    }
}
