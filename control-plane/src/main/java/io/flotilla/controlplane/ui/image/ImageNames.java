package io.flotilla.controlplane.ui.image;

import io.flotilla.controlplane.actor.Actor;
import io.flotilla.controlplane.image.ImageService;
import io.flotilla.controlplane.ui.page.Page;
import io.flotilla.controlplane.workload.WorkloadService;
import java.util.List;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Names of images to offer while one is typed: those kept here, and what the caller's workloads run. Blocking. */
@Component
public class ImageNames {

    private final ImageService images;
    private final WorkloadService workloads;

    ImageNames(ImageService images, WorkloadService workloads) {
        this.images = images;
        this.workloads = workloads;
    }

    public List<String> known(Actor actor) {
        TreeSet<String> names = new TreeSet<>();
        images.list().forEach(image -> names.add(image.name().familiar()));
        workloads
                .list(actor, null, null, Page.MOST)
                .forEach(workload -> names.add(workload.spec().image().familiar()));
        return List.copyOf(names);
    }
}
