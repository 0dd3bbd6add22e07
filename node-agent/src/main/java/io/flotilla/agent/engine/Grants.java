package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import io.flotilla.agent.oci.Capability;
import io.flotilla.agent.oci.ProcessSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Capability sets as far as they can be granted. What is not known or not to be had is left out and warned of, as the
 * specification wants it: a container that was promised more than there is still runs, with less.
 */
final class Grants {

    private Grants() {}

    /** @param available bits that the process has to give away */
    static Step.Capabilities of(ProcessSpec.Capabilities asked, long available) {
        long bounding = bits(asked.bounding()) & available;
        long permitted = bits(asked.permitted()) & available;
        long inheritable = bits(asked.inheritable()) & available;
        long effective = bits(asked.effective()) & permitted;
        long ambient = bits(asked.ambient()) & permitted & inheritable;
        return new Step.Capabilities(bounding, effective, permitted, inheritable, ambient);
    }

    /** A sentence for each set in which something is missing. */
    static List<String> warnings(ProcessSpec.Capabilities asked, long available) {
        Step.Capabilities granted = of(asked, available);
        List<String> warnings = new ArrayList<>();
        compare(warnings, "bounding", asked.bounding(), granted.bounding());
        compare(warnings, "permitted", asked.permitted(), granted.permitted());
        compare(warnings, "inheritable", asked.inheritable(), granted.inheritable());
        compare(warnings, "effective", asked.effective(), granted.effective());
        compare(warnings, "ambient", asked.ambient(), granted.ambient());
        return warnings;
    }

    private static void compare(List<String> warnings, String set, List<String> asked, long granted) {
        List<String> missing = asked.stream()
                .filter(name -> (bits(List.of(name)) & granted) == 0)
                .toList();
        if (!missing.isEmpty()) {
            warnings.add("process.capabilities." + set + ": not granted: " + String.join(", ", missing));
        }
    }

    private static long bits(List<String> names) {
        long bits = 0;
        for (String name : names) {
            bits |= Capability.find(name).map(Capability::bit).orElse(0L);
        }
        return bits;
    }
}
