package io.flotilla.controlplane.ui.part;

import java.util.List;

/** How far a node is with pulling an image. */
public record Pull(String node, String title, String amount, List<Layer> layers) {

    /** One layer of a pull. */
    public record Layer(String status, String digest, long done, long total, String amount) {}
}
