package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code update}: sets a container's limits, by options or by {@code linux.resources} in a file. */
final class Update implements Command {

    /** Option, controller, field. */
    private static final String[][] LIMITS = {
        {"cpu-period", "cpu", "period"},
        {"cpu-quota", "cpu", "quota"},
        {"cpu-burst", "cpu", "burst"},
        {"cpu-share", "cpu", "shares"},
        {"cpu-idle", "cpu", "idle"},
        {"cpu-rt-period", "cpu", "realtimePeriod"},
        {"cpu-rt-runtime", "cpu", "realtimeRuntime"},
        {"memory", "memory", "limit"},
        {"memory-reservation", "memory", "reservation"},
        {"memory-swap", "memory", "swap"},
        {"pids-limit", "pids", "limit"},
        {"blkio-weight", "blockIO", "weight"},
    };

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(
                arguments,
                "resources,r=",
                "cpu-period=",
                "cpu-quota=",
                "cpu-burst=",
                "cpu-share=",
                "cpu-idle=",
                "cpu-rt-period=",
                "cpu-rt-runtime=",
                "cpuset-cpus=",
                "cpuset-mems=",
                "memory=",
                "memory-reservation=",
                "memory-swap=",
                "pids-limit=",
                "blkio-weight=");
        Target target = Target.of(context, options.id("update"));
        if (target.status() == Status.STOPPED) {
            throw new Refused("container not running");
        }
        target.group().apply(Bundle.resources(resources(options)));
        return 0;
    }

    private static Map<String, @Nullable Object> resources(Options options) throws IOException {
        String file = options.value("resources");
        if (file != null) {
            String text = file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
            return Json.object("--resources " + file, text);
        }
        Map<String, @Nullable Object> resources = new LinkedHashMap<>();
        for (String[] limit : LIMITS) {
            String value = options.value(limit[0]);
            if (value != null) {
                put(resources, limit[1], limit[2], number(limit[0], value));
            }
        }
        put(resources, "cpu", "cpus", options.value("cpuset-cpus"));
        put(resources, "cpu", "mems", options.value("cpuset-mems"));
        return resources;
    }

    private static void put(
            Map<String, @Nullable Object> resources, String controller, String field, @Nullable Object value) {
        if (value != null) {
            Map<String, @Nullable Object> limits = Json.child(resources, controller);
            limits.put(field, value);
            resources.put(controller, limits);
        }
    }

    private static long number(String option, String value) throws Refused {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new Refused("invalid value for " + option + ": \"" + value + "\" is no number", e);
        }
    }
}
