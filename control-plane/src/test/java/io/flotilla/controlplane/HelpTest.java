package io.flotilla.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {

    @Test
    void theScriptsHelpNamesEveryOptionThatUpPassesOn() throws IOException {
        String script = Files.readString(Path.of("..", "flotilla"));
        String help = script.substring(script.indexOf("<<'TEXT'"), script.indexOf("\nTEXT\n"));
        List<String> options = new CommandLine(new ControlPlane())
                .getCommandSpec().options().stream()
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .map(OptionSpec::longestName)
                        .toList();
        assertThat(options)
                .hasSizeGreaterThan(10)
                .allSatisfy(option -> assertThat(help).contains(option));
    }
}
