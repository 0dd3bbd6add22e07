package io.flotilla.agent.seccomp;

/** The errors that profiles answer with. */
final class Errnos {

    static final int EPERM = 1;
    static final int ENOSYS = 38;

    private Errnos() {}

    static int number(String name) {
        return switch (name) {
            case "EPERM" -> EPERM;
            case "EACCES" -> 13;
            case "EINVAL" -> 22;
            case "ENOSYS" -> ENOSYS;
            default -> throw new IllegalArgumentException("error " + name + " is not one that a profile answers with");
        };
    }
}
