package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.ui.page.Form;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the API tokens page shows.
 *
 * @param made the token that was just made; shown this once
 */
public record TokensPage(
        List<Row> rows, Form form, @Nullable Made made, List<String> teams) {

    /** One token, without its secret. */
    public record Row(
            String id,
            String name,
            String owner,
            String scope,
            @Nullable Instant expires,
            @Nullable Instant used,
            boolean expired) {}

    /** The form for a new token, as typed. */
    public record Form(String name, String scope, String team, String days) {}

    /** A new token. */
    public record Made(String name, String secret) {}
}
