package io.flotilla.controlplane.identity;

import java.util.Optional;
import java.util.UUID;

/** Finds the team of a thing; whoever owns a kind of thing provides one bean for it. */
public interface TeamOf {

    Resource resource();

    /** Empty if there is no such thing. Blocking. */
    Optional<UUID> team(UUID id);
}
