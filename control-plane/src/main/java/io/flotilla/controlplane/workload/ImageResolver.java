package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.util.Set;

/** Finds out what an image's name means at this moment. */
public interface ImageResolver {

    /**
     * What a name means.
     *
     * @param digest of the manifest or index
     * @param architectures as OCI names them; empty if they are not known
     */
    record Resolved(Digest digest, Set<String> architectures) {

        public Resolved {
            architectures = Set.copyOf(architectures);
        }
    }

    /**
     * Blocking; asks a registry where the image is not local and the actor may make the control plane do that.
     *
     * @throws ProblemException naming the field {@code image} if the name means nothing or cannot be looked up
     */
    Resolved resolve(Actor actor, ImageName image);
}
