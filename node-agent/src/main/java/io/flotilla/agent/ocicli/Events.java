package io.flotilla.agent.ocicli;

import io.flotilla.agent.cgroup.CgroupStats;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** {@code events}: a container's use of what is limited, a line of JSON each time, and that it ran out of memory. */
final class Events implements Command {

    private static final Duration INTERVAL = Duration.ofSeconds(5);

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "stats", "interval=");
        String id = options.id("events");
        Target target = Target.of(context, id);
        if (target.status() == Status.STOPPED) {
            throw new Refused("container with id " + id + " is not running");
        }
        long oomKills = target.group().oomKills();
        print(context, target);
        while (!options.has("stats")) {
            LockSupport.parkNanos(interval(options.value("interval")).toNanos());
            target = Target.of(context, id);
            if (target.status() == Status.STOPPED) {
                break;
            }
            if (target.group().oomKills() > oomKills) {
                oomKills = target.group().oomKills();
                print(context, id, "oom", null);
            }
            print(context, target);
        }
        return 0;
    }

    /** As Go writes durations, of which whole seconds are enough: {@code 5s}. */
    private static Duration interval(@Nullable String given) throws Refused {
        if (given == null) {
            return INTERVAL;
        }
        try {
            Duration interval = Duration.ofSeconds(
                    Long.parseLong(given.endsWith("s") ? given.substring(0, given.length() - 1) : given));
            if (interval.isPositive()) {
                return interval;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new Refused("--interval \"" + given + "\" is no number of seconds above 0, as 5s");
    }

    private static void print(Context context, Target target) {
        print(context, target.state().id(), "stats", data(target.group().stats()));
    }

    private static void print(Context context, String id, String type, @Nullable Object data) {
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("id", id);
        if (data != null) {
            event.put("data", data);
        }
        context.out().println(Json.write(event, false));
        context.out().flush();
    }

    private static Map<String, Object> data(CgroupStats stats) {
        Map<String, Object> cpu = new LinkedHashMap<>();
        cpu.put("usage", Map.of("total", stats.cpu().usageNanos()));
        Map<String, Object> throttling = new LinkedHashMap<>();
        throttling.put("periods", stats.cpu().periods());
        throttling.put("throttledPeriods", stats.cpu().throttledPeriods());
        throttling.put("throttledTime", stats.cpu().throttledNanos());
        cpu.put("throttling", throttling);
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("usage", stats.memory().usage());
        put(usage, stats.memory().limit());
        Map<String, Object> pids = new LinkedHashMap<>();
        pids.put("current", stats.pids().count());
        put(pids, stats.pids().limit());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("cpu", cpu);
        data.put("memory", Map.of("usage", usage));
        data.put("pids", pids);
        return data;
    }

    private static void put(Map<String, Object> values, OptionalLong limit) {
        if (limit.isPresent()) {
            values.put("limit", limit.getAsLong());
        }
    }
}
