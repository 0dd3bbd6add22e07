package io.flotilla.controlplane.identity.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem detail (RFC 9457) with one extension.
 *
 * @param field the first field to blame
 * @param errors every field to blame
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProblemBody(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String field,
        @Nullable List<FieldError> errors) {

    static ProblemBody of(ProblemException problem) {
        boolean fields = !problem.fields().isEmpty();
        return new ProblemBody(
                "about:blank",
                problem.problem().title(),
                problem.problem().status(),
                problem.detail(),
                fields ? problem.fields().getFirst().field() : null,
                fields ? problem.fields() : null);
    }
}
