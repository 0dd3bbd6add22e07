package io.flotilla.protocol.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The same image for several platforms (OCI image specification, image-index.md; Docker's manifest list). */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Index(int schemaVersion, String mediaType, List<Descriptor> manifests, Map<String, String> annotations)
        implements ImageDocument {

    public Index {
        if (manifests == null) {
            throw new IllegalArgumentException("an index needs manifests");
        }
        manifests = List.copyOf(manifests);
        annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    }

    /** The platforms offered, without attestations, which claim to be for {@code unknown/unknown}. */
    public List<Platform> platforms() {
        return manifests.stream()
                .flatMap(m -> Optional.ofNullable(m.platform()).stream())
                .filter(p -> !p.os().equals("unknown"))
                .distinct()
                .toList();
    }

    /** The manifest that suits a machine best: the newest variant it can run, the first among equals. */
    public Optional<Descriptor> select(Platform machine) {
        return manifests.stream()
                .filter(m -> MediaTypes.isManifest(m.mediaType()))
                .filter(m -> m.platform() != null && machine.runs(m.platform()))
                .min(Comparator.comparingInt(m -> -level(m)));
    }

    private static int level(Descriptor manifest) {
        Platform platform = manifest.platform();
        return platform == null ? 0 : platform.level();
    }
}
