package io.flotilla.agent.seccomp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Numbers of the calls that an older libseccomp has no name for. */
final class CallNumbers {

    private static final List<String[]> LINES = ProfileReader.text("newer-calls")
            .lines()
            .filter(line -> !line.startsWith("#") && !line.isBlank())
            .map(line -> line.split(" ", -1))
            .toList();

    private final Map<String, Integer> numbers = new HashMap<>();

    CallNumbers(String architecture) {
        for (String[] line : LINES) {
            if (line.length == 2 || List.of(line).subList(2, line.length).contains(architecture)) {
                numbers.put(line[1], Integer.parseInt(line[0]));
            }
        }
    }

    OptionalInt find(String call) {
        Integer number = numbers.get(call);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
