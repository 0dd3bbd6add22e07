package io.flotilla.controlplane.ui.part;

import io.flotilla.controlplane.ui.words.Units;
import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.protocol.PortMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A revision's spec as names and values, for reading and comparing. */
public final class SpecFacts {

    private static final Units UNITS = new Units();

    private SpecFacts() {}

    public static Map<String, String> of(RevisionSpec spec) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("image", spec.image().familiar());
        facts.put("digest", spec.digest().toString());
        put(facts, "command", spec.command() == null ? null : String.join(" ", spec.command()));
        put(facts, "args", spec.args() == null ? null : String.join(" ", spec.args()));
        put(facts, "working directory", spec.workingDir());
        put(facts, "user", spec.user());
        facts.put("CPU", UNITS.cores(spec.resources().cpuMillis()));
        facts.put("memory", UNITS.memory(spec.resources().memoryBytes()));
        facts.put("processes", UNITS.count(spec.resources().pids()));
        put(facts, "ports", spec.ports().stream().map(SpecFacts::port).collect(Collectors.joining(", ")));
        facts.put("restart", spec.restart().word());
        facts.put("user namespace", spec.userns().name().toLowerCase(Locale.ROOT));
        facts.put("network", spec.network().name().toLowerCase(Locale.ROOT));
        put(facts, "only nodes with", pairs(spec.constraints()));
        put(facts, "singleton", spec.singleton() ? "yes" : null);
        put(facts, "terminal", spec.tty() ? "yes" : null);
        put(facts, "read-only root", spec.readOnlyRootfs() ? "yes" : null);
        put(facts, "added capabilities", String.join(", ", spec.capAdd()));
        put(facts, "dropped capabilities", String.join(", ", spec.capDrop()));
        facts.put("stop grace", spec.stopGraceMillis() / 1000 + " s");
        new TreeMap<>(spec.env()).forEach((name, value) -> facts.put("env." + name, value));
        return facts;
    }

    /** The fields that differ, in the order of the facts. */
    public static List<Diff.Row> diff(RevisionSpec before, RevisionSpec after) {
        Map<String, String> old = of(before);
        Map<String, String> now = of(after);
        List<String> fields = new ArrayList<>(now.keySet());
        new TreeSet<>(old.keySet())
                .stream().filter(field -> !now.containsKey(field)).forEach(fields::add);
        return fields.stream()
                .filter(field -> !Objects.equals(old.get(field), now.get(field)))
                .map(field -> new Diff.Row(field, old.get(field), now.get(field)))
                .toList();
    }

    public static String port(PortMapping port) {
        String host = port.host() == null ? "any" : String.valueOf(port.host());
        return host + " to " + port.container() + "/" + port.protocol().word();
    }

    private static String pairs(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static void put(Map<String, String> facts, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            facts.put(name, value);
        }
    }
}
