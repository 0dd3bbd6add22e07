package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.ui.words.Sentences;
import java.util.LinkedHashMap;
import java.util.Map;

/** Brings the API's field names to the fields of the launch form; what the form lacks stands at the image. */
final class LaunchErrors {

    private LaunchErrors() {}

    static Map<String, String> of(ProblemException problem) {
        Map<String, String> errors = new LinkedHashMap<>();
        for (FieldError error : problem.fields()) {
            errors.putIfAbsent(field(error.field()), Sentences.of(error.detail()));
        }
        if (errors.isEmpty()) {
            errors.put("image", Sentences.of(problem.detail()));
        }
        return errors;
    }

    private static String field(String name) {
        String plain = name.replaceAll("\\[.*", "").replaceAll("^quota\\.", "");
        if (plain.startsWith("ports")) {
            return "ports";
        }
        return switch (plain) {
            case "cpu", "resources.cpu", "resources.cpuMillis" -> "resources.cpu";
            case "memory", "resources.memory", "resources.memoryBytes" -> "resources.memory";
            case "constraints", "labels" -> "labels";
            case "resources.pids", "resources.cpuShares", "resources.memoryReservation", "resources.swap" ->
                plain.substring("resources.".length());
            case "stopGraceMillis" -> "stopSeconds";
            case "readOnlyRootfs" -> "readOnly";
            case "name", "team", "replicas", "command", "args", "user", "workingDir", "hostName" -> plain;
            case "network", "stopSignal", "stopSeconds", "capAdd", "capDrop" -> plain;
            default -> "image";
        };
    }
}
