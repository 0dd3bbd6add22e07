package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.recording.Proof;
import io.flotilla.controlplane.recording.Recording;
import io.flotilla.controlplane.recording.Recordings;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What terminals showed, for those who review: a list without the proofs, one with its proof, and the file. */
@RestController
class RecordingsApi {

    /** A recording, and what comparing its file with the audit log shows. */
    record Proved(Recording recording, Proof proof) {}

    private static final MediaType ASCIICAST = MediaType.parseMediaType("application/x-asciicast");

    private final Recordings recordings;

    RecordingsApi(Recordings recordings) {
        this.recordings = recordings;
    }

    /** Newest first. */
    @GetMapping("/api/v1/recordings")
    Items<Recording> list(
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(required = false) @Nullable Integer limit) {
        int asked = Pages.limit(limit);
        return Pages.of(recordings.list(after, asked + 1), asked, Recording::id, recording -> recording);
    }

    @GetMapping("/api/v1/recordings/{id}")
    Proved get(@PathVariable UUID id) {
        Recording recording = recordings.get(id);
        return new Proved(recording, recordings.proof(recording));
    }

    /** The file in asciicast v2, as it was written. */
    @GetMapping("/api/v1/recordings/{id}/cast")
    ResponseEntity<Resource> cast(Actor actor, @PathVariable UUID id) {
        return ResponseEntity.ok()
                .contentType(ASCIICAST)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + id + ".cast\"")
                .body(new FileSystemResource(recordings.read(actor, id)));
    }
}
