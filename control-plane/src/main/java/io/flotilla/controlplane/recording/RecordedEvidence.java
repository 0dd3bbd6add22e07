package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.audit.AuditEntry;
import io.flotilla.controlplane.audit.Evidence;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares the files that this data directory keeps with the hashes in the audit log. */
@Component
class RecordedEvidence implements Evidence {

    private static final Logger LOG = LoggerFactory.getLogger(RecordedEvidence.class);

    private record Claim(long seq, String sha256) {}

    private final RecordingFiles files;
    private final RecordingStore store;
    private final JsonMapper mapper;
    private final Clock clock;

    RecordedEvidence(RecordingFiles files, RecordingStore store, JsonMapper mapper, Clock clock) {
        this.files = files;
        this.store = store;
        this.mapper = mapper;
        this.clock = clock;
    }

    @Override
    public Check begin() {
        return new Walk();
    }

    private final class Walk implements Check {

        private final Instant begun = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        private final Map<UUID, Claim> claims = new TreeMap<>();

        @Override
        public void entry(AuditEntry entry) {
            String id = entry.targetId();
            String after = entry.after();
            try {
                if (entry.action().equals(Recordings.REMOVE) && id != null) {
                    claims.remove(UUID.fromString(id));
                } else if (entry.action().equals(Recordings.END) && after != null) {
                    claim(entry.seq(), mapper.readTree(after));
                }
            } catch (JacksonException | IllegalArgumentException e) {
                LOG.debug("entry {} was altered, as its hash shows", entry.seq(), e);
            }
        }

        private void claim(long seq, JsonNode after) {
            boolean ours =
                    after.path("keeper").asString("").equals(files.keeper().toString());
            JsonNode sha256 = after.path("sha256");
            if (ours && sha256.isString()) {
                claims.put(UUID.fromString(after.path("recording").asString()), new Claim(seq, sha256.asString()));
            }
        }

        @Override
        public void end(BiConsumer<Long, String> findings) {
            claims.forEach((id, claim) -> {
                String wrong = wrong(id, claim.sha256());
                if (wrong != null) {
                    findings.accept(claim.seq(), "the recording that entry " + claim.seq() + " names " + wrong);
                }
            });
        }

        private @Nullable String wrong(UUID id, String sha256) {
            try {
                return CastFile.hash(files.of(id)).equals(sha256) ? null : "was changed afterwards";
            } catch (NoSuchFileException e) {
                // Retention may have removed it after its entry was walked past.
                boolean justRemoved = store.find(id)
                        .map(Recording::removedAt)
                        .filter(removed -> !removed.isBefore(begun))
                        .isPresent();
                return justRemoved ? null : "is gone";
            } catch (IOException e) {
                return "cannot be read: " + e.getMessage();
            }
        }
    }
}
