package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code spec}: writes a {@code config.json} to begin with. */
final class SpecTemplate implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "bundle,b=", "rootless");
        if (options.has("rootless")) {
            throw new Refused("--rootless is not supported: the engine needs root");
        }
        Path file = Create.bundle(options).resolve(States.CONFIG);
        try (InputStream template = SpecTemplate.class.getResourceAsStream(States.CONFIG)) {
            if (template == null) {
                throw new IOException("the template is not in this agent's jar");
            }
            Files.copy(template, file);
        } catch (FileAlreadyExistsException e) {
            throw new Refused("File " + file + " exists. Remove it first", e);
        }
        return 0;
    }
}
