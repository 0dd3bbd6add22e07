package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.ui.words.CommandLine;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Carries the keys of one service of a Compose file over, most of them as the options of docker run that they stand for. */
final class ComposeService {

    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9}(?:\\.\\d{1,9})?)s)?(?:(\\d{1,9})ms)?");
    private static final Pattern LABEL = Pattern.compile("node\\.labels\\.([^\\s=!]+)\\s*==\\s*(\\S+)");
    private static final String LIMITS = "deploy.resources.limits.";
    private static final String RESERVED = "deploy.resources.reservations.";

    /** Keys that say the same twice. Compose refuses them where they differ. */
    private static final Map<String, String> TWINS = Map.of(
            "mem_limit", LIMITS + "memory",
            "cpus", LIMITS + "cpus",
            "pids_limit", LIMITS + "pids",
            "mem_reservation", RESERVED + "memory",
            "scale", "deploy.replicas");

    /** What asks for nothing where it is false. */
    private static final Set<String> SWITCHES =
            Set.of("init", "privileged", "oom_kill_disable", "use_api_socket", "attach");

    private final RunOptions options;
    private final Map<String, String> said = new HashMap<>();
    private final List<String> profiles = new ArrayList<>();

    private ComposeService(String team) {
        this.options = new RunOptions(LaunchForm.empty().with("team", team));
    }

    static ComposeFile.Service read(String name, Map<String, Object> service, String team) {
        ComposeService reading = new ComposeService(team);
        reading.read(name, service);
        LaunchForm form = reading.options.form();
        return new ComposeFile.Service(
                name, form, reading.options.left(), reading.options.wrong(), List.copyOf(reading.profiles));
    }

    private void read(String name, Map<String, Object> service) {
        options.put("name", name.toLowerCase(Locale.ROOT).replaceAll("[._]", "-"));
        options.flag("detach", "detach");
        service.forEach(this::key);
        program(service.get("entrypoint"), service.get("command"));
        TWINS.forEach(this::agree);
        if (!service.containsKey("image")) {
            options.leave("image: there is none; images are not built here.");
        }
        if (!service.containsKey("restart") && !said.containsKey("deploy.restart_policy.condition")) {
            options.leave("restart: none is given; a service is started again whenever it ends.");
        }
    }

    private void key(String key, Object value) {
        switch (key) {
            case "image" -> options.put("image", text(key, value));
            case "command", "entrypoint" -> {} // read together, when both are known
            case "environment" -> environment(value);
            case "ports" -> ComposeFile.list(value).forEach(this::port);
            case "scale" -> options.put("replicas", text(key, value));
            case "deploy" -> ComposeFile.map(value).forEach(this::deploy);
            case "cpus" -> options.set(key, "cpus", text(key, value));
            case "cpu_shares" -> options.set(key, "cpu-shares", text(key, value));
            case "cpu_quota", "cpu_period" -> quota(text(key, value), key);
            case "mem_limit" -> options.set(key, "memory", text(key, value));
            case "mem_reservation" -> options.set(key, "memory-reservation", text(key, value));
            case "memswap_limit" -> options.set(key, "memory-swap", text(key, value));
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
            case "profiles" -> ComposeFile.list(value).forEach(each -> profiles.add(text(key, each)));
            case "container_name" -> options.leave(key + ": containers are named after the workload and its replica.");
            case "build" -> options.leave(key + ": images are not built here; push one and name it.");
            case "depends_on" -> options.leave(key + ": workloads start independently of each other.");
            case "env_file" -> options.leave(key + ": files are not read here; give their lines under environment.");
            case "labels" -> options.leave(key + ": workloads carry none.");
            default -> {
                boolean off = SWITCHES.contains(key) && "false".equals(value);
                if (!off && !key.startsWith("x-")) {
                    options.leave(key + " is not supported.");
                }
            }
        }
    }

    /**
     * An entry point takes the place of the image's command, too. A key that is there and empty means that the image's own
     * is not to be run.
     */
    private void program(@Nullable Object entrypoint, @Nullable Object command) {
        String args = command == null ? "" : line("command", command);
        if (entrypoint == null) {
            options.put("args", args);
        } else {
            String program = line("entrypoint", entrypoint);
            options.put("command", program.isEmpty() ? args : program);
            options.put("args", program.isEmpty() ? "" : args);
            if (program.isEmpty() && args.isEmpty()) {
                options.leave("entrypoint: an empty one needs a command, which would be run instead.");
            }
        }
        if (command != null && args.isEmpty()) {
            options.noArgs();
        }
    }

    private void flag(String key, String option, Object value) {
        switch (text(key, value)) {
            case "true" -> options.flag(key, option);
            case "false", "" -> {}
            default -> options.wrong(key, "is neither true nor false");
        }
    }

    private void environment(Object value) {
        if (value instanceof Map<?, ?> variables) {
            variables.forEach((key, given) -> {
                String name = key instanceof String text ? text : "a key that is no text";
                options.set(
                        "environment", "env", given == null ? name : name + "=" + text("environment." + name, given));
            });
        } else {
            ComposeFile.list(value).forEach(each -> options.set("environment", "env", text("environment", each)));
        }
    }

    /** The short form is that of docker run; the long one is a mapping. */
    private void port(@Nullable Object value) {
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
                case "target", "published", "protocol", "name", "app_protocol" -> {}
                case "host_ip" ->
                    options.leave("ports.host_ip: the port is published on every address of the node, not on one.");
                default -> options.leave("ports." + key + " is not supported.");
            }
        }
    }

    private void deploy(String key, Object value) {
        String shown = "deploy." + key;
        switch (key) {
            case "replicas" -> options.put("replicas", text(shown, value));
            case "mode" -> {
                if (!text(shown, value).equals("replicated")) {
                    options.leave(shown + ": only replicated is supported.");
                }
            }
            case "resources" -> ComposeFile.map(value).forEach(this::resources);
            case "restart_policy" -> ComposeFile.map(value).forEach(this::restart);
            case "placement" -> ComposeFile.map(value).forEach(this::placement);
            default -> options.leave(shown + " is not supported.");
        }
    }

    private void resources(String kind, Object amounts) {
        ComposeFile.map(amounts).forEach((key, value) -> {
            String shown = "deploy.resources." + kind + "." + key;
            switch (shown) {
                case LIMITS + "cpus" -> options.set(shown, "cpus", text(shown, value));
                case LIMITS + "memory" -> options.set(shown, "memory", text(shown, value));
                case LIMITS + "pids" -> options.set(shown, "pids-limit", text(shown, value));
                case RESERVED + "memory" -> options.set(shown, "memory-reservation", text(shown, value));
                case RESERVED + "cpus" -> options.leave(shown + ": the limit is what is reserved.");
                default -> options.leave(shown + " is not supported.");
            }
        });
    }

    private void restart(String key, Object value) {
        String shown = "deploy.restart_policy." + key;
        if (!key.equals("condition")) {
            options.leave(shown + ": the pauses between restarts grow by themselves.");
            return;
        }
        switch (text(shown, value)) {
            case "none" -> options.set(shown, "restart", "no");
            case "on-failure" -> options.set(shown, "restart", "on-failure");
            case "any" -> options.set(shown, "restart", "always");
            default -> options.wrong(shown, "is none of none, on-failure and any");
        }
    }

    private void placement(String key, Object value) {
        String shown = "deploy.placement." + key;
        if (!key.equals("constraints")) {
            options.leave(shown + " is not supported.");
            return;
        }
        for (Object each : ComposeFile.list(value)) {
            String constraint = text(shown, each);
            Matcher label = LABEL.matcher(constraint);
            if (label.matches()) {
                options.label(label.group(1), label.group(2));
            } else {
                options.leave(shown + " " + constraint + ": only labels of nodes can be asked for, as in"
                        + " node.labels.disk == ssd.");
            }
        }
    }

    /** What a service may use of every period, in microseconds, is a number of cores. */
    private void quota(String value, String key) {
        said.put(key, value);
        if (!said.containsKey("cpu_quota")) {
            return;
        }
        try {
            BigDecimal period = new BigDecimal(said.getOrDefault("cpu_period", "100000"));
            BigDecimal cores = new BigDecimal(said.get("cpu_quota")).divide(period, MathContext.DECIMAL32);
            if (cores.signum() > 0) {
                options.set("cpu_quota", "cpus", cores.stripTrailingZeros().toPlainString());
            }
        } catch (ArithmeticException | NumberFormatException e) {
            options.wrong(key, "\"" + value + "\" is not a number of microseconds");
        }
    }

    private void grace(String value) {
        Matcher duration = DURATION.matcher(value);
        if (value.isEmpty() || !duration.matches()) {
            options.wrong("stop_grace_period", "\"" + value + "\" is not a time, as in 1m30s");
            return;
        }
        BigDecimal seconds = number(duration.group(1))
                .multiply(BigDecimal.valueOf(3600))
                .add(number(duration.group(2)).multiply(BigDecimal.valueOf(60)))
                .add(number(duration.group(3)))
                .add(number(duration.group(4)).movePointLeft(3));
        options.set(
                "stop_grace_period",
                "stop-timeout",
                seconds.stripTrailingZeros().toPlainString());
    }

    private static BigDecimal number(@Nullable String digits) {
        return digits == null ? BigDecimal.ZERO : new BigDecimal(digits);
    }

    /** A line is split as a shell would, a sequence is taken word by word. */
    private String line(String key, Object value) {
        return value instanceof List<?> words
                ? CommandLine.line(words.stream().map(word -> text(key, word)).toList())
                : text(key, value);
    }

    private void agree(String key, String twin) {
        String one = said.get(key);
        String other = said.get(twin);
        if (one != null && other != null && !RunOptions.sameAmount(one, other)) {
            options.wrong(key, "is " + one + " and " + twin + " is " + other + "; give one of the two");
        }
    }

    /** The value with its variables replaced. */
    private String text(String key, @Nullable Object value) {
        if (!(value instanceof String written)) {
            // Not shown: aliases make a few bytes huge, and may lead back to where they are.
            options.wrong(key, "is not one plain value");
            return "";
        }
        try {
            String text = Interpolation.replace(written, note -> options.leave(key + ": " + note));
            said.put(key, text);
            return text;
        } catch (Interpolation.Refused e) {
            options.wrong(key, String.valueOf(e.getMessage()));
            return "";
        }
    }
}
