package io.flotilla.agent.image;

import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** What the rest of the agent needs of the image store; asked at the moment when something is to be taken away. */
public interface Needs {

    /** Images, by the digest that they are asked for by. */
    Set<Digest> images() throws IOException;

    /** Layer directories that some container's root is made of. */
    Set<Path> layers() throws IOException;

    /** Nothing at all. */
    Needs NONE = new Needs() {
        @Override
        public Set<Digest> images() {
            return Set.of();
        }

        @Override
        public Set<Path> layers() {
            return Set.of();
        }
    };
}
