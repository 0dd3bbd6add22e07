package io.flotilla.controlplane.ui.access;

import io.flotilla.controlplane.ui.page.Form;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Users page shows. */
public record UsersPage(List<Row> rows, Form form, boolean mayChange) {

    /** One user. */
    public record Row(
            String id,
            String name,
            String role,
            List<String> teams,
            boolean disabled,
            @Nullable Instant seen,
            boolean self) {}

    /** The form for a new user, as typed. */
    public record Form(String username, String role) {}
}
