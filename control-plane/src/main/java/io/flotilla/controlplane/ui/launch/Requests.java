package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.words.CommandLine;
import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.controlplane.workload.WorkloadRequest.PortRequest;
import io.flotilla.controlplane.workload.WorkloadRequest.ResourcesRequest;
import io.flotilla.controlplane.workload.WorkloadView;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the request that the REST API would get out of a form or of an earlier revision. */
public final class Requests {

    private Requests() {}

    /** The same workload with the given spec and the very image that it ran then: a rollback. */
    public static WorkloadRequest of(WorkloadView workload, RevisionSpec spec) {
        var resources = spec.resources();
        return new WorkloadRequest(
                workload.name(),
                workload.team(),
                workload.kind().word(),
                spec.image().at(spec.digest()).familiar(),
                workload.replicas(),
                new ResourcesRequest(
                        BigDecimal.valueOf(resources.cpuMillis(), 3),
                        resources.memoryBytes(),
                        resources.cpuShares(),
                        resources.memoryReservationBytes(),
                        resources.swapBytes(),
                        resources.pids()),
                spec.ports().stream()
                        .map(port -> new PortRequest(
                                port.container(), port.host(), port.protocol().word()))
                        .toList(),
                spec.command(),
                spec.args(),
                spec.env(),
                spec.workingDir(),
                spec.user(),
                spec.hostName(),
                spec.restart().word(),
                spec.tty(),
                spec.stdin(),
                spec.singleton(),
                spec.constraints(),
                spec.stopSignal(),
                spec.stopGraceMillis(),
                spec.userns().name().toLowerCase(Locale.ROOT),
                spec.network().name().toLowerCase(Locale.ROOT),
                spec.readOnlyRootfs(),
                spec.capAdd(),
                spec.capDrop());
    }

    /**
     * The request of a launch form.
     *
     * @throws ProblemException naming every field that is not even a number
     */
    static WorkloadRequest of(LaunchForm form, @Nullable RevisionSpec base) {
        List<FieldError> errors = new ArrayList<>();
        Integer replicas = number(form.replicas(), "replicas", errors);
        BigDecimal cpu = decimal(form.cpu(), "resources.cpu", "must be a number of cores, as in 0.25", errors);
        Integer pids = number(form.pids(), "resources.pids", errors);
        Integer shares = number(form.cpuShares(), "resources.cpuShares", errors);
        BigDecimal stop = decimal(form.stopSeconds(), "stopSeconds", "must be a number of seconds, as in 10", errors);
        List<PortRequest> ports = ports(form, errors);
        Map<String, String> labels = labels(form.labels(), errors);
        if (!errors.isEmpty()) {
            throw ProblemException.invalid(errors);
        }
        Map<String, String> env = new LinkedHashMap<>();
        form.env().forEach(row -> env.put(row.name(), row.value()));
        String memory = form.memory().isEmpty() ? null : form.memory() + form.memoryUnit();
        return new WorkloadRequest(
                form.name(),
                textOrNull(form.team()),
                form.kind(),
                form.image(),
                replicas,
                new ResourcesRequest(
                        cpu,
                        memory,
                        shares == null ? null : Long.valueOf(shares),
                        textOrNull(form.memoryReservation()),
                        textOrNull(form.swap()),
                        pids == null ? null : Long.valueOf(pids)),
                ports,
                wordsOrNull(form.command()),
                form.noArgs() && form.args().isEmpty() ? List.of() : wordsOrNull(form.args()),
                env,
                textOrNull(form.workingDir()),
                textOrNull(form.user()),
                textOrNull(form.hostName()),
                textOrNull(form.restart()),
                form.tty(),
                form.stdin() || (form.tty() && (base == null || !base.tty())),
                form.singleton(),
                labels,
                textOrNull(form.stopSignal()),
                stop == null ? null : stop.movePointRight(3).longValue(),
                form.userns() ? "private" : "host",
                textOrNull(form.network()),
                form.readOnly(),
                capabilities(form.capAdd()),
                capabilities(form.capDrop()));
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static @Nullable List<String> wordsOrNull(String line) {
        List<String> words = CommandLine.words(line);
        return words.isEmpty() ? null : words;
    }

    static List<String> capabilities(String text) {
        return Arrays.stream(text.split("[\\s,]+", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> word.toUpperCase(Locale.ROOT))
                .toList();
    }

    private static @Nullable Integer number(String text, String field, List<FieldError> errors) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            errors.add(new FieldError(field, "must be a whole number"));
            return null;
        }
    }

    private static @Nullable BigDecimal decimal(String text, String field, String wrong, List<FieldError> errors) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            errors.add(new FieldError(field, wrong));
            return null;
        }
    }

    private static List<PortRequest> ports(LaunchForm form, List<FieldError> errors) {
        List<PortRequest> ports = new ArrayList<>();
        for (LaunchForm.PortRow row : form.ports()) {
            Integer container = number(row.container(), "ports", errors);
            Integer host = number(row.host().strip(), "ports", errors);
            if (container == null) {
                errors.add(new FieldError("ports", "a port needs its number in the container"));
            } else {
                ports.add(new PortRequest(container, host, row.protocol()));
            }
        }
        return ports;
    }

    private static Map<String, String> labels(String text, List<FieldError> errors) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String word : text.split("[\\s,]+", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                labels.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (!word.isEmpty()) {
                errors.add(new FieldError("labels", "must be words like disk=ssd"));
            }
        }
        return labels;
    }
}
