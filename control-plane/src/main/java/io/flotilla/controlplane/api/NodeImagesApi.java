package io.flotilla.controlplane.api;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.NodeImageService;
import io.flotilla.protocol.NodeImages;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The images on one node. */
@RestController
class NodeImagesApi {

    /**
     * What of a node's images goes.
     *
     * @param keepBytes what may stay of them all; null: nothing that is not used
     * @param preview only say what would go
     */
    record CleanBody(@Nullable Long keepBytes, @Nullable Boolean preview) {}

    /** @param limitBytes null takes the limit away */
    record LimitBody(@Nullable Long limitBytes) {}

    private final NodeImageService images;

    NodeImagesApi(NodeImageService images) {
        this.images = images;
    }

    @GetMapping("/api/v1/nodes/{id}/images")
    NodeImages list(Actor actor, @PathVariable UUID id) {
        return images.show(id);
    }

    @PostMapping("/api/v1/nodes/{id}/images/clean")
    NodeImages clean(Actor actor, @PathVariable UUID id, @RequestBody CleanBody body) {
        long keep = body.keepBytes() == null ? 0 : body.keepBytes();
        return Boolean.TRUE.equals(body.preview()) ? images.preview(id, keep) : images.clean(actor, id, keep);
    }

    @PutMapping("/api/v1/nodes/{id}/images/limit")
    NodeImages limit(Actor actor, @PathVariable UUID id, @RequestBody LimitBody body) {
        return images.limit(actor, id, body.limitBytes());
    }
}
