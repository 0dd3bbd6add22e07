package io.flotilla.controlplane.ui.words;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns the lower-case details of problems into sentences for people. */
public final class Sentences {

    private Sentences() {}

    /** With a capital at the start and a full stop at the end. */
    public static String of(String detail) {
        if (detail.isBlank()) {
            return "";
        }
        String text = Character.toUpperCase(detail.charAt(0)) + detail.substring(1);
        return ".!?".indexOf(text.charAt(text.length() - 1)) >= 0 ? text : text + ".";
    }

    /** By field, the first of each. */
    public static Map<String, String> errors(ProblemException problem) {
        Map<String, String> errors = new LinkedHashMap<>();
        for (FieldError error : problem.fields()) {
            errors.putIfAbsent(error.field(), of(error.detail()));
        }
        return errors;
    }
}
